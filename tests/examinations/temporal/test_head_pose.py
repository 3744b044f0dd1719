"""The angle above the noise is what was put in; the gates give their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.head_pose import examine
from veridical.finding import Chart, Span
from veridical.perception.rotations import HeadRotations, Rotations


def face(apart: tuple[float, float, float] | np.ndarray, *, frames: int = 100, width: float = 120.0, yaw: float = 0.0,
         person: int = 0, noise: float = 0.0) -> Rotations:  # fmt: skip
    pose = np.zeros((frames, 3), np.float32)
    pose[:, 0] = yaw
    turns = np.broadcast_to(np.asarray(apart, np.float32), (frames, 3)).copy()
    turns += np.random.default_rng(person).normal(0, noise, turns.shape).astype(np.float32)
    return Rotations(
        person=person, frames=np.arange(frames, dtype=np.int32), times=np.arange(frames) / 25, pose=pose,
        width=np.full(frames, width, np.float32), apart=turns, spurious=150 / width,
    )  # fmt: skip


def test_the_value_is_the_median_angle_above_the_noise() -> None:
    measured = examine(HeadRotations(tracks=(face((3.0, 4.0, 0.0)),)))
    assert measured.value == pytest.approx(5 - 1.25)
    assert measured.facts["angle_deg"] == 5 and measured.facts["pitch_deg"] == 4 and measured.facts["frames"] == 100
    assert examine(HeadRotations(tracks=(face((0.3, 0.4, 0.0)),))).value == pytest.approx(0.5 - 1.25)


def test_the_noise_to_expect_stops_falling_where_the_net_sees_no_more_detail() -> None:
    floors = [
        examine(HeadRotations(tracks=(face((0, 0, 0), width=width),))).facts["noise_floor_deg"]
        for width in (100, 128, 400)
    ]
    assert floors == pytest.approx([1.5, 150 / 128, 150 / 128], abs=1e-3)


def test_a_few_wild_frames_do_not_make_the_value_but_are_shown() -> None:
    turns = np.zeros((200, 3))
    turns[:, 2], turns[80:90] = 2.0, (0, 30, 0)
    measured = examine(HeadRotations(tracks=(face(turns, frames=200),)))
    assert measured.value == pytest.approx(2 - 1.25)
    (place,) = measured.where
    assert isinstance(place, Span)
    assert (place.start_s, place.end_s, place.value) == pytest.approx((80 / 25, 89 / 25, 30))


def test_frames_turned_too_far_do_not_count() -> None:
    one = face((1.0, 0.0, 0.0), frames=160)
    one.pose[100:, 0], one.apart[100:, 0] = -60, 40
    measured = examine(HeadRotations(tracks=(one,)))
    assert measured.facts["frames"] == 100 and measured.facts["angle_deg"] == 1
    (angles,) = (chart for chart in measured.exhibits if isinstance(chart, Chart) and chart.name.startswith("Angle"))
    assert np.isnan(angles.lines[0].y[100:]).all() and np.isfinite(angles.lines[0].y[:100]).all()


def test_the_face_that_is_turned_apart_most_gives_the_value() -> None:
    still, turned = face((0, 1, 0), person=0), face((0, 9, 0), person=1)
    measured = examine(HeadRotations(tracks=(still, turned)))
    assert measured.value == pytest.approx(9 - 1.25) and measured.facts["faces"] == 2


@pytest.mark.parametrize(
    ("tracks", "reason"),
    [
        ((), "no face"),
        ((face((0, 0, 0), width=80),), "80 px"),
        ((face((0, 0, 0), frames=49),), "49 frames"),
        ((face((0, 0, 0), yaw=50),), "seen in 0 frames"),
    ],
)
def test_gates_give_their_numbers(tracks: tuple[Rotations, ...], reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        examine(HeadRotations(tracks=tracks))
