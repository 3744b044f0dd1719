"""The ratio of change inside to change beside, in octaves, of traces with known sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.flicker import examine
from veridical.perception.flicker import Flicker, FlickerTraces
from veridical.perception.tracks import FaceTracks, Track

N = 60


def flicker(inside: float, beside: float, *, colour: float = 0.0, n: int = N, person: int = 0) -> Flicker:
    times = np.arange(1, n + 1) / 25
    jumps = np.zeros((n, 2, 3), np.float32)
    jumps[::2, 0] = colour
    ones = np.ones(n, np.float32)
    return Flicker(
        person=person, times=times, detail=np.column_stack([inside * ones, beside * ones]),
        texture=np.column_stack([4 * ones, 4 * ones]), colour=jumps,
    )  # fmt: skip


def restless(one: Flicker, start_s: float, end_s: float) -> Flicker:
    """Four times the change in the face between two times."""
    more = np.where((one.times >= start_s) & (one.times < end_s), 4.0, 1.0)
    return replace(one, detail=one.detail * np.column_stack([more, np.ones(len(more))]))


def tracks(*interocular: float) -> FaceTracks:
    made = []
    for person, size in enumerate(interocular):
        fields = {name: np.zeros((1, 0), np.float32) for name in Track.__dataclass_fields__}
        fields |= {"person": person, "shot": 0, "interocular": np.array([size], np.float32)}  # type: ignore[dict-item]
        made.append(Track(**fields))  # type: ignore[arg-type]
    values = {name: 0 for name in FaceTracks.__dataclass_fields__} | {"tracks": tuple(made)}
    return FaceTracks(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("inside", "beside", "octaves"), [(2, 2, 0), (4, 1, 2), (1, 2, -1)])
def test_the_value_is_the_ratio_in_octaves(inside: float, beside: float, octaves: float) -> None:
    measurement = examine(FlickerTraces(faces=(flicker(inside, beside),)), tracks(100))
    assert measurement.facts["detail_octaves"] == pytest.approx(octaves, abs=1e-6)
    assert measurement.value == max(measurement.facts["detail_octaves"], measurement.facts["colour_octaves"])  # type: ignore


def test_jumps_of_colour_alone_raise_it() -> None:
    calm, restless = (examine(FlickerTraces(faces=(flicker(1, 1, colour=c),)), tracks(100)).value for c in (0, 4))
    assert restless > calm + 3


def test_colour_is_not_compared_across_a_gap() -> None:
    whole = flicker(1, 1)
    step = np.zeros((N, 2, 3), np.float32)
    step[::3, 0] = 30  # a large jump, seen only where the face was lost in between
    times = np.repeat(np.arange(N // 3), 3) * 1.0 + np.tile([0.04, 0.08, 0.12], N // 3)
    steady = replace(whole, times=times, colour=np.repeat(step[:1], N, 0))
    torn = replace(steady, colour=np.repeat(np.cumsum(step[::3], 0), 3, 0))
    lines = [examine(FlickerTraces(faces=(one,)), tracks(100)).exhibits[1].lines[0] for one in (steady, torn)]  # type: ignore[union-attr]
    np.testing.assert_array_equal(lines[0].y, lines[1].y)
    assert len(lines[0].x) == N // 3 * 2


def test_a_face_whose_colours_are_never_seen_twice_running_is_not_applicable() -> None:
    hidden = flicker(1, 1)
    colour = hidden.colour.copy()
    colour[::2] = np.nan
    with pytest.raises(NotApplicable, match="something around it"):
        examine(FlickerTraces(faces=(replace(hidden, colour=colour),)), tracks(100))


def test_the_worst_face_gives_the_value_and_the_places() -> None:
    traces = FlickerTraces(faces=(flicker(1, 1, n=150), restless(flicker(3, 1, n=150, person=1), 2.0, 3.0)))
    measurement = examine(traces, tracks(100, 100))
    assert measurement.value == pytest.approx(np.log2(3)) and {one.track for one in measurement.where} == {1}  # type: ignore[union-attr]


def test_places_stay_within_the_shot_in_which_the_face_is_seen() -> None:
    late = flicker(2, 1, n=160)
    late = restless(restless(replace(late, times=late.times + 4.8), 0.0, 5.0), 11.0, 12.0)
    spans = examine(FlickerTraces(faces=(late,)), tracks(100)).where
    seconds = {(round(span.start_s, 6), round(span.end_s, 6)) for span in spans}  # type: ignore[union-attr]
    assert seconds == {(4.84, 5.0), (11.0, 11.2)}


def test_no_second_of_an_even_clip_is_named_and_one_that_stands_out_is() -> None:
    even = flicker(3, 1, n=250)
    wave = np.exp2(np.random.default_rng(3).normal(0, 0.5, 250)).astype(np.float32)
    noisy = replace(even, detail=even.detail * np.column_stack([wave, np.ones(250)]))
    for one in (even, noisy):
        assert examine(FlickerTraces(faces=(one,)), tracks(100)).where == ()
    spans = examine(FlickerTraces(faces=(restless(noisy, 4.0, 5.0),)), tracks(100)).where
    assert [(span.start_s, span.end_s) for span in spans] == [(4.0, 5.0)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("inside", "beside", "texture", "octaves"),
    [
        (0.29, 0.002, (4.0, 3.2), 0.0),  # a still photograph: both are rounding
        (0.3, 0.1, (0.3, 3.0), 0.0),  # so also where one side holds little detail
        (0.5, 0.0, (4.0, 4.0), 0.0),  # what remains of a moved photograph, against a camera that stands still
        (2.0, 0.0, (4.0, 4.0), np.log2(0.5 / 0.15)),
        (2.0, 0.0, (1.0, 1.0), np.log2(2 / (1 / 3))),
    ],
)
def test_changes_that_rounding_and_resampling_explain_do_not_count(
    inside: float, beside: float, texture: tuple[float, float], octaves: float
) -> None:
    one = replace(flicker(inside, beside), texture=np.tile(np.float32(texture), (N, 1)))
    measurement = examine(FlickerTraces(faces=(one,)), tracks(100))
    assert measurement.facts["detail_octaves"] == pytest.approx(octaves, abs=1e-6)
    assert any("stands still" in limit for limit in measurement.limits)


def test_jumps_of_colour_below_rounding_do_not_count() -> None:
    assert examine(FlickerTraces(faces=(flicker(1, 1, colour=0.15),)), tracks(100)).facts["colour_octaves"] == 0


@pytest.mark.parametrize(
    ("traces", "sizes", "reason"),
    [
        ((), (), "no face"),
        ((flicker(1, 1),), (20,), "largest has 20 px"),
        ((flicker(1, float("nan")),), (100,), "fills the picture"),
        ((flicker(1, 1, n=10),), (100,), "too short"),
    ],
)
def test_gates_give_their_numbers(traces: tuple[Flicker, ...], sizes: tuple[float, ...], reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        examine(FlickerTraces(faces=traces), tracks(*sizes))
