import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.special import erf

from veridical.signals.edge_blur import edge_blur, weighted_median


def step(blur: float, degrees: float = 0.0, size: int = 96) -> np.ndarray:
    """A step of 100 levels that a Gaussian blurred, drawn from its formula."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2 + 0.3
    across = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
    return (80 + 50 * (1 + erf(across / (blur * np.sqrt(2))))).astype(np.float32)


@pytest.mark.parametrize(("blur", "scale"), [(0.8, 1.0), (1.2, 1.0), (2.0, 2.0), (3.0, 2.0), (4.0, 4.0), (6.0, 4.0)])
@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 135])
def test_a_step_of_known_blur_is_measured(blur: float, scale: float, degrees: float) -> None:
    edges = edge_blur(step(blur, degrees), scale=scale, least=2.0)
    inner = (np.abs(edges.rows - 48) < 30) & (np.abs(edges.columns - 48) < 30)
    # The derivative filter itself blurs by half a pixel or so.
    assert np.median(edges.blur[inner]) == pytest.approx(np.hypot(blur, 0.5), rel=0.12)


@pytest.mark.parametrize("extra", [1.0, 2.0])
def test_blurs_add_up_by_their_squares(extra: float) -> None:
    plane = step(1.0)
    before, after = (edge_blur(one, scale=1.0, least=2.0).blur for one in (plane, gaussian_filter(plane, extra)))
    grown = np.sqrt(float(np.median(after)) ** 2 - float(np.median(before)) ** 2)
    assert grown == pytest.approx(extra, rel=0.1)


def test_edge_points_lie_on_the_edge_and_nowhere_else() -> None:
    edges = edge_blur(step(1.5), scale=1.0, least=2.0)
    assert set(np.unique(edges.columns)) <= {46, 47, 48}
    assert set(edges.rows) == set(range(96))
    assert len(edges.rows) == 96


def test_a_flat_plane_has_no_edges() -> None:
    assert len(edge_blur(np.full((40, 40), 90, np.float32), scale=1.0, least=1.0).rows) == 0


def test_the_height_of_a_step_does_not_matter() -> None:
    low, high = (edge_blur(step(1.2) * by, scale=1.0, least=0.5) for by in (0.3, 1.0))
    assert np.median(low.blur) == pytest.approx(np.median(high.blur), rel=1e-3)


def test_the_weighted_median_is_the_median_of_repeated_values() -> None:
    rng = np.random.default_rng(0)
    values, counts = rng.normal(size=51), rng.integers(1, 6, 51)
    counts[0] += 1 - counts.sum() % 2
    assert weighted_median(values, counts) == np.median(np.repeat(values, counts))
