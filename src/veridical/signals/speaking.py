"""How somebody speaks, in twelve numbers: regularity of the periods, movement of pitch and loudness, rate and pauses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .voice_quality import Periods, voice_quality


class Feature(NamedTuple):
    """One number: with ``log`` it is kept as its decimal logarithm; ``even`` is its sign in a voice that is too even, or 0."""

    name: str
    unit: str
    log: bool
    even: int

    def shown(self, value: float) -> float:
        """Return the number in its unit."""
        return float(10**value if self.log else value)


FEATURES = (
    Feature("jitter (ppq5)", "%", True, -1),
    Feature("shimmer", "dB", True, -1),
    Feature("harmonics to noise", "dB", False, 1),
    Feature("spread of harmonics to noise", "dB", False, -1),
    Feature("range of pitch", "semitones", False, -1),
    Feature("movement of pitch", "semitones/s", False, -1),
    Feature("range of loudness", "dB", False, -1),
    Feature("slope of pitch", "semitones/s", False, 0),
    Feature("voiced share of speech", "1", False, 0),
    Feature("mean voiced stretch", "s", True, 0),
    Feature("peaks of loudness", "1/s", False, 0),
    Feature("share of pauses", "1", False, 0),
)
_LEAST = 1e-3  # of what is taken the logarithm of
_OCTAVE_ERROR = 9.0  # semitones from the median pitch; what lies further off is taken for a slip of the pitch tracker
_SHORTEST, _SHORTEST_PHRASE = 3, 30  # steps


def speaking(
    pitch_hz: np.ndarray,
    level_db: np.ndarray,
    peaks_per_s: np.ndarray,
    spoken: np.ndarray,
    hop_s: float,
    found: Periods,
) -> np.ndarray | None:
    """Return the ``FEATURES`` of a stretch, shape (12,), float64; None if too little of it is voiced.

    Parameters
    ----------
    pitch_hz, level_db, peaks_per_s
        shape (n,): pitch (NaN where unvoiced), level, and rate of the peaks of loudness, each ``hop_s`` seconds.
    spoken
        shape (n,), bool: steps that lie in speech.
    found
        Periods of that stretch alone.
    """
    pitch = np.where(spoken, pitch_hz, np.nan).astype(np.float64)
    quality = voice_quality(found)
    if np.isfinite(pitch).sum() < 40 or not np.isfinite(quality.jitter_ppq5):
        return None
    tone = 12 * np.log2(pitch / np.nanmedian(pitch))
    tone[np.abs(tone) > _OCTAVE_ERROR] = np.nan
    voiced = np.isfinite(tone)
    steps = np.abs(np.diff(tone)) / hop_s
    runs = _runs(voiced)
    lengths = (runs[:, 1] - runs[:, 0])[runs[:, 1] - runs[:, 0] >= _SHORTEST] * hop_s
    likeness = found.likeness[np.isfinite(found.likeness)]
    level = level_db[spoken].astype(np.float64)
    low, high = np.nanpercentile(tone, [10, 90])
    return np.array([
        _log(quality.jitter_ppq5), _log(quality.shimmer_db), quality.hnr_db,
        float(np.std(10 * np.log10(likeness / (1 - likeness)))), high - low,
        float(np.nanmedian(steps)) if np.isfinite(steps).any() else 0.0,
        np.percentile(level, 90) - np.percentile(level, 20), _slope(tone, spoken, hop_s), voiced.sum() / spoken.sum(),
        _log(float(lengths.mean()) if len(lengths) else 0.0), peaks_per_s[spoken].mean(), 1 - spoken.mean(),
    ], np.float64)  # fmt: skip


def _runs(on: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(on.astype(int), prepend=0, append=0)).reshape(-1, 2)


def _log(value: float) -> float:
    return float(np.log10(max(value, _LEAST)))


def _slope(tone: np.ndarray, spoken: np.ndarray, hop_s: float) -> float:
    """Return the slope of the pitch within phrases, their mean weighted with what is voiced of them; 0 if all are short."""
    total, weight = 0.0, 0
    for first, last in _runs(spoken):
        at = np.flatnonzero(np.isfinite(tone[first:last]))
        if len(at) > _SHORTEST_PHRASE:
            total += len(at) * float(np.polyfit(at * hop_s, tone[first:last][at], 1)[0])
            weight += len(at)
    return total / weight if weight else 0.0
