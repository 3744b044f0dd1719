import numpy as np
import pytest

from veridical.signals.ellipse import Ellipse, agreement, boundary_iou, fit, inside

FINE = 8
PLACES = ((0.3, -0.2, 0.4), (0.0, 0.0, 1.0), (0.5, 0.1, 2.0), (0.2, 0.4, 3.0))


def pupil(radius: float, lobes: float, place: tuple[float, float, float] = PLACES[0]) -> np.ndarray:
    """An ellipse of 1.15 : 1 with three lobes, drawn on the pixel grid."""
    side = int(radius * 3.2)
    y, x = (np.mgrid[: side * FINE, : side * FINE] + 0.5) / FINE - 0.5 - (side - 1) / 2
    x, y = (x - place[0]) / 1.15**0.5, (y - place[1]) * 1.15**0.5
    drawn = np.hypot(x, y) <= radius * (1 + lobes * np.cos(3 * np.arctan2(y, x) + place[2]))
    return np.asarray(drawn.reshape(side, FINE, side, FINE).mean((1, 3)) >= 0.5)


def score(radius: float, lobes: float) -> float:
    found = [agreement(pupil(radius, lobes, place)) for place in PLACES]
    return float(np.mean([one.score for one in found if one is not None]))


@pytest.mark.parametrize("radius", [16, 32, 48])
@pytest.mark.parametrize(("lobes", "expected"), [(0.0, 0.9), (0.05, 0.6), (0.1, 0.335), (0.2, 0.14)])
def test_at_one_scale_the_score_tells_the_shape(radius: float, lobes: float, expected: float) -> None:
    """Golden check G17: after scaling the score no longer tracks the resolution."""
    assert score(radius, lobes) == pytest.approx(expected, abs=0.05)


def test_without_a_common_scale_the_score_tells_the_resolution() -> None:
    """Golden check G17: the raw score of one shape falls with its size."""
    raw = []
    for radius in (8, 16, 32):
        mask = pupil(radius, 0.1)
        found = fit(mask)
        assert found is not None
        raw.append(boundary_iou(mask, inside(found, mask.shape) >= 0.5, 4))
    assert raw[0] > raw[1] + 0.15 > raw[2] + 0.3


@pytest.mark.parametrize("radius", [8, 10, 12])
def test_small_pupils_keep_their_order(radius: float) -> None:
    scores = [score(radius, lobes) for lobes in (0.0, 0.05, 0.1, 0.2)]
    assert scores[0] > 0.75
    assert np.all(np.diff(scores) < -0.1)


def test_the_fit_finds_a_known_ellipse() -> None:
    known = Ellipse(x=41.3, y=35.8, major=25.0, minor=16.0, turn=0.5)
    found = fit(inside(known, (80, 90)) >= 0.5)
    assert found is not None
    for name in ("x", "y", "major", "minor"):
        assert getattr(found, name) == pytest.approx(getattr(known, name), abs=0.35)
    assert found.turn % np.pi == pytest.approx(known.turn, abs=0.03)


def test_the_raster_has_the_area_of_the_ellipse() -> None:
    share = inside(Ellipse(x=30.2, y=29.7, major=20.0, minor=11.0, turn=1.1), (60, 60))
    assert share.sum() == pytest.approx(np.pi * 20 * 11, rel=0.005)


def test_nothing_fits_what_is_too_small() -> None:
    assert fit(np.zeros((9, 9), bool)) is None
    assert agreement(np.eye(3, dtype=bool)) is None


def test_equal_masks_agree_and_distant_ones_do_not() -> None:
    mask = pupil(16, 0.0)
    assert boundary_iou(mask, mask, 4) == 1
    assert boundary_iou(mask, np.roll(mask, 30, 1), 4) < 0.15
