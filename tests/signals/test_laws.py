import numpy as np
from scipy import ndimage
from skimage import data

from veridical.signals.laws import PAIRS, energies

VECTORS = {"L": [1, 4, 6, 4, 1], "E": [-1, -2, 0, 2, 1], "S": [-1, 0, 2, 0, -1], "R": [1, -4, 6, -4, 1]}


def plain(plane: np.ndarray) -> np.ndarray:
    """The same energies by full two-dimensional correlation, away from the borders."""
    detail = plane - ndimage.uniform_filter(plane, 15)
    out = []
    for one, other in PAIRS:
        answers = [
            np.abs(ndimage.correlate(detail, np.outer(VECTORS[a], VECTORS[b]).astype(float)))
            for a, b in {(one, other), (other, one)}
        ]
        out.append(ndimage.uniform_filter(np.mean(answers, axis=0), 10))
    return np.array(out)


def test_energies_are_those_of_the_plain_masks() -> None:
    plane = data.camera()[100:260, 180:340].astype(np.float64)
    inner = (slice(None), slice(20, -20), slice(20, -20))
    np.testing.assert_allclose(energies(plane)[inner], plain(plane)[inner], rtol=1e-3, atol=0.02)


def test_a_flat_plane_holds_no_energy_and_blur_takes_it_away() -> None:
    assert energies(np.full((40, 40), 90.0)).max() < 1e-2
    sharp = data.camera().astype(np.float32)
    blurred = ndimage.gaussian_filter(sharp, 2)
    assert (energies(blurred).mean((1, 2)) < 0.6 * energies(sharp).mean((1, 2))).all()
