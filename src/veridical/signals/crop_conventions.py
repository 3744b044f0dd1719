"""How published detectors have pictures brought to them: resized whole, cut from the middle, in tiles, or around a face.

The convention belongs to the weights: another crop or another way of resizing gives other numbers. Squares are RGB, uint8.

References
----------
Rössler et al., FaceForensics++: learning to detect manipulated facial images, ICCV 2019 (the square around a face).
Yermakov et al., Deepfake detection that generalizes across benchmarks, WACV 2026, arXiv:2508.06248 (the upright face).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from .face_crops import similarity

# Middles of the eyes, tip of the nose and corners of the mouth in an upright face, as shares of its square before widening.
FIVE_POINTS = np.array([[0.34, 0.46], [0.66, 0.46], [0.5, 0.64], [0.37, 0.82], [0.63, 0.82]])
_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_LARGEST_FACE = 2048


def resized(picture: np.ndarray, height: int, width: int, how: str = "bicubic") -> np.ndarray:
    """Return a picture of another size, shape (height, width, 3); when it shrinks, the filter widens (Pillow's way)."""
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), _FILTERS[how]))


def shortened(picture: np.ndarray, short: int, how: str = "bicubic") -> np.ndarray:
    """Return a picture whose shorter side has ``short`` pixels; the longer one is rounded down."""
    height, width = picture.shape[:2]
    if height <= width:
        return resized(picture, short, int(short * width / height), how)
    return resized(picture, int(short * height / width), short, how)


def centred(picture: np.ndarray, side: int) -> np.ndarray:
    """Return the square in the middle, shape (side, side, 3), black where the picture does not reach."""
    height, width = picture.shape[:2]
    top, left = max(0, side - height), max(0, side - width)
    if top or left:
        pads = ((top // 2, top - top // 2), (left // 2, left - left // 2), (0, 0))
        picture = np.pad(picture, pads)
        height, width = picture.shape[:2]
    y, x = round((height - side) / 2), round((width - side) / 2)
    return picture[y : y + side, x : x + side]


def tile_starts(length: int, side: int, stride: int) -> list[int]:
    """Return where tiles begin along one side: every ``stride`` pixels, and one that ends with the picture."""
    last = max(0, length - side)
    return sorted({*range(0, last + 1, stride), last})


def tiles(picture: np.ndarray, side: int, stride: int) -> tuple[list[tuple[int, int]], list[np.ndarray]]:
    """Return the upper left corners (x, y) of all tiles, rows first, and the tiles; a smaller picture is one, centred."""
    height, width = picture.shape[:2]
    if height < side or width < side:
        return [(0, 0)], [centred(picture, side)]
    corners = [(x, y) for y in tile_starts(height, side, stride) for x in tile_starts(width, side, stride)]
    return corners, [picture[y : y + side, x : x + side] for x, y in corners]


def face_square(box: Sequence[float], scale: float, height: int, width: int) -> tuple[int, int, int]:
    """Return x, y and side of the square about the middle of a box, ``scale`` times its longer side, within the picture.

    At the edge the upper left corner is moved inwards, then the side is cut to what is left.
    """
    x0, y0, x1, y1 = (float(one) for one in box)
    side = max(1, int(max(x1 - x0, y1 - y0) * scale))
    x, y = (max(0, int((low + high) / 2 - side / 2)) for low, high in ((x0, x1), (y0, y1)))
    x, y = min(x, width - 1), min(y, height - 1)
    return x, y, max(1, min(side, width - x, height - y))


def upright_face(picture: np.ndarray, points: np.ndarray, scale: float) -> np.ndarray:
    """Return the square of an upright face at about its own size, widened by ``scale``; black outside of the picture.

    Parameters
    ----------
    points
        shape (5, 2): the eye on the left of the picture, the other, tip of the nose, corner of the mouth on the left, the
        other.
    """
    side = upright_side(points, scale)
    target = (FIVE_POINTS + (scale - 1) / 2) / scale * side
    move = similarity(np.asarray(points, np.float64), target)
    return np.asarray(cv2.warpAffine(picture, move, (side, side), flags=cv2.INTER_LINEAR))


def upright_side(points: np.ndarray, scale: float) -> int:
    """Return the side of ``upright_face``: the mean of the sides that the distances of all pairs of points let one expect."""
    pairs = np.triu_indices(len(FIVE_POINTS), k=1)
    apart = [np.linalg.norm(one[:, None] - one[None], axis=-1)[pairs] for one in (np.asarray(points), FIVE_POINTS)]
    return int(np.clip(round(float((apart[0] / apart[1]).mean()) * scale), 8, _LARGEST_FACE))


def normalised(
    squares: Sequence[np.ndarray],
    mean: Sequence[float],
    std: Sequence[float],
    *,
    channels: str = "rgb",
    layout: str = "nchw",
) -> np.ndarray:
    """Return squares (side, side, 3) as a network takes them, float32: scaled to 0…1, less the mean, divided by the spread.

    ``mean`` and ``std`` are in the order of the channels that the network takes.
    """
    batch = np.stack(squares)
    batch = batch[..., ::-1] if channels == "bgr" else batch
    scaled = (batch.astype(np.float32) / 255 - np.array(mean, np.float32)) / np.array(std, np.float32)
    return np.ascontiguousarray(scaled if layout == "nhwc" else scaled.transpose(0, 3, 1, 2))


def window_starts(count: int, window: int, hop: int) -> list[int]:
    """Return where windows of a sound begin: every ``hop`` samples, and one that ends with it."""
    last = max(0, count - window)
    return sorted({*range(0, last + 1, hop), last})
