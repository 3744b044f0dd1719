import numpy as np
import pytest
from scipy.fft import dctn

from veridical.signals import quantisation
from veridical.signals.quantisation import FREQUENCIES, fit_twice, shifted_coefficients


def drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Coefficients before quantisation: Laplacian, as those of photographs."""
    return rng.laplace(0, 12, (*shape, 8, 8))


@pytest.fixture
def blocks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of 80 × 80 blocks, quantised by 9 and then by 4, but once in a corner of 30 × 30; table; unquantised."""
    rng = np.random.default_rng(0)
    raw = drawn(rng, (80, 80))
    first = 9 * np.rint(raw / 9) + rng.normal(0, 0.5, raw.shape)
    first[:30, :30] = raw[:30, :30]
    return np.rint(first / 4).astype(np.int16), np.full((8, 8), 4, np.uint16), drawn(rng, (20_000,)).astype(np.float32)


def test_steps_share_and_place_come_back(blocks) -> None:
    coefficients, table, unquantised = blocks
    fitted = fit_twice(coefficients, table, unquantised, np.ones((80, 80), bool), 0.02)
    assert fitted.steps == (9,) * len(FREQUENCIES)
    assert fitted.share in (0.8, 0.9)  # 1 − 900 / 6400 = 0.86
    assert np.mean(fitted.evidence[:30, :30] < 0) > 0.95
    assert np.mean(fitted.evidence[30:, 30:] > 0) > 0.95


def test_one_quantisation_shows_no_first_one() -> None:
    rng = np.random.default_rng(1)
    coefficients = np.rint(drawn(rng, (80, 80)) / 4).astype(np.int16)
    unquantised = drawn(rng, (20_000,)).astype(np.float32)
    fitted = fit_twice(coefficients, np.full((8, 8), 4, np.uint16), unquantised, np.ones((80, 80), bool), 0.02)
    assert not any(fitted.steps)
    assert fitted.gain == 0
    assert not fitted.evidence.any()


def test_blocks_that_are_not_judged_get_no_evidence_and_do_not_count(blocks) -> None:
    coefficients, table, unquantised = blocks
    judged = np.ones((80, 80), bool)
    judged[:30, :30] = False
    fitted = fit_twice(coefficients, table, unquantised, judged, 0.02)
    assert fitted.share == 0.995
    assert not fitted.evidence[~judged].any()
    assert not fitted.informative[~judged].any()
    assert fitted.informative[judged].all()


def test_expected_counts_agree_with_a_simulation() -> None:
    rng = np.random.default_rng(2)
    raw = rng.laplace(0, 12, 200_000)
    expected = quantisation._twice(raw.astype(np.float32), 7, 3, -20, 20)
    drawn = np.rint((7 * np.rint(raw / 7) + rng.normal(0, 0.5, raw.shape)) / 3)
    seen = np.bincount((np.clip(drawn, -20, 20) + 20).astype(int), minlength=41)
    inner = slice(1, -1)
    assert np.abs(expected[inner] - seen[inner]).max() < 0.01 * len(raw)


def test_shifted_coefficients_are_those_of_blocks_four_pixels_off() -> None:
    pixels = np.repeat(np.random.default_rng(3).integers(0, 256, (36, 44, 1)), 3, 2).astype(np.uint8)
    found = shifted_coefficients(pixels)
    assert found.shape == (4 * 5, 8, 8)
    block = pixels[12:20, 20:28, 0].astype(float) - 128
    np.testing.assert_allclose(found[1 * 5 + 2], dctn(block, norm="ortho"), atol=1e-2)
