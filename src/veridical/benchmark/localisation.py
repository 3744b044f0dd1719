"""How well a map finds the altered area: pixel F1, IoU and pixel AUC of one map against its mask.

``heat`` is a map of any shape, higher meaning altered; ``mask`` has the same shape and is true where the picture was altered.
A threshold marks what is at or above it. None of these is defined for a mask without an altered pixel, so pictures that are
authentic are left out; say so beside the number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class BestF1:
    """Highest pixel F1 of a map over all thresholds; optimistic, since the threshold is chosen with the mask."""

    f1: float
    threshold: float


def pixel_f1(heat: ArrayLike, mask: ArrayLike, *, threshold: float = 0.5) -> float:
    """F1 of the marked pixels at a fixed threshold."""
    hits, marked, altered = _counts(*_checked(heat, mask), threshold)
    return 2 * hits / (marked + altered)


def iou(heat: ArrayLike, mask: ArrayLike, *, threshold: float = 0.5) -> float:
    """Intersection of the marked and the altered area over their union, at a fixed threshold."""
    hits, marked, altered = _counts(*_checked(heat, mask), threshold)
    return hits / (marked + altered - hits)


def best_f1(heat: ArrayLike, mask: ArrayLike) -> BestF1:
    """Highest pixel F1 over all thresholds, and the threshold that reaches it (the highest such)."""
    heat, mask = _checked(heat, mask)
    altered, intact = np.sort(heat[mask]), np.sort(heat[~mask])
    first = np.r_[True, altered[1:] != altered[:-1]]  # the best threshold is the value of an altered pixel
    thresholds, hits = altered[first], len(altered) - np.flatnonzero(first)
    alarms = len(intact) - np.searchsorted(intact, thresholds)
    f1 = 2 * hits / (hits + alarms + len(altered))
    best = len(f1) - 1 - int(np.argmax(f1[::-1]))
    return BestF1(float(f1[best]), float(thresholds[best]))


def pixel_auc(heat: ArrayLike, mask: ArrayLike) -> float:
    """Area under the ROC curve over the pixels of one map, ties counting half."""
    heat, mask = _checked(heat, mask)
    if mask.all():
        raise UsageError("every pixel of the mask is altered: pixel AUC needs intact pixels too")
    altered, intact = np.sort(heat[mask]), np.sort(heat[~mask])
    twice = np.searchsorted(intact, altered, "left").sum() + np.searchsorted(intact, altered, "right").sum()
    return float(twice / (2 * altered.size * intact.size))


def _checked(heat: ArrayLike, mask: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    values, altered = np.asarray(heat), np.asarray(mask)
    if values.shape != altered.shape:
        raise UsageError(
            f"the map {values.shape} and the mask {altered.shape} differ in size: bring the map to the mask's"
        )
    if altered.dtype != np.bool_:
        raise UsageError("the mask must be boolean: say which grey level means altered, such as mask > 127")
    if not np.isfinite(values).all():
        raise UsageError("the map holds values that are not finite: fill them with the map's lowest value")
    if not altered.any():
        raise UsageError("the mask marks no pixel as altered: leave authentic pictures out of localisation metrics")
    return values, altered


def _counts(heat: np.ndarray, mask: np.ndarray, threshold: float) -> tuple[int, int, int]:
    marked = heat >= threshold
    return int(np.sum(marked & mask)), int(np.sum(marked)), int(np.sum(mask))
