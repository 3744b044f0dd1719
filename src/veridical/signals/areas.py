"""Connected areas of a map of blocks that depart in one direction, and how much each of them says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .blocks import local_mean


@dataclass(frozen=True, slots=True)
class Area:
    """One area: mean departure times the root of its share of the judged blocks, mean departure, where (bool)."""

    strength: float
    departure: float
    mask: np.ndarray


def coherent_areas(
    departure: np.ndarray, judged: np.ndarray, *, beyond: float, clip: float, most: int = 5
) -> list[Area]:
    """Find connected areas whose departure, averaged over 3 × 3 blocks, lies beyond a limit; strongest first.

    Parameters
    ----------
    departure
        shape (rows, columns): signed departure of each block; NaN counts as 0.
    judged
        shape (rows, columns), bool.
    beyond
        Limit for the average over 3 × 3 neighbours.
    clip
        Departures count up to this much.
    most
        Areas kept of each sign.
    """
    clipped = np.clip(np.nan_to_num(departure), -clip, clip)
    smooth = local_mean(clipped, judged, 3)
    total = int(judged.sum())
    areas = []
    for sign in (1, -1):
        labels, count = ndimage.label((sign * smooth > beyond) & judged)
        if not count:
            continue
        sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        means = np.bincount(labels.ravel(), clipped.ravel(), count + 1)[1:] / sizes
        strengths = np.abs(means) * np.sqrt(sizes / total)
        for i in np.argsort(-strengths)[:most]:
            areas.append(Area(float(strengths[i]), float(means[i]), labels == i + 1))
    return sorted(areas, key=lambda area: -area.strength)
