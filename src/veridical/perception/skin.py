"""Skin of the faces in a still image: forehead, cheeks, nose and chin as outlines, with their colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.image import Image
from . import _skin
from .faces import Faces


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinRegion:
    """One patch of skin.

    Parameters
    ----------
    name
        "forehead", "right cheek", "left cheek", "nose" or "chin"; right and left are the person's own.
    polygon
        shape (k, 2), float32: corner points in native pixels. Hair, glasses or a beard may lie in it.
    mean, spread
        shape (3,), float32: mean and standard deviation of R, G, B, 0–255; NaN outside the picture.
    pixels
        Pixels inside the polygon and the picture.
    """

    name: str
    polygon: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    pixels: int


@dataclass(frozen=True, slots=True)
class SkinRegions:
    """For each face, in the order of Faces, its patches of skin: forehead, right cheek, left cheek, nose, chin."""

    faces: tuple[tuple[SkinRegion, ...], ...]


def see_skin(image: Image, faces: Faces) -> SkinRegions:
    """Outline the skin of every face."""
    return SkinRegions(tuple(_regions(image.pixels, face.mesh) for face in faces.faces))


def _regions(pixels: np.ndarray, mesh: np.ndarray) -> tuple[SkinRegion, ...]:
    regions = []
    for number, name in enumerate(_skin.REGIONS):
        polygon = _skin.outline(mesh, number)
        mean, spread, count = _skin.colour(pixels, polygon)
        regions.append(SkinRegion(name=name, polygon=polygon, mean=mean, spread=spread, pixels=count))
    return tuple(regions)
