"""How many neurons of each layer of a network fire, and how unevenly: two numbers a layer, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def coverage(layers: Sequence[np.ndarray], thresholds: np.ndarray) -> np.ndarray:
    """Return the share of the neurons of each layer above its threshold, shape (len(layers),), float32, 0 to 1.

    A neuron is one map at one place (mean neuron coverage: Wang et al., FakeSpotter, IJCAI 2020, arXiv:1909.06122).

    Parameters
    ----------
    layers
        What each layer passes on, of any shape.
    thresholds
        shape (len(layers),).
    """
    pairs = zip(layers, thresholds, strict=True)
    return np.array([np.count_nonzero(layer > at) / layer.size for layer, at in pairs], np.float32)


def unevenness(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the standard deviation over the neurons of each layer / their mean, shape (len(layers),), float32.

    0 for a layer that is silent.
    """
    return np.array([_uneven(layer.ravel()) for layer in layers], np.float32)


def means(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over the neurons of each layer, shape (len(layers),), float64."""
    return np.array([layer.mean(dtype=np.float64) for layer in layers])


def _uneven(values: np.ndarray) -> float:
    mean = float(values.mean())
    square = float(values @ values) / values.size
    return float(np.sqrt(max(square - mean**2, 0.0))) / mean if mean > 1e-9 else 0.0
