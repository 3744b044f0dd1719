"""The visible label of lab pictures and frames: a small line of text in a corner, away from the face."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from .recipe import Box

TEXT = "LAB-MADE TEST MEDIA · veridical"


def place(width: int, height: int, keep_clear: Box | None) -> Box:
    """Return where the label goes: the lower left corner, or the first other corner that keeps clear of a box.

    Where no corner does, the one with the least overlap.
    """
    stamp_height, stamp_width = stamp(width, height).shape
    gap = max(2, stamp_height // 4)
    right, low = width - stamp_width - gap, height - stamp_height - gap
    corners = [
        Box(x=x, y=y, width=stamp_width, height=stamp_height)
        for x, y in ((gap, low), (right, low), (gap, gap), (right, gap))
    ]
    return min(corners, key=lambda corner: _overlap(corner, keep_clear))


def draw(pixels: np.ndarray, box: Box) -> None:
    """Draw the label into a picture of shape (height, width, 3), uint8, RGB."""
    pixels[box.cut] = stamp(pixels.shape[1], pixels.shape[0])[:, :, None]


def seen(pixels: np.ndarray) -> bool:
    """Return whether the label stands in one of the four corners."""
    height, width = pixels.shape[:2]
    drawn = stamp(width, height).astype(np.float64)
    gap = max(2, drawn.shape[0] // 4)
    right, low = width - drawn.shape[1] - gap, height - drawn.shape[0] - gap
    likeness = [
        np.corrcoef(drawn.ravel(), pixels[y : y + drawn.shape[0], x : x + drawn.shape[1]].mean(2).ravel())[0, 1]
        for x, y in ((gap, low), (right, low), (gap, gap), (right, gap))
        if np.ptp(pixels[y : y + drawn.shape[0], x : x + drawn.shape[1]]) > 0
    ]
    return max(likeness, default=0.0) > 0.7


@cache
def stamp(width: int, height: int) -> np.ndarray:
    """Return the label for a picture of that size: shape (h, w), uint8, light text on a dark ground."""
    size = max(9, min(width, height) // 44)
    font = ImageFont.load_default(size)
    while True:
        left, top, right, bottom = font.getbbox(TEXT)
        if right - left + size <= 0.9 * width or size <= 6:
            break
        size -= 1
        font = ImageFont.load_default(size)
    picture = Pillow.new("L", (int(right - left) + size, int(bottom - top) + size // 2 + 2), 24)
    ImageDraw.Draw(picture).text((size // 2 - left, size // 4 + 1 - top), TEXT, fill=235, font=font)
    return np.asarray(picture)


def _overlap(one: Box, other: Box | None) -> int:
    if other is None:
        return 0
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0, across) * max(0, down)
