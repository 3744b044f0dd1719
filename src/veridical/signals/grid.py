"""Traces of the 8 × 8 grids on which a picture was compressed as JPEG, read from its pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .blocks import grey
from .dct import transform

CELL = 8
# Frequencies u + v between these: lower ones follow the picture's content, higher ones are zero on every grid.
_FREQUENCIES = (3, 7)
_TILE = (8 * CELL, 128 * CELL)  # small enough for a processor's cache


def grid_votes(pixels: np.ndarray) -> np.ndarray:
    r"""Say for each cell of 8 × 8 pixels how little the 64 blocks that begin in it hold: high where JPEG made them sparse.

    Parameters
    ----------
    pixels
        shape (h, w, 3), uint8, RGB, at least 15 × 15.

    Returns
    -------
    shape (rows, columns, 64), float32: mean of −ln(1 + \|c\|) over the middle DCT coefficients c of the block that begins
    ``index // 8`` pixels below and ``index % 8`` right of the cell's upper left corner. The last cells, in which no whole
    block begins, are left out.
    """
    rows, columns = ((size - CELL + 1) // CELL for size in pixels.shape[:2])
    out = np.empty((rows, columns, CELL * CELL), np.float32)
    for top in range(0, rows * CELL, _TILE[0]):
        for left in range(0, columns * CELL, _TILE[1]):
            high, wide = min(_TILE[0], rows * CELL - top), min(_TILE[1], columns * CELL - left)
            tile = pixels[top : top + high + CELL - 1, left : left + wide + CELL - 1]
            cells = _sparseness(grey(tile))[:high, :wide].reshape(high // CELL, CELL, wide // CELL, CELL).swapaxes(1, 2)
            place = slice(top // CELL, (top + high) // CELL), slice(left // CELL, (left + wide) // CELL)
            out[place] = cells.reshape(*cells.shape[:2], -1)
    return out


def _sparseness(luma: np.ndarray) -> np.ndarray:
    """Mean of −ln(1 + |c|) of the block that begins at each pixel."""
    vectors = transform()
    total = np.zeros_like(luma)
    count = 0
    for u in range(CELL):
        vertical = _filtered(luma, vectors[u][:, None])
        low, high = max(_FREQUENCIES[0] - u, 0), _FREQUENCIES[1] - u
        product = np.ones_like(luma)  # of at most five numbers below 2049: one logarithm for all
        for v in range(low, high + 1):
            product *= np.abs(_filtered(vertical, vectors[v][None])) + 1
            count += 1
        total -= np.log(product)
    return np.asarray(total / count)


def _filtered(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    kernel = np.ascontiguousarray(kernel)
    return np.asarray(cv2.filter2D(plane, cv2.CV_32F, kernel, anchor=(0, 0), borderType=cv2.BORDER_REPLICATE))
