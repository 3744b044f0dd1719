"""Least squares that a minority of outliers does not move."""

from __future__ import annotations

import numpy as np


def huber_fit(
    design: np.ndarray, target: np.ndarray, penalty: np.ndarray | None = None, *, rounds: int = 15
) -> np.ndarray:
    """Coefficients of a linear model by iteratively reweighted least squares with Huber's weights.

    Parameters
    ----------
    design
        shape (n, k).
    target
        shape (n,).
    penalty
        shape (m, k): further rows, in units of one observation each, that are pulled towards 0.
    """
    weights = np.ones(len(target))
    ridge = np.eye(design.shape[1]) * 1e-9 * len(target)
    if penalty is not None:
        ridge = ridge + penalty.T @ penalty
    coefficients = np.zeros(design.shape[1])
    for _ in range(rounds):
        weighted = design * weights[:, None]
        coefficients = np.linalg.solve(weighted.T @ design + ridge, weighted.T @ target)
        residual = np.abs(target - design @ coefficients)
        scale = 1.345 * 1.4826 * float(np.median(residual)) + 1e-9
        weights = 1 / np.maximum(1, residual / scale)
    return np.asarray(coefficients)
