"""Recipes for faces that do not fit their surroundings: other grain, fewer pixels, another colour or direction of light."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import blend, face_of, oval
from .recipe import Box, Picture, Portrait, Still, StillPair

_FEATHER = 0.15


def noise(picture: Picture, random: np.random.Generator, *, sigma: float = 6.0, face: str = "") -> StillPair:
    """Give a face grain that its surroundings lack.

    ``sigma`` is the standard deviation of the grain in steps of 255; both pictures are saved as JPEG at 95.
    """
    box = face_of(picture, face)
    grain = sigma * random.standard_normal(picture.pixels.shape[:2])
    return _pair(picture, box, picture.pixels + grain[:, :, None])


def resolution(picture: Picture, random: np.random.Generator, *, factor: float = 2.5, face: str = "") -> StillPair:
    """Make a face from fewer pixels than its surroundings, as face swaps of a fixed small size are.

    The face is reduced by ``factor`` and enlarged again; both pictures are saved as JPEG at 95.
    """
    box = face_of(picture, face)
    height, width = picture.pixels.shape[:2]
    small = cv2.resize(picture.pixels, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    return _pair(picture, box, cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def tone(picture: Picture, random: np.random.Generator, *, red: float = 1.3, face: str = "") -> StillPair:
    """Light a face with warmer light than neck and ears.

    In linear light red is multiplied by ``red`` and blue divided by it; both pictures are saved as JPEG at 95.
    """
    box = face_of(picture, face)
    linear = _linear(picture.pixels) * np.array([red, 1.0, 1 / red])
    return _pair(picture, box, _coded(linear))


def light(picture: Portrait, random: np.random.Generator, *, strength: float = 0.75, face: str = "") -> StillPair:
    """Light the inner part of an enlarged face from the other side than its rim and its surroundings.

    In linear light the brighter half of the face is darkened and the darker one brightened, by up to ``strength`` of the
    level at the edge of the face; both pictures are saved as JPEG at 95.
    """
    whole = face_of(picture, face)
    inset = round(0.16 * whole.width), round(0.16 * whole.height)
    box = Box(
        x=whole.x + inset[0], y=whole.y + inset[1], width=whole.width - 2 * inset[0], height=whole.height - 2 * inset[1]
    )
    linear = _linear(picture.pixels)
    columns = (np.arange(picture.pixels.shape[1]) - (box.x + box.width / 2)) / (box.width / 2)
    across = np.clip(columns, -1, 1)
    level = linear[box.cut].mean((0, 2))
    side = 1.0 if level[: len(level) // 2].mean() > level[len(level) // 2 :].mean() else -1.0
    return _pair(picture, box, _coded(linear * (1 + strength * side * across)[None, :, None]))


def _pair(picture: Picture, box: Box, worked: np.ndarray) -> StillPair:
    alpha = oval(picture.pixels.shape[:2], box, feather=_FEATHER)
    altered = blend(picture.pixels, np.clip(worked, 0, 255), alpha)
    altered[picture.label.cut] = picture.pixels[picture.label.cut]
    return StillPair(
        category="editing", control=Still(pixels=picture.pixels), altered=Still(pixels=altered), mask=alpha > 0,
        facts={"face": f"{box.x},{box.y},{box.width},{box.height}"},
    )  # fmt: skip


def _linear(pixels: np.ndarray) -> np.ndarray:
    return np.asarray((pixels / 255.0) ** 2.2)


def _coded(linear: np.ndarray) -> np.ndarray:
    return np.asarray(255 * np.clip(linear, 0, 1) ** (1 / 2.2))
