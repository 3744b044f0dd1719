"""Level, band and silence of speech, and the one processing that makes recordings of different origin comparable."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, signal

from ..errors import NotApplicable

COMMON_RATE = 16000
BAND_HZ = 7000
LEVEL_DB = -26.0
_MARGIN_DB = 15.9  # ITU-T P.56: what lies further below the active level is pause
_TRIM_DB = 35.0
_ABOVE_FLOOR_DB = 10.0
_SILENCE_DB = -80.0
_SHORTEST_RUN = 3


def common(samples: np.ndarray) -> np.ndarray:
    """Bring sound at 16 kHz to one band, length of silence and level.

    Raises
    ------
    NotApplicable
        If the recording is silent.
    """
    return levelled(trimmed(low_passed(samples), COMMON_RATE), COMMON_RATE)


def low_passed(samples: np.ndarray) -> np.ndarray:
    """Keep what lies below 7 kHz of sound at 16 kHz: flat to 7.0 kHz, 80 dB down from 7.35 kHz, no delay."""
    return filtered(samples, signal.firwin(321, BAND_HZ + 180, window=("kaiser", 8.0), fs=COMMON_RATE))


def filtered(samples: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Filter with a symmetric response of odd length; the result has the length of the sound."""
    return np.asarray(signal.oaconvolve(np.pad(samples, len(response) // 2), response, "valid"), np.float32)


def active_level(samples: np.ndarray, rate: int) -> float:
    """Return the mean power of the speech, without its pauses, in dB relative to a full-scale square wave (dBov).

    Frames of 10 ms count that stand no more than 15.9 dB below the level itself, as in ITU-T P.56.

    Raises
    ------
    NotApplicable
        If the recording is silent.
    """
    power = _frame_powers(samples, rate)
    level = float(power.mean()) if len(power) else 0.0
    for _ in range(50):
        above = power[power > level * 10 ** (-_MARGIN_DB / 10)]
        risen = float(above.mean()) if len(above) else level
        if risen <= level * 1.000001:
            break
        level = risen
    if level <= 10 ** (_SILENCE_DB / 10):
        raise NotApplicable(f"silent: its level is not above {_SILENCE_DB:g} dBov")
    return float(10 * np.log10(level))


def trimmed(samples: np.ndarray, rate: int) -> np.ndarray:
    """Cut off the silence at both ends, as ``sounding`` finds it."""
    first, last = sounding(samples, rate)
    return samples[first:last]


def sounding(samples: np.ndarray, rate: int) -> tuple[int, int]:
    """Return the first sample after the silence at the start and the first of the silence at the end.

    Silence is what lies 35 dB below the active level, or less than 10 dB above the floor of the recording where that is
    higher, but never what P.56 counts as speech. Sounds shorter than 30 ms at the ends do not count.

    Raises
    ------
    NotApplicable
        If the recording is silent.
    """
    level = active_level(samples, rate)
    power = 10 * np.log10(np.maximum(_frame_powers(samples, rate), 1e-12))
    floor = float(np.percentile(power, 5))
    threshold = min(max(level - _TRIM_DB, floor + _ABOVE_FLOOR_DB), level - _MARGIN_DB)
    loud = np.flatnonzero(ndimage.binary_opening(power > threshold, np.ones(_SHORTEST_RUN)))
    if not len(loud):
        raise NotApplicable("nothing in it lasts 30 ms")
    frame = rate // 100
    return int(loud[0]) * frame, int(loud[-1] + 1) * frame


def levelled(samples: np.ndarray, rate: int) -> np.ndarray:
    """Bring the active level to −26 dBov; the rare peak beyond full scale is cut."""
    gain = 10 ** ((LEVEL_DB - active_level(samples, rate)) / 20)
    return np.asarray(np.clip(samples * np.float32(gain), -1, 1), np.float32)


def _frame_powers(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the mean power of each 10 ms: shape (frames,), float64; what is left over at the end is not counted."""
    frame = rate // 100
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    return np.asarray(np.einsum("ij,ij->i", whole, whole, dtype=np.float64) / frame)
