"""Twelve changes of a crop so mild that they alter what it shows by nothing a person would mind, always the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from .recompression import recompress

Change = Callable[[np.ndarray], np.ndarray]

SHIFTS = {"one pixel right": (1.0, 0.0), "one pixel down": (0.0, 1.0), "half a pixel aside": (0.5, 0.5)}
QUALITIES = (95, 90, 85)
ZOOM, TURN_DEG, BLUR, NOISE, LEVELS = 1.02, 0.7, 0.5, 2.0, 4
NOISE_SEED = 20200401


def moves(height: int, width: int) -> Mapping[str, np.ndarray]:
    """Return the moves, shape (2, 3) each, that bring points (x, y) of a crop to those of its changed copy."""
    found = {name: np.array([[1, 0, x], [0, 1, y]]) for name, (x, y) in SHIFTS.items()}
    middle = ((width - 1) / 2, (height - 1) / 2)
    found["enlarged by 2 %"] = cv2.getRotationMatrix2D(middle, 0, ZOOM)
    found["turned by 0.7°"] = cv2.getRotationMatrix2D(middle, TURN_DEG, 1.0)
    return found


def noise(height: int, width: int) -> np.ndarray:
    """Return the noise that is added, shape (height, width, 3), float32, in levels; the same for every crop of a size."""
    random = np.random.default_rng([NOISE_SEED, height, width])
    return (NOISE * random.standard_normal((height, width, 3))).astype(np.float32)


def changed(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the changed copies of a crop by name.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB.
    """
    height, width = pixels.shape[:2]
    copies = {"mirrored": np.ascontiguousarray(pixels[:, ::-1])}
    for name, move in moves(height, width).items():
        copies[name] = cv2.warpAffine(
            pixels, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    for quality in QUALITIES:
        copies[f"JPEG {quality}"] = recompress(pixels, quality)
    copies["blurred by half a pixel"] = cv2.GaussianBlur(pixels, (5, 5), BLUR, borderType=cv2.BORDER_REPLICATE)
    copies["noise of 2 levels"] = _levels(pixels + noise(height, width))
    copies["six bits"] = _levels(np.floor(pixels / np.float32(LEVELS)) * LEVELS + (LEVELS - 1) / 2)
    return copies


def _levels(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


NAMES = tuple(changed(np.zeros((8, 8, 3), np.uint8)))
