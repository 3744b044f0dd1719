"""Maps that say something in a few small places of a picture and nothing elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

_MOST_CELLS = 1_500_000


def scattered(height: int, width: int, patches: Iterable[tuple[int, int, np.ndarray]]) -> np.ndarray:
    """Return a map that covers a picture, NaN outside the patches: shape (rows, columns), float32.

    Parameters
    ----------
    height, width
        Size of the picture; the map is coarser if that exceeds 1.5 million pixels.
    patches
        Left, top and values (shape (h, w), float32, NaN where nothing is said) of each, in native pixels. In a coarser map
        a cell takes the largest value under it.
    """
    step = max(1, int(np.ceil(np.sqrt(height * width / _MOST_CELLS))))
    rows, columns = -(-height // step), -(-width // step)
    out = np.full((rows, columns), -np.inf, np.float32)
    for left, top, values in patches:
        above, aside = top % step, left % step
        h, w = (-(-(size + gap) // step) * step for size, gap in zip(values.shape, (above, aside), strict=True))
        wide = np.full((h, w), -np.inf, np.float32)
        wide[above : above + values.shape[0], aside : aside + values.shape[1]] = np.nan_to_num(values, nan=-np.inf)
        coarse = wide.reshape(h // step, step, w // step, step).max((1, 3))
        place = out[top // step : top // step + h // step, left // step : left // step + w // step]
        np.maximum(place, coarse[: place.shape[0], : place.shape[1]], out=place)
    return np.where(np.isneginf(out), np.float32(np.nan), out)


def centred(mask: np.ndarray, x: float, y: float, radius: float, side: int) -> np.ndarray:
    """Bring a disc of a mask to a square, its radius to half the side: shape (side, side), bool."""
    scale = side / 2 / radius
    middle = (side - 1) / 2
    matrix = np.array([[scale, 0, middle - scale * x], [0, scale, middle - scale * y]])
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.5 / scale, 0.3))
    return np.asarray(cv2.warpAffine(soft, matrix, (side, side), flags=cv2.INTER_LINEAR) >= 0.5)
