"""Light on a face from its shading: normals of the face mesh, and the direction in the picture from which they are lit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import cKDTree

from .robust import huber_fit

_NEIGHBOURS = 12
_DRAWS = 200
_CLUSTERS = 24


@dataclass(frozen=True, slots=True)
class Light:
    """Light from one direction, as far as shading tells it.

    Parameters
    ----------
    direction
        Where it comes from in the picture, degrees counter-clockwise from the right.
    spread
        Standard deviation of the direction over bootstrap draws, degrees.
    strength
        Change of brightness between surfaces that face the light and those turned from it by a right angle, as a share of
        the typical brightness.
    coefficients
        shape (4,): of 1, and of the normal's x (right), y (down) and z (away from the camera), relative to the median
        brightness.
    """

    direction: float
    spread: float
    strength: float
    coefficients: np.ndarray


def normals(mesh: np.ndarray) -> np.ndarray:
    """Return the unit normals of a face mesh (n, 3), each that of a plane through the nearest points.

    z grows away from the camera; normals point towards it (z below 0).
    """
    _, near = cKDTree(mesh).query(mesh, k=_NEIGHBOURS)
    around = mesh[near] - mesh[near].mean(1, keepdims=True)
    _, vectors = np.linalg.eigh(np.einsum("nki,nkj->nij", around, around))
    normal = vectors[:, :, 0]
    return np.asarray(normal * np.where(normal[:, 2:] > 0, -1, 1))


def brightness(pixels: np.ndarray, points: np.ndarray, sigma: float) -> np.ndarray:
    """Return linear luminance (BT.709, gamma 2.2) at points (x, y), averaged with a Gaussian; NaN outside and where clipped."""
    height, width = pixels.shape[:2]
    reach = int(np.ceil(3 * sigma)) + 1
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - reach, 0)
    x1, y1 = np.ceil(points.max(0)).astype(int) + reach
    crop = pixels[y0 : max(y1, 0), x0 : max(x1, 0)]
    if crop.size == 0:
        return np.full(len(points), np.nan)
    linear = ((crop / np.float32(255)) ** np.float32(2.2)) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    clipped = cv2.GaussianBlur((crop.max(2) >= 253).astype(np.float32), (0, 0), sigma)
    smooth = cv2.GaussianBlur(linear, (0, 0), sigma)
    inside = (points >= 0).all(1) & (points[:, 0] < width) & (points[:, 1] < height)
    columns, rows = (np.clip(points[:, axis].astype(int) - start, 0, None) for axis, start in ((0, x0), (1, y0)))
    rows, columns = np.minimum(rows, crop.shape[0] - 1), np.minimum(columns, crop.shape[1] - 1)
    return np.where(inside & (clipped[rows, columns] < 0.2), smooth[rows, columns], np.nan)


def light(normal: np.ndarray, level: np.ndarray, points: np.ndarray) -> Light:
    """Fit ambient and directed light to the brightness of surfaces (Johnson & Farid 2007), with Huber weights.

    Parameters
    ----------
    normal
        shape (n, 3).
    level
        shape (n,): brightness, finite.
    points
        shape (n, 2): where they lie; neighbours are drawn together in the bootstrap.
    """
    design, target = _design(normal), level / np.median(level)
    fitted = huber_fit(design, target, _penalty(len(target)))
    _, cluster = cKDTree(points[_spread_out(points)]).query(points)
    random = np.random.default_rng(0)
    held = []
    for _ in range(_DRAWS):
        drawn = np.bincount(random.integers(0, _CLUSTERS, _CLUSTERS), minlength=_CLUSTERS)[cluster].astype(float)
        weighted = design * drawn[:, None]
        ridge = _penalty(len(target))
        solved = np.linalg.solve(weighted.T @ design + ridge.T @ ridge + 1e-9 * np.eye(4), weighted.T @ target)
        held.append(solved[1:3])
    turns = np.arctan2(-np.array(held)[:, 1], np.array(held)[:, 0])
    direction = float(np.arctan2(-fitted[2], fitted[1]))
    away = np.angle(np.exp(1j * (turns - direction)))
    return Light(
        float(np.degrees(direction)) % 360,
        float(np.degrees(np.sqrt(np.mean(away**2)))),
        float(np.hypot(fitted[1], fitted[2])),
        fitted,
    )


def shaded(normal: np.ndarray, by: Light) -> np.ndarray:
    """Return the brightness that a light gives surfaces, relative to the median of those it was fitted on: shape (n,)."""
    return np.asarray(_design(normal) @ by.coefficients)


def turn_between(one: Light, other: Light) -> float:
    """Return the angle between two directions of light, 0 to 180 degrees."""
    return abs((one.direction - other.direction + 180) % 360 - 180)


def _design(normal: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(normal)), normal])


def _penalty(count: int) -> np.ndarray:
    """Hold back the third coefficient: nearly all of a face looks at the camera, so that it is hardly told."""
    rows = np.zeros((1, 4))
    rows[0, 3] = np.sqrt(0.02 * count)
    return rows


def _spread_out(points: np.ndarray) -> np.ndarray:
    """Return indices of 24 points far from each other."""
    chosen = [int(np.argmin(((points - points.mean(0)) ** 2).sum(1)))]
    distance = ((points - points[chosen[0]]) ** 2).sum(1)
    while len(chosen) < _CLUSTERS:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, ((points - points[chosen[-1]]) ** 2).sum(1))
    return np.array(chosen)
