"""Closed lips that can be heard: dips of the sound whose surroundings are those of m, b or p, in any language.

Every dip of the second formant's band between two louder places is a candidate. A linear function of the spectrum around
it (eight bands and the voicing at twelve times from 80 ms before to 80 ms after, relative to the loudness there) says how
much it is like those of English m, b and p: low murmur, burst without high frequencies, formants that fall and rise. The
function was fitted on aligned speech by ``bench/closures.py``; docs/validation/bilabials.md says how often it errs. It is a
weak detector: sounds made behind the lips (t, d, k, n) have dips of the same shape.
"""

from __future__ import annotations

import numpy as np

from ..knowledge.closures import closure_weights
from .speech_features import HOP_S, SpeechFeatures, speech_features

OFFSETS = (-8, -6, -4, -2, -1, 0, 1, 2, 3, 4, 6, 8)
BANDS = 8
_REACH, _APART = 12, 5
_DEEP_DB, _LOUD_DB = 6.0, 30.0
_HALF_S = 0.04  # a closure takes about 80 ms


def find_closures(samples: np.ndarray, rate: int, *, least: float | None = None) -> np.ndarray:
    """Find closures of the lips in a recording.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1.
    rate
        Samples a second.
    least
        Score from which on a dip counts (log odds, up to a constant); None for the one it was fitted with.

    Returns
    -------
    Start and end of each closure, seconds from the first sample, shape (k, 2), float64, in order.
    """
    features = speech_features(samples, rate)
    places = dips(features)
    weights, bias, level = closure_weights()
    scores = surroundings(features, places) @ weights + bias
    middle = places[scores >= (level if least is None else least)] * HOP_S
    return np.column_stack([np.maximum(middle - _HALF_S, 0), middle + _HALF_S])


def dips(features: SpeechFeatures) -> np.ndarray:
    """Return the steps at which the band of the second formant dips by 6 dB between two louder places, shape (k,)."""
    if len(features) < 2 * _REACH + 1:
        return np.zeros(0, np.int64)
    band = np.convolve(np.pad(features.bands_db[:, 2], 1, mode="edge"), np.full(3, 1 / 3), "valid")
    loud = float(np.percentile(features.level_db, 90)) - _LOUD_DB
    around = np.lib.stride_tricks.sliding_window_view(band, 2 * _REACH + 1)
    middle = around[:, _REACH]
    left, right = around[:, :_REACH].max(1), around[:, _REACH + 1 :].max(1)
    lowest = middle <= around[:, _REACH - 3 : _REACH + 4].min(1) + 1e-9
    fit = lowest & (np.minimum(left, right) - middle >= _DEEP_DB) & (np.maximum(left, right) > loud)
    kept: list[int] = []
    for place in np.flatnonzero(fit) + _REACH:
        if not kept or place - kept[-1] >= _APART:
            kept.append(int(place))
    return np.array(kept, np.int64)


def surroundings(features: SpeechFeatures, places: np.ndarray) -> np.ndarray:
    """Describe the sound around some steps: shape (k, 108), bels relative to the loudness around, and voicing."""
    n = len(features)
    if not len(places):
        return np.zeros((0, len(OFFSETS) * (BANDS + 1)))
    bands = features.mel_db.reshape(n, BANDS, -1).mean(2, dtype=np.float64)
    power = (10 ** (features.bands_db.astype(np.float64) / 10)).sum(1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    first, last = np.maximum(places - _REACH, 0), np.minimum(places + _REACH + 1, n)
    reference = 10 * np.log10((total[last] - total[first]) / (last - first) + 1e-10)
    at = np.clip(places[:, None] + np.array(OFFSETS), 0, n - 1)
    relative = np.clip(bands[at] - reference[:, None, None], -50, 10) / 10
    return np.concatenate([relative.reshape(len(places), -1), features.voicing[at]], 1)
