"""Excursions of known place, depth and gap are found; what drifts, stays away or comes in small steps is none."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.excursions import excursions


def path(values: list[float], *, noise: float = 0.0, d: int = 16) -> np.ndarray:
    """A series along one axis of d, with noise in all of them."""
    points = np.zeros((len(values), d))
    points[:, 3] = values
    return points + np.random.default_rng(2).normal(0, noise or 1e-12, points.shape)


def test_a_plateau_is_found_with_its_place_depth_and_gap() -> None:
    (one,) = excursions(path([0.0] * 10 + [0.8] * 4 + [0.0] * 9), longest=8, least=0.1)
    assert (one.first, one.end) == (10, 14)
    assert one.depth == pytest.approx(0.8) and one.gap == pytest.approx(0.8)


def test_its_gap_is_that_of_the_nearest_points() -> None:
    around = [0.0, 0.1, 0.0, 0.1, 0.0, 0.1, 0.0, 0.1]
    (one,) = excursions(path([*around, 0.9, 0.7, 0.9, *around]), longest=8, least=0.2)
    assert one.gap == pytest.approx(0.7 - 0.1)


def test_points_on_the_way_out_and_back_may_lie_between() -> None:
    (one,) = excursions(path([0.0] * 8 + [0.4] + [0.8] * 4 + [0.4] + [0.0] * 8), longest=8, least=0.5)
    assert (one.first, one.end) == (9, 13) and one.gap == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([0.0] * 12 + [0.8] * 12, "it does not come back"),
        ([0.0] * 12 + [0.8] * 9 + [0.0] * 12, "it stays away longer than asked for"),
        (list(np.linspace(0, 1.6, 30)), "it drifts"),
        ([0.0, 0.8, 0.8, *[0.0] * 12], "what was before is hardly seen"),
        (list(0.5 - 0.5 * np.cos(np.arange(40) / 40 * 2 * np.pi)), "it comes and goes in small steps"),
    ],
)
def test_what_is_no_excursion(values: list[float], why: str) -> None:
    assert excursions(path(values), longest=8, least=0.25) == [], why


def test_two_are_two_and_noise_of_a_known_size_moves_the_gap_little() -> None:
    values = [0.0] * 9 + [0.7] * 3 + [0.0] * 9 + [0.5] * 5 + [0.0] * 9
    found = excursions(path(values, noise=0.02), longest=8, least=0.25)
    assert [(one.first, one.end) for one in found] == [(9, 12), (21, 26)]
    # noise of 0.02 in 16 numbers: the nearest of some five points on either side is 2 or 3 times 0.02 nearer
    assert [one.gap for one in found] == pytest.approx([0.7, 0.5], abs=0.15)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_a_series_too_short_has_none(n: int) -> None:
    assert excursions(np.zeros((n, 3)), longest=5) == []
