"""Strips of a picture with a margin above and below, so that filters see past their edges."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

MARGIN = 16
_PIXELS = 2_000_000


def strips(pixels: np.ndarray, pitch: int) -> Iterator[tuple[slice, np.ndarray, slice]]:
    """Yield strips that together cover all whole rows of blocks.

    Parameters
    ----------
    pixels
        shape (height, width, …).
    pitch
        Side of a block; every strip holds whole rows of blocks.

    Yields
    ------
    rows
        Rows of blocks of this strip.
    wide
        The strip's pixels with up to ``MARGIN`` rows more on either side.
    inner
        Rows of ``wide`` that are the strip itself.
    """
    height, width = pixels.shape[:2]
    step = max(_PIXELS // (width * pitch), 1)
    for first in range(0, height // pitch, step):
        last = min(first + step, height // pitch)
        top = max(first * pitch - MARGIN, 0)
        inner = slice(first * pitch - top, last * pitch - top)
        yield slice(first, last), pixels[top : last * pitch + MARGIN], inner
