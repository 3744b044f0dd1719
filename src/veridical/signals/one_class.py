"""One-class support vector machine with a Gaussian kernel: where most of some examples lie.

Schölkopf, Platt, Shawe-Taylor, Smola, Williamson, "Estimating the Support of a High-Dimensional Distribution", Neural
Computation 13(7), 2001. Solved two multipliers at a time, the pair chosen by second-order information: Fan, Chen, Lin, "Working
Set Selection Using Second Order Information for Training Support Vector Machines", Journal of Machine Learning Research 6,
2005.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MOST_STEPS = 200_000
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class OneClass:
    """A fitted machine.

    Parameters
    ----------
    gamma
        The kernel is exp(−gamma · squared distance).
    supports, weights
        shape (m, d) and (m,): examples that carry it, and their multipliers, above 0 and at most 1.
    offset
        Sum of weighted kernels on the border of the region.
    length
        Length of the normal of the hyperplane in the space of the kernel.
    """

    gamma: float
    supports: np.ndarray
    weights: np.ndarray
    offset: float
    length: float

    def distances(self, points: np.ndarray) -> np.ndarray:
        """Return signed distances of points (n, d) from the border, shape (n,), above 0 inside; |distance| is at most 1."""
        blocks = (points[first : first + _AT_ONCE] for first in range(0, len(points), _AT_ONCE))
        sums = [kernel(block, self.supports, self.gamma) @ self.weights for block in blocks]
        return np.asarray((np.concatenate([np.zeros(0), *sums]) - self.offset) / self.length)


def kernel(one: np.ndarray, other: np.ndarray, gamma: float) -> np.ndarray:
    """Return the Gaussian kernel between points (n, d) and (m, d): shape (n, m)."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T
    return np.asarray(np.exp(-gamma * np.maximum(squares, 0)))


def fit(points: np.ndarray, *, nu: float, gamma: float, tolerance: float = 1e-4) -> OneClass:
    """Fit the region that holds all but about a share ``nu`` of the points.

    Parameters
    ----------
    points
        shape (n, d), n at least 2; time and memory grow with n².
    nu
        Above 0, at most 1: upper bound of the share of points outside, lower bound of the share of support vectors.
    tolerance
        Largest violation of the optimality conditions that is left.

    Raises
    ------
    ValueError
        If ``nu``, ``gamma`` or the number of points is out of range.
    """
    points = np.asarray(points, np.float64)
    count = len(points)
    if not 0 < nu <= 1 or gamma <= 0 or count < 2:
        raise ValueError(f"nu {nu:g} must lie in (0, 1], gamma {gamma:g} above 0, and {count} points be at least 2")
    kernels = kernel(points, points, gamma)
    weights, gradient = _solved(kernels, nu * count, tolerance)
    offset = _offset(weights, gradient)
    carries = weights > 1e-9
    return OneClass(
        gamma=gamma, supports=points[carries], weights=weights[carries], offset=offset,
        length=float(np.sqrt(max(weights @ gradient, 1e-12))),
    )  # fmt: skip


def _solved(kernels: np.ndarray, total: float, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Minimise a·K·a / 2 with 0 ≤ a ≤ 1 and a given sum; return a and the gradient K·a."""
    count = len(kernels)
    weights = np.clip(total - np.arange(count), 0, 1).astype(np.float64)
    gradient = kernels @ weights
    diagonal = np.diag(kernels)
    for _ in range(_MOST_STEPS):
        up, down = weights < 1 - 1e-12, weights > 1e-12
        # Weight moves to the point with the least gradient, from the one that lowers the objective most.
        i = int(np.argmin(np.where(up, gradient, np.inf)))
        gain = np.where(down, gradient - gradient[i], -np.inf)
        if gain.max() < tolerance:
            break
        curve = np.maximum(diagonal[i] + diagonal - 2 * kernels[i], 1e-12)
        j = int(np.argmax(np.where(gain > 0, gain**2 / curve, -np.inf)))
        move = min(gain[j] / curve[j], 1 - weights[i], weights[j])
        weights[i] += move
        weights[j] -= move
        gradient += move * (kernels[i] - kernels[j])
    return weights, gradient


def _offset(weights: np.ndarray, gradient: np.ndarray) -> float:
    """Return the gradient at the border: that of points with a weight between the bounds, or the middle of what they allow."""
    free = (weights > 1e-9) & (weights < 1 - 1e-9)
    if free.any():
        return float(gradient[free].mean())
    full, none = weights >= 1 - 1e-9, weights <= 1e-9
    low = float(gradient[full].max()) if full.any() else float(gradient.min())
    return (low + float(gradient[none].min())) / 2 if none.any() else low
