"""Where something changes for good: means before and after each moment, against what shuffling its parts would give.

A *cue* is a series of units (a pause, half a second of speech, the end of a word), each with a time and a vector. A joint of
two recordings moves the vectors of all units after it; within one recording they scatter. How far apart two means lie by
scatter alone, at the most favourable of all moments, is found by shuffling the units of the very recording: a longer one
has more moments to choose from and so has its shuffled copies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHUFFLES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Units in order of time: ``times``, shape (m,), seconds; ``vectors``, shape (m, k)."""

    name: str
    times: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """How unlike the units before and after each moment are.

    Parameters
    ----------
    ratio
        shape (n,), float32: distance at each moment over the median of the largest distances after shuffling; NaN where
        there are too few units on a side. Above 1 is more than shuffling gives in half of the cases.
    chance
        Standard deviation of the largest distances after shuffling, over their median.
    change
        shape (n, k), float32: mean after less mean before.
    """

    name: str
    ratio: np.ndarray
    chance: float
    change: np.ndarray


def contrast(cue: Cue, at: np.ndarray, *, reach_s: float, least: int, seed: int = 0) -> Contrast | None:
    """Compare the units before and after each moment with those of shuffled recordings.

    Parameters
    ----------
    at
        shape (n,): moments, seconds, rising.
    reach_s
        Units up to so far from a moment are compared.
    least
        Units that are needed on each side.

    Returns
    -------
    None if no moment has enough units on both sides.
    """
    bounds = _bounds(cue.times, at, reach_s)
    enough = (bounds[1] - bounds[0] >= least) & (bounds[2] - bounds[1] >= least)
    if not enough.any():
        return None
    few = tuple(bound[enough] for bound in bounds)
    scatter = np.sqrt((np.diff(cue.vectors, axis=0) ** 2).mean(0) / 2) + 1e-6  # von Neumann: blind to single steps
    units = cue.vectors / scatter
    change, size = _distances(units, few)
    flat = _flattened(units, int(few[1][np.argmax(size)]))
    random = np.random.default_rng(seed)
    largest = np.array([_distances(random.permutation(flat), few)[1].max() for _ in range(SHUFFLES)])
    typical = float(np.median(largest)) + 1e-9
    ratio = np.full(len(at), np.nan, np.float32)
    ratio[enough] = size / typical
    moved = np.full((len(at), cue.vectors.shape[1]), np.nan, np.float32)
    moved[enough] = change * scatter
    return Contrast(name=cue.name, ratio=ratio, chance=float(largest.std() / typical), change=moved)


def _bounds(times: np.ndarray, at: np.ndarray, reach_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first unit within reach, the first after the moment, and the first beyond reach."""
    first, middle, last = (np.searchsorted(times, at + shift) for shift in (-reach_s, 0.0, reach_s))
    return first, middle, last


def _distances(units: np.ndarray, bounds: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean after less mean before, and its size in standard errors, averaged over the elements."""
    first, middle, last = bounds
    total = np.concatenate([np.zeros((1, units.shape[1])), np.cumsum(units, axis=0)])
    before, after = middle - first, last - middle
    change = (total[last] - total[middle]) / after[:, None] - (total[middle] - total[first]) / before[:, None]
    return change, np.sqrt((change**2).mean(1) * before * after / (before + after))


def _flattened(units: np.ndarray, joint: int) -> np.ndarray:
    """Take away what the strongest joint explains, so that it does not hide among its own shuffled copies."""
    flat = units.copy()
    for part in (slice(None, joint), slice(joint, None)):
        flat[part] -= flat[part].mean(0)
        flat[part] *= np.sqrt(len(flat[part]) / max(len(flat[part]) - 1, 1))
    return flat
