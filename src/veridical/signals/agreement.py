"""Which of several descriptions are of the same thing: each is compared with those that agree with the most typical one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far n vectors are apart.

    Parameters
    ----------
    distances
        shape (n,): how far each is from the median of the others that agree with the most typical one.
    apart
        shape (n, n): how far each two are apart.
    typical
        Number of the most typical one.
    """

    distances: np.ndarray
    apart: np.ndarray
    typical: int


def agreement(vectors: np.ndarray, farthest: float) -> Agreement:
    """Compare vectors, shape (n, k), n above 0, by Euclidean distance; those agree that are ``farthest`` apart at most.

    A plain median of all others would lie between two groups if each had half of the vectors.
    """
    # By rows: n · n · k numbers would fill the memory.
    apart = np.stack([np.linalg.norm(one - vectors, axis=1) for one in vectors])
    typical = int(np.median(apart, axis=1).argmin())
    alike = apart[typical] <= farthest
    distances = np.zeros(len(vectors))
    for row, own in enumerate(vectors):
        others = alike & (np.arange(len(vectors)) != row)
        reference = np.median(vectors[others], axis=0) if others.any() else vectors[typical]
        distances[row] = np.linalg.norm(own - reference)
    return Agreement(distances, apart, typical)
