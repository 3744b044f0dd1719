"""Keypoints of a picture that match others of the same picture, and the movements that explain many of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_MOST_KEYPOINTS = 4000
_CONTRAST = 0.015
_CANDIDATES = 5  # nearest others that are looked at for each keypoint
_ROWS = 1000
_MOST_MATCHES = 1500
_NEIGHBOURS = 4
_SCALES = (0.4, 2.5)
_TOLERANCE = 3.0  # pixels
_TAKEN = 8.0  # pixels: matches this near to a movement belong to it, too


@dataclass(frozen=True, slots=True)
class Movement:
    """A similarity that takes some keypoints to others.

    Parameters
    ----------
    matrix
        shape (2, 3), float64: takes (x, y, 1) to (x, y).
    start, end
        shape (n, 2), float64: x and y of the matched keypoints.
    """

    matrix: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @property
    def scale(self) -> float:
        """Enlargement."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def angle(self) -> float:
        """Turn in degrees, clockwise as seen on the screen."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))


def self_matches(grey: np.ndarray, *, ratio: float, apart: float) -> tuple[np.ndarray, int]:
    """Match SIFT keypoints of a picture with each other (generalised second-nearest-neighbour test).

    Parameters
    ----------
    grey
        shape (height, width), uint8.
    ratio
        A match's distance over that of the next candidate; the candidates before the first that fails match, too.
    apart
        Pixels that two matching keypoints must lie apart.

    Returns
    -------
    matches
        shape (n, 2), complex128: both ends as x + iy, each pair once.
    count
        Number of keypoints.
    """
    found, raw = cv2.SIFT.create(nfeatures=_MOST_KEYPOINTS, contrastThreshold=_CONTRAST).detectAndCompute(grey, None)
    if len(found) <= _CANDIDATES:
        return np.empty((0, 2), np.complex128), len(found)
    places = np.array([complex(*point.pt) for point in found])
    vectors = np.sqrt(raw / np.maximum(raw.sum(1, keepdims=True), 1e-9)).astype(np.float32)
    pairs: dict[tuple[int, int], float] = {}
    for first in range(0, len(places), _ROWS):
        block = slice(first, first + _ROWS)
        alike = vectors[block] @ vectors.T
        alike[np.abs(places[block, None] - places[None]) < apart] = -1
        best = np.argpartition(alike, -_CANDIDATES, axis=1)[:, -_CANDIDATES:]
        values = np.take_along_axis(alike, best, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        best, values = np.take_along_axis(best, order, 1), np.take_along_axis(values, order, 1)
        far = np.sqrt(np.maximum(2 - 2 * values, 1e-12))
        quotient = far[:, :-1] / far[:, 1:]
        # The last quotient that passes: all candidates up to it are alike, those after it are not.
        passing = np.where(quotient < ratio, np.arange(1, _CANDIDATES), 0).max(1)
        for row in np.flatnonzero(passing):
            for rank in range(passing[row]):
                one, other = sorted((first + int(row), int(best[row, rank])))
                pairs[one, other] = min(float(far[row, rank]), pairs.get((one, other), 9.0))
    kept = sorted(pairs, key=lambda pair: (pairs[pair], pair))[:_MOST_MATCHES]
    return places[np.array(kept, int).reshape(-1, 2)], len(found)


def movements(matches: np.ndarray, *, fewest: int, most: int) -> list[Movement]:
    """Find similarities that each explain at least ``fewest`` matches, the strongest first, at most ``most``.

    Each match and each of its nearest neighbours propose one; a match counts in both directions.
    """
    both = np.concatenate([matches, matches[:, ::-1]])
    both = both[np.unique(np.round(both, 1), axis=0, return_index=True)[1]]
    found: list[Movement] = []
    while len(found) < most and len(both) >= fewest:
        linear, shift = _proposals(both)
        if not len(linear):
            break
        counts = [_near(both, a, b, _TOLERANCE).sum() for a, b in zip(linear, shift, strict=True)]
        a, b = linear[int(np.argmax(counts))], shift[int(np.argmax(counts))]
        for _ in range(3):
            inside = _near(both, a, b, _TOLERANCE)
            if inside.sum() < 3:
                break
            a, b = _fit(both[inside])
        inside = _near(both, a, b, _TOLERANCE)
        if _distinct(both[inside]) < fewest:
            break
        start, end = (np.column_stack([part.real, part.imag]) for part in both[inside].T)
        found.append(Movement(np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]]), start, end))
        both = both[~_near(both, a, b, _TAKEN) & ~_near(both, 1 / a, -b / a, _TAKEN)]
    return found


def _proposals(both: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    start, end = both.T
    between = np.abs(start[:, None] - start[None])
    between[between < 2 * _TOLERANCE] = np.inf
    near = np.argsort(between, axis=1, kind="stable")[:, :_NEIGHBOURS]
    ahead = start[near] - start[:, None]
    linear = np.where(ahead == 0, 0, (end[near] - end[:, None]) / np.where(ahead == 0, 1, ahead))
    shift = end[:, None] - linear * start[:, None]
    usable = (np.abs(linear) > _SCALES[0]) & (np.abs(linear) < _SCALES[1])
    return linear[usable], shift[usable]


def _near(both: np.ndarray, linear: complex, shift: complex, tolerance: float) -> np.ndarray:
    return np.asarray(np.abs(linear * both[:, 0] + shift - both[:, 1]) < tolerance)


def _fit(both: np.ndarray) -> tuple[complex, complex]:
    start, end = both.T
    middle, target = start.mean(), end.mean()
    linear = np.vdot(start - middle, end - target) / max(np.vdot(start - middle, start - middle).real, 1e-9)
    return complex(linear), complex(target - linear * middle)


def _distinct(both: np.ndarray) -> int:
    """Count places that are not the same point found at several scales or angles."""
    return len({(round(z.real / 4), round(z.imag / 4)) for z in both[:, 0]})
