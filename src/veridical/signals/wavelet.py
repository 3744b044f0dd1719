"""One level of the Daubechies wavelet transform of 8 taps in two dimensions, in float32, on OpenCV's filters.

The same numbers as `pywt.dwt2(plane, "db4")` with its symmetric borders, but transposed: bands are halved along the rows,
turned, and halved again. Only every second sample is computed, by filters on the even and the odd rows.
"""

from __future__ import annotations

import cv2
import numpy as np
import pywt

Bands = tuple[np.ndarray, ...]
TAPS = 8
_WAVELET = pywt.Wavelet("db4")
_LOW, _HIGH = (np.array(taps, np.float32) for taps in (_WAVELET.dec_lo, _WAVELET.dec_hi))
_LOW_BACK, _HIGH_BACK = (np.array(taps, np.float32) for taps in (_WAVELET.rec_lo, _WAVELET.rec_hi))


def split(plane: np.ndarray) -> tuple[np.ndarray, Bands]:
    """Split a plane (rows, columns) into its approximation and three detail bands, all of them transposed.

    A side of n samples becomes (n + 7) // 2.
    """
    low, high = _halve(plane)
    approximation, across = _halve(cv2.transpose(low))
    return approximation, (across, *_halve(cv2.transpose(high)))


def join(approximation: np.ndarray, details: Bands, shape: tuple[int, int]) -> np.ndarray:
    """Undo `split`; ``shape`` is that of the plane that was split."""
    rows, columns = shape
    low = cv2.transpose(_double(approximation, details[0], columns))
    high = cv2.transpose(_double(details[1], details[2], columns))
    return _double(low, high, rows)


def _halve(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = plane.shape[0]
    padded = cv2.copyMakeBorder(plane, TAPS - 2, TAPS - 2 + rows % 2, 0, 0, cv2.BORDER_REFLECT)
    even, odd = padded[0::2], padded[1::2]
    low, high = (_sum(even, taps[7::-2], odd, taps[6::-2]) for taps in (_LOW, _HIGH))
    return low[: (rows + TAPS - 1) // 2], high[: (rows + TAPS - 1) // 2]


def _double(low: np.ndarray, high: np.ndarray, rows: int) -> np.ndarray:
    out = np.empty((rows, low.shape[1]), np.float32)
    for first in (0, 1):
        start = TAPS - 2 + first
        part = _sum(low, _LOW_BACK[start::-2], high, _HIGH_BACK[start::-2])
        out[first::2] = part[: len(out[first::2])]
    return out


def _sum(a: np.ndarray, taps_a: np.ndarray, b: np.ndarray, taps_b: np.ndarray) -> np.ndarray:
    """Filter two planes downwards (row k sees rows k to k + 3) and add them."""
    filtered = (
        cv2.filter2D(
            plane, cv2.CV_32F, np.ascontiguousarray(taps)[:, None], anchor=(0, 0), borderType=cv2.BORDER_CONSTANT
        )
        for plane, taps in ((a, taps_a), (b, taps_b))
    )
    first = next(filtered)
    return np.asarray(cv2.add(first, next(filtered), dst=first))
