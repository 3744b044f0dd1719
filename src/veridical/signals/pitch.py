"""Pitch of a voice by the cumulative mean normalised difference (YIN)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy import fft

from .side_by_side import side_by_side
from .sound import mono

RATE = 8000
HOP_S = 0.01
LOWEST_HZ, HIGHEST_HZ = 65.0, 450.0

_HOP, _WINDOW = 80, 320
_LAST = int(RATE / LOWEST_HZ) + 2
_FIRST = int(RATE / HIGHEST_HZ) - 1
_SPAN = _WINDOW + _LAST
_BLOCK = 500  # steps worked on at a time, so that a transform of them stays near the processor


def pitch(samples: np.ndarray, rate: int, *, clear_below: float = 0.15, voiced_below: float = 0.3) -> np.ndarray:
    """Return the fundamental frequency every 10 ms, shape (n,), float32, Hz; NaN where the sound is not periodic.

    It is NaN above ``HIGHEST_HZ``, too. The period is the first dip of the normalised difference below ``clear_below``, else
    its lowest place; it counts if it lies below ``voiced_below``. Long recordings are worked on block by block.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1.
    rate
        Samples a second; brought to 8 kHz.
    clear_below, voiced_below
        Normalised differences: 0 is periodic, 1 is noise.

    References
    ----------
    de Cheveigné and Kawahara, Journal of the Acoustical Society of America 2002.
    """
    periods = partial(_periods, clear_below=clear_below, voiced_below=voiced_below)
    found = list(side_by_side(periods, _blocks(mono(samples, rate, RATE))))
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def _blocks(sound: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield sound in blocks that overlap by what a window needs; step i is centred at i · 10 ms."""
    rest = np.zeros(_SPAN // 2, np.float32)
    for piece in sound:
        rest = np.concatenate([rest, piece])
        while len(rest) >= _BLOCK * _HOP + _SPAN:
            yield rest[: (_BLOCK - 1) * _HOP + _SPAN]
            rest = rest[_BLOCK * _HOP :]
    steps = -(-(len(rest) - _SPAN // 2) // _HOP)
    if steps > 0:
        yield np.pad(rest, (0, max(0, steps * _HOP + _SPAN - len(rest))))[: (steps - 1) * _HOP + _SPAN]


def _periods(sound: np.ndarray, clear_below: float, voiced_below: float) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(sound, _SPAN)[::_HOP].astype(np.float64)
    frames = frames - frames.mean(1, keepdims=True)
    normal = _normalised_difference(frames)
    place = _dips(normal, clear_below)
    rows = np.arange(len(place))
    before, at, after = normal[rows, place - 1], normal[rows, place], normal[rows, place + 1]
    bend = np.maximum(before - 2 * at + after, 1e-12)
    period = place + np.clip((before - after) / (2 * bend), -0.5, 0.5)
    loud = (frames**2).mean(1) > 1e-8
    # The shortest shift tried is a little shorter than a period may be, and so is found where none is.
    low = period >= RATE / HIGHEST_HZ
    return np.where((at < voiced_below) & loud & low, RATE / period, np.nan).astype(np.float32)


def _normalised_difference(frames: np.ndarray) -> np.ndarray:
    """Return the difference of each frame to itself shifted, over its mean up to that shift: shape (n, shifts)."""
    size = 1 << (2 * _SPAN - 1).bit_length()
    head = fft.rfft(frames[:, :_WINDOW], size)
    alike = fft.irfft(np.conj(head) * fft.rfft(frames, size), size)[:, : _LAST + 1]
    power = np.pad(np.cumsum(frames**2, 1), ((0, 0), (1, 0)))
    shifts = np.arange(_LAST + 1)
    energy = power[:, shifts + _WINDOW] - power[:, shifts]
    difference = np.maximum(energy[:, :1] + energy - 2 * alike, 0)
    mean = np.cumsum(difference[:, 1:], 1) / shifts[1:]
    return np.concatenate([np.ones((len(frames), 1)), difference[:, 1:] / np.maximum(mean, 1e-12)], 1)


def _dips(normal: np.ndarray, clear_below: float) -> np.ndarray:
    """Return the shift of each row's first clear dip, followed down to its bottom; the lowest place where there is none."""
    tried = normal[:, _FIRST:-1]
    clear = tried < clear_below
    rises = normal[:, 1:] >= normal[:, :-1]
    rises[:, -1] = True
    start = _FIRST + clear.argmax(1)
    bottom = (rises & (np.arange(rises.shape[1]) >= start[:, None])).argmax(1)
    return np.asarray(np.where(clear.any(1), bottom, _FIRST + tried.argmin(1)))
