"""Find faces of any size: both detectors over the whole picture, one of them over tiles at several scales."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import cv2
import numpy as np

from . import _blazeface, _mesh
from ._blazeface import FULL, SHORT

# A face is found reliably from this many pixels of a tile; see the recall test.
_SMALLEST_IN_TILE = 20.0
# Faces up to this many pixels lie wholly in one of two neighbouring tiles.
_SHARED = 48
_LEAST = 0.4
_CONFIRMED = 0.5
# Side of the crop for the second opinion, in sides of the box.
_CROP = 2.2


def find(picture: np.ndarray, *, min_px: float) -> np.ndarray:
    """Return confirmed answers, best first: shape (n, 17), in pixels of the picture (see ``_blazeface``).

    Parameters
    ----------
    picture
        shape (height, width, 3), uint8, RGB, upright.
    min_px
        Least side of a face's box.
    """
    found = [*_whole(picture), *_tiled(picture, min_px)]
    candidates = _blazeface.keep_best(np.concatenate(found))
    second = [confirmed(picture, row) for row in candidates if row[2] - row[0] >= 0.75 * min_px]
    rows = np.array([row for row in second if row is not None], np.float32).reshape(-1, _blazeface.ROW)
    rows = rows[(rows[:, 2:4] - rows[:, :2]).max(1) >= min_px * 0.95]
    return _blazeface.keep_best(rows)


def find_quickly(picture: np.ndarray) -> np.ndarray:
    """Return confirmed answers as ``find`` does, for the frames of a video: faces from about a tenth of the long side."""
    candidates = _blazeface.keep_best(np.concatenate(list(_whole(picture))))
    second = [confirmed(picture, row) for row in candidates]
    return _blazeface.keep_best(np.array([row for row in second if row is not None]).reshape(-1, _blazeface.ROW))


def confirmed(picture: np.ndarray, row: np.ndarray) -> np.ndarray | None:
    """Ask the short-range net about the face alone, turned upright; None if it sees no face there.

    The box that comes back is upright in the turned crop; its corners are given around its centre in the picture.
    """
    roi = _mesh.roi_of_answer(row)
    roi = _mesh.Roi(roi.x, roi.y, roi.side / 1.5 * _CROP, roi.turn)
    rows = _blazeface.detect(SHORT, _mesh.cut(picture, roi, SHORT.side), least=_CONFIRMED)
    middle = SHORT.side / 2
    expected = np.array([middle - 0.5 * SHORT.side / _CROP] * 2 + [middle + 0.5 * SHORT.side / _CROP] * 2)
    rows = rows[_blazeface.overlap(expected, rows) > 0.35]
    if not len(rows):
        return None
    best = _blazeface.average_overlapping(rows)[0]
    return _turned_back(best, roi, SHORT.side)


def _turned_back(row: np.ndarray, roi: _mesh.Roi, side: int) -> np.ndarray:
    step = roi.side / side
    cosine, sine = np.cos(roi.turn) * step, np.sin(roi.turn) * step
    points = np.concatenate([(row[0:2] + row[2:4])[None] / 2, row[4:16].reshape(6, 2)]) + 0.5 - side / 2
    placed = np.stack([roi.x + cosine * points[:, 0] - sine * points[:, 1],
                       roi.y + sine * points[:, 0] + cosine * points[:, 1]], 1)  # fmt: skip
    half = (row[2:4] - row[0:2]) * step / 2
    return np.concatenate([placed[0] - half, placed[0] + half, placed[1:].ravel(), row[16:]]).astype(np.float32)


def _whole(picture: np.ndarray) -> Iterator[np.ndarray]:
    # The wider margin lets the net see a face that fills the picture.
    for detector, margin in ((SHORT, 1.0), (SHORT, 1.7), (FULL, 1.0)):
        height, width = picture.shape[:2]
        scale = detector.side / (margin * max(height, width))
        small = _resized(picture, max(round(width * scale), 1), max(round(height * scale), 1))
        square = np.zeros((detector.side, detector.side, 3), np.uint8)
        y, x = (detector.side - small.shape[0]) // 2, (detector.side - small.shape[1]) // 2
        square[y : y + small.shape[0], x : x + small.shape[1]] = small
        yield _seen(detector, square, x=x, y=y, scale=(width / small.shape[1] + height / small.shape[0]) / 2)


def _tiled(picture: np.ndarray, min_px: float) -> Iterator[np.ndarray]:
    height, width = picture.shape[:2]
    top = min(_SMALLEST_IN_TILE / min_px, 1.5)
    scale = top
    while scale * max(height, width) > FULL.side * 1.05:
        small = _resized(picture, ceil(width * scale), ceil(height * scale))
        for y in _starts(small.shape[0]):
            for x in _starts(small.shape[1]):
                tile = small[y : y + FULL.side, x : x + FULL.side]
                if tile.shape[:2] != (FULL.side, FULL.side):
                    square = np.zeros((FULL.side, FULL.side, 3), np.uint8)
                    square[: tile.shape[0], : tile.shape[1]] = tile
                    tile = square
                yield _seen(FULL, tile, x=-x, y=-y, scale=width / small.shape[1])
        scale /= 2


def _starts(length: int) -> list[int]:
    free = length - FULL.side
    if free <= 0:
        return [0]
    count = ceil(free / (FULL.side - _SHARED))
    return [round(place * free / count) for place in range(count + 1)]


def _seen(detector: _blazeface.Detector, square: np.ndarray, *, x: int, y: int, scale: float) -> np.ndarray:
    """Answers in one square that shows the picture, shrunk by ``scale``, from (x, y) on."""
    rows = _blazeface.average_overlapping(_blazeface.detect(detector, square, least=_LEAST))
    shift = 0.5 * scale - 0.5
    return _blazeface.moved(rows, scale=scale, x=shift - x * scale, y=shift - y * scale)


def _resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    if (height, width) == picture.shape[:2]:
        return picture
    kind = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=kind))
