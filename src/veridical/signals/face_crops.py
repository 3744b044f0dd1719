"""Two crops of one face that share no pixel: the inner face alone, and what surrounds it with the face blanked."""

from __future__ import annotations

import cv2
import numpy as np

from .face_areas import filled, oval

# Corners of the eyes and base of the nose: points of the mesh, and where dlib's aligned face has them (unit square, before
# the padding). The order is that of dlib: outer and inner corner of the eye on the right of the picture, then of the left.
_ANCHORS = (263, 362, 33, 133, 2)
_ALIGNED = np.array([[0.8596, 0.2135], [0.6461, 0.2290], [0.1206, 0.2137], [0.3341, 0.2291], [0.4901, 0.6278]])
_PADDING = 0.25
_EYES_APART = 0.5256
FACE_SIDE, CONTEXT_SIDE = 150, 224
FACE_BLANK, CONTEXT_BLANK = (127, 127, 127), (124, 117, 104)
# In the context crop: distance of the eyes and height of their line, pixels; how far the blank exceeds the outline.
_EYES_PX, _EYES_ROW, _BEYOND = 46.0, 0.45, 0.06


def face_crop(pixels: np.ndarray, mesh: np.ndarray, *, blank: bool = True) -> np.ndarray:
    """Return the inner face, upright and aligned as dlib's descriptor wants it, shape (150, 150, 3), uint8.

    It is grey around the face, or with ``blank`` False only outside the picture.
    """
    to = (_ALIGNED + _PADDING) / (1 + 2 * _PADDING) * FACE_SIDE
    move = similarity(mesh[list(_ANCHORS), :2], to)
    crop = moved(pixels, move, FACE_SIDE, FACE_BLANK)
    if blank:
        crop[~_inside(mesh, move, FACE_SIDE, 0.0)] = FACE_BLANK
    return crop


def context_crop(pixels: np.ndarray, mesh: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the surroundings of a face, upright, shape (224, 224, 3), uint8, and the share of them that the picture holds.

    The distance of the eyes is 46 pixels. The face, and what lies outside the picture, is blank; the share is that of the
    crop outside the face.
    """
    middle = np.array([CONTEXT_SIDE / 2, CONTEXT_SIDE * _EYES_ROW])
    to = (_ALIGNED - (0.49, 0.22)) * _EYES_PX / _EYES_APART + middle
    move = similarity(mesh[list(_ANCHORS), :2], to)
    crop = moved(pixels, move, CONTEXT_SIDE, CONTEXT_BLANK)
    face = _inside(mesh, move, CONTEXT_SIDE, _BEYOND)
    crop[face] = CONTEXT_BLANK
    held = cv2.warpAffine(
        np.ones(pixels.shape[:2], np.uint8), move, (CONTEXT_SIDE, CONTEXT_SIDE), flags=cv2.INTER_NEAREST
    )
    return crop, float(held[~face].mean())


def similarity(points: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Return the rotation, scale and shift, shape (2, 3), that bring points (n, 2) closest to others (Umeyama 1991)."""
    points, to = np.asarray(points, np.float64), np.asarray(to, np.float64)
    middle, middle_to = points.mean(0), to.mean(0)
    a, b = points - middle, to - middle_to
    left, stretch, right = np.linalg.svd(b.T @ a)
    turn = np.array([1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left @ np.diag(turn) @ right
    scale = (stretch * turn).sum() / max((a**2).sum(), 1e-9)
    return np.hstack([scale * rotation, (middle_to - scale * rotation @ middle)[:, None]])


def moved(pixels: np.ndarray, move: np.ndarray, side: int, blank: tuple[int, int, int]) -> np.ndarray:
    """Return a crop of the picture, shape (side, side, 3), ``blank`` outside of it; a large face is reduced by areas first.

    ``move``, shape (2, 3), brings points of the picture to those of the crop.
    """
    (x0, y0), (x1, y1) = _window(move, side, pixels.shape)
    part = pixels[y0:y1, x0:x1]
    move = np.hstack([move[:, :2], (move[:, :2] @ (x0, y0) + move[:, 2])[:, None]])
    scale = float(np.sqrt(abs(np.linalg.det(move[:, :2]))))
    if scale < 0.67:
        height, width = part.shape[:2]
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        back = np.array([width / size[0], height / size[1]])
        move = np.hstack([move[:, :2] * back, (move[:, :2] @ (0.5 * back - 0.5) + move[:, 2])[:, None]])
    return np.asarray(cv2.warpAffine(part, move, (side, side), flags=cv2.INTER_LINEAR, borderValue=blank))


def _window(move: np.ndarray, side: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the stored pixels that a crop can show, with a margin, within the picture."""
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64)
    native = (corners - move[:, 2]) @ np.linalg.inv(move[:, :2]).T
    most = np.array([shape[1], shape[0]])
    low = np.clip(np.floor(native.min(0)) - 2, 0, most - 1).astype(int)
    return low, np.maximum(np.clip(np.ceil(native.max(0)) + 3, 0, most).astype(int), low + 1)


def _inside(mesh: np.ndarray, move: np.ndarray, side: int, beyond: float) -> np.ndarray:
    outline = oval(mesh, 1 + beyond) @ move[:, :2].T + move[:, 2]
    return filled(cv2.convexHull(outline.astype(np.float32)), side, side)
