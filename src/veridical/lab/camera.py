"""Recipes with a simulated camera: a sensor pattern runs through the picture, and something is pasted from another sensor."""

from __future__ import annotations

import numpy as np

from ..errors import UsageError
from .recipe import Box, Picture, Still, StillPair

OWN, OTHER = 20_261, 20_262
STRENGTH = 0.03


def splice(
    picture: Picture, random: np.random.Generator, *, side: float = 0.4, strength: float = STRENGTH
) -> StillPair:
    """Photograph a picture with a simulated sensor, and paste an area of it as another sensor sees it.

    The area shows the same scene: only the sensor's pattern is another. The pattern is that of `sensor` with the number
    ``OWN``; enrol pictures made by `photographed` to examine the pair. Both are saved as JPEG at 95.
    """
    height, width = picture.pixels.shape[:2]
    own, other = (photographed(picture.pixels, number, random, strength=strength) for number in (OWN, OTHER))
    box = _free(picture, round(side * min(height, width)), random)
    altered = own.copy()
    altered[box.cut] = other[box.cut]
    mask = np.zeros((height, width), bool)
    mask[box.cut] = True
    for pixels in (own, altered):
        pixels[picture.label.cut] = picture.pixels[picture.label.cut]
    return StillPair(
        category="editing", control=Still(pixels=own), altered=Still(pixels=altered), mask=mask,
        facts={"area": f"{box.x},{box.y},{box.width},{box.height}", "sensor": OWN, "pasted_sensor": OTHER},
    )  # fmt: skip


def photographed(
    pixels: np.ndarray, number: int, random: np.random.Generator, *, strength: float = STRENGTH
) -> np.ndarray:
    """Return a picture as a simulated sensor takes it: its pattern, and a step of fresh noise; uint8."""
    pattern = sensor(pixels.shape[:2], number, strength=strength)
    taken = pixels * (1 + pattern[:, :, None]) + random.standard_normal(pixels.shape)
    return np.asarray(np.clip(np.rint(taken), 0, 255), np.uint8)


def sensor(shape: tuple[int, ...], number: int, *, strength: float = STRENGTH) -> np.ndarray:
    """Return the pattern of a simulated sensor: relative sensitivity of each pixel less 1, shape (height, width)."""
    return np.asarray(strength * np.random.default_rng(number).standard_normal(shape[:2]))


def _free(picture: Picture, side: int, random: np.random.Generator) -> Box:
    height, width = picture.pixels.shape[:2]
    for _ in range(400):
        box = Box(
            x=int(random.integers(0, width - side + 1)), y=int(random.integers(0, height - side + 1)), width=side, height=side
        )  # fmt: skip
        if not box.meets(picture.label):
            return box
    raise UsageError(f"no free {side}×{side} square beside the label; use a smaller --set side=…")
