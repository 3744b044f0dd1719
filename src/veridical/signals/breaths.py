"""Breaths heard in the pauses of speech: weak, broad noise without pitch."""

from __future__ import annotations

import numpy as np

from .speech_features import HOP_S, SpeechFeatures, mel_corners_hz

BAND_HZ = (
    600.0,
    7000.0,
)  # hum and rumble lie below, the end of many channels above
_SMOOTH = 5


def find_breaths(
    heard: SpeechFeatures,
    pauses: np.ndarray,
    *,
    above_floor_db: float = 6.0,
    below_speech_db: float = 12.0,
    weakest_db: float = 45.0,
    shortest_s: float = 0.12,
    longest_s: float = 1.2,
    most_voicing: float = 0.6,
    least_even: float = 0.35,
) -> np.ndarray:
    """Find breaths: shape (n, 2), start and end in seconds from the first sample.

    Parameters
    ----------
    heard
        Features of the whole recording.
    pauses
        shape (m, 2): start and end of the stretches without speech, seconds.
    above_floor_db
        How far the noise between 600 and 7000 Hz rises above the tenth quietest step in a hundred of all pauses.
    below_speech_db, weakest_db
        How far, at least and at most, it lies below the median step of what is no pause.
    shortest_s, longest_s
        Durations that count.
    most_voicing
        Largest mean of the voicing.
    least_even
        Smallest share of the mel bands of that range that lie within 12 dB of the strongest one: a hiss is broad, a click
        or a hum is not.
    """
    level, broad = _noise(heard.mel_db)
    quiet = np.zeros(len(level), bool)
    for start, end in pauses:
        quiet[max(0, round(start / HOP_S)) : round(end / HOP_S)] = True
    if not quiet.any() or quiet.all():
        return np.zeros((0, 2))
    floor, speech = float(np.percentile(level[quiet], 10)), float(np.median(level[~quiet]))
    lowest = max(floor + above_floor_db, speech - weakest_db)
    on = quiet & (level >= lowest) & (level <= speech - below_speech_db)
    edges = np.flatnonzero(np.diff(on.astype(int), prepend=0, append=0)).reshape(-1, 2)
    kept = [
        (first * HOP_S, last * HOP_S)
        for first, last in edges
        if shortest_s <= (last - first) * HOP_S <= longest_s
        and heard.voicing[first:last].mean() <= most_voicing
        and broad[first:last].mean() >= least_even
    ]
    return np.array(kept, np.float64).reshape(-1, 2)


def _noise(mel_db: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the level between 600 and 7000 Hz, smoothed, dB; and the share of bands near the strongest one."""
    centres = mel_corners_hz()[1:-1]
    bands = mel_db[:, (centres >= BAND_HZ[0]) & (centres <= BAND_HZ[1])].astype(np.float64)
    if not len(bands):
        return np.zeros(0), np.zeros(0)
    power = (10 ** (bands / 10)).sum(1)
    near = np.hanning(_SMOOTH + 2)[1:-1]
    smooth = np.convolve(np.pad(power, _SMOOTH // 2, mode="edge"), near / near.sum(), "valid")
    return 10 * np.log10(smooth + 1e-10), (bands >= bands.max(1, keepdims=True) - 12).mean(1)
