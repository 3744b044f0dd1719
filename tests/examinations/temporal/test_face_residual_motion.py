"""Shares of known mixtures are found; what travels raises the value, what stays lowers it; gates give their numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.face_residual_motion import examine, shares
from veridical.perception.residual_motion import ResidualMotion, ResidualMotions
from veridical.perception.tracks import FaceTracks, Track

RNG = np.random.default_rng(2)


def sums(travels: float, stays: float, *, fresh: float = 1.0, level: float = 2.0, pixels: int = 4000) -> np.ndarray:
    """Sums of a later residual that is made of known shares of the two earlier ones, which are somewhat alike."""
    m = RNG.normal(0, level, pixels)
    s = 0.3 * m + RNG.normal(0, level, pixels)
    y = travels * m + stays * s + RNG.normal(0, fresh, pixels)
    return np.array([y @ y, m @ m, s @ s, y @ m, y @ s, m @ s, pixels])


def motion(
    face: tuple[float, float], beside: tuple[float, float] = (0.0, 0.8), *, n: int = 40, person: int = 0,
    level: float = 2.0, fresh: float = 1.0, pixels: int = 4000,
) -> ResidualMotion:  # fmt: skip
    rows = [[sums(*face, level=level, fresh=fresh, pixels=pixels), sums(*beside)] for _ in range(n)]
    return ResidualMotion(
        person=person, times=np.arange(n) / 10, moved_px=np.full(n, 2.0, np.float32), sums=np.array(rows, np.float32),
        copied=np.zeros((n, 2), np.float32),
    )  # fmt: skip


def tracks(count: int) -> FaceTracks:
    made = []
    for person in range(count):
        fields = {name: np.zeros((1, 0), np.float32) for name in Track.__dataclass_fields__}
        made.append(Track(**fields | {"person": person, "shot": 0}))  # type: ignore[arg-type]
    values = {name: 0 for name in FaceTracks.__dataclass_fields__} | {"tracks": tuple(made)}
    return FaceTracks(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("travels", "stays"), [(0.9, 0.0), (0.0, 0.8), (0.4, 0.3), (0.0, 0.0)])
def test_the_shares_are_those_that_the_residual_was_made_of(travels: float, stays: float) -> None:
    found = shares(motion((travels, stays)).sums[:, 0])
    assert found.travels == pytest.approx(travels, abs=0.01) and found.stays == pytest.approx(stays, abs=0.01)
    measurement = examine(ResidualMotions(faces=(motion((travels, stays)),)), tracks(1))
    assert measurement.value == pytest.approx(travels - stays, abs=0.02)


def test_the_shares_agree_with_a_general_least_squares_solver() -> None:
    m, noise = RNG.normal(0, 2, (2, 5000))
    s, y = 0.5 * m + noise, 0.7 * m - 0.2 * noise + RNG.normal(0, 1, 5000)
    row = np.array([[y @ y, m @ m, s @ s, y @ m, y @ s, m @ s, 5000]])
    expected = np.linalg.lstsq(np.column_stack([m, s]), y, rcond=None)[0]
    found = shares(row)
    assert (found.travels, found.stays) == pytest.approx(expected, abs=5e-3)


def test_the_face_with_the_largest_value_counts() -> None:
    both = ResidualMotions(faces=(motion((0.1, 0.5)), motion((0.8, 0.0), person=1)))
    measurement = examine(both, tracks(2))
    assert measurement.value == pytest.approx(0.8, abs=0.02)
    assert {place.track for place in measurement.where} == {1}  # type: ignore[union-attr]


def test_the_strongest_second_comes_first() -> None:
    calm, painted = motion((0.2, 0.2), n=20), motion((0.9, 0.0), n=20)
    joined = ResidualMotion(
        person=0, times=np.concatenate([calm.times, 2 + painted.times]),
        moved_px=np.full(40, 2.0, np.float32), sums=np.concatenate([calm.sums, painted.sums]),
        copied=np.zeros((40, 2), np.float32),
    )  # fmt: skip
    where = examine(ResidualMotions(faces=(joined,)), tracks(1)).where
    assert {place.start_s for place in where[:2]} == {2.0, 3.0}  # type: ignore[union-attr]


def test_places_stay_within_the_shot_in_which_the_face_is_seen() -> None:
    one = motion((0.9, 0.0), n=20)
    late = replace(one, times=one.times + 4.5)
    where = examine(ResidualMotions(faces=(late,)), tracks(1)).where
    seconds = sorted((round(one.start_s, 6), round(one.end_s, 6)) for one in where)  # type: ignore[union-attr]
    assert seconds == [(4.5, 5.0), (5.0, 6.0), (6.0, 6.4)]


def test_surroundings_that_are_all_copied_are_not_compared() -> None:
    one = motion((0.4, 0.1))
    one.sums[:, 1] = 0
    one.copied[:, 1] = 1
    measurement = examine(ResidualMotions(faces=(one,)), tracks(1))
    assert measurement.facts["stays_beside"] is None
    assert any("100 %" in limit for limit in measurement.limits)


@pytest.mark.parametrize(
    ("faces", "count", "reason"),
    [
        ((), 0, "no face was found"),
        ((), 1, "0 pairs"),
        ((motion((0.4, 0.1), n=7),), 1, "7 pairs"),
        ((motion((0.4, 0.1), pixels=100),), 1, "400 pixels"),
        ((motion((0.4, 0.1), level=0.2, fresh=0.2),), 1, "0.2. grey levels"),
    ],
)
def test_gates_give_their_numbers(faces: tuple[ResidualMotion, ...], count: int, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        examine(ResidualMotions(faces=faces), tracks(count))
