"""A camera's sensor fingerprint, and how much of it is in a noise residual.

Fingerprint by maximum likelihood after Chen, Fridrich, Goljan and Lukáš (IEEE TIFS 2008); peak-to-correlation energy after
Goljan and Fridrich (SPIE 2008), with a neighbourhood of the peak that wraps at the borders as the correlation itself does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import fft
from scipy.special import log_ndtr, ndtri_exp

from .residual import GREY, channel_noise, threads, whiten, zero_mean

SATURATION, _FALL = 252.0, 6.0
_PLATEAU = 250
NEIGHBOURHOOD = 11


class Estimator:
    """Sums from which a fingerprint is made; pictures can be added, and left out again.

    Parameters
    ----------
    shape
        Rows and columns that every picture has.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._above = np.zeros((3, *shape), np.float32)
        self._below = np.zeros((3, *shape), np.float32)
        self.count = 0

    def add(self, pixels: np.ndarray) -> None:
        """Add a picture: shape (height, width, 3), uint8, RGB, native pixels."""
        for channel in range(3):
            above, below = _terms(pixels[:, :, channel])
            self._above[channel] += above
            self._below[channel] += below
        self.count += 1

    def fingerprint(self, without: np.ndarray | None = None) -> np.ndarray:
        """Return the fingerprint, as it would be without one of the pictures if that is given: (height, width), float32."""
        grey = np.zeros(self._above.shape[1:], np.float32)
        for channel, weight in enumerate(GREY):
            above, below = self._above[channel], self._below[channel]
            if without is not None:
                less = _terms(without[:, :, channel])
                above, below = above - less[0], np.maximum(below - less[1], 0)
            grey += np.float32(weight) * above / (below + 1)
        return whiten(zero_mean(grey))


def _terms(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what one channel adds above and below the fraction line of the estimate."""
    intensity = plane.astype(np.float32)
    below = attenuation(intensity, SATURATION, _FALL)
    below[_on_plateau(plane)] = 0
    intensity *= np.float32(1 / 255)
    intensity *= channel_noise(plane)
    return intensity, below * below


def attenuation(intensity: np.ndarray, limit: float, fall: float) -> np.ndarray:
    """Intensity as a share of ``limit``, falling off steeply above it, where the sensor saturates; float32."""
    table = np.arange(256, dtype=np.float32)
    table = np.where(table < limit, table / np.float32(limit), np.exp(-((table - limit) ** 2) / fall))
    if intensity.dtype == np.uint8:
        return np.asarray(cv2.LUT(np.ascontiguousarray(intensity), table.astype(np.float32)))
    low = np.minimum(intensity.astype(np.int32), 254)
    share = intensity - low
    return np.asarray(table[low] * (1 - share) + table[low + 1] * share, np.float32)


def _on_plateau(plane: np.ndarray) -> np.ndarray:
    """Where a channel stands at its maximum, above 250, together with a neighbour."""
    if (top := int(plane.max())) <= _PLATEAU:
        return np.zeros(plane.shape, bool)
    highest = (plane == top).astype(np.uint8)
    beside = cv2.filter2D(
        highest, -1, np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32), borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray((highest > 0) & (beside > 0))


@dataclass(frozen=True, slots=True)
class Match:
    """How a residual and a fingerprint agree.

    Parameters
    ----------
    ncc
        Normalised correlation at the offset.
    pce
        Peak-to-correlation energy, with the sign of the peak.
    top, left
        Where the picture's first pixel lies in the fingerprint.
    places
        Number of offsets that the peak is the highest of.
    around
        shape (side, side), float32: normalised correlation around the offset, which is at its middle.
    """

    ncc: float
    pce: float
    top: int
    left: int
    places: int
    around: np.ndarray


def correlate(residual: np.ndarray, fingerprint: np.ndarray, *, search: bool, side: int = 65) -> Match:
    """Correlate a residual with a fingerprint of the same size, or a larger one.

    Parameters
    ----------
    residual, fingerprint
        Planes; the fingerprint is at least as high and as wide.
    search
        True looks for the highest correlation over all offsets at which the picture lies inside the fingerprint, and, if
        both are of one size, over all circular shifts. False looks at offset 0, 0 only.
    side
        Side of the neighbourhood that is returned; odd.
    """
    plane = _correlation(residual, fingerprint)
    rows, columns = (
        n if residual.shape == fingerprint.shape else n - m + 1
        for n, m in zip(fingerprint.shape, residual.shape, strict=True)
    )
    top, left = np.unravel_index(int(plane[:rows, :columns].argmax()), (rows, columns)) if search else (0, 0)
    top, left = int(top), int(left)
    return Match(
        ncc=ncc(residual, np.roll(fingerprint, (-top, -left), (0, 1))[: residual.shape[0], : residual.shape[1]]),
        pce=pce(plane, top, left), top=top, left=left,
        places=rows * columns if search else 1,
        around=_wrapped(plane, top, left, side) / np.float32(_scale(residual, fingerprint, plane.size)),
    )  # fmt: skip


def ncc(a: np.ndarray, b: np.ndarray) -> float:
    """Return the normalised correlation of two planes of one size; 0 if one of them is constant."""
    a, b = a - a.mean(dtype=np.float64).astype(np.float32), b - b.mean(dtype=np.float64).astype(np.float32)
    norm = float(np.sqrt(_dot(a, a) * _dot(b, b)))
    return _dot(a, b) / norm if norm > 0 else 0.0


def pce(plane: np.ndarray, top: int, left: int, *, side: int = NEIGHBOURHOOD) -> float:
    """Peak-to-correlation energy: the squared value at a place over the mean square outside its neighbourhood.

    The plane of a circular correlation has no borders: the neighbourhood goes on at the other side.
    """
    peak = float(plane[top, left])
    near = _wrapped(plane, top, left, side)
    rest = plane.size - near.size
    energy = (_dot(plane, plane) - _dot(near, near)) / rest if rest > 0 else 0.0
    return float(np.sign(peak)) * peak * peak / energy if energy > 0 else 0.0


def least_pce(at_one_place: float, places: int) -> float:
    """Return the peak-to-correlation energy that noise reaches as rarely anywhere in ``places`` as ``at_one_place`` in one.

    The highest of many correlations is high by chance alone: of a quarter of a million, foreign noise gives a PCE of 22 at
    the median. Correlations with foreign noise are taken as normal, and as independent of each other.
    """
    rarely = float(log_ndtr(-np.sqrt(at_one_place))) - float(np.log(max(places, 1)))
    return float(ndtri_exp(rarely) ** 2)


def _correlation(residual: np.ndarray, fingerprint: np.ndarray) -> np.ndarray:
    """Circular cross-correlation, (rows, columns) of the fingerprint: value at (y, x) for the picture lying there."""
    shape, workers = fingerprint.shape, threads()
    spectrum = fft.rfft2(residual - residual.mean(dtype=np.float64).astype(np.float32), shape, workers=workers)
    np.conjugate(spectrum, out=spectrum)
    spectrum *= fft.rfft2(np.asarray(fingerprint, np.float32), workers=workers)
    spectrum[0, 0] = 0
    return np.asarray(fft.irfft2(spectrum, shape, workers=workers, overwrite_x=True), np.float32)


def _wrapped(plane: np.ndarray, top: int, left: int, side: int) -> np.ndarray:
    """Square around a place, going on at the other side of the plane; no larger than the plane."""
    rows, columns = (
        np.arange(at - min(side, n) // 2, at - min(side, n) // 2 + min(side, n)) % n
        for at, n in zip((top, left), plane.shape, strict=True)
    )
    return np.ascontiguousarray(plane[np.ix_(rows, columns)])


def _scale(residual: np.ndarray, fingerprint: np.ndarray, size: int) -> float:
    return max(float(np.sqrt(_dot(residual, residual) * _dot(fingerprint, fingerprint) * residual.size / size)), 1e-12)


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    """Inner product, summed row by row in double precision."""
    return float(np.einsum("ij,ij->i", a, b).sum(dtype=np.float64))
