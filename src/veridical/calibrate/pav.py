"""Pool-adjacent-violators calibration: the LR that never falls with the value, whatever its shape.

One misleading case is added beyond each end, so that no LR is infinite.

References
----------
Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability estimates, KDD 2002.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def fit(
    values: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None, *, misleading: float = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Fit log10 LRs that do not fall as the value rises.

    Parameters
    ----------
    values, labels
        shape (n,): the statistic, and 1 for a fake, 0 for a real file.
    weights
        shape (n,): how many cases each file stands for; 1 if None.
    misleading
        Number of fakes added below all values and of real files added above them.

    Returns
    -------
    tuple[np.ndarray, np.ndarray]
        The distinct values in rising order, and the log10 LR of each; infinite at pure ends if nothing was added.
    """
    numbers, fake = np.asarray(values, dtype=np.float64), np.asarray(labels) == 1
    shares = np.ones(len(numbers)) if weights is None else np.asarray(weights, dtype=np.float64)
    knots, place = np.unique(numbers, return_inverse=True)
    fakes = np.r_[misleading, np.bincount(place, shares * fake), 0]
    reals = np.r_[0, np.bincount(place, shares * ~fake), misleading]
    share = _rising(fakes, fakes + reals)[1:-1]
    with np.errstate(divide="ignore"):
        return knots, np.log10(share) - np.log10(1 - share) - np.log10(fakes.sum() / reals.sum())


def apply(knots: np.ndarray, log10_lr: np.ndarray, values: ArrayLike) -> np.ndarray:
    """Return the log10 LR of values, on straight lines between the knots and flat beyond them."""
    return np.asarray(np.interp(np.asarray(values, dtype=np.float64), knots, log10_lr))


def _rising(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return the rising shares part / whole nearest to those of each entry; entries of no weight share their neighbour's."""
    blocks: list[tuple[float, float, int]] = []
    for some, all_ in zip(part, whole, strict=True):
        block = (float(some), float(all_), 1)
        while blocks and (not block[1] or not blocks[-1][1] or blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]):
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    return np.concatenate([np.full(count, some / all_ if all_ else 0.5) for some, all_, count in blocks])
