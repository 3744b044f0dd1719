import numpy as np
import pytest

from veridical.signals.circles import Circle, Search, find_circle
from veridical.signals.patches import centred, scattered

SEARCH = Search(reach=0.3, smallest=0.75, largest=1.3, gap=0.07, sideways=0.9, pull=8.0)


def disc(x: float, y: float, radius: float, side: int = 160) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side]
    edge = np.clip((np.hypot(columns - x, rows - y) - radius) / 2 + 0.5, 0, 1)
    noise = np.random.default_rng(0).normal(0, 3, (side, side))
    return (60 + 50 * edge + noise).astype(np.float32)  # as between iris and white


@pytest.mark.parametrize("radius", [14.0, 30.0, 52.0])
def test_a_dark_disc_is_found_from_a_start_beside_it(radius: float) -> None:
    plane = disc(81.4, 77.6, radius)
    start = Circle(x=81.4 + 0.2 * radius, y=77.6 - 0.1 * radius, radius=radius * 1.12, rise=0)
    found = find_circle(plane, np.ones_like(plane), start, SEARCH)
    assert found is not None
    assert np.hypot(found.x - 81.4, found.y - 77.6) < 0.05 * radius + 0.5
    assert found.radius == pytest.approx(radius, rel=0.05)
    assert found.rise > 30


def test_lids_that_hide_half_of_it_do_not_move_the_sides() -> None:
    plane = disc(80, 80, 30)
    weight = np.zeros_like(plane)
    weight[66:98] = 1
    plane[weight == 0] = 200
    found = find_circle(plane, weight, Circle(x=83, y=78, radius=32, rise=0), SEARCH)
    assert found is not None
    assert found.x == pytest.approx(80, abs=2)
    assert found.radius == pytest.approx(30, rel=0.08)


def test_nothing_is_found_where_nothing_is_seen() -> None:
    plane = disc(80, 80, 30)
    assert find_circle(plane, np.zeros_like(plane), Circle(x=80, y=80, radius=30, rise=0), SEARCH) is None


def test_patches_lie_where_they_were_put_also_in_a_coarser_map() -> None:
    patch = np.full((40, 60), 2.0, np.float32)
    for height, width in ((500, 600), (3000, 4000)):
        values = scattered(height, width, [(100, 200, patch)])
        step = height / values.shape[0]
        rows, columns = np.nonzero(np.isfinite(values))
        assert rows.min() * step == pytest.approx(200, abs=step)
        assert (columns.max() + 1) * step == pytest.approx(160, abs=step)
        assert np.nanmax(values) == 2


def test_a_disc_is_brought_to_a_square() -> None:
    rows, columns = np.mgrid[:100, :100]
    mask = np.hypot(columns - 40, rows - 55) < 20
    brought = centred(mask, 40, 55, 20, 96)
    assert brought.shape == (96, 96)
    assert brought.mean() == pytest.approx(np.pi / 4, abs=0.02)
