"""Recipes for parts of a picture that were resized before they were put in."""

from __future__ import annotations

import cv2
import numpy as np

from ..errors import UsageError
from .recipe import Box, Picture, Still, StillPair

_TRIES = 400


def patch(picture: Picture, random: np.random.Generator, *, factor: float = 1.3, side: float = 0.45) -> StillPair:
    """Enlarge a patch of the picture and paste it elsewhere in it.

    In the control a patch around the same spot is pasted at its own size. Both are PNG.
    """
    if not 0.5 <= factor <= 3:
        raise UsageError(f"factor must be 0.5 to 3; it is {factor}")
    pixels = picture.pixels
    edge = round(side * min(pixels.shape[:2]))
    wide = round(edge / factor) + 4
    to, source = _spot(picture, random, edge), _spot(picture, random, max(edge, wide))
    x, y = source.x + source.width // 2, source.y + source.height // 2
    # The middle of the pasted patch shows the middle of its source.
    grid = np.array([[1 / factor, 0, x - edge / 2 / factor], [0, 1 / factor, y - edge / 2 / factor]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    enlarged = cv2.warpAffine(pixels, grid, (edge, edge), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    control, altered = pixels.copy(), pixels.copy()
    altered[to.cut] = enlarged
    top, left = (min(max(m - edge // 2, 0), n - edge) for m, n in ((y, pixels.shape[0]), (x, pixels.shape[1])))
    control[to.cut] = pixels[top : top + edge, left : left + edge]
    mask = np.zeros(pixels.shape[:2], bool)
    mask[to.cut] = True
    return StillPair(
        category="editing", control=Still(pixels=control, format="png"), altered=Still(pixels=altered, format="png"),
        mask=mask, facts={"factor": factor, "to": f"{to.x},{to.y},{to.width},{to.height}"},
    )  # fmt: skip


def _spot(picture: Picture, random: np.random.Generator, side: int) -> Box:
    """Return a square that keeps clear of the label."""
    height, width = picture.pixels.shape[:2]
    if side <= min(height, width):
        for _ in range(_TRIES):
            x, y = (int(random.integers(0, size - side + 1)) for size in (width, height))
            spot = Box(x=x, y=y, width=side, height=side)
            if not spot.meets(picture.label):
                return spot
    raise UsageError(f"no free {side}×{side} square beside the label; use a smaller --set side=…")
