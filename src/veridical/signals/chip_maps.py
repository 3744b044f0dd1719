"""Maps of face chips: their highest part, their connected parts as boxes of the picture, and several laid over one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .face_chips import Chip

HIGHEST = 0.03
"""The share of a map whose mean stands for its highest part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A connected part of a map.

    Parameters
    ----------
    box
        x, y, width, height in pixels of the picture.
    share
        Its share of the chip, 0 to 1.
    mean
        Mean of the map in it.
    """

    box: tuple[float, float, float, float]
    share: float
    mean: float


def highest(values: np.ndarray, share: float = HIGHEST) -> float:
    """Return the mean of the highest part of a map."""
    count = max(int(values.size * share), 1)
    return float(np.partition(values.ravel(), -count)[-count:].mean())


def parts(values: np.ndarray, chip: Chip, *, least: float = 0.5, least_share: float = 0.01) -> list[Part]:
    """Return the connected parts of a chip's map that reach ``least``, largest first; small ones are left out."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((values >= least).astype(np.uint8))
    found = []
    for number in range(1, count):
        x, y, width, height, area = (int(n) for n in stats[number])
        share = area / values.size
        if share >= least_share:
            box = _box(chip, values.shape[0], x, y, width, height)
            found.append(Part(box=box, share=share, mean=float(values[labels == number].mean())))
    return sorted(found, key=lambda part: -part.share)


def over_picture(maps: Sequence[tuple[np.ndarray, Chip]], shape: tuple[int, int], most: int = 512) -> np.ndarray:
    """Lay maps over a picture of ``shape`` (height, width), at most ``most`` wide or high; NaN where no chip lies.

    Where chips overlap the higher value is shown.
    """
    scale = min(1.0, most / max(shape))
    size = max(round(shape[0] * scale), 1), max(round(shape[1] * scale), 1)
    out = np.full(size, np.nan, np.float32)
    for values, chip in maps:
        out = np.fmax(out, chip.resized(scale).laid_back(values, size))
    return out


def _box(chip: Chip, cells: int, x: int, y: int, width: int, height: int) -> tuple[float, float, float, float]:
    """Return the box, in pixels of the picture, around a box of cells of the map."""
    pitch = chip.pixels.shape[0] / cells
    corners = np.array([[x, y], [x + width, y], [x, y + height], [x + width, y + height]]) * pitch - 0.5
    back = cv2.invertAffineTransform(chip.move)
    native = corners @ back[:, :2].T + back[:, 2]
    low, high = native.min(0), native.max(0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
