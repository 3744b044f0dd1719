import numpy as np
import pytest
from scipy.stats import norm
from skimage import data

from veridical.lab.camera import photographed, sensor
from veridical.signals import fingerprint
from veridical.signals.fingerprint import Estimator, correlate, least_pce, ncc, pce
from veridical.signals.residual import noise_residual

SIDE = 320


def scene(i: int) -> np.ndarray:
    """A smooth, evenly lit picture."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
    level = 110 + 40 * np.sin(2 * rows + i) + 30 * columns
    return np.repeat(level[..., None], 3, 2)


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    made = Estimator((SIDE, SIDE))
    rng = np.random.default_rng(0)
    for i in range(8):
        made.add(photographed(scene(i), 1, rng))
    return made


@pytest.fixture(scope="module")
def plane(estimator: Estimator) -> np.ndarray:
    return estimator.fingerprint()


def taken(number: int) -> np.ndarray:
    return photographed(data.astronaut()[:SIDE, 100 : 100 + SIDE], number, np.random.default_rng(5))


def test_the_fingerprint_is_the_pattern_of_the_sensor(plane: np.ndarray) -> None:
    assert ncc(plane, sensor((SIDE, SIDE), 1).astype(np.float32)) > 0.8
    assert abs(ncc(plane, sensor((SIDE, SIDE), 2).astype(np.float32))) < 0.02


def test_own_pictures_match_and_others_do_not(plane: np.ndarray) -> None:
    own = correlate(noise_residual(taken(1)), plane, search=False)
    other = correlate(noise_residual(taken(2)), plane, search=False)
    assert own.pce > 100 > 15 > abs(other.pce)
    assert own.ncc > 0.1 > abs(other.ncc) * 5


def test_a_crop_is_found_at_its_offset(plane: np.ndarray) -> None:
    crop = np.ascontiguousarray(taken(1)[40:296, 24:280])
    match = correlate(noise_residual(crop), plane, search=True)
    assert (match.top, match.left) == (40, 24)
    middle = match.around.shape[0] // 2
    assert match.around[middle, middle] == match.around.max()


def test_leaving_a_picture_out_is_making_the_fingerprint_without_it(estimator: Estimator) -> None:
    rng = np.random.default_rng(0)
    pictures = [photographed(scene(i), 1, rng) for i in range(8)]
    fewer = Estimator((SIDE, SIDE))
    for pixels in pictures[:-1]:
        fewer.add(pixels)
    assert ncc(estimator.fingerprint(without=pictures[-1]), fewer.fingerprint()) > 0.9999


@pytest.mark.parametrize("place", [(0, 0), (1, 0), (31, 30), (16, 16)])
def test_the_neighbourhood_of_a_peak_goes_on_at_the_other_side(place: tuple[int, int]) -> None:
    """The same peak has the same energy wherever it lies: known defect of an implementation that does not wrap."""
    rng = np.random.default_rng(3)
    around = rng.normal(0, 1, (32, 32)).astype(np.float32)
    around[16, 16] = 40.0
    around[15, 16] = 20.0
    moved = np.roll(around, (place[0] - 16, place[1] - 16), (0, 1))
    assert pce(moved, *place) == pytest.approx(pce(around, 16, 16), rel=1e-6)


def test_the_energy_is_the_squared_peak_over_the_mean_square_elsewhere() -> None:
    plane_ = np.ones((40, 50), np.float32)
    plane_[20, 20] = -30.0
    assert pce(plane_, 20, 20) == pytest.approx(-900.0)


def test_saturated_plateaus_do_not_count() -> None:
    plane_ = np.full((32, 32), 100, np.uint8)
    plane_[4:8, 4:8] = 255
    plane_[20, 20] = 255
    marked = fingerprint._on_plateau(plane_)
    assert marked[4:8, 4:8].all()
    assert not marked[20, 20]


@pytest.mark.parametrize("places", [1, 50, 263_169, 12_000_000])
def test_what_a_search_needs_is_as_rare_as_what_one_place_needs(places: int) -> None:
    needed = least_pce(16.0, places)
    assert places * norm.sf(np.sqrt(needed)) == pytest.approx(norm.sf(4.0), rel=1e-6)


def test_the_highest_of_many_foreign_correlations_is_high_but_not_what_a_search_needs(plane: np.ndarray) -> None:
    residuals = [np.random.default_rng(i).normal(0, 1, (96, 96)).astype(np.float32) for i in range(12)]
    found = [correlate(residual, plane, search=True) for residual in residuals]
    assert {one.places for one in found} == {225 * 225}
    assert max(one.pce for one in found) > least_pce(9.0, 1)
    assert all(one.pce < least_pce(9.0, one.places) for one in found)


def test_a_crop_of_full_height_is_searched_for_along_the_width_only(plane: np.ndarray) -> None:
    match = correlate(noise_residual(np.ascontiguousarray(taken(1)[:, 24:280])), plane, search=True)
    assert (match.top, match.left, match.places) == (0, 24, SIDE - 256 + 1)
