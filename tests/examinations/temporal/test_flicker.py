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


def tracks(*interocular: float) -> FaceTracks:
    made = []
    for person, size in enumerate(interocular):
        fields = {name: np.zeros((1, 0), np.float32) for name in Track.__dataclass_fields__}
        fields |= {"person": person, "shot": 0, "interocular": np.array([size], np.float32)}  # type: ignore[dict-item]
        made.append(Track(**fields))  # type: ignore[arg-type]
    values = {name: 0 for name in FaceTracks.__dataclass_fields__} | {"tracks": tuple(made)}
    return FaceTracks(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("inside", "beside", "octaves"), [(1, 1, 0), (2, 0.5, 2), (0.5, 1, -1)])
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
    traces = FlickerTraces(faces=(flicker(1, 1), flicker(3, 1, person=1)))
    measurement = examine(traces, tracks(100, 100))
    assert measurement.value == pytest.approx(np.log2(3)) and measurement.where[0].track == 1  # type: ignore[union-attr]


def test_places_stay_within_the_shot_in_which_the_face_is_seen() -> None:
    late = flicker(3, 1)
    late = replace(late, times=late.times + 4.8)
    spans = examine(FlickerTraces(faces=(late,)), tracks(100)).where
    seconds = {(round(span.start_s, 6), round(span.end_s, 6)) for span in spans}  # type: ignore[union-attr]
    assert seconds == {(4.84, 5.0), (5.0, 6.0), (6.0, 7.0), (7.0, 7.2)}


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
