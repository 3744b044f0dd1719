"""How far single frequencies of a map stand out from those around them."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import fft

GRID = 16  # sides of spectra are multiples of it, so that all multiples of 1/16 cycle a pixel fall on one bin
_LOG_MEAN = float(np.euler_gamma)  # the logarithm of noise power lies by this much below that of its mean, on average
_NEAR, _FAR = 2, 10
_EMPTY = 1e-12


def power(plane: np.ndarray, *, sigma: float) -> np.ndarray:
    """Power of the middle of a map under a Hann window, less what varies more slowly than ``sigma`` pixels.

    Parameters
    ----------
    plane
        shape (h, w); NaN counts as the mean.

    Returns
    -------
    power
        shape (h', w'), float64, with h' and w' the largest multiples of 16 in h and w; frequency 0 first.
    """
    known = np.isfinite(plane)
    values = np.where(known, plane, plane[known].mean(dtype=np.float64) if known.any() else 0).astype(np.float32)
    values -= cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    height, width = (side // GRID * GRID for side in plane.shape)
    top, left = (plane.shape[0] - height) // 2, (plane.shape[1] - width) // 2
    down, across = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n) for n in (height, width))
    spectrum = fft.fft2(values[top : top + height, left : left + width] * down[:, None] * across)
    return np.asarray(np.square(spectrum.real) + np.square(spectrum.imag) + _EMPTY)


def above(power: np.ndarray) -> np.ndarray:
    """Natural logarithm of each frequency's power over that of its surroundings (3 to 10 bins away): same shape.

    In white noise it is the logarithm of an exponential variable of mean 1: the largest of n is about ln ln n. The
    surroundings enter by their mean logarithm, so that other peaks among them hardly count.
    """
    level = np.log(power)
    wide = np.pad(level, _FAR, mode="wrap")
    far, near = ((2 * reach + 1) for reach in (_FAR, _NEAR))
    sums = [cv2.boxFilter(wide, -1, (side, side), normalize=False) for side in (far, near)]
    around = (sums[0] - sums[1])[_FAR:-_FAR, _FAR:-_FAR] / (far**2 - near**2)
    return np.asarray(level - around - _LOG_MEAN)
