"""The 468-point face mesh and the irises: which turned square to look at, and what the nets see in it."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, hypot, sin

import cv2
import numpy as np

from ..models import runtime

MESH_SIDE = 192
EYE_SIDE = 64
# Outer and inner corner of each eye in the mesh: the person's right eye, then the left.
EYE_CORNERS = ((33, 133), (263, 362))


@dataclass(frozen=True, slots=True)
class Roi:
    """A turned square in a picture: its centre, its side in pixels, its turn in radians (clockwise on the screen)."""

    x: float
    y: float
    side: float
    turn: float


def roi_of_answer(row: np.ndarray) -> Roi:
    """Return the square that the mesh net looks at for an answer of a detector."""
    turn = atan2(row[7] - row[5], row[6] - row[4])
    side = 1.5 * max(row[2] - row[0], row[3] - row[1])
    return Roi(float(row[0] + row[2]) / 2, float(row[1] + row[3]) / 2, float(side), turn)


def roi_of_mesh(points: np.ndarray) -> Roi:
    """Return the square to look at in the next frame of a video, from the mesh (468, 2+) in this one."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    right, left = points[EYE_CORNERS[0][0]], points[EYE_CORNERS[1][0]]
    turn = atan2(left[1] - right[1], left[0] - right[0])
    centre = (low + high) / 2
    return Roi(float(centre[0]), float(centre[1]), float(1.5 * (high - low).max()), turn)


def see_mesh(picture: np.ndarray, roi: Roi) -> tuple[np.ndarray, float]:
    """Return the mesh, shape (468, 3) in pixels of the picture, and the score 0–1 that a face is there."""
    square = cut(picture, roi, MESH_SIDE)
    points, logit = runtime.litert("facemesh.468")(square.astype(np.float32)[None] * np.float32(1 / 255))
    return _placed(points.reshape(-1, 3), roi, MESH_SIDE), float(1 / (1 + np.exp(-np.clip(logit.item(), -80, 80))))


def see_eyes(picture: np.ndarray, mesh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the irises, shape (2, 5, 2), and the eye contours, shape (2, 71, 2), in pixels of the picture.

    An iris is its centre and the points of its rim to the right, above, to the left and below, in an upright face.
    """
    irises, contours = [], []
    across = mesh[EYE_CORNERS[1][0]] - mesh[EYE_CORNERS[0][0]]
    turn = atan2(across[1], across[0])
    for (outer, inner), mirror in zip(EYE_CORNERS, (False, True), strict=True):
        centre = (mesh[outer] + mesh[inner]) / 2
        side = 2.3 * hypot(*(mesh[outer] - mesh[inner])[:2])
        roi = Roi(float(centre[0]), float(centre[1]), max(float(side), 2.0), turn)
        square = cut(picture, roi, EYE_SIDE)
        if mirror:
            square = square[:, ::-1]
        contour, iris = runtime.litert("iris.64")(square.astype(np.float32)[None] * np.float32(1 / 255))
        contour, iris = contour.reshape(-1, 3), iris.reshape(-1, 3)
        if mirror:
            contour[:, 0], iris[:, 0] = EYE_SIDE - contour[:, 0], EYE_SIDE - iris[:, 0]
            iris = iris[[0, 3, 2, 1, 4]]
        contours.append(_placed(contour, roi, EYE_SIDE)[:, :2])
        irises.append(_placed(iris, roi, EYE_SIDE)[:, :2])
    return np.stack(irises), np.stack(contours)


def cut(picture: np.ndarray, roi: Roi, side: int) -> np.ndarray:
    """Cut a turned square out of a picture at ``side`` pixels; beyond the edge the outermost pixels go on."""
    shrink = int(roi.side / side)
    if shrink >= 2:
        # Averaging first keeps fine texture from turning into noise in the small square.
        picture, roi = _shrunk(picture, roi, shrink)
    step = roi.side / side
    c, s = cos(roi.turn) * step, sin(roi.turn) * step
    middle = (side - 1) / 2
    matrix = np.array([[c, -s, roi.x - middle * (c - s)], [s, c, roi.y - middle * (s + c)]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _shrunk(picture: np.ndarray, roi: Roi, by: int) -> tuple[np.ndarray, Roi]:
    height, width = picture.shape[:2]
    reach = roi.side * 0.75 + 2 * by
    x0, x1 = (int(np.clip(roi.x + sign * reach, 0, width)) for sign in (-1, 1))
    y0, y1 = (int(np.clip(roi.y + sign * reach, 0, height)) for sign in (-1, 1))
    x0, y0 = min(x0, max(width - by, 0)), min(y0, max(height - by, 0))
    columns, rows = max((x1 - x0) // by, 1), max((y1 - y0) // by, 1)
    part = picture[y0 : y0 + rows * by, x0 : x0 + columns * by]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    return small, Roi((roi.x + 0.5 - x0) / by - 0.5, (roi.y + 0.5 - y0) / by - 0.5, roi.side / by, roi.turn)


def _placed(points: np.ndarray, roi: Roi, side: int) -> np.ndarray:
    """Take points of the square, a continuous extent from 0 to ``side``, to the picture."""
    step = roi.side / side
    c, s = cos(roi.turn) * step, sin(roi.turn) * step
    out = np.empty(points.shape, np.float32)
    x, y = points[:, 0] - side / 2, points[:, 1] - side / 2
    out[:, 0] = roi.x + c * x - s * y
    out[:, 1] = roi.y + s * x + c * y
    out[:, 2] = points[:, 2] * step
    return out
