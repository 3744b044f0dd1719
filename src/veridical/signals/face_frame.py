"""Patches of a face in its own frame: turned upright, in distances of the eyes; and stored points as displayed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

# Corners of each eye in the 468-point mesh: the person's right eye, then the left.
EYE_CORNERS = ((33, 133), (362, 263))
_CHIN = 152


@dataclass(frozen=True, slots=True)
class FaceFrame:
    """The frame of a face: ``across`` points from the person's right eye to the left, ``down`` to the chin.

    Parameters
    ----------
    eyes
        shape (2, 2): centres of both eyes (the middles of their corners) in pixels, the person's right eye first.
    across, down
        shape (2,): unit vectors in the picture, at right angles.
    unit
        Distance of the eye centres in pixels.
    """

    eyes: np.ndarray
    across: np.ndarray
    down: np.ndarray
    unit: float


def eye_centres(mesh: np.ndarray) -> np.ndarray:
    """Return the middle of the corners of both eyes, shape (2, 2), from a mesh (468, 2+); the person's right eye first."""
    return np.stack([mesh[list(corners), :2].mean(0) for corners in EYE_CORNERS]).astype(np.float64)


def face_frame(mesh: np.ndarray) -> FaceFrame:
    """Return the frame of a face from its mesh (468, 2+)."""
    eyes = eye_centres(mesh)
    along = eyes[1] - eyes[0]
    unit = max(float(np.hypot(*along)), 1e-6)
    across = along / unit
    down = np.array([-across[1], across[0]])
    if (mesh[_CHIN, :2] - eyes.mean(0)) @ down < 0:
        down = -down
    return FaceFrame(eyes, across, down, unit)


def corners_of(frame: FaceFrame, anchor: np.ndarray, box: tuple[float, float, float, float], side: int) -> np.ndarray:
    """Return the corners, shape (4, 2), of a box around an anchor.

    Parameters
    ----------
    box
        From and to outwards (away from the middle of the face), from and to downwards, in distances of the eyes.
    side
        −1 for the person's right side, 1 for the left.
    """
    a, b, c, d = box
    points = [(a, c), (b, c), (b, d), (a, d)]
    return np.array([anchor + frame.unit * (side * o * frame.across + v * frame.down) for o, v in points])


def patch(
    pixels: np.ndarray, frame: FaceFrame, anchor: np.ndarray, box: tuple[float, float, float, float], side: int,
    *, pitch: float, margin: int = 0,
) -> np.ndarray:  # fmt: skip
    """Cut the box out of a picture, its first column towards the middle of the face: shape (rows, columns, 3), uint8.

    Both sides come out as if they were the same one, so a mirrored face gives two equal patches. Beyond the picture the
    outermost pixels go on.

    Parameters
    ----------
    pitch
        Samples per distance of the eyes.
    margin
        Samples added all around.
    """
    a, b, c, d = box
    columns, rows = round((b - a) * pitch) + 2 * margin, round((d - c) * pitch) + 2 * margin
    step = frame.unit / pitch
    along, down = side * frame.across * step, frame.down * step
    start = anchor + along * (a * pitch - margin + 0.5) + down * (c * pitch - margin + 0.5)
    shrink = max(int(step), 1)
    if shrink > 1:
        ends = [start + i * columns * along + j * rows * down for i in (0, 1) for j in (0, 1)]
        pixels, offset = _shrunk(pixels, np.array(ends), shrink)
        start, along, down = (start + 0.5 - offset) / shrink - 0.5, along / shrink, down / shrink
    matrix = np.stack([along, down, start], 1)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(pixels, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def displayed(points: np.ndarray, orientation: int, height: int, width: int) -> np.ndarray:
    """Take points (…, 2) of the stored picture to the picture as it is displayed by an EXIF orientation 1–8."""
    out = np.array(points, np.float64)
    if orientation in (5, 6, 7, 8):
        out, height, width = out[..., ::-1].copy(), width, height
    if orientation in (2, 3, 6, 7):
        out[..., 0] = width - 1 - out[..., 0]
    if orientation in (3, 4, 7, 8):
        out[..., 1] = height - 1 - out[..., 1]
    return out


def _shrunk(pixels: np.ndarray, points: np.ndarray, by: int) -> tuple[np.ndarray, np.ndarray]:
    """Average squares of ``by`` pixels around some points; return them and the corner where they start."""
    size = np.array(pixels.shape[1::-1])
    low = np.clip(np.floor(points.min(0)).astype(int) - 2 * by, 0, np.maximum(size - by, 0))
    high = np.clip(np.ceil(points.max(0)).astype(int) + 2 * by, low + by, size)
    count = np.maximum((high - low) // by, 1)
    part = pixels[low[1] : low[1] + count[1] * by, low[0] : low[0] + count[0] * by]
    small = cv2.resize(part, (int(count[0]), int(count[1])), interpolation=cv2.INTER_AREA)
    return np.asarray(small), low.astype(np.float64)
