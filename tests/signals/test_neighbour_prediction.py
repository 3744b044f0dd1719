import cv2
import numpy as np
import pytest
from skimage import data

from veridical.signals.neighbour_prediction import LEAST_SIGMA, Prediction, predict, predict_all, residual, varied

BILINEAR = np.array([[-0.25, 0.5, -0.25], [0.5, 0, 0.5], [-0.25, 0.5, -0.25]])


def noise(side: int = 128, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side)).astype(float)


def small_photograph() -> np.ndarray:
    return data.camera()[::4, ::4].astype(float)


def bilinear(small: np.ndarray) -> np.ndarray:
    """Exactly bilinear, 2 n - 1 pixels a side: the small pixels stay, those between are means of two or four."""
    out = np.zeros([2 * side - 1 for side in small.shape])
    out[::2, ::2] = small
    out[1::2, ::2] = (small[1:] + small[:-1]) / 2
    out[:, 1::2] = (out[:, :-1:2] + out[:, 2::2]) / 2
    return out


def peaks(posterior: np.ndarray) -> np.ndarray:
    """Magnitudes of the spectrum at (π, 0), (0, π) and (π, π) as multiples of its median."""
    rows, columns = (side // 2 * 2 for side in posterior.shape)
    plane = posterior[:rows, :columns].astype(float)
    spectrum = np.abs(np.fft.fft2(plane - plane.mean()))
    high = spectrum[[0, rows // 2, rows // 2], [columns // 2, 0, columns // 2]]
    return high / np.median(spectrum)


def oracle(plane: np.ndarray, size: int, steps: int) -> tuple[np.ndarray, float]:
    """The same estimate as weighted least squares by QR, over a list of pixels."""
    before, after = size // 2, size - 1 - size // 2
    windows = np.lib.stride_tricks.sliding_window_view(plane, (size, size)).reshape(-1, size * size)
    middle = before * size + before
    others = np.delete(np.arange(size * size), middle)
    x, y = windows[:, others], windows[:, middle]
    level = 1 / (plane.max() - plane.min())
    k, sigma = np.full(len(others), 1 / len(others)), 5.0
    for _ in range(steps):
        density = np.exp(-((y - x @ k) ** 2) / (2 * sigma**2)) / np.sqrt(2 * np.pi * sigma**2)
        w = density / (density + level)
        sigma = np.sqrt(np.sum(w * (y - x @ k) ** 2) / w.sum())
        k = np.linalg.lstsq(x * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]
    assert before + after + 1 == size
    return np.insert(k, middle, 0).reshape(size, size), float(sigma)


@pytest.mark.parametrize("small", [noise(), small_photograph()], ids=["noise", "photograph"])
def test_an_exactly_bilinear_picture_gives_the_bilinear_rule(small: np.ndarray) -> None:
    """Golden check G7; the numbers of the spectrum depend on the picture, which the card does not name."""
    rule = predict(bilinear(small), 3)
    np.testing.assert_allclose(rule.kernel, BILINEAR, atol=1e-4)
    assert rule.sigma < 0.15
    assert rule.iterations <= 15
    assert peaks(rule.posterior).min() > 200


@pytest.mark.parametrize("small", [noise(), small_photograph()], ids=["noise", "photograph"])
def test_rounding_to_whole_levels_leaves_half_a_level(small: np.ndarray) -> None:
    """Golden check G7 on a picture of whole grey levels: 0.53 there, 0.46 and 0.47 here."""
    rule = predict(np.rint(bilinear(small)), 3)
    np.testing.assert_allclose(rule.kernel, BILINEAR, atol=0.003)
    assert 0.4 < rule.sigma < 0.6
    assert rule.iterations <= 15
    assert peaks(rule.posterior).min() > 150


def test_where_it_begins_does_not_matter() -> None:
    """Golden check G7: five random beginnings end within 1e-5 on the card's picture."""
    plane = np.rint(bilinear(small_photograph()))
    found = []
    for seed in range(5):
        kernel = np.random.default_rng(seed).uniform(0, 1, (3, 3))
        kernel[1, 1] = 0
        start = Prediction(kernel=kernel / kernel.sum(), sigma=5, iterations=0, posterior=np.zeros((1, 1), np.float32))
        found.append(predict(plane, 3, start=start).kernel)
    assert np.ptp(found, axis=0).max() < 5e-5


@pytest.mark.parametrize("small", [noise(), small_photograph()], ids=["noise", "photograph"])
def test_repeated_pixels_bring_sigma_to_its_floor(small: np.ndarray) -> None:
    """Golden check G8; three of four phases are predicted exactly, so the map has period 2."""
    rule = predict(small.repeat(2, 0).repeat(2, 1), 3)
    assert rule.sigma < 4 * LEAST_SIGMA  # the rule is exact; the last steps towards the floor are small
    assert peaks(rule.posterior).min() > 300
    assert np.mean(rule.posterior > 0.5) > 0.74


def test_a_picture_that_was_not_enlarged_has_no_such_peaks() -> None:
    """Golden check G8, its control: about twice the median."""
    assert peaks(predict(data.camera()[100:356, 100:356], 3).posterior).max() < 5
    assert peaks(predict(noise(255), 3).posterior).max() < 5


@pytest.mark.parametrize("size", [3, 4, 5])
def test_it_agrees_with_weighted_least_squares(size: int) -> None:
    plane = data.coffee()[100:180, 200:290, 1].astype(float)
    rule = predict(plane, size)
    kernel, sigma = oracle(plane, size, rule.iterations)
    np.testing.assert_allclose(rule.kernel, kernel, atol=1e-6)
    assert rule.sigma == pytest.approx(sigma, rel=1e-6)
    before = size // 2
    assert rule.kernel[before, before] == 0
    assert rule.posterior.shape == (80 - size + 1, 90 - size + 1)


def test_sizes_share_pixels_and_the_larger_leaves_no_more() -> None:
    three, five, seven = predict_all(data.astronaut()[100:228, 100:228, 1], (3, 5, 7))
    assert three.posterior.shape == five.posterior.shape == seven.posterior.shape == (122, 122)
    alone = predict(data.astronaut()[102:226, 102:226, 1], 3)
    np.testing.assert_allclose(three.kernel, alone.kernel, atol=0.02)


def test_pixels_left_out_change_nothing() -> None:
    plane = np.rint(bilinear(noise(64)))
    judged = np.ones(plane.shape, bool)
    judged[:40] = False
    spoiled = plane.copy()
    spoiled[:38] = noise(127, 5)[:38]
    (rule,) = predict_all(spoiled, (3,), judged=judged)
    assert np.isnan(rule.posterior[:39]).all()
    assert np.isfinite(rule.posterior[39:]).all()
    np.testing.assert_allclose(rule.kernel, BILINEAR, atol=0.003)


def test_the_residual_is_the_pixel_less_its_prediction() -> None:
    plane = noise(32)
    kernel = np.arange(25.0).reshape(5, 5) / 100
    windows = np.lib.stride_tricks.sliding_window_view(plane, (5, 5))
    expected = plane[2:-2, 2:-2] - np.einsum("ijkl,kl->ij", windows, kernel)
    np.testing.assert_allclose(residual(plane, kernel)[2:-2, 2:-2], expected, atol=0.01)


def test_flat_pixels_are_not_varied() -> None:
    plane = np.zeros((9, 9), np.uint8)
    plane[4, 4] = 1
    expected = np.zeros((9, 9), bool)
    expected[3:6, 3:6] = True
    np.testing.assert_array_equal(varied(plane), expected)


def test_same_twice_and_inputs_unchanged() -> None:
    plane = cv2.cvtColor(data.chelsea(), cv2.COLOR_RGB2GRAY)[:96, :96]
    before = plane.copy()
    first, second = predict(plane, 5), predict(plane, 5)
    np.testing.assert_array_equal(first.kernel, second.kernel)
    np.testing.assert_array_equal(first.posterior, second.posterior)
    np.testing.assert_array_equal(plane, before)
