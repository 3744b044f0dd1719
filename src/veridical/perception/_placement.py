"""From the picture as displayed back to native stored pixels."""

from __future__ import annotations

import numpy as np

# A player's turn, counter-clockwise, as the EXIF orientation that does the same.
ORIENTATION_OF_ROTATION = {0: 1, 90: 8, 180: 3, 270: 6}


def to_native(points: np.ndarray, orientation: int, shape: tuple[int, ...]) -> np.ndarray:
    """Take points of the displayed picture to native pixels.

    Parameters
    ----------
    points
        shape (..., 2+): x and y first, the rest is kept.
    orientation
        EXIF orientation 1–8.
    shape
        Shape of the displayed picture: (height, width, …).
    """
    if orientation not in range(2, 9):
        return points
    out = points.copy()
    if orientation in (2, 3, 6, 7):
        out[..., 0] = shape[1] - 1 - points[..., 0]
    if orientation in (3, 4, 7, 8):
        out[..., 1] = shape[0] - 1 - points[..., 1]
    if orientation in (5, 6, 7, 8):
        out[..., :2] = out[..., 1::-1].copy()
    return out


def box_to_native(box: np.ndarray, orientation: int, shape: tuple[int, ...]) -> np.ndarray:
    """Take a box (x0, y0, x1, y1) of the displayed picture to native pixels."""
    corners = to_native(box.reshape(2, 2), orientation, shape)
    return np.concatenate([corners.min(0), corners.max(0)])
