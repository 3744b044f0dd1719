"""Samples drawn anew as a cluster bootstrap draws them: first sources, then groups within them.

References
----------
Field and Welsh, Bootstrapping clustered data, Journal of the Royal Statistical Society B 69, 2007.
"""

from __future__ import annotations

import numpy as np

from .items import Columns


def times(data: Columns, repeats: int, seed: int) -> np.ndarray:
    """Return how often each file is drawn [shape=(repeats, n)].

    Sources that hold only real files, only fakes, and both are drawn apart, as many of each as there are; so are the groups
    of each kind within a source. Both labels are thus in every sample.
    """
    random = np.random.default_rng(seed)
    _, source = np.unique(data.sources.astype(str), return_inverse=True)
    drawn = _draw(source, data.labels, repeats, random)
    found = np.zeros((repeats, len(data)))
    for number in range(int(source.max()) + 1):
        here = np.flatnonzero(source == number)
        _, group = np.unique(data.groups[here].astype(str), return_inverse=True)
        found[:, here] = _draw(group, data.labels[here], repeats, random)[:, group]
    return np.asarray(found * drawn[:, source])


def _draw(cluster: np.ndarray, labels: np.ndarray, repeats: int, random: np.random.Generator) -> np.ndarray:
    """Return how often each cluster is drawn, those of one kind among themselves [shape=(repeats, clusters)]."""
    count = int(cluster.max()) + 1
    kind = 2 * (np.bincount(cluster, labels == 1, count) > 0) + (np.bincount(cluster, labels == 0, count) > 0)
    found = np.zeros((repeats, count))
    for one in np.unique(kind):
        alike = np.flatnonzero(kind == one)
        chosen = random.integers(len(alike), size=(repeats, len(alike)))
        for row in range(repeats):
            found[row, alike] = np.bincount(chosen[row], minlength=len(alike))
    return found
