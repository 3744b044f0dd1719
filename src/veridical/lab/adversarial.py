"""A recipe for pixels that were moved by a few levels each: what attacks on networks leave, made without any network."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import face_of
from .recipe import Box, Picture, Still, StillPair

_CELLS = 256  # across a crop of a face, as networks see it
_BEYOND = 1.3
_SEED = 4622


def pattern(picture: Picture, random: np.random.Generator, *, levels: int = 6, face: str = "") -> StillPair:
    """Move the pixels around a face up or down by ``levels`` in cells as fine as a network sees, the same in every picture.

    The pattern is drawn by chance, not computed from a network: it misleads none, but like an attack it hangs on where the
    pixels lie, and is lost when they are moved, blurred or saved anew. Both copies are PNG.
    """
    box = face_of(picture, face)
    height, width = picture.pixels.shape[:2]
    side = round(_BEYOND * max(box.width, box.height))
    around = Box(x=box.x + (box.width - side) // 2, y=box.y + (box.height - side) // 2, width=side, height=side)
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), (_CELLS, _CELLS, 3)).astype(np.float32)
    laid = np.zeros((height, width, 3), np.float32)
    (y0, x0), (y1, x1) = (
        (max(around.y, 0), max(around.x, 0)),
        (min(around.y + side, height), min(around.x + side, width)),
    )
    grown = cv2.resize(signs, (side, side), interpolation=cv2.INTER_NEAREST)
    laid[y0:y1, x0:x1] = grown[y0 - around.y : y1 - around.y, x0 - around.x : x1 - around.x]
    laid[picture.label.cut] = 0
    altered = np.clip(picture.pixels + levels * laid, 0, 255).astype(np.uint8)
    return StillPair(
        category="editing", control=Still(pixels=picture.pixels, format="png"),
        altered=Still(pixels=altered, format="png"), mask=(altered != picture.pixels).any(2),
        facts={"levels": levels, "side": side},
    )  # fmt: skip
