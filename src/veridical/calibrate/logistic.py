"""Logistic calibration: log10 LR = offset + slope · value, both labels weighing equally, held back by a ridge.

The log odds of a logistic regression in which both labels weigh the same in sum (a prior of one half) are a log likelihood
ratio. All results are in log10, whatever the fit works in.

References
----------
Platt, Probabilistic outputs for support vector machines, Advances in Large Margin Classifiers, 1999.
Morrison, Tutorial on logistic-regression calibration and fusion, Australian Journal of Forensic Sciences 45, 2013.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ..errors import UsageError

RIDGE = 1.0
"""Weight of the squared slope, for values of standard deviation 1 and weights that sum to the number of files or groups."""
_STEPS = 60
_CELLS = 2_000_000
_DECADE = float(np.log(10))


@dataclass(frozen=True, slots=True)
class Fit:
    """log10 LR = ``offset`` + ``slope`` · value."""

    offset: float
    slope: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return log10 LRs, unbounded, in the shape of the values."""
        return np.asarray(self.offset + self.slope * np.asarray(values, dtype=np.float64))


def fit(values: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None, ridge: float = RIDGE) -> Fit:
    """Fit offset and slope.

    Parameters
    ----------
    values, labels
        shape (n,): the statistic, higher for a fake, and 1 for a fake, 0 for a real file.
    weights
        shape (n,): how much each file counts within its label; 1 each if None. Both labels are then made to weigh equally,
        the sum staying what it was.
    ridge
        Holds the slope back; it stands for ``1 / C`` of other packages on standardised values.

    Raises
    ------
    UsageError
        If a label is missing, or the slope is not above zero: the statistic does not rank fakes above real files.
    """
    rows = np.ones((1, len(values))) if weights is None else np.asarray(weights, dtype=np.float64)[None]
    offset, slope = fit_rows(values, labels, rows, ridge)[0]
    if not slope > 0:
        raise UsageError(
            "the statistic does not rank these fakes above these real files: nothing can be calibrated on it"
        )
    return Fit(float(offset), float(slope))


def fit_rows(values: np.ndarray, labels: np.ndarray, weights: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """Fit one pair for each row of weights, as a bootstrap needs it; a slope is never below zero.

    Where the best slope is negative, the best one that is not is 0, and with it the LR is 1 for any value.

    Parameters
    ----------
    weights
        shape (rows, n).

    Returns
    -------
    np.ndarray
        shape (rows, 2): offset and slope in log10.
    """
    if weights.size > _CELLS and len(weights) > 1:  # memory must not grow with files times repetitions
        half = len(weights) // 2
        return np.concatenate([fit_rows(values, labels, some, ridge) for some in (weights[:half], weights[half:])])
    values, labels = np.asarray(values, dtype=np.float64), np.asarray(labels)
    middle, spread = float(values.mean()), float(max(values.std(), 1e-12))
    given = (values - middle) / spread
    weight = balanced(labels, weights)
    pairs = np.zeros((len(weight), 2))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(pairs[:, :1] + pairs[:, 1:] * given, -500, 500)))
        error, curve = weight * (chance - labels), weight * chance * (1 - chance)
        slope = np.stack([error.sum(1), error @ given + ridge * pairs[:, 1]], 1)
        a, b, c = curve.sum(1) + 1e-9, curve @ given, curve @ given**2 + ridge + 1e-9
        step = np.stack([c * slope[:, 0] - b * slope[:, 1], a * slope[:, 1] - b * slope[:, 0]], 1)
        step /= (a * c - b * b)[:, None]
        step *= np.minimum(1, 2 / np.maximum(np.abs(step).max(1, keepdims=True), 1e-12))  # far steps overshoot
        pairs -= step
        if np.abs(step).max() < 1e-10:
            break
    pairs[pairs[:, 1] < 0] = 0
    return np.stack([pairs[:, 0] - pairs[:, 1] * middle / spread, pairs[:, 1] / spread], 1) / _DECADE


def fit_many(
    matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None, ridge: float = RIDGE
) -> tuple[float, np.ndarray]:
    """Fit log10 LR = offset + matrix @ slopes with no slope below zero, as a fusion needs it.

    Parameters
    ----------
    matrix
        shape (n, d): standardised by the caller, for the ridge holds all slopes back alike.

    Returns
    -------
    tuple[float, np.ndarray]
        Offset, and slopes [shape=(d,)], in log10.
    """
    matrix, labels = np.asarray(matrix, dtype=np.float64), np.asarray(labels)
    weight = balanced(labels, np.ones((1, len(labels))) if weights is None else np.asarray(weights)[None])[0]
    sign = 2.0 * labels - 1

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (given[0] + matrix @ given[1:])
        pull = -weight * sign / (1 + np.exp(np.clip(margin, -500, 500)))
        cost = weight @ np.logaddexp(0, -margin) + ridge / 2 * given[1:] @ given[1:]
        return float(cost), np.r_[pull.sum(), matrix.T @ pull + ridge * given[1:]]

    ends = [(None, None), *[(0.0, None)] * matrix.shape[1]]
    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, bounds=ends, method="L-BFGS-B",
                     options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-9}).x / _DECADE  # fmt: skip
    return float(found[0]), np.asarray(found[1:])


def balanced(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scale rows of weights so that both labels weigh half of their sum; raises UsageError if a label weighs nothing."""
    total = weights.sum(1, keepdims=True)
    fakes, reals = weights @ (labels == 1), weights @ (labels == 0)
    if not (fakes.all() and reals.all()):
        raise UsageError("a logistic fit needs files of both labels")
    return np.asarray(np.where(labels == 1, weights / fakes[:, None], weights / reals[:, None]) * total / 2)
