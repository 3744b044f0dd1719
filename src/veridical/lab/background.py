"""Recipes for backgrounds: straight lines that a warp has bent."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import blend, face_of
from .recipe import Box, Picture, Still, StillPair


def warp(
    picture: Picture, random: np.random.Generator, *, bend: float = 0.02, lines: int = 5, face: str = ""
) -> StillPair:
    """Draw upright bars beside a face, straight in the control, bent in the altered picture as by a warping filter.

    ``bend`` is how far a bar leaves its straight line, as a share of its length; ``lines`` is their number on each side.
    """
    box = face_of(picture, face)
    height, width = picture.pixels.shape[:2]
    columns = _columns(box, width, lines)
    straight, bent = (_bars(picture, columns, share * height) for share in (0.0, bend))
    mask = (straight != bent).any(2)
    return StillPair(
        category="editing", control=Still(pixels=straight), altered=Still(pixels=bent), mask=mask,
        facts={"bars": len(columns), "bend": bend},
    )  # fmt: skip


def _columns(box: Box, width: int, lines: int) -> list[float]:
    """Return where the bars stand: to the left and to the right of the face, clear of it by half of its width."""
    left = np.linspace(0.03 * width, max(box.x - 0.5 * box.width, 0.05 * width), lines)
    right = np.linspace(min(box.x + 1.5 * box.width, 0.95 * width), 0.97 * width, lines)
    return [*left.tolist(), *right.tolist()]


def _bars(picture: Picture, columns: list[float], sagitta: float) -> np.ndarray:
    height, width = picture.pixels.shape[:2]
    rows = np.arange(0, 0.45 * height)
    shift = sagitta * np.sin(np.pi * rows / rows[-1])
    alpha = np.zeros((height, width), np.uint8)
    for column in columns:
        points = np.stack([column + shift, rows], 1)
        cv2.polylines(
            alpha, [np.rint(points * 16).astype(np.int32)], isClosed=False, color=255, thickness=max(width // 120, 3),
            lineType=cv2.LINE_AA, shift=4,
        )  # fmt: skip
    done = blend(picture.pixels, np.full_like(picture.pixels, 60), alpha.astype(np.float32) / 255)
    done[picture.label.cut] = picture.pixels[picture.label.cut]
    return done
