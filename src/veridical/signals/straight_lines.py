"""Lines of a picture that are straight or nearly so, and by how much each of them bends."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_MOST_SEGMENTS = 400
_SHORTEST, _GAP = 0.03, 0.025
_TURN = np.radians(14)
_MOST_BEND = 0.08


@dataclass(frozen=True, slots=True)
class Chain:
    """Segments that follow each other.

    Parameters
    ----------
    points
        shape (k, 2), float64: x and y of the ends of the segments, from one end of the chain to the other.
    length
        Distance between both ends, pixels.
    bend
        Farthest point from the straight line between both ends, as a share of ``length``.
    """

    points: np.ndarray
    length: float
    bend: float


def chains(plane: np.ndarray, allowed: np.ndarray, *, least: float) -> list[Chain]:
    """Chain the line segments of a plane that nearly continue each other, longest first.

    What turns by more than 14° from one segment to the next, or bends by more than 0.08 of its length, is no line.

    Parameters
    ----------
    plane
        shape (rows, columns), uint8.
    allowed
        shape (rows, columns), bool: where the middle of a segment must lie.
    least
        Least length of a chain, pixels.
    """
    side = min(plane.shape)
    found = cv2.createLineSegmentDetector().detect(plane)[0]
    segments = np.zeros((0, 2, 2)) if found is None else np.asarray(found, np.float64).reshape(-1, 2, 2)
    lengths = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    middles = np.clip(segments.mean(1).astype(int), 0, np.array(plane.shape[::-1]) - 1)
    kept = (lengths >= _SHORTEST * side) & allowed[middles[:, 1], middles[:, 0]]
    order = np.argsort(-lengths[kept], kind="stable")[:_MOST_SEGMENTS]
    segments = segments[kept][order]
    free = np.ones(len(segments), bool)
    done = []
    for first in range(len(segments)):
        if not free[first]:
            continue
        free[first] = False
        points = [segments[first, 0], segments[first, 1]]
        for at_end in (True, False):
            while (following := _next(segments, free, points, at_end=at_end, gap=_GAP * side)) is not None:
                points = [*points, *following] if at_end else [*following[::-1], *points]
        chain = _chain(np.array(points))
        if chain.length >= least and chain.bend <= _MOST_BEND:
            done.append(chain)
    return sorted(done, key=lambda one: -one.length)


def _next(
    segments: np.ndarray, free: np.ndarray, points: list[np.ndarray], *, at_end: bool, gap: float
) -> list[np.ndarray] | None:
    """Return both ends of the segment that continues a chain best, the nearer first, and take it; None if there is none."""
    tip, before = (points[-1], points[-2]) if at_end else (points[0], points[1])
    direction = (tip - before) / max(float(np.linalg.norm(tip - before)), 1e-9)
    best: tuple[float, int, int] | None = None
    for near in (0, 1):
        away = np.linalg.norm(segments[:, near] - tip, axis=1)
        along = segments[:, 1 - near] - segments[:, near]
        cosine = along @ direction / np.maximum(np.linalg.norm(along, axis=1), 1e-9)
        fit = np.flatnonzero(free & (away <= gap) & (cosine >= np.cos(_TURN)))
        if len(fit):
            index = int(fit[np.argmin(away[fit])])
            if best is None or away[index] < best[0]:
                best = (float(away[index]), index, near)
    if best is None:
        return None
    _, index, near = best
    free[index] = False
    return [segments[index, near], segments[index, 1 - near]]


def _chain(points: np.ndarray) -> Chain:
    chord = points[-1] - points[0]
    length = float(np.linalg.norm(chord))
    if length < 1e-6:
        return Chain(points, 0.0, 1.0)
    across = np.array([-chord[1], chord[0]]) / length
    return Chain(points, length, float(np.abs((points - points[0]) @ across).max() / length))
