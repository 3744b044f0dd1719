"""How something is said: pitch, loudness, brightness and rate, a hundred times a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from ..media.audio import Audio
from ..signals.pitch import HOP_S, pitch
from ..signals.speech_features import mel_corners_hz, speech_features

_SMOOTH_S, _NEAR_S = 1.0, 0.09
_RANGE_DB, _PROMINENT_DB = 40.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """Series of n steps of 10 ms; step i is centred at i · 10 ms from the first sample.

    Parameters
    ----------
    pitch_hz
        shape (n,), float32: fundamental frequency, NaN where the sound is not periodic.
    level_db
        shape (n,), float32: power from 80 to 7800 Hz, dB relative to a full-scale square wave.
    tilt_db
        shape (n,), float32: power above 900 Hz less that below, dB; a pressed or shouted voice is flatter (higher).
    centroid_hz
        shape (n,), float32: mean frequency of the mel bands, weighted with their power.
    syllables_per_s
        shape (n,), float32: peaks of the loudness that stand out by 3 dB, a second, over about one second: the rate of
        speaking, roughly.
    hop_s, duration_s
        Seconds a step, and length of the recording.
    start_s
        Time of the first sample on the clock of the video, seconds; 0 for a recording.
    """

    pitch_hz: np.ndarray
    level_db: np.ndarray
    tilt_db: np.ndarray
    centroid_hz: np.ndarray
    syllables_per_s: np.ndarray
    hop_s: float
    duration_s: float
    start_s: float = 0.0


def hear_prosody(audio: Audio) -> Prosody:
    """Measure pitch, loudness, brightness and rate of a recording, 20 bytes a step, block by block."""
    features = speech_features(audio.samples, audio.rate)
    found = pitch(audio.samples, audio.rate)
    n = min(len(features), len(found))
    power = 10 ** (features.mel_db[:n] / 10)
    bands = 10 ** (features.bands_db[:n] / 10)
    high, low = bands[:, 2:].sum(1), bands[:, :2].sum(1)
    return Prosody(
        pitch_hz=found[:n], level_db=features.level_db[:n],
        tilt_db=np.asarray(10 * np.log10((high + 1e-10) / (low + 1e-10)), np.float32),
        centroid_hz=np.asarray(power @ mel_corners_hz()[1:-1] / power.sum(1), np.float32),
        syllables_per_s=_syllables(features.level_db[:n]), hop_s=HOP_S, duration_s=audio.duration_s,
        start_s=audio.start_s,
    )  # fmt: skip


def _syllables(level_db: np.ndarray) -> np.ndarray:
    """Count peaks of the loudness in a window of one second, triangular so that the count moves smoothly."""
    n = len(level_db)
    if n < 5:
        return np.zeros(n, np.float32)
    floored = np.maximum(level_db, np.percentile(level_db, 95) - _RANGE_DB)
    near = np.hanning(round(_NEAR_S / HOP_S) + 2)
    smooth = np.convolve(np.pad(floored, len(near) // 2, mode="edge"), near / near.sum(), "valid")[:n]
    peaks = np.zeros(n)
    peaks[signal.find_peaks(smooth, prominence=_PROMINENT_DB)[0]] = 1
    half = round(_SMOOTH_S / HOP_S)
    window = np.bartlett(2 * half + 1)
    counted = np.convolve(peaks, window / (window.sum() * HOP_S), "full")[half : half + n]
    return np.asarray(counted, np.float32)
