"""Means over square blocks of a picture, and maps of blocks that lie exactly over the picture."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from ..finding import Region

_TILE = (1024, 4096)
_WEIGHTS = np.array([[0.299, 0.587, 0.114]], np.float32)
_FINE_CELLS = 1_500_000


def tiles(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Yield row and column slices that cover a picture; all start at multiples of 16."""
    for top in range(0, height, _TILE[0]):
        for left in range(0, width, _TILE[1]):
            yield slice(top, min(top + _TILE[0], height)), slice(left, min(left + _TILE[1], width))


def grey(pixels: np.ndarray) -> np.ndarray:
    """Return the ITU-R BT.601 luminance of RGB pixels, unrounded: shape (rows, columns), float32."""
    return np.asarray(cv2.transform(pixels.astype(np.float32), _WEIGHTS)).reshape(pixels.shape[:2])


def block_mean(plane: np.ndarray, size: int) -> np.ndarray:
    """Mean over whole blocks of ``size`` × ``size`` samples; an incomplete last row or column of blocks is left out."""
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    whole = plane[: rows * size, : columns * size].astype(np.float32, copy=False)
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA))


def local_mean(values: np.ndarray, inside: np.ndarray, size: int) -> np.ndarray:
    """Mean over ``size`` × ``size`` neighbours among those ``inside``; 0 where there are none."""
    return np.asarray(_box_sum(np.where(inside, values, 0), size) / np.maximum(_box_sum(inside, size), 1))


def _box_sum(values: np.ndarray, size: int) -> np.ndarray:
    plane = values.astype(np.float32)
    return np.asarray(cv2.boxFilter(plane, -1, (size, size), normalize=False, borderType=cv2.BORDER_CONSTANT))


def covering(blocks: np.ndarray, height: int, width: int, *, pitch: int) -> np.ndarray:
    """Pad a map of blocks with NaN, so that drawn over the whole picture every block lies where it was measured."""
    fine = 4 if blocks.size * 16 <= _FINE_CELLS else 1
    step = pitch / fine
    out = np.full((max(round(height / step), 1), max(round(width / step), 1)), np.nan, np.float32)
    cells = np.repeat(np.repeat(blocks, fine, 0), fine, 1)[: out.shape[0], : out.shape[1]]
    out[: cells.shape[0], : cells.shape[1]] = cells
    return out


def bounding(mask: np.ndarray, *, pitch: int, label: str, value: float) -> Region:
    """Return the rectangle around the True blocks of a map, in native pixels."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return Region(
        x=float(columns[0] * pitch), y=float(rows[0] * pitch), width=float((columns[-1] - columns[0] + 1) * pitch),
        height=float((rows[-1] - rows[0] + 1) * pitch), label=label, value=value,
    )  # fmt: skip
