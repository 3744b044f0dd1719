"""Recipes for what generated pictures look like as a whole: their colours and the ends of their scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .recipe import Picture, Still, StillPair
from .synthesis import upsample


def unclipped(picture: Picture, random: np.random.Generator, *, knee: float = 16.0, least: float = 5.0) -> StillPair:
    """Keep a photograph from the ends of the scale, as the bounded last layer of a generator does.

    Only levels nearer than ``knee`` to 0 or 255 change. In the control they are clipped at half that distance, as a sensor
    clips; in the altered copy they are squeezed, so that none comes nearer than ``least``. Both are PNG.
    """
    levels = np.arange(256, dtype=np.float32)
    near = np.minimum(levels, 255 - levels)
    inside = near < knee
    clipped = np.where(inside, np.maximum(2 * near - knee, 0), near)
    squeezed = np.where(inside, least + near * (knee - least) / knee, near)
    mask = np.ones(picture.pixels.shape[:2], bool)
    mask[picture.label.cut] = False
    control, altered = (
        np.rint(np.where(levels < 128, part, 255 - part)).astype(np.uint8)[picture.pixels]
        for part in (clipped, squeezed)
    )
    return StillPair(
        category="synthesis", control=_png(picture, control, mask), altered=_png(picture, altered, mask),
        mask=mask & (control != altered).any(2), altered_term="trainedAlgorithmicMedia",
        facts={"knee": knee, "least": least},
    )  # fmt: skip


def published(
    picture: Picture, random: np.random.Generator, *, quality: int = 95, checkerboard: float = 0.04
) -> StillPair:
    """Enlarge a picture as a transposed convolution does, and save it as generated pictures come: as JPEG.

    Both copies are those of ``lab.synthesis.upsample``, saved as JPEG of ``quality`` in the end.
    """
    pair = upsample(picture, random, checkerboard=checkerboard)
    control, altered = (replace(one, format="jpeg", quality=quality) for one in (pair.control, pair.altered))
    return replace(pair, control=control, altered=altered, facts={**pair.facts, "quality": quality})


def _png(picture: Picture, made: np.ndarray, mask: np.ndarray) -> Still:
    """Return the picture with what was made of it where the mask is True: the label stays as it is."""
    pixels = picture.pixels.copy()
    pixels[mask] = made[mask]
    return Still(pixels=pixels, format="png")
