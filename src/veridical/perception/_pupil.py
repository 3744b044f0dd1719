"""Inside one iris: the highlights of the light sources, and the pupil."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ..signals.circles import Circle, Search, find_circle

_SEARCH = Search(reach=0.25, smallest=0.2, largest=0.75, gap=0.07, pull=4.0)
# A highlight outshines the iris around it by this many steps of 255 in its weakest colour.
_OUTSHINES = 40.0
_FEWEST_PX = 3
# The ring of iris that a pupil is compared with, in radii of the pupil, and its sectors.
_RING, _SECTORS = (1.25, 1.6), 16


@dataclass(frozen=True, slots=True)
class Pupil:
    """``mask`` of the pupil, its ``contrast`` to the iris, its ``separability``, and how much of its rim is ``clear``."""

    mask: np.ndarray
    contrast: float = 0.0
    separability: float = 0.0
    clear: float = 0.0


def disc(shape: tuple[int, ...], circle: Circle, share: float = 1.0) -> np.ndarray:
    """Pixels whose centre lies within ``share`` of the radius: shape (height, width), bool."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((x - circle.x) ** 2 + (y - circle.y) ** 2 <= (share * circle.radius) ** 2)


def see_highlights(pixels: np.ndarray, iris: Circle, opening: np.ndarray) -> np.ndarray:
    """Return the highlights in an iris: bright in every colour, at least 3 px, not reaching its rim or a lid."""
    weakest = pixels.min(2)
    within = disc(opening.shape, iris, 0.96) & opening
    values = weakest[within]
    if values.size < 16:
        return np.zeros(opening.shape, bool)
    limit = max(float(np.median(values)) + _OUTSHINES, yen(values))
    bright = (weakest >= limit) & disc(opening.shape, iris, 1.1) & ndimage.binary_dilation(opening, np.ones((3, 3)))
    labels, count = ndimage.label(bright, np.ones((3, 3)))
    kept = np.zeros(opening.shape, bool)
    for number in range(1, count + 1):
        part = labels == number
        if part.sum() >= _FEWEST_PX and not (part & ~within).any():
            kept |= part
    return kept


def yen(values: np.ndarray) -> float:
    """Yen's threshold of grey values 0–255: the level that maximises the total correlation of both sides."""
    counts = np.bincount(values.ravel(), minlength=256).astype(np.float64)
    share = counts / counts.sum()
    low = np.cumsum(share)
    low2, high2 = np.cumsum(share**2), np.cumsum(share[::-1] ** 2)[::-1]
    above = np.append(high2[1:], 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        criterion = 2 * np.log(low * (1 - low)) - np.log(low2 * above)
    criterion[~np.isfinite(criterion)] = -np.inf
    return float(criterion.argmax())


def see_pupil(pixels: np.ndarray, iris: Circle, opening: np.ndarray, highlights: np.ndarray) -> Pupil:
    """Return the pupil of an iris; its mask is empty where no darker disc is found.

    The brightest of the three colours tells it apart best: the iris reflects at least one of them, the pupil none.
    """
    nothing = Pupil(np.zeros(opening.shape, bool))
    value = pixels.max(2).astype(np.float32)
    glare = cv2.dilate(highlights.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=1 + round(iris.radius / 40))
    weight = (opening & (glare == 0) & disc(opening.shape, iris, 0.97)).astype(np.float32)
    circle = find_circle(value, weight, iris, _SEARCH)
    if circle is None or circle.radius < 2:
        return nothing
    seen = weight > 0.5
    dark = value[seen & disc(seen.shape, circle, 0.8)]
    ring = (
        seen & disc(seen.shape, circle, _RING[1]) & ~disc(seen.shape, circle, _RING[0]) & disc(seen.shape, iris, 0.93)
    )
    if dark.size < 8 or ring.sum() < 8:
        return nothing
    levels, spread = _sectors(value, ring, circle)
    inner = float(np.median(dark))
    # The side where the iris is darkest, in the shadow of the lid, decides whether the two can be told apart.
    contrast = float(np.percentile(levels, 20)) - inner
    noise = float(np.hypot(_spread(dark), spread) / np.sqrt(2))
    mask = _segment(value, (inner + float(np.median(levels))) / 2, circle, glare > 0)
    return Pupil(mask, contrast, contrast / max(noise, 2.0), len(levels) / _SECTORS)


def _sectors(value: np.ndarray, ring: np.ndarray, circle: Circle) -> tuple[np.ndarray, float]:
    """Median brightness of each sector of a ring that is seen, and the robust spread within sectors."""
    y, x = np.nonzero(ring)
    sector = (np.arctan2(y - circle.y, x - circle.x) % (2 * np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS
    values = value[ring]
    full = 0.3 * np.pi * (_RING[1] ** 2 - _RING[0] ** 2) * circle.radius**2 / _SECTORS
    levels, rest = [], []
    for number in range(_SECTORS):
        part = values[sector == number]
        if part.size > max(min(full, 8), 1):
            levels.append(float(np.median(part)))
            rest.append(part - levels[-1])
    if not levels:
        return np.zeros(1), 0.0
    return np.array(levels), _spread(np.concatenate(rest))


def _segment(value: np.ndarray, limit: float, circle: Circle, glare: np.ndarray) -> np.ndarray:
    smooth = cv2.GaussianBlur(value, (0, 0), 0.05 * circle.radius + 0.4)
    near = disc(value.shape, circle, 1.5)
    core = (smooth < limit) & near & ~glare
    core = _around(core, circle)
    if core.any() and (glare & near).any():
        # What a highlight hides is taken to be regular.
        points = np.argwhere(core)[:, ::-1].astype(np.int32)
        hull = cv2.fillConvexPoly(np.zeros(value.shape, np.uint8), cv2.convexHull(points), 1)
        core = core | (glare & ((hull > 0) | disc(value.shape, circle)))
    width = 2 * round(0.15 * circle.radius) + 1
    tool = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    opened = cv2.morphologyEx(ndimage.binary_fill_holes(core).astype(np.uint8), cv2.MORPH_OPEN, tool)
    return _around(opened > 0, circle)


def _around(mask: np.ndarray, circle: Circle) -> np.ndarray:
    """Keep the part of a mask that holds most of the circle."""
    labels, count = ndimage.label(mask)
    if not count:
        return np.zeros(mask.shape, bool)
    sizes = np.bincount(labels[disc(mask.shape, circle)], minlength=count + 1)
    sizes[0] = 0
    return np.asarray((labels == int(sizes.argmax())) & (sizes.max() > 0))


def _spread(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
