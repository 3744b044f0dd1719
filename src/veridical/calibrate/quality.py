"""Fitting the range of qualities that a calibration reaches; ``evidence.reach`` applies it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..evidence.reach import NEAREST, standardised
from .items import Scored

POINTS = 300
"""Files kept in a table; of more, a sample is drawn."""
PERCENTILE = 99
WIDE = 20.0
"""Ratio of largest to smallest from which a number is taken as its logarithm."""
FARTHEST = 50.0
"""A file that lacks a number, or has one, unlike all others is always out of reach."""


def fit_reach(items: Sequence[Scored], names: Sequence[str] | None = None, *, seed: int = 0) -> dict[str, Any] | None:
    """Return which qualities the files span, as a table holds it; None if no number is known of them.

    The reach is the 99th percentile of the distances of the files to their third nearest neighbour of another group.

    Parameters
    ----------
    names
        Numbers of the quality vector to take; those that at least half of the files have if None.
    """
    counted = sorted({name for one in items for name in one.quality})
    chosen = list(names) if names is not None else [
        name for name in counted if 2 * sum(name in one.quality for one in items) >= len(items)
    ]  # fmt: skip
    if not chosen:
        return None
    qualities = [one.quality for one in items]
    raw = np.array([[quality.get(name, np.nan) for name in chosen] for quality in qualities], float)
    logs = np.array([_is_wide(column) for column in raw.T])
    taken = np.where(logs, np.log10(1 + np.abs(raw)), raw)
    centre, scale = np.array([_middle(column) for column in taken.T]).T
    points = standardised(qualities, chosen, logs, centre, scale)
    kept = np.sort(np.random.default_rng(seed).permutation(len(points))[:POINTS])
    groups = np.array([one.group for one in items], dtype=object)
    apart = _nearest(points, groups, kept)
    if not np.isfinite(apart).any():
        return None
    reach = float(np.percentile(apart[np.isfinite(apart)], PERCENTILE))
    return {
        "names": chosen, "logs": [bool(one) for one in logs], "centre": _rounded(centre), "scale": _rounded(scale),
        "points": [_rounded(one) for one in points[kept]], "reach": float(f"{min(max(reach, 1e-3), FARTHEST):.4g}"),
    }  # fmt: skip


def _nearest(points: np.ndarray, groups: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return each file's distance to the third nearest kept point of another group; infinite if there are fewer."""
    found = np.full(len(points), np.inf)
    for number, point in enumerate(points):
        others = points[kept[groups[kept] != groups[number]]]
        if len(others) >= NEAREST:
            apart = np.sqrt(((others - point) ** 2).sum(1))
            found[number] = np.partition(apart, NEAREST - 1)[NEAREST - 1]
    return found


def _is_wide(column: np.ndarray) -> bool:
    there = column[np.isfinite(column)]
    return bool(len(there) and there.min() > 0 and there.max() / there.min() > WIDE)


def _middle(column: np.ndarray) -> tuple[float, float]:
    """Return median and spread of what is there; the spread of a constant is a fiftieth of it, so that others stand out."""
    there = column[np.isfinite(column)]
    if not len(there):
        return 0.0, 1.0
    centre = float(np.median(there))
    spread = float(np.subtract(*np.percentile(there, (75, 25)))) / 1.349
    return centre, max(spread, float(there.std()) / 2, abs(centre) / 50, 1e-6)


def _rounded(row: np.ndarray) -> list[float]:
    return [float(f"{number:.5g}") for number in row]
