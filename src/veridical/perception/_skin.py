"""Patches of bare skin as outlines over the mesh, and the colour inside them."""

from __future__ import annotations

from math import floor

import cv2
import numpy as np

# Right and left are the person's own.
REGIONS = ("forehead", "right cheek", "left cheek", "nose", "chin")
OUTLINES = (
    (103, 67, 109, 10, 338, 297, 332, 333, 299, 337, 151, 108, 69, 104),
    (116, 117, 118, 101, 36, 205, 187, 123),
    (345, 346, 347, 330, 266, 425, 411, 352),
    (168, 351, 419, 456, 420, 4, 198, 236, 196, 122),
    (182, 83, 18, 313, 406, 418, 262, 369, 175, 140, 32, 194),
)


def outline(mesh: np.ndarray, region: int) -> np.ndarray:
    """Corner points of a region, shape (k, 2), from a mesh (468+, 2+)."""
    return np.asarray(mesh[list(OUTLINES[region]), :2], np.float32)


def colour(pixels: np.ndarray, polygon: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean and standard deviation of R, G, B inside a polygon, each (3,), and its pixels; NaN and 0 outside the picture."""
    height, width = pixels.shape[:2]
    nothing = np.full(3, np.nan, np.float32)
    low, high = polygon.min(0), polygon.max(0)
    x0, y0 = max(floor(low[0]), 0), max(floor(low[1]), 0)
    x1, y1 = min(floor(high[0]) + 2, width), min(floor(high[1]) + 2, height)
    if x1 <= x0 or y1 <= y0:
        return nothing, nothing, 0
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [np.rint((polygon - (x0, y0)) * 16).astype(np.int32)], 255, shift=4)
    count = int(cv2.countNonZero(mask))
    if not count:
        return nothing, nothing, 0
    mean, spread = cv2.meanStdDev(pixels[y0:y1, x0:x1], mask=mask)
    return mean.ravel().astype(np.float32), spread.ravel().astype(np.float32), count
