"""Rhythms of the residue that resizing leaves, in overlapping windows.

A pixel is predicted from its eight neighbours by a fixed rule, exact for planes that are bilinear; what is left, as a
magnitude, is larger and smaller in turn where a picture was resampled, with a period set by the factor. No estimate of the
rule is needed for that.

References
----------
- M. Kirchner, "Fast and Reliable Resampling Detection by Spectral Analysis of Fixed Linear Predictor Residue", ACM Multimedia
  and Security Workshop, 2008.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import fft

from .blocks import covering

WINDOW, PITCH = 128, 64
"""Side of a window; distances of windows are multiples of the pitch. Both in pixels."""
_FULL = 3  # windows of four that must be fit
_RULE = np.array([[-0.25, 0.5, -0.25], [0.5, 0.0, 0.5], [-0.25, 0.5, -0.25]], np.float32)
_MOST_WINDOWS = 3000
_LEVELLING, _ROUNDING = 15, 0.25
_SLOW_SIGMA = 3.0
_LEAST_RESIDUE = 0.25
_RING = np.ones((11, 11), np.float32)
_RING[3:8, 3:8] = 0
_RING /= _RING.sum()
_REACH = 5
_HALF = WINDOW // 2


@dataclass(frozen=True, slots=True)
class Rhythms:
    """Power of the residue at single frequencies, relative to the mean of those around (1 in noise).

    Parameters
    ----------
    axes
        shape (rows, columns, 2, 65), float32: for each window, along (down, across), at 0 to 64 cycles a window.
    plane
        shape (128, 65), float32: mean over the windows that are fit; rows are frequencies down (0, 1, …, −1), columns
        across, in cycles a window.
    fit
        shape (rows, columns), bool: False where a window is too smooth for its residue to be more than rounding.
    step
        Pixels from one window to the next, a multiple of 64.
    """

    axes: np.ndarray
    plane: np.ndarray
    fit: np.ndarray
    step: int


def rhythms(plane: np.ndarray) -> Rhythms:
    """Look at windows of 128 × 128 pixels of one channel; ``plane`` has at least that many.

    Windows start every 64 pixels; in large pictures every 128 or further apart, so that there are at most 3000.
    """
    step = PITCH
    while np.prod([(side - WINDOW) // step + 1 for side in plane.shape]) > _MOST_WINDOWS:
        step += PITCH
    rows, columns = ((side - WINDOW) // step + 1 for side in plane.shape)
    line = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)).astype(np.float32)
    taper = line[:, None] * line
    axes = np.zeros((rows, columns, 2, _HALF + 1), np.float32)
    fit = np.zeros((rows, columns), bool)
    total = np.zeros((WINDOW, _HALF + 1))
    for i in range(rows):
        level, size = _residue(plane, i * step)
        cuts = [slice(j * step, j * step + WINDOW) for j in range(columns)]
        spectra = fft.rfft2(np.stack([level[:, cut] for cut in cuts]) * taper, axes=(1, 2))
        for j, spectrum in enumerate(spectra):
            relative = _relative(np.square(spectrum.real) + np.square(spectrum.imag))
            axes[i, j] = relative[: _HALF + 1, 0], relative[0]
            fit[i, j] = float(size[:, cuts[j]].mean()) >= _LEAST_RESIDUE
            if fit[i, j]:
                total += relative
    return Rhythms(axes=axes, plane=(total / max(int(fit.sum()), 1)).astype(np.float32), fit=fit, step=step)


def places(values: np.ndarray, fit: np.ndarray) -> np.ndarray:
    """Mean of ``values`` (rows, columns, …) over the windows of each 2 × 2 that are fit; NaN if fewer than three are."""
    weights = fit.reshape(*fit.shape, *[1] * (values.ndim - 2)).astype(np.float32)
    count = _four(weights)
    mean = _four(values * weights) / np.maximum(count, 1)
    return np.asarray(np.where(count >= _FULL, mean, np.nan), np.float32)


def over_picture(of_places: np.ndarray, step: int, height: int, width: int) -> np.ndarray:
    """Return values of places as a map over the picture: each where its windows overlap, at the rim all they cover."""
    fine = np.repeat(np.repeat(of_places, step // PITCH, 0), step // PITCH, 1)
    return covering(np.pad(fine, 1, mode="edge"), height, width, pitch=PITCH)


def _four(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[1:, 1:] + values[1:, :-1] + values[:-1, 1:] + values[:-1, :-1])


def _residue(plane: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the levelled residue and the residue itself of 128 rows, as they are in the whole picture."""
    around = 24
    first = max(top - around, 0)
    strip = plane[first : top + WINDOW + around].astype(np.float32)
    size = np.abs(strip - cv2.filter2D(strip, cv2.CV_32F, _RULE))
    level = size / (cv2.blur(size, (_LEVELLING, _LEVELLING)) + np.float32(_ROUNDING))
    level -= cv2.GaussianBlur(level, (0, 0), _SLOW_SIGMA)
    inside = slice(top - first, top - first + WINDOW)
    return level[inside], size[inside]


def _relative(power: np.ndarray) -> np.ndarray:
    """Divide power by its mean 3 to 5 bins away, by the periodicity and symmetry of the spectrum."""
    mirrored = np.roll(power[::-1], 1, axis=0)
    wide = np.concatenate([mirrored[:, _REACH:0:-1], power, mirrored[:, -2 : -2 - _REACH : -1]], axis=1)
    wide = np.pad(wide, ((_REACH, _REACH), (0, 0)), mode="wrap")
    around = cv2.filter2D(wide, cv2.CV_32F, _RING)[_REACH:-_REACH, _REACH:-_REACH]
    return np.asarray(power / (around + np.float32(1e-6)))
