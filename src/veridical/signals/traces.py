"""The vectors by which a picture's traces are compared with those of populations, and the distances between them."""

from __future__ import annotations

import numpy as np

BLOCK_FLOOR = 0.02
"""β below this is less than rounding to whole steps leaves."""
RINGS = 64
_LEVELLED = (0.03, 0.25)


def block_features(beta: np.ndarray) -> np.ndarray:
    """Return ln β of the 63 frequencies of 8 × 8 blocks beyond the mean, row by row: shape (63,), float32."""
    return np.asarray(np.log(np.maximum(beta, BLOCK_FLOOR)).ravel()[1:], np.float32)


def radial_features(level: np.ndarray) -> np.ndarray:
    """Return the azimuthal average in 64 rings, dB relative to its mean between 0.03 and 0.25: shape (64,), float32."""
    frequency = (np.arange(len(level)) + 0.5) / (2 * len(level))
    inside = (frequency > _LEVELLED[0]) & (frequency < _LEVELLED[1])
    rings = level.reshape(RINGS, -1).mean(1)
    return np.asarray(rings - level[inside].mean(), np.float32)
