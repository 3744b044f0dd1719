"""Masks of blends: parts of a face, told by its mesh, bent out of shape and given a soft edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..signals.face_areas import EYES, LIPS, OVAL, filled, oval

# Points above the brows, from the person's right to the left; the base and the sides of the nose.
_BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
_NOSE = (168, 129, 98, 2, 327, 358)
# Of the rim: its lower part from one ear over the chin to the other, and its upper part.
_JAW_FIRST, _JAW_END = 8, 29
KINDS = ("oval", "tall", "below brows", "features", "centre", "mouth", "blob")
_SHARES = (0.28, 0.14, 0.2, 0.14, 0.12, 0.08, 0.04)


@dataclass(frozen=True, slots=True)
class BlendMask:
    """A soft mask, shape (height, width), float32, 0 to 1, and which part of the face it was made of."""

    values: np.ndarray
    kind: str


def boundary(mask: np.ndarray) -> np.ndarray:
    """Return where two pictures meet: 4 M (1 − M), 1 where both weigh the same, 0 where only one is seen (Li et al. 2020)."""
    return np.asarray(4 * mask * (1 - mask), np.float32)


def drawn(mesh: np.ndarray, shape: tuple[int, int], random: np.random.Generator) -> BlendMask:
    """Draw a mask for a face.

    Parameters
    ----------
    mesh
        shape (468, 2+), pixels of a picture of ``shape`` (height, width).
    """
    kind = KINDS[int(random.choice(len(KINDS), p=_SHARES))]
    unit = float(np.ptp(mesh[list(OVAL), 1]))
    solid = np.zeros(shape, np.uint8)
    for polygon in outlines(kind, mesh, random):
        solid |= filled(cv2.convexHull(polygon.astype(np.float32)), *shape).astype(np.uint8)
    solid = _grown(solid, unit * random.uniform(-0.05, 0.03))
    soft = bent(solid.astype(np.float32), unit * random.uniform(0.0, 0.05), random)
    return BlendMask(_soft(soft, unit, random), kind)


def outlines(kind: str, mesh: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """Return the polygons, each (n, 2), whose convex hulls make up a part of the face."""
    points = np.asarray(mesh[:, :2], np.float64)
    rim = points[list(OVAL)]
    if kind == "oval":
        return [np.asarray(oval(mesh, random.uniform(0.82, 1.02)))]
    if kind == "tall":  # the forehead up to the hairline and beyond
        down = points[152] - points[10]
        high = rim.copy()
        high[:8] -= random.uniform(0.05, 0.2) * down
        high[_JAW_END:] -= random.uniform(0.05, 0.2) * down
        return [high]
    if kind == "below brows":
        return [np.vstack([rim[_JAW_FIRST:_JAW_END], points[list(_BROWS)]])]
    if kind == "features":
        areas = [points[list(EYES[0])], points[list(EYES[1])], points[list(_NOSE)], points[list(LIPS)]]
        chosen = [area for area in areas if random.random() < 0.8] or areas
        return [area.mean(0) + (area - area.mean(0)) * random.uniform(1.3, 2.2) for area in chosen]
    if kind == "centre":
        inner = np.vstack([points[list(_BROWS)], points[list(LIPS)], points[list(_NOSE)]])
        return [inner.mean(0) + (inner - inner.mean(0)) * random.uniform(1.0, 1.25)]
    if kind == "mouth":
        return [np.vstack([rim[12:25], points[list(_NOSE[1:])]])]
    middle, reach = (
        rim.mean(0) + random.normal(0, 0.15, 2) * np.ptp(rim, 0),
        np.ptp(rim, 0) * random.uniform(0.2, 0.5, 2),
    )
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return [middle + np.column_stack([np.cos(angle), np.sin(angle)]) * reach]


def bent(plane: np.ndarray, reach: float, random: np.random.Generator, cells: int = 7) -> np.ndarray:
    """Bend a plane smoothly: each point moves by about ``reach`` pixels, neighbours alike."""
    height, width = plane.shape[:2]
    shift = random.normal(0, 1, (cells, cells, 2)).astype(np.float32) * np.float32(reach)
    field = cv2.resize(shift, (width, height), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(plane, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    )


def _grown(solid: np.ndarray, by: float) -> np.ndarray:
    size = 2 * round(abs(by)) + 1
    if size < 3:
        return solid
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(solid, disc) if by > 0 else cv2.erode(solid, disc))


def _soft(mask: np.ndarray, unit: float, random: np.random.Generator) -> np.ndarray:
    """Soften the edge: across it, or from it inwards; its width is between a pixel and a tenth of the face."""
    sigma = max(unit * float(np.exp(random.uniform(np.log(0.003), np.log(0.06)))), 0.5)
    soft = cv2.GaussianBlur(mask, (0, 0), sigma)
    if random.random() < 0.5:
        # Only what is solid even after the blur is kept, so that the second blur ends near the first edge.
        soft = cv2.GaussianBlur((soft > 0.97).astype(np.float32), (0, 0), sigma)
    top = float(soft.max())
    return np.asarray(np.clip(soft / top, 0, 1) if top > 0.05 else soft, np.float32)
