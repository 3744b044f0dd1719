"""Copies of photos: as large, alike, the same for a seed, and each with the trace of its way and no other difference."""

from __future__ import annotations

import importlib.util
import sys

import cv2
import numpy as np
import pytest

from veridical.errors import NotInstalled, UsageError
from veridical.training import reconstructions
from veridical.training.launder import jpeg
from veridical.training.reconstructions import INTERPOLATED, halved, settled, with_spectrum_of

TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not TORCH, reason="needs torch")


def photo(height: int = 150, width: int = 203, seed: int = 0) -> np.ndarray:
    """Return colour noise whose power falls as natural pictures' does, down to the finest detail."""
    random = np.random.default_rng(seed)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    phases = np.fft.rfft2(random.normal(size=(height, width, 3)), axes=(0, 1))
    planes = np.fft.irfft2(phases / (radius[..., None] + 0.02), (height, width), axes=(0, 1))
    return np.clip(128 + 40 * planes / planes.std(), 0, 255).astype(np.uint8)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(one.astype(float) - other).mean()))


def fine(picture: np.ndarray) -> float:
    """Return the power above 0.35 cycles a pixel, across and down."""
    power = np.abs(np.fft.fft2(picture.mean(2))) ** 2
    y, x = (np.abs(np.fft.fftfreq(side)) for side in picture.shape[:2])
    return float(power[y > 0.35].mean() + power[:, x > 0.35].mean())


def stripes(picture: np.ndarray) -> float:
    """Return the power of columns that alternate, relative to that of other patterns as fine."""
    power = np.abs(np.fft.fft2(picture.astype(float).mean(2))) ** 2
    middle = picture.shape[1] // 2
    return float(power[0, middle] / np.median(power[:, middle - 10 : middle]))


@pytest.mark.parametrize("name", INTERPOLATED)
def test_a_copy_is_as_large_alike_and_made_again_from_its_seed(name):
    original = photo()
    copy = INTERPOLATED[name](original, 3)
    assert copy.shape == original.shape and copy.dtype == np.uint8
    assert 18 < psnr(original, copy) < 45
    np.testing.assert_array_equal(copy, INTERPOLATED[name](original, 3))
    assert (copy != INTERPOLATED[name](original, 4)).any()


@pytest.mark.parametrize("name", [name for name in INTERPOLATED if name != "resampled_nearest"])
def test_smoothing_ways_take_away_fine_detail_and_a_compressed_copy_keeps_it(name):
    original = photo(160, 208)
    assert fine(INTERPOLATED[name](original, 1)) < 0.7 * fine(original)
    assert fine(jpeg(original, 95)) > 0.9 * fine(original)


def test_copied_neighbours_leave_equal_pixels():
    original = photo()
    equal = [(np.diff(one.astype(int), axis=1) == 0).all(2).mean() for one in (original, nearest(original))]
    assert equal[0] < 0.02 and equal[1] > 0.3


def nearest(original: np.ndarray) -> np.ndarray:
    half = cv2.resize(original, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_NEAREST)
    return cv2.resize(half, original.shape[1::-1], interpolation=cv2.INTER_NEAREST)


@pytest.mark.parametrize("name", INTERPOLATED)
def test_grey_stays_grey_and_broad_colours_stay(name):
    grey = np.repeat(photo()[..., :1], 3, axis=2)
    copy = INTERPOLATED[name](grey, 0)
    assert (copy == copy[..., :1]).all()
    shifted = settled(photo(), np.clip(photo().astype(int) + (30, -20, 10), 0, 255))
    np.testing.assert_allclose(shifted.mean((0, 1)), photo().mean((0, 1)), atol=1.5)


def test_a_blurred_copy_gets_the_power_of_its_photo_and_keeps_its_own_gratings():
    original = photo(160, 208)
    blurred = settled(original, cv2.GaussianBlur(original, (0, 0), 0.6))
    assert fine(blurred) < 0.5 * fine(original)
    given = with_spectrum_of(original, blurred)
    assert 0.6 < fine(given) / fine(original) < 1.5
    striped = settled(original, original + 4.0 * (np.arange(208) % 2 * 2 - 1)[:, None])
    assert stripes(original) < 20
    assert stripes(with_spectrum_of(original, striped)) > 100


def test_halves_are_reduced_alike():
    original, copy = halved(photo(), 0, lambda picture, seed: picture)
    assert original.shape == copy.shape == (75, 101, 3)
    assert np.abs(original.astype(int) - copy).max() <= 1
    original, copy = halved(photo(), 0, INTERPOLATED["resampled_lanczos"])
    assert psnr(original, copy) < 45


def test_without_torch_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match="veridical\\[train\\]"):
        reconstructions.autoencoder(tmp_path / "nearest_8.npz")


@needs_torch
@pytest.mark.parametrize("name", ["nearest_8", "transposed_4", "shuffle_4", "bilinear_4", "styled_8"])
def test_decoders_give_pictures_of_any_size_and_leave_gratings_of_their_factor(name):
    import torch

    from veridical.training import autoencoders

    torch.manual_seed(1)
    net = autoencoders.Autoencoder(autoencoders.PLANS[name]).eval()
    original = photo(97, 130)
    copy = reconstructions.autoencoded(original, 5, net)
    assert copy.shape == original.shape and copy.dtype == np.uint8
    np.testing.assert_array_equal(copy, reconstructions.autoencoded(original, 5, net))
    if name == "styled_8":  # its noise is fresh for each seed
        assert (copy != reconstructions.autoencoded(original, 6, net)).any()
    if name in ("transposed_4", "shuffle_4"):
        with torch.no_grad():
            flat = net.decoder(torch.full((1, 8, 24, 24), 0.3))[0].permute(1, 2, 0).numpy()
        middle = flat[32:-32, 32:-32]
        assert np.ptp(middle, axis=(0, 1)).max() > 1e-3  # a constant latent gives a grating …
        np.testing.assert_allclose(middle[4:], middle[:-4], atol=1e-4)  # … that repeats with the factor


@needs_torch
def test_tiles_leave_no_seams(monkeypatch):
    import torch

    def smoothing(tiles):
        return torch.nn.functional.avg_pool2d(tiles, 3, 1, 1)

    picture = photo(140, 210).astype(np.float32)
    whole = reconstructions._tiled(picture, smoothing, factor=1)
    monkeypatch.setattr(reconstructions, "_TILE", 64)
    np.testing.assert_allclose(reconstructions._tiled(picture, smoothing, factor=1), whole, atol=1e-3)


@needs_torch
def test_other_weights_are_refused(tmp_path):
    np.savez(tmp_path / "nearest_8.npz", other=np.zeros(3))
    with pytest.raises(UsageError, match="no weights of nearest_8"):
        reconstructions.ways(tmp_path)
    with pytest.raises(UsageError, match="no autoencoder of this name"):
        reconstructions.autoencoder(tmp_path / "unknown.npz")
