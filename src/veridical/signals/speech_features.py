"""What speech sounds like a hundred times a second: mel spectrum, energy of bands, voicing, spectral flux."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from . import filter_banks
from .sound import mono

RATE = 16000
HOP_S = 0.01
MEL_BANDS = 24
# Edges in hertz: the voice's lowest harmonics, the first formant, the second, the third and fourth, the noise of fricatives.
BANDS = ((80.0, 300.0), (300.0, 900.0), (900.0, 2500.0), (2500.0, 4000.0), (4000.0, 7800.0))

_HOP, _WINDOW, _FFT = 160, 400, 512
_LONG = 640  # the window of the voicing: at least three periods of a low voice
_PITCH_HZ = (70.0, 400.0)
_MEL_HZ = (80.0, 7800.0)
_BLOCK = 100 * 30  # steps that are worked on at a time
_FLOOR = 1e-10  # power of a mel band that counts as silence: -100 dB


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechFeatures:
    """Features of n steps of 10 ms; step i is centred at i · 10 ms from the first sample.

    Parameters
    ----------
    mel_db
        shape (n, 24), float32: power in triangular mel bands from 80 to 7800 Hz, dB relative to a full-scale square wave.
    bands_db
        shape (n, 5), float32: power in ``BANDS``, dB likewise.
    level_db
        shape (n,), float32: power from 80 to 7800 Hz, dB likewise.
    voicing
        shape (n,), float32: highest normalised autocorrelation at the periods of 70 to 400 Hz, 0 (noise) to 1 (periodic).
    flux_db
        shape (n,), float32: mean rise of the mel bands since the step before, dB; falls count as 0.
    """

    mel_db: np.ndarray
    bands_db: np.ndarray
    level_db: np.ndarray
    voicing: np.ndarray
    flux_db: np.ndarray

    def __len__(self) -> int:
        return len(self.level_db)


def speech_features(samples: np.ndarray, rate: int) -> SpeechFeatures:
    """Measure a recording; long ones block by block, so that memory holds 130 bytes a step.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1; channels are averaged. Values that are not finite count as 0.
    rate
        Samples a second; brought to 16 kHz.
    """
    parts = [_measure(block) for block in _blocks(mono(samples, rate, RATE))]
    mel = np.concatenate([part[0] for part in parts]) if parts else np.zeros((0, MEL_BANDS), np.float32)
    other = np.concatenate([part[1] for part in parts]) if parts else np.zeros((0, 2 + len(BANDS)), np.float32)
    rise = np.maximum(np.diff(mel, axis=0, prepend=mel[:1]), 0).mean(1, dtype=np.float32)
    return SpeechFeatures(
        mel_db=mel, bands_db=other[:, 2:], level_db=other[:, 0], voicing=other[:, 1],
        flux_db=np.asarray(rise, np.float32),
    )  # fmt: skip


def _blocks(sound: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Cut sound into stretches that hold whole windows of the steps they stand for; silence lies beyond both ends."""
    rest = np.zeros(_LONG // 2, np.float32)
    for piece in sound:
        rest = np.concatenate([rest, piece])
        while len(rest) >= _BLOCK * _HOP + _LONG - _HOP:
            yield rest[: _BLOCK * _HOP + _LONG - _HOP]
            rest = rest[_BLOCK * _HOP :]
    steps = -(-(len(rest) - _LONG // 2) // _HOP)
    if steps > 0:
        yield np.pad(rest, (0, max(0, steps * _HOP + _LONG - _HOP - len(rest))))[: steps * _HOP + _LONG - _HOP]


def _measure(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mel bands (n, 24) and level, voicing and bands (n, 7) of sound of n · 160 + 480 samples."""
    long = np.lib.stride_tricks.sliding_window_view(sound, _LONG)[::_HOP]
    middle = (_LONG - _WINDOW) // 2
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    seen = long[:, middle : middle + _WINDOW] * window
    # Parseval: the bins of one side, doubled, sum to the power of the windowed sound.
    power = np.abs(np.fft.rfft(seen, _FFT)).astype(np.float32) ** 2 * np.float32(2 / (_FFT * (window**2).sum()))
    mel = 10 * np.log10(np.maximum(power @ _mel_filters(), _FLOOR))
    bands = np.stack([power[:, _bins(low, high)].sum(1) for low, high in ((_MEL_HZ), *BANDS)], 1)
    bands = 10 * np.log10(np.maximum(bands, _FLOOR))
    return mel.astype(np.float32), np.concatenate([bands[:, :1], _voicing(long)[:, None], bands[:, 1:]], 1)


def _bins(low: float, high: float) -> np.ndarray:
    hertz = np.fft.rfftfreq(_FFT, 1 / RATE)
    return (hertz >= low) & (hertz < high)


def mel_corners_hz() -> np.ndarray:
    """Return where the mel bands begin, peak and end, shape (26,): band i peaks at corner i + 1."""
    return filter_banks.mel_corners_hz(MEL_BANDS, *_MEL_HZ)


@cache
def _mel_filters() -> np.ndarray:
    return filter_banks.triangles(mel_corners_hz(), _FFT, RATE)


def _voicing(long: np.ndarray) -> np.ndarray:
    """Return the highest autocorrelation of each window at a voice's periods, divided by that of the window (Boersma 1993)."""
    window = np.hanning(_LONG + 1)[:-1].astype(np.float32)
    centred = (long - long.mean(1, keepdims=True)) * window
    size = 2 * _FFT  # room for the window and the longest period
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2, size)
    alike = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2, size)
    first, last = int(RATE / _PITCH_HZ[1]), int(RATE / _PITCH_HZ[0])
    lags = slice(first, last + 1)
    energy = np.maximum(alike[:, 0], 1e-7 * _LONG)
    best = (alike[:, lags] / (own[lags] / own[0])).max(1) / energy
    return np.asarray(np.clip(best, 0, 1), np.float32)
