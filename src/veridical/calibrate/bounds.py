"""How large a likelihood ratio the data can support: empirical upper and lower bounds, and n + 1.

An LR beyond what the data show is extrapolation. Vergeer and others compare, for each threshold on the LR, what decisions by
the system cost with what decisions without any evidence cost, after one misleading case is added on either side: where the
system stops being better, its LRs are no longer supported.

References
----------
Vergeer, van Es, de Jongh, Alberink and Stoel, Numerical likelihood ratios outputted by LR systems are often based on
extrapolation: when to stop extrapolating?, Science & Justice 56, 2016.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def elub(log10_lr: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> tuple[float, float]:
    """Return the empirical lower and upper bound of log10 LRs.

    The bounds are exact: the cost of a threshold is a constant plus a multiple of the threshold between two neighbouring LRs,
    so where it crosses that of no evidence can be solved for.

    Parameters
    ----------
    log10_lr, labels
        shape (n,): finite or infinite, and 1 for a fake, 0 for a real file.
    weights
        shape (n,): how many cases each file stands for; 1 if None. The misleading case that is added counts 1.

    Returns
    -------
    tuple[float, float]
        Lower bound, not above 0, and upper bound, not below 0. Neither lies beyond n + 1, nor beyond all LRs.
    """
    ratios, fake = np.asarray(log10_lr, dtype=np.float64), np.asarray(labels) == 1
    shares = np.ones(len(ratios)) if weights is None else np.asarray(weights, dtype=np.float64)
    # for the lower bound the two propositions change places
    return -_upper(-ratios, ~fake, shares), _upper(ratios, fake, shares)


def counted(fakes: float, reals: float) -> tuple[float, float]:
    """Return the bounds that the number of cases of each label allows: 1 / (fakes + 1) and reals + 1, in log10."""
    return -float(np.log10(fakes + 1)), float(np.log10(reals + 1))


def _upper(ratios: np.ndarray, fake: np.ndarray, shares: np.ndarray) -> float:
    """Return the smallest threshold above 0 at which deciding by the LRs costs more than never deciding for a fake."""
    fakes, reals = float(shares[fake].sum()), float(shares[~fake].sum())
    top = max(0.0, min(float(ratios.max()), float(np.log10(reals + 1))))
    edges = np.unique(np.r_[0.0, ratios[(ratios > 0) & (ratios < top)], top])
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        missed = (1 + shares[fake & (ratios <= low)].sum()) / (fakes + 1)
        alarms = (1 + shares[~fake & (ratios > low)].sum()) / (reals + 1)
        crossing = np.log10((1 - missed) / alarms) if missed < 1 else -np.inf
        if crossing < high:
            return float(max(low, crossing))
    return top
