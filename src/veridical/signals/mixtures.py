"""Mixtures of normal densities with diagonal covariances: how likely points are.

Reynolds and Rose, "Robust text-independent speaker identification using Gaussian mixture speaker models", IEEE Transactions on
Speech and Audio Processing 3(1), 1995.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_AT_ONCE = 8192


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """A density over d dimensions.

    Parameters
    ----------
    weights
        shape (k,): shares of the components, summing to 1.
    means, variances
        shape (k, d); variances are above 0.
    """

    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Return natural logarithms of the density at points (n, d): shape (n,), float64; memory does not grow with n · k."""
        precision = 1 / np.asarray(self.variances, np.float64)
        means = np.asarray(self.means, np.float64)
        fixed = np.log(self.weights) - 0.5 * (
            means.shape[1] * np.log(2 * np.pi) - np.log(precision).sum(1) + (means**2 * precision).sum(1)
        )
        parts = [np.zeros(0)]
        for first in range(0, len(points), _AT_ONCE):
            some = np.asarray(points[first : first + _AT_ONCE], np.float64)
            each = fixed + some @ (means * precision).T - 0.5 * (some**2 @ precision.T)
            top = each.max(1)
            parts.append(top + np.log(np.exp(each - top[:, None]).sum(1)))
        return np.concatenate(parts)
