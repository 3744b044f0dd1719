"""Recipes for visible slips of picture generators: an odd earring, a droplet, a colour that bleeds, bent lines."""

from __future__ import annotations

import numpy as np

from .portrait import blend, face_of
from .recipe import Picture, Still, StillPair


def earring(picture: Picture, random: np.random.Generator, *, size: float = 0.09, face: str = "") -> StillPair:
    """Hang one earring at one ear: a drop of coloured stone on a gold hook.

    ``size`` is its radius in widths of the face. It goes to the ear on the left of the picture. The other ear is left bare.
    Both pictures are saved at 95.
    """
    box = face_of(picture, face)
    radius = size * box.width
    x, y = box.x - 0.01 * box.width, box.y + 0.62 * box.height
    drawn, alpha = picture.pixels.astype(np.float32), np.zeros(picture.pixels.shape[:2], np.float32)
    parts = (
        (0.0, 0.35, (190, 160, 60), 0.0),
        (1.3, 1.0, (20, 120, 90), 0.0),
        (1.1, 0.35, (210, 250, 230), -0.35),
    )
    for down, part, colour, aside in parts:
        spot = _disc(alpha.shape, x + aside * radius, y + down * radius, part * radius)
        drawn += spot[:, :, None] * (np.array(colour, np.float32) - drawn)
        alpha = np.maximum(alpha, spot)
    altered = blend(picture.pixels, drawn, (alpha > 0).astype(np.float32))
    return _pair(picture.pixels, altered, alpha > 0, {"x": x, "y": y, "radius": radius})


def _disc(shape: tuple[int, ...], x: float, y: float, radius: float) -> np.ndarray:
    """Return a disc with an edge of one pixel: 0 to 1."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1), np.float32)


def _pair(control: np.ndarray, altered: np.ndarray, mask: np.ndarray, facts: dict[str, object]) -> StillPair:
    return StillPair(
        category="synthesis", control=Still(pixels=control), altered=Still(pixels=altered), mask=mask, facts=facts,
        altered_term="compositeWithTrainedAlgorithmicMedia",
    )  # fmt: skip
