"""Sensor noise after Lukáš, Fridrich, Goljan and Chen, written the plain way: what bench/prnu.py compares with.

PyWavelets for the decomposition, `scipy.ndimage.uniform_filter` for the local variances, `numpy.fft` for the rest; one
picture at a time, whole arrays, in the order in which the method is described. Slow on purpose, and independent of
`veridical.signals.residual`.
"""

from __future__ import annotations

import numpy as np
import pywt
from scipy.ndimage import uniform_filter

GREY = np.array([0.29893602, 0.58704307, 0.11402090])
SIGMA, LEVELS = 5.0, 4


def shrink(plane: np.ndarray, variance: float) -> np.ndarray:
    """Share of a plane that is noise of that variance, by the smallest of four local variances."""
    power = plane**2
    signal = None
    for window in (3, 5, 7, 9):
        local = np.maximum(uniform_filter(power, window, mode="constant") - variance, 0)
        signal = local if signal is None else np.minimum(signal, local)
    return plane * variance / (signal + variance)


def noise(plane: np.ndarray) -> np.ndarray:
    """Residual of one channel."""
    coefficients = pywt.wavedec2(plane, "db4", level=LEVELS)
    coefficients[0] = np.zeros_like(coefficients[0])
    for level in range(1, len(coefficients)):
        coefficients[level] = tuple(shrink(band, SIGMA**2) for band in coefficients[level])
    back = pywt.waverec2(coefficients, "db4")
    return back[: plane.shape[0], : plane.shape[1]]


def zero_mean(plane: np.ndarray) -> np.ndarray:
    """Take the mean, the row means and the column means out of each of the four sub-lattices."""
    out = plane.copy()
    for top in (0, 1):
        for left in (0, 1):
            part = out[top::2, left::2]
            part -= part.mean()
            part -= part.mean(1, keepdims=True)
            part -= part.mean(0, keepdims=True)
    return out


def whiten(plane: np.ndarray) -> np.ndarray:
    """Wiener filter in the frequency domain: take out what is periodic."""
    spectrum = np.fft.fft2(plane)
    magnitude = np.abs(spectrum) / np.sqrt(plane.size)
    filtered = shrink(magnitude, np.std(plane, ddof=1) ** 2)
    gain = np.divide(filtered, magnitude, out=np.zeros_like(magnitude), where=magnitude > 0)
    return np.real(np.fft.ifft2(spectrum * gain))


def residual(pixels: np.ndarray, dtype: type = np.float32) -> np.ndarray:
    """Noise residual of one picture."""
    channels = np.stack([noise(pixels[:, :, c].astype(dtype)) for c in range(3)], 2)
    return whiten(zero_mean(channels @ GREY.astype(dtype)))


def saturated(pixels: np.ndarray) -> np.ndarray:
    """Where a channel stands at its maximum above 250 together with a neighbour."""
    out = np.zeros(pixels.shape, bool)
    for c in range(3):
        plane = pixels[:, :, c]
        if plane.max() <= 250:
            continue
        top = plane == plane.max()
        beside = np.zeros_like(top)
        for axis in (0, 1):
            for shift in (1, -1):
                beside |= np.roll(plane, shift, axis) == plane
        out[:, :, c] = top & beside
    return out


def fingerprint(pictures: list[np.ndarray], dtype: type = np.float32) -> np.ndarray:
    """Maximum-likelihood fingerprint of the camera that took the pictures."""
    above = below = None
    for pixels in pictures:
        scale = pixels.astype(dtype)
        channels = np.stack([noise(scale[:, :, c]) for c in range(3)], 2)
        weight = np.where(scale < 252, scale / 252, np.exp(-((scale - 252) ** 2) / 6)) * ~saturated(pixels)
        above = channels * scale / 255 + (0 if above is None else above)
        below = weight**2 + (0 if below is None else below)
    return whiten(zero_mean((above / (below + 1)) @ GREY.astype(dtype)))


def ncc(a: np.ndarray, b: np.ndarray) -> float:
    """Normalised correlation of two planes."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def plane(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Circular cross-correlation of two planes of one size."""
    return np.real(np.fft.ifft2(np.fft.fft2(a - a.mean()) * np.conj(np.fft.fft2(b - b.mean()))))
