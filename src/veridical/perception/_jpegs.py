"""Small pictures kept as JPEG, one behind the other in one array."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np


def packed(picture: np.ndarray, quality: int) -> np.ndarray:
    """Return a picture (height, width, 3), uint8, RGB, as JPEG: shape (m,), uint8."""
    done, jpeg = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of {picture.shape} could not be encoded")
    return np.asarray(jpeg.ravel())


def joined(jpegs: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return all pictures in one array, uint8, and where each ends in it, int64."""
    ends = np.cumsum([len(jpeg) for jpeg in jpegs], dtype=np.int64)
    return np.concatenate([np.empty(0, np.uint8), *jpegs]), ends


def picture(data: np.ndarray, ends: np.ndarray, number: int) -> np.ndarray:
    """Return one of them: shape (height, width, 3), uint8, RGB."""
    begin = int(ends[number - 1]) if number else 0
    pixels = cv2.imdecode(np.array(data[begin : int(ends[number])]), cv2.IMREAD_COLOR_RGB)
    return np.asarray(pixels, np.uint8)
