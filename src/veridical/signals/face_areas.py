"""Areas in and around a face, from its mesh: the face oval grown or shrunk, neck, ears; and which blocks they cover."""

from __future__ import annotations

import cv2
import numpy as np

# The rim of the face mesh, from the top of the forehead clockwise in the picture of a face seen from the front.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
    172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
# The rims of the person's right eye, the left one, and the lips.
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
# The jaw from ear to ear, the chin in its middle; chin and top of the forehead.
JAW = (361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132)
_CHIN, _TOP = 152, 10
# Rim points at the ear, above and below it, for both sides.
_EARS = ((234, 127, 132), (454, 356, 361))
_FINE = 4


def oval(mesh: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Outline of the face, shape (36, 2), grown or shrunk about its middle; ``mesh`` of shape (468, 2+)."""
    rim = np.asarray(mesh[list(OVAL), :2], np.float32)
    middle = rim.mean(0)
    return np.asarray(middle + (rim - middle) * np.float32(scale))


def covered(polygon: np.ndarray, rows: int, columns: int, pitch: int) -> np.ndarray:
    """Share of each block that lies in a polygon of native pixels: shape (rows, columns), float32."""
    fine = np.zeros((rows * _FINE, columns * _FINE), np.uint8)
    # Pixel centres are whole numbers; so are, in the fine grid, the centres of its cells.
    points = (polygon + 0.5) * (_FINE / pitch) - 0.5
    cv2.fillPoly(fine, [np.rint(np.clip(points, -1e5, 1e5) * 16).astype(np.int32)], 1, shift=4)
    return np.asarray(cv2.resize(fine.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA))


def neck(mesh: np.ndarray, *, start: float = 0.05, reach: float = 0.42) -> np.ndarray:
    """Outline of where the neck is to be expected, shape (19, 2): below the jaw, in heights of the face."""
    points = np.asarray(mesh[:, :2], np.float64)
    down = points[_CHIN] - points[_TOP]
    across = np.array([-down[1], down[0]]) / max(float(np.hypot(*down)), 1e-6)
    jaw = points[list(JAW)]
    sides = (jaw - points[_CHIN]) @ across
    half = 0.8 * float(np.abs(sides).max()) * np.sign(sides[0] - sides[-1])
    low = points[_CHIN] + reach * down
    return np.asarray(np.vstack([jaw + start * down, low - half * across, low + half * across]), np.float32)


def ears(mesh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outlines of where the two ears are to be expected, each of shape (4, 2): beside the rim of the mesh."""
    points = np.asarray(mesh[:, :2], np.float64)
    outlines = []
    for (side, above, below), (other, _, _) in zip(_EARS, reversed(_EARS), strict=True):
        out = points[side] - points[other]
        corners = points[[above, above, below, below]] + np.array([0.03, 0.2, 0.2, 0.03])[:, None] * out
        outlines.append(corners.astype(np.float32))
    return outlines[0], outlines[1]


def filled(polygon: np.ndarray, height: int, width: int) -> np.ndarray:
    """Whether each pixel of a plane lies in a polygon: shape (height, width), bool."""
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(np.clip(polygon, -1e5, 1e5) * 16).astype(np.int32)], 1, shift=4)
    return mask > 0
