"""Recipes for the traces that picture generators leave."""

from __future__ import annotations

import cv2
import numpy as np

from .recipe import Picture, Still, StillPair


def upsample(picture: Picture, random: np.random.Generator, *, checkerboard: float = 0.04) -> StillPair:
    """Make a picture at half size and enlarge it as a transposed convolution does.

    Every pixel is repeated 2×2; then a kernel whose four phases differ by the share ``checkerboard`` leaves the regular
    pattern of uneven overlap. The control goes through the same two resizings in the opposite order, enlarged by a cubic
    filter and then halved, so that it keeps its own fine detail. Both are PNG.
    """
    height, width = (size // 2 * 2 for size in picture.pixels.shape[:2])
    pixels = picture.pixels[:height, :width]
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
    double = cv2.resize(pixels, (width * 2, height * 2), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    control = cv2.resize(double, (width, height), interpolation=cv2.INTER_AREA)
    phases = 1 + checkerboard * np.array([[1.0, -0.5], [-0.5, 0.0]], np.float32)
    altered = half.repeat(2, 0).repeat(2, 1) * np.tile(phases, (height // 2, width // 2))[:, :, None]
    mask = np.zeros(picture.pixels.shape[:2], bool)
    mask[:height, :width] = True
    mask[picture.label.cut] = False
    return StillPair(
        category="synthesis", control=_png(picture, control, mask), altered=_png(picture, altered, mask), mask=mask,
        altered_term="trainedAlgorithmicMedia", facts={"factor": 2, "checkerboard": checkerboard},
    )  # fmt: skip


def _png(picture: Picture, made: np.ndarray, mask: np.ndarray) -> Still:
    """Return the picture with what was made of it where the mask is True: the label stays, and an odd last row."""
    pixels = picture.pixels.copy()
    whole = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    pixels[mask] = whole[mask[: made.shape[0], : made.shape[1]]]
    return Still(pixels=pixels, format="png")
