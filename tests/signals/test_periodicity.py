import numpy as np
import pytest

from veridical.signals.periodicity import above, power


def noise(shape: tuple[int, int] = (256, 240), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_noise_is_exponential_around_its_surroundings() -> None:
    level = above(power(noise(), sigma=4))
    rows, columns = (np.abs(np.fft.fftfreq(side)) for side in level.shape)
    high = level[np.hypot(rows[:, None], columns) > 0.2]  # slower variation was taken off
    assert np.exp(high).mean() == pytest.approx(1, abs=0.03)
    assert np.median(high) == pytest.approx(np.log(np.log(2)), abs=0.05)
    assert high.max() == pytest.approx(np.log(np.log(high.size / 2)), abs=0.4)


def test_a_wave_stands_out_at_its_own_frequency_by_its_own_power() -> None:
    amplitude = 0.3
    rows, columns = np.indices((256, 240))
    plane = noise() + amplitude * np.cos(2 * np.pi * (rows / 4 + columns * 3 / 16))
    level = above(power(plane, sigma=4))
    assert np.unravel_index(level[:, :120].argmax(), (256, 120)) == (64, 45)
    # Amplitude² / 4 of the pixels, on a noise of 1 a pixel; the Hann window counts 2/3 of them a side.
    expected = np.log(amplitude**2 / 4 * 256 * 240 * 4 / 9)
    assert level[64, 45] == pytest.approx(expected, abs=0.2)


def test_sides_are_multiples_of_16_and_holes_count_as_the_mean() -> None:
    plane = noise((131, 150)) + 7
    plane[:20, :20] = np.nan
    found = power(plane, sigma=4)
    assert found.shape == (128, 144)
    assert np.isfinite(above(found)).all()


def test_a_peak_hardly_lowers_its_neighbours() -> None:
    flat = np.ones((64, 64))
    flat[10, 10] = 1e6
    level = above(flat)
    assert level[10, 10] == pytest.approx(np.log(1e6) - np.euler_gamma)
    assert level[10, 15] == pytest.approx(-np.euler_gamma - np.log(1e6) / (21**2 - 5**2))


def test_an_empty_map_gives_no_peak() -> None:
    assert np.isfinite(above(power(np.full((64, 64), np.nan), sigma=4))).all()
