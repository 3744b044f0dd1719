from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pywt
from skimage import data

from veridical.signals import residual, wavelet

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The published algorithm, written plainly with PyWavelets and SciPy."""
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("prnu_reference")


@pytest.mark.parametrize("shape", [(64, 64), (65, 90), (101, 77)])
def test_the_wavelet_is_that_of_pywavelets_and_comes_back(shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(0).normal(0, 10, shape).astype(np.float32)
    approximation, details = wavelet.split(plane)
    expected, (h, v, d) = pywt.dwt2(plane.astype(float), "db4")
    np.testing.assert_allclose(approximation.T, expected, atol=1e-3)
    for band in details:
        assert min(np.abs(band.T - one).max() for one in (h, v, d)) < 1e-3
    np.testing.assert_allclose(wavelet.join(approximation, details, shape), plane, atol=1e-3)


@pytest.mark.parametrize("size", [(256, 256), (250, 330)])
def test_the_residual_is_that_of_the_published_algorithm(plain: Any, size: tuple[int, int]) -> None:
    pixels = np.ascontiguousarray(data.astronaut()[: size[0], : size[1]])
    ours, theirs = residual.noise_residual(pixels), plain.residual(pixels, np.float64)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.999
    assert np.abs(ours - theirs).max() < 0.05 * theirs.std() + 0.05


def test_rows_columns_and_sub_lattices_have_no_mean() -> None:
    plane = residual.zero_mean(np.random.default_rng(1).normal(3, 1, (64, 48)).astype(np.float32))
    for top in (0, 1):
        for left in (0, 1):
            part = plane[top::2, left::2]
            assert np.abs(part.mean(0)).max() < 1e-5
            assert np.abs(part.mean(1)).max() < 1e-4


def test_whitening_takes_a_periodic_part_out_and_leaves_noise() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 1, (128, 128)).astype(np.float32)
    wave = 2 * np.sin(np.arange(128) * 2 * np.pi / 8)[None].astype(np.float32)
    cleaned = residual.whiten(noise + wave)
    spectrum = np.abs(np.fft.fft2(cleaned))
    assert spectrum[0, 16] < 5 * np.median(spectrum)
    assert np.corrcoef(cleaned.ravel(), noise.ravel())[0, 1] > 0.95
    assert not residual.whiten(np.zeros((32, 32), np.float32)).any()


def test_inputs_are_left_alone() -> None:
    pixels = data.astronaut()
    pixels.flags.writeable = False
    before = pixels.copy()
    residual.noise_residual(pixels)
    np.testing.assert_array_equal(pixels, before)
