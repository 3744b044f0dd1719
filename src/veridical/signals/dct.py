"""Statistics of the 8 × 8 block discrete cosine transform."""

from __future__ import annotations

import numpy as np

from .blocks import grey

_STRIP_PIXELS = 4_000_000


def block_scales(pixels: np.ndarray, table: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return β of the 8 × 8 block frequencies and the share of coefficients that round to zero.

    Parameters
    ----------
    pixels
        shape (h, w, 3), uint8, RGB.
    table
        shape (8, 8): quantisation steps of the luminance; None counts no coefficient as zero.

    Returns
    -------
    beta
        shape (8, 8), float64: standard deviation over the blocks divided by √2, by row and column frequency.
    zeros
        shape (8, 8), float64: share of coefficients nearer to zero than half a quantisation step.
    """
    rows, columns = pixels.shape[0] // 8, pixels.shape[1] // 8
    vectors = transform()
    total, squares, zeros = np.zeros((8, 8)), np.zeros((8, 8)), np.zeros((8, 8))
    step = max(_STRIP_PIXELS // (columns * 64), 1)
    for top in range(0, rows, step):
        strip = pixels[top * 8 : min(top + step, rows) * 8, : columns * 8]
        high = strip.shape[0] // 8
        vertical = vectors @ (grey(strip) - 128).reshape(high, 8, columns * 8)
        blocks = (vertical.reshape(-1, 8) @ vectors.T).reshape(high, 8, columns, 8)
        total += blocks.sum((0, 2), np.float64)
        squares += np.square(blocks).sum((0, 2), np.float64)
        if table is not None:
            half = table.astype(np.float32)[:, None, :] / 2
            zeros += (np.abs(blocks) < half).sum((0, 2))
    count = rows * columns
    variance = np.maximum(squares - total**2 / count, 0) / max(count - 1, 1)
    return np.sqrt(variance / 2), zeros / count


def transform() -> np.ndarray:
    """Rows are the orthonormal DCT-II vectors of length 8."""
    k = np.arange(8)
    matrix = 0.5 * np.cos((2 * k[None] + 1) * k[:, None] * np.pi / 16)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)
