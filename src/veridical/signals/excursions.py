"""Stretches of a series of points that leave at once, stay away and return at once to where they came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ON_ITS_WAY = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Excursion:
    """Points ``first`` to ``end`` − 1 lie apart from those before and behind them.

    Parameters
    ----------
    first, end
        Places in the series; points on the way out or back may lie between these and the points that were compared.
    depth
        Geometric mean of the way out and the way back, as far as both go the same way.
    gap
        Along that way: how far the nearest of these points lies from the nearest of the points around them. Negative where
        the two overlap, as they do when a series comes and goes in small steps.
    """

    first: int
    end: int
    depth: float
    gap: float


def excursions(points: np.ndarray, *, longest: int, around: int = 4, least: float = 0.0) -> list[Excursion]:
    """Find the excursions of a series, the widest gap first; those found do not overlap.

    Parameters
    ----------
    points
        shape (n, d), in even steps or nearly so.
    longest
        Most points of an excursion.
    around
        How many points before and behind it are compared; two at least are needed on either side.
    least
        Excursions whose gap is not above it are left out.
    """
    n = len(points)
    points = np.asarray(points, np.float64)
    found = []
    steps = np.linalg.norm(points[2:] - points[:-2], axis=1) if n > 2 else np.zeros(0)
    for first in range(2, n - 2):
        # An excursion with such a gap sets out with a step, over two points, that is at least as long.
        if max(steps[first - 2], steps[first - 1]) <= least:
            continue
        for end in range(first + 1, min(first + longest, n - 2) + 1):
            found += [one for one in _apart(points, first, end, around) if one.gap > least]
    return _best(found)


def _apart(points: np.ndarray, first: int, end: int, around: int) -> list[Excursion]:
    """Compare a stretch with what surrounds it: at once, and leaving out a point on the way at either end."""
    found = []
    for out, back in ((0, 0), (1, 0), (0, 1), (1, 1)):
        before = points[max(first - out - around, 0) : first - out]
        behind = points[end + back : end + back + around]
        if len(before) < 2 or len(behind) < 2:
            continue
        inside = points[first:end]
        middle = inside.mean(0)
        leaves, returns = middle - before.mean(0), middle - behind.mean(0)
        depth = float(np.sqrt(max(float(leaves @ returns), 0.0)))
        way = leaves + returns
        length = float(np.linalg.norm(way))
        if depth <= 0 or length <= 0:
            continue
        way /= length
        nearest = max(float((before @ way).max()), float((behind @ way).max()))
        farthest = float((inside @ way).min())
        gap = farthest - nearest
        passing = [points[place] @ way for place in (*range(first - out, first), *range(end, end + back))]
        # A point that is left out is on its way: one that belongs to the stretch is not.
        if all(at < farthest - _ON_ITS_WAY * gap for at in passing):
            found.append(Excursion(first=first, end=end, depth=depth, gap=gap))
    return found


def _best(found: list[Excursion]) -> list[Excursion]:
    kept: list[Excursion] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda one: -one.gap):
        own = range(one.first, one.end)
        if taken.isdisjoint(own):
            taken.update(own)
            kept.append(one)
    return kept
