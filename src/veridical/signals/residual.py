"""The noise residual of a picture: what a wavelet denoiser takes away, cleaned of what all cameras share.

After Mıhçak, Kozintsev and Ramchandran (ICASSP 1999) and Lukáš, Fridrich and Goljan (IEEE TIFS 2006): each channel is
split by a Daubechies wavelet of 8 taps over 4 levels, every detail coefficient is shrunk by the smallest of four local
variances, and what is left over is the noise. Row and column means and periodic parts (demosaicing, JPEG blocks) are then
taken out, since they are the same in every camera of a model.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy import fft

from .. import settings
from .wavelet import TAPS, Bands, join, split

SIGMA, LEVELS = 5.0, 4
GREY = (0.29893602, 0.58704307, 0.11402090)
_WINDOWS = (3, 5, 7, 9)


def noise_residual(pixels: np.ndarray) -> np.ndarray:
    """Return the noise residual of a picture.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB: native pixels.

    Returns
    -------
    np.ndarray
        shape (height, width), float32, grey levels; mean zero, nearly white.
    """
    total, shapes = _noise_bands(pixels[:, :, 0], GREY[0])
    for channel in (1, 2):
        # The inverse transform is linear: the bands are added up, and go back once instead of three times.
        for added, bands in zip(total, _noise_bands(pixels[:, :, channel], GREY[channel])[0], strict=True):
            for whole, part in zip(added, bands, strict=True):
                np.add(whole, part, out=whole)
    return whiten(zero_mean(_back(total, shapes)))


def channel_noise(plane: np.ndarray) -> np.ndarray:
    """Return what the denoiser takes away from one channel, uncleaned: shape of ``plane``, float32."""
    return _back(*_noise_bands(plane, 1.0))


def shrink(plane: np.ndarray, variance: float, weight: float = 1.0) -> np.ndarray:
    """Return ``weight`` times the share of a plane that is noise of that variance (Wiener, least of four local variances)."""
    power = plane * plane
    least = power.copy()
    mean = np.empty_like(power)
    for position, size in enumerate(_WINDOWS):
        cv2.boxFilter(power, cv2.CV_32F, (size, size), dst=mean, borderType=cv2.BORDER_CONSTANT)
        if position:
            np.minimum(least, mean, out=least)
        else:
            least[...] = mean
    # c·v / (max(m − v, 0) + v) with m the smallest local mean of c²
    np.maximum(least, np.float32(variance), out=least)
    np.divide(np.float32(weight * variance), least, out=least)
    least *= plane
    return np.asarray(least)


def zero_mean(plane: np.ndarray) -> np.ndarray:
    """Take the mean, the row means and the column means out of each of the four sub-lattices of a colour filter array."""
    out = plane.astype(np.float32, copy=True)
    for top in (0, 1):
        for left in (0, 1):
            part = out[top::2, left::2]
            part -= part.mean(dtype=np.float64)
            part -= part.mean(1, keepdims=True, dtype=np.float64).astype(np.float32)
            part -= part.mean(0, keepdims=True, dtype=np.float64).astype(np.float32)
    return out


def whiten(plane: np.ndarray) -> np.ndarray:
    """Take periodic parts out of a plane by a Wiener filter on its spectrum; float32."""
    variance = float(plane.var(dtype=np.float64)) * plane.size / max(plane.size - 1, 1)
    if variance == 0:
        return np.zeros(plane.shape, np.float32)
    workers = threads()
    spectrum = fft.rfft2(plane.astype(np.float32, copy=False), workers=workers)
    spectrum *= _gain(spectrum, plane.shape, variance)
    return np.asarray(fft.irfft2(spectrum, plane.shape, workers=workers, overwrite_x=True), np.float32)


def threads() -> int:
    """Threads for numerical work."""
    return max(1, int(settings.number("threads")))


def _gain(spectrum: np.ndarray, shape: tuple[int, ...], variance: float) -> np.ndarray:
    """Gain at each frequency of the half spectrum, as the filter over the whole spectrum (zero beyond its edge) gives."""
    height, width = shape
    half, border = width // 2 + 1, max(_WINDOWS) // 2
    power = np.empty((height, half + border), np.float32)
    inner = power[:, :half]
    np.multiply(spectrum.real, spectrum.real, out=inner)
    inner += spectrum.imag**2
    inner *= np.float32(1 / (height * width))
    for column in range(half, half + border):  # the missing half is the conjugate, turned about the origin
        if 0 < width - column < half:
            power[:, column] = np.roll(power[::-1, width - column], 1)
        else:
            power[:, column] = 0
    least, mean = np.full_like(power, np.inf), np.empty_like(power)
    for size in _WINDOWS:
        cv2.boxFilter(power, cv2.CV_32F, (size, size), dst=mean, borderType=cv2.BORDER_CONSTANT)
        np.minimum(least, mean, out=least)
    gain = np.maximum(least[:, :half], np.float32(variance))
    np.divide(np.float32(variance), gain, out=gain)
    return gain


def _noise_bands(plane: np.ndarray, weight: float) -> tuple[list[Bands], list[tuple[int, int]]]:
    """Noise part of the detail bands, finest level first, and the shapes that the levels were made from."""
    current = np.asarray(plane, np.float32)
    bands, shapes = [], []
    for _ in range(levels(*plane.shape)):
        shapes.append((current.shape[0], current.shape[1]))
        current, details = split(current)
        bands.append(tuple(shrink(band, SIGMA**2, weight) for band in details))
    return bands, shapes


def _back(bands: list[Bands], shapes: list[tuple[int, int]]) -> np.ndarray:
    current = np.zeros(bands[-1][0].shape, np.float32)
    for details, shape in zip(reversed(bands), reversed(shapes), strict=True):
        current = join(current, details, shape)
    return current


def levels(height: int, width: int) -> int:
    """Levels of the decomposition: 4, fewer for a picture so small that the filter would be longer than a band."""
    return max(1, min(LEVELS, int(np.log2(min(height, width) / (TAPS - 1)))))
