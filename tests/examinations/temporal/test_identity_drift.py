"""Drop-outs of known times are found and placed; what pose explains, what stays and what drifts is weighed down."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.identity_drift import examine
from veridical.finding import Measurement, Span
from veridical.perception.face_identity import IdentityTrace, IdentityTraces
from veridical.perception.tracks import FaceTracks, Track

FPS = 25.0
RNG = np.random.default_rng(4)
ONE, OTHER = (vector / np.linalg.norm(vector) for vector in RNG.normal(size=(2, 128)))


def clip(
    frames: int = 150, drops: tuple[tuple[int, int], ...] = (), *, away: float = 0.5, yaw: np.ndarray | float = 0.0,
    every: int = 2, noise: float = 0.005, missing: tuple[int, int] = (0, 0), person: int = 0,
) -> tuple[Track, IdentityTrace]:  # fmt: skip
    """A track whose identity moves by ``away`` in the frames of the drop-outs."""
    seen = np.array([f for f in range(frames) if not missing[0] <= f < missing[1]], np.int32)
    n = len(seen)
    gone = np.zeros(frames)
    for first, end in drops:
        gone[first:end] = 1
    rng = np.random.default_rng(1)
    pose = np.zeros((n, 3), np.float32)
    pose[:, 0] = np.broadcast_to(yaw, frames)[seen]
    eyes = np.full((n, 2), 0.3, np.float32)
    empty = {name: np.zeros((n, 0), np.float32) for name in Track.__dataclass_fields__ if name.startswith("packed")}
    track = Track(
        person=person, shot=0, frames=seen, times=seen / FPS, boxes=np.zeros((n, 4), np.float32), pose=pose,
        eye_openness=eyes, eye_openness_mesh=eyes, mouth_opening=np.zeros(n, np.float32),
        interocular=np.full(n, 80, np.float32), mesh_scores=np.ones(n, np.float32), **empty,
    )  # fmt: skip
    described = seen[::every]
    points = ONE + away * gone[described][:, None] * OTHER + rng.normal(0, noise, (len(described), 128))
    looks = rng.normal(0, 0.3, (n, 63)) + 6 * gone[seen][:, None] * np.linspace(-1, 1, 63)
    trace = IdentityTrace(
        person=person, frames=seen, looks=looks.astype(np.float16), described=described,
        descriptors=points.astype(np.float16), sharpness=np.full(len(described), 6, np.float32),
    )  # fmt: skip
    return track, trace


def ask(*people: tuple[Track, IdentityTrace]) -> Measurement:
    tracks = tuple(track for track, _ in people)
    frames = max((int(track.frames[-1]) + 1 for track in tracks), default=0)
    whole = FaceTracks(
        tracks=tracks, cuts=np.zeros(0), frames=frames, times=np.arange(frames) / FPS, fps=FPS, duration_s=frames / FPS,
        width=640, height=480,
    )  # fmt: skip
    return examine(IdentityTraces(tuple(trace for _, trace in people)), whole)


def spans(measurement: Measurement) -> list[tuple[int, int]]:
    found = sorted((place for place in measurement.where if isinstance(place, Span)), key=lambda place: place.start_s)
    return [(round(place.start_s * FPS), round(place.end_s * FPS)) for place in found]


@pytest.mark.parametrize("drops", [((40, 45),), ((31, 43), (80, 100)), ((25, 30), (60, 69), (110, 127))])
def test_drop_outs_are_found_to_the_frame(drops: tuple[tuple[int, int], ...]) -> None:
    assert spans(ask(clip(drops=drops))) == list(drops)


def test_a_deeper_drop_out_is_stronger_and_none_is_weak() -> None:
    values = [ask(clip(drops=((60, 70),), away=away)).value for away in (0.2, 0.4, 0.8)]
    quiet = ask(clip())
    assert quiet.value < 1 and spans(quiet) == []
    assert values == sorted(values) and values[0] > quiet.value


def test_what_lies_apart_is_not_called_another_person() -> None:
    measurement = ask(clip(drops=((60, 70),)))
    assert measurement.observation.startswith(
        "What is seen of face 1 at 2.40 s (10 frames) lies farthest from what is before"
    )
    assert {place.label for place in measurement.where} == {"face 1 lies apart"}
    assert any("no swap failed" in limit for limit in measurement.limits)


def test_a_turned_head_explains_a_gap() -> None:
    yaw = np.zeros(150)
    yaw[60:70] = 30
    straight, turned = (ask(clip(drops=((60, 70),), yaw=turn)).value for turn in (0.0, yaw))
    # 0.15 for the turn beside 0.08 and a usual step of about 0.08
    assert turned == pytest.approx(straight * np.hypot(0.08, 0.08) / np.hypot(0.15, np.hypot(0.08, 0.08)), rel=0.1)


def test_a_restless_face_needs_a_wider_gap() -> None:
    calm, restless = (ask(clip(drops=((60, 70),), noise=noise)).value for noise in (0.005, 0.02))
    assert restless < 0.6 * calm


def test_a_change_that_stays_or_lasts_long_is_none() -> None:
    assert ask(clip(drops=((60, 150),))).value < 1
    assert ask(clip(drops=((50, 110),))).value < 1


def test_nothing_is_compared_across_a_gap() -> None:
    # the face is lost around the drop-out: what is left of it stands at the start of a stretch, with nothing before
    gap = ask(clip(drops=((60, 72),), missing=(50, 62)))
    assert spans(gap) == []


def test_the_strongest_face_gives_the_value_and_slow_drift_is_a_fact() -> None:
    still, swapped = clip(person=0), clip(person=1, drops=((60, 70),))
    measurement = ask(still, swapped)
    assert measurement.value == ask(swapped).value > ask(still).value
    assert {place.track for place in measurement.where if isinstance(place, Span)} == {1}
    late = ask(clip(drops=((75, 150),)))
    assert late.facts["first_third_to_last_third"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("people", "reason"),
    [((), "no face was found"), ((clip(30),), "1.2 s without a break")],
)
def test_gates_give_their_numbers(people: tuple[tuple[Track, IdentityTrace], ...], reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        ask(*people)


def test_a_long_clip_is_said_to_have_wider_gaps_by_chance() -> None:
    assert any("by chance" in limit for limit in ask(clip(600)).limits)
    assert not any("by chance" in limit for limit in ask(clip(150)).limits)


def test_a_face_described_too_seldom_is_not_applicable() -> None:
    # many faces share the descriptions of a second: 3.1 s with one every half a second hold seven
    with pytest.raises(NotApplicable, match="7 descriptions"):
        ask(clip(78, every=12))


def test_small_faces_are_named() -> None:
    track, _ = clip()
    whole = FaceTracks(
        tracks=(track,), cuts=np.zeros(0), frames=1, times=np.zeros(1), fps=FPS, duration_s=1.0, width=640, height=480
    )
    with pytest.raises(NotApplicable, match="80 px"):
        examine(IdentityTraces(()), whole)
