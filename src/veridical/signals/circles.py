"""The circle across which brightness rises most: Daugman's integro-differential operator, on a weighted neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_ANGLES = 48
# One noisy lash or highlight must not outweigh the rest of the circle.
_MOST_RISE = 60.0
_WORKING_RADIUS = 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Centre (x, y) and radius in pixels, and the mean rise of brightness across it, in steps of 255."""

    x: float
    y: float
    radius: float
    rise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where to look, in units of the starting radius.

    Parameters
    ----------
    reach
        Farthest shift of the centre.
    smallest, largest
        Radii.
    gap
        Half of the distance between the two circles that are compared.
    sideways
        How much more the sides count than top and bottom, 0 to 1: eyelids cover these.
    pull
        Steps of 255 that a shift by ``reach`` must gain.
    """

    reach: float
    smallest: float
    largest: float
    gap: float
    sideways: float = 0.0
    pull: float = 0.0


def find_circle(
    plane: np.ndarray, weight: np.ndarray, start: Circle, search: Search, *, turn: float = 0.0
) -> Circle | None:
    """Return the best circle, or None if less than a quarter of every circle is seen.

    Parameters
    ----------
    plane
        shape (height, width), float32, 0–255.
    weight
        shape (height, width), float32, 0–1: how far each pixel counts.
    start
        Where to begin, and the unit of ``search``.
    turn
        Direction of the sides, radians.
    """
    scale = min(1.0, _WORKING_RADIUS / max(start.radius, 1e-6))
    if scale < 1:
        plane, weight = (cv2.resize(p, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for p in (plane, weight))
    unit = start.radius * scale
    plane = cv2.GaussianBlur(plane, (0, 0), 0.03 * unit + 0.3)
    centre = np.array([(start.x + 0.5) * scale - 0.5, (start.y + 0.5) * scale - 0.5])
    best = np.array([0.0, 0.0, (search.smallest + search.largest) / 2])
    shift, radii = search.reach, np.arange(search.smallest, search.largest + 1e-6, 0.04)
    rise = -np.inf
    for _ in range(3):
        steps = np.linspace(-shift, shift, 7)
        offsets = np.stack(np.meshgrid(steps, steps, radii, indexing="ij"), -1).reshape(-1, 3)
        offsets[:, :2] += best[:2]
        scores, rises = _scores(plane, weight, centre, unit, offsets, search, turn)
        chosen = int(scores.argmax())
        if not np.isfinite(scores[chosen]):
            return None
        best, rise = offsets[chosen], float(rises[chosen])
        shift, width = shift / 3, (radii[1] - radii[0]) * 1.5
        radii = np.linspace(max(best[2] - width, 0.5 * search.smallest), best[2] + width, 7)
    x, y = (centre + best[:2] * unit + 0.5) / scale - 0.5
    return Circle(x=float(x), y=float(y), radius=float(best[2] * start.radius), rise=rise)


def _scores(
    plane: np.ndarray,
    weight: np.ndarray,
    centre: np.ndarray,
    unit: float,
    offsets: np.ndarray,
    search: Search,
    turn: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Score and rise of circles (x, y, radius) relative to the start; a score is −∞ where too little is seen."""
    angle = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    aside = 1 - search.sideways * np.sin(angle - turn) ** 2
    rings, seen = [], np.broadcast_to(aside, (len(offsets), _ANGLES)).astype(np.float32)
    for sign in (-1, 1):
        radius = (offsets[:, 2:] + sign * search.gap) * unit
        x = (centre[0] + offsets[:, :1] * unit + radius * np.cos(angle)).astype(np.float32)
        y = (centre[1] + offsets[:, 1:2] * unit + radius * np.sin(angle)).astype(np.float32)
        rings.append(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        seen = seen * cv2.remap(weight, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    total = seen.sum(1)
    rise = (seen * np.clip(rings[1] - rings[0], -_MOST_RISE, _MOST_RISE)).sum(1) / np.maximum(total, 1e-6)
    away = (offsets[:, 0] ** 2 + offsets[:, 1] ** 2) / max(search.reach, 1e-6) ** 2
    return np.where(total >= aside.sum() / 4, rise - search.pull * away, -np.inf), rise
