"""Operating points of a statistic, and the metrics that are functions of them alone.

An operating point is a threshold: everything at or above it is called fake. What counts at each threshold is how many real
and how many fake items lie there, so one set of functions serves a plain sample (all weights 1) and a whole batch of
bootstrap samples (one row of weights each) at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .scikit import scikit


@dataclass(frozen=True, slots=True)
class Points:
    """Numbers of real (``fp``) and fake (``tp``) items at or above each distinct threshold, from the strictest on.

    Both are integers [shape=(..., thresholds + 1)]; the first entry is 0, the last the number of items of that label.
    """

    fp: np.ndarray
    tp: np.ndarray

    @property
    def reals(self) -> np.ndarray:
        """Number of real items [shape=(..., 1)]."""
        return self.fp[..., -1:]

    @property
    def fakes(self) -> np.ndarray:
        """Number of fake items [shape=(..., 1)]."""
        return self.tp[..., -1:]


def of(values: np.ndarray, labels: np.ndarray) -> Points:
    """Operating points of one sample; equal values share a point."""
    weights = np.ones((1, len(values)), dtype=np.int64)
    points = of_weights(values, labels, weights)
    return Points(points.fp[0], points.tp[0])


def of_weights(values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Points:
    """Operating points of one sample a row, in which item i occurs ``weights[row, i]`` times."""
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    fake = labels[order] == 1
    weights = weights[:, order]

    def above(kept: np.ndarray) -> np.ndarray:
        steps = np.add.reduceat(weights * kept, starts, axis=1)
        return np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))

    return Points(above(~fake), above(fake))


def auc(points: Points) -> np.ndarray:
    """Area under the ROC curve: share of real-fake pairs in the right order, ties counting half."""
    fp, tp = points.fp, points.tp
    twice = (np.diff(fp) * (tp[..., 1:] + tp[..., :-1])).sum(axis=-1)
    return np.asarray(twice / (2 * points.reals * points.fakes)[..., 0])


def average_precision(points: Points) -> np.ndarray:
    """Sum of precision over the steps in recall."""
    flagged = np.maximum(points.fp + points.tp, 1)[
        ..., 1:
    ]  # a threshold that no item of the sample reaches adds nothing
    return np.asarray((np.diff(points.tp) * points.tp[..., 1:] / flagged).sum(axis=-1) / points.fakes[..., 0])


def tpr_at_fpr(points: Points, *, fpr: float) -> np.ndarray:
    """Highest share of fakes found at a threshold that flags at most ``fpr`` of the real items."""
    allowed = points.fp <= fpr * points.reals + 1e-9
    return np.asarray(np.where(allowed, points.tp, 0).max(axis=-1) / points.fakes[..., 0])


def lowest_cost(points: Points, *, flagged_real: float, missed_fake: float) -> np.ndarray:
    """Lowest ``flagged_real`` · FPR + ``missed_fake`` · (1 - TPR) over all thresholds."""
    cost = flagged_real * points.fp / points.reals + missed_fake * (1 - points.tp / points.fakes)
    return np.asarray(cost.min(axis=-1))


def eer(points: Points, *, hull: bool = False) -> np.ndarray:
    """Error rate where FPR = FNR, on the ROC curve or on its convex hull."""
    fp, fn = points.fp, points.fakes - points.tp
    crossing = _hull_edge(fp, fn) if hull else _curve_edge(fp, fn)
    (fp0, fn0), (fp1, fn1) = crossing
    reals, fakes = points.reals[..., 0], points.fakes[..., 0]
    gap0 = fn0 / fakes - fp0 / reals  # >= 0 at the strict end of the edge, <= 0 at the lax end
    gap1 = fp1 / reals - fn1 / fakes
    share = gap0 / (gap0 + gap1)
    return np.asarray((fp0 + share * (fp1 - fp0)) / reals)


_Edge = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _at(index: np.ndarray, fp: np.ndarray, fn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    def pick(counts: np.ndarray) -> np.ndarray:
        return np.asarray(np.take_along_axis(counts, index[..., None], axis=-1)[..., 0])

    return pick(fp), pick(fn)


def _strict_side(fp: np.ndarray, fn: np.ndarray, reals: np.ndarray, fakes: np.ndarray) -> np.ndarray:
    return np.asarray(fp * fakes < fn * reals)


def _curve_edge(fp: np.ndarray, fn: np.ndarray) -> _Edge:
    """Return the step of the curve that crosses FPR = FNR."""
    strict = _strict_side(fp, fn, fp[..., -1:], fn[..., :1])
    lax = np.argmin(strict, axis=-1)  # first point on or past the crossing; never the first of all
    return _at(lax - 1, fp, fn), _at(lax, fp, fn)


def _hull_edge(fp: np.ndarray, fn: np.ndarray) -> _Edge:
    """Return the edge of the lower hull that crosses FPR = FNR, for all rows at once and exactly, in integers.

    Between a hull point on either side, the point farthest below their chord is a hull point too; it replaces the end on its
    side until none lies below.
    """
    reals, fakes = fp[..., -1], fn[..., 0]
    (fp0, fn0), (fp1, fn1) = (np.zeros_like(reals), fakes), (reals, np.zeros_like(fakes))
    while True:
        cost = (fn0 - fn1)[..., None] * fp + (fp1 - fp0)[..., None] * fn
        best = np.argmin(cost, axis=-1)
        fp2, fn2 = _at(best, fp, fn)
        lower = (fn0 - fn1) * fp2 + (fp1 - fp0) * fn2 < (fn0 - fn1) * fp0 + (fp1 - fp0) * fn0
        if not np.any(lower):
            return (fp0, fn0), (fp1, fn1)
        strict = _strict_side(fp2, fn2, reals, fakes)
        fp0, fn0 = np.where(lower & strict, fp2, fp0), np.where(lower & strict, fn2, fn0)
        fp1, fn1 = np.where(lower & ~strict, fp2, fp1), np.where(lower & ~strict, fn2, fn1)


def pav_odds(points: Points) -> np.ndarray:
    """Likelihood ratio of each threshold's block of equal values, after pool-adjacent-violators; 0 and inf at pure ends.

    Only for one sample. Blocks run from the strictest threshold down; a block that no item is in gives NaN.
    """
    reals, fakes = np.diff(points.fp), np.diff(points.tp)
    items = reals + fakes
    held = items > 0
    share = fakes[held] / items[held]
    fitted = scikit("isotonic").isotonic_regression(share, sample_weight=items[held].astype(float), increasing=False)
    odds = np.full(len(items), np.nan)
    with np.errstate(divide="ignore"):
        odds[held] = fitted / (1 - fitted) * (points.reals / points.fakes)
    return odds


def cllr_min(points: Points) -> np.ndarray:
    """Cllr after pool-adjacent-violators on the same data."""
    fp, tp = np.atleast_2d(points.fp), np.atleast_2d(points.tp)
    costs = np.array([_cllr_min(Points(*row)) for row in zip(fp, tp, strict=True)])
    return costs.reshape(points.fp.shape[:-1])


def _cllr_min(points: Points) -> float:
    reals, fakes, odds = np.diff(points.fp), np.diff(points.tp), pav_odds(points)
    with np.errstate(divide="ignore"):
        missed = np.log2(1 + 1 / odds[fakes > 0]) @ fakes[fakes > 0] / fakes.sum()
        flagged = np.log2(1 + odds[reals > 0]) @ reals[reals > 0] / reals.sum()
    return float(missed + flagged) / 2
