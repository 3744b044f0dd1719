"""The two marks of lab recordings: a short audible tone signal at the start, and an inaudible watermark throughout.

The signal is three rising tones (1000, 1500, 2000 Hz, 0.1 s each, 0.05 s apart) and half a second of silence.

The watermark lies between 300 and 3400 Hz, so that telephone bandwidth keeps it: noise-like sequences that repeat every
second, 18 dB below the sound in every time and frequency cell. One sequence finds the start, 16 others carry a
bit of the payload each by their sign. The reader evens out the spectrum, adds up all seconds and correlates.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import soxr
from scipy import signal

TONES_HZ = (1000, 1500, 2000)
TONE_S, GAP_S, SILENCE_S = 0.1, 0.05, 0.5
LEVEL = 10 ** (-18 / 20)
FLOOR = 10 ** (-70 / 20)
_RATE = 8000
BITS = 16
_BAND_HZ = (300.0, 3400.0)
_STFT = {"fs": _RATE, "nperseg": 256, "noverlap": 192}


def mark(samples: np.ndarray, rate: int, payload: int) -> np.ndarray:
    """Return a recording of shape (n,), float32, with both marks; it is longer by the signal at its start."""
    begun = np.concatenate([tones(rate), samples]).astype(np.float32)
    narrow = soxr.resample(begun, rate, _RATE)
    noise = np.resize(_carrier(payload), len(narrow))
    _, _, host = signal.stft(narrow, **_STFT)
    _, _, added = signal.stft(noise, **_STFT)
    around = np.maximum(signal.convolve(np.abs(host), np.ones((5, 3)) / 15, mode="same"), FLOOR / 16)
    typical = np.sqrt(np.mean(np.abs(added) ** 2)) + 1e-12
    _, shaped = signal.istft(added / typical * around * LEVEL, **_STFT)
    wide = soxr.resample(np.resize(shaped, len(narrow)).astype(np.float32), _RATE, rate)
    marked = begun.copy()
    n = min(len(wide), len(marked))
    marked[:n] += wide[:n]
    return np.clip(marked, -1, 1)


def tones(rate: int) -> np.ndarray:
    """Return the audible signal with the silence that follows it, at 20 dB below full scale."""
    time = np.arange(round(TONE_S * rate)) / rate
    fade = np.clip(np.minimum(time, TONE_S - time) / 0.01, 0, 1)
    gap = np.zeros(round(GAP_S * rate))
    parts = [part for hz in TONES_HZ for part in (0.1 * fade * np.sin(2 * np.pi * hz * time), gap)]
    return np.concatenate([*parts, np.zeros(round(SILENCE_S * rate))]).astype(np.float32)


def heard(samples: np.ndarray, rate: int) -> bool:
    """Return whether a recording of shape (n,) begins with the audible signal."""
    wanted = tones(rate)[: round((TONE_S + GAP_S) * len(TONES_HZ) * rate)]
    start = samples[: len(wanted)]
    scale = float(np.linalg.norm(start) * np.linalg.norm(wanted))
    return len(start) == len(wanted) and scale > 0 and float(start @ wanted) / scale > 0.8


def read(samples: np.ndarray, rate: int) -> int | None:
    """Return the payload of the watermark of a recording of shape (n,), None if it carries none."""
    narrow = soxr.resample(samples.astype(np.float32), rate, _RATE)
    if len(narrow) < 2 * _RATE:
        return None
    _, _, cells = signal.stft(narrow, **_STFT)
    power = signal.convolve(np.abs(cells), np.ones((5, 3)) / 15, mode="same")
    _, flat = signal.istft(cells / np.maximum(power, FLOOR / 16), **_STFT)
    folded = flat[: len(flat) // _RATE * _RATE].reshape(-1, _RATE).sum(0)
    sequences = _sequences()
    spectra = np.fft.rfft(folded) * np.conj(np.fft.rfft(sequences, axis=1))
    match = np.fft.irfft(spectra, _RATE, axis=1)
    noise = match.std(axis=1)
    start = int(np.argmax(match[0]))
    if match[0, start] < 7 * noise[0]:
        return None
    return int("".join("1" if value > 0 else "0" for value in match[1:, start]), 2)


@cache
def _sequences() -> np.ndarray:
    """Return the start sequence and the 16 of the bits: shape (17, rate), band-limited noise that repeats seamlessly."""
    spectra = np.fft.rfft(np.random.default_rng(0x766F696365).standard_normal((BITS + 1, _RATE)), axis=1)
    hz = np.fft.rfftfreq(_RATE, 1 / _RATE)
    spectra[:, (hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0
    noise = np.fft.irfft(spectra, _RATE, axis=1)
    return np.asarray(noise / noise.std(axis=1, keepdims=True))


def _carrier(payload: int) -> np.ndarray:
    bits = np.array([1 if payload >> (BITS - 1 - i) & 1 else -1 for i in range(BITS)])
    sequences = _sequences()
    return np.asarray(2.5 * sequences[0] + bits @ sequences[1:])
