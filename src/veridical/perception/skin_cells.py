"""Colour of 32 cells of the middle of each face over a video: the skin between eyes and mouth, unrolled by the mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from ..media.video import Video
from ..percept import During, Watch
from ._rows import Rows
from .tracks import FaceTracks

ROWS, COLUMNS = 4, 8
# Mesh points on which every second corner of the cells lies: under the eyes, across the tip of the nose, above the mouth;
# from the person's right cheek to the left.
_ANCHORS = ((118, 120, 195, 349, 347), (50, 36, 4, 266, 280), (207, 92, 164, 322, 427))
_MOST = 32  # samples along a side of a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinCell:
    """Colours of the cells of one track of FaceTracks; n frames, the same as the track's.

    Parameters
    ----------
    person
        Number of the track.
    frames, times
        shape (n,), int32 and float64 (seconds).
    rgb
        shape (n, 4, 8, 3), float32: mean R, G, B, 0–255, of each cell: rows from the eyes down to the mouth, columns from the
        person's right cheek to the left. NaN in cells that reach beyond the picture.
    """

    person: int
    frames: np.ndarray
    times: np.ndarray
    rgb: np.ndarray


@dataclass(frozen=True, slots=True)
class SkinCells:
    """Cells of every face track, in order of appearance."""

    faces: tuple[SkinCell, ...]


def watch_cells(video: Video, faces: During[FaceTracks]) -> Watch[SkinCells]:
    """Measure the colour of 32 cells of every followed face in every frame; 400 bytes a face and frame are kept."""
    growing: dict[int, Rows] = {}
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            growing.setdefault(number, Rows()).add(frame, cells_of(frame.pixels, face.mesh))
        frame = yield None
    cells = []
    for number, rows in growing.items():
        frames, times, rgb = rows.ended()
        cells.append(SkinCell(person=number, frames=frames, times=times, rgb=rgb))
    return SkinCells(tuple(cells))


def cells_of(pixels: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Return the mean colour of each cell, shape (4, 8, 3), float32; NaN where a cell reaches beyond the picture.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8.
    mesh
        shape (468+, 2+): points in pixels of that picture.
    """
    height, width = pixels.shape[:2]
    anchors = mesh[np.array(_ANCHORS), :2].astype(np.float32)
    # One sample a pixel of the largest cell: fewer would throw pixels away, and with them the noise that they average out.
    reach = max(np.linalg.norm(np.diff(anchors, axis=axis), axis=2).max() for axis in (0, 1)) / 2
    side = int(np.clip(np.ceil(reach), 2, _MOST))
    down, across = _between(3, ROWS * side), _between(5, COLUMNS * side)
    x, y = (down @ anchors[..., axis] @ across.T for axis in (0, 1))
    seen = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # In whole numbers cv2.resize would round the means to grey levels.
    means = seen.reshape(ROWS, side, COLUMNS * side * 3).sum(1, dtype=np.uint32)
    means = means.reshape(ROWS, COLUMNS, side, 3).sum(2).astype(np.float32) / np.float32(side * side)
    outside = (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
    if outside.any():
        means[outside.reshape(ROWS, side, COLUMNS, side).any((1, 3))] = np.nan
    return np.asarray(means, np.float32)


@cache
def _between(anchors: int, samples: int) -> np.ndarray:
    """Weights, shape (samples, anchors), that place samples evenly between anchors, in the middles of their shares."""
    at = (np.arange(samples) + 0.5) / samples * (anchors - 1)
    return np.asarray(np.maximum(1 - np.abs(at[:, None] - np.arange(anchors)), 0), np.float32)
