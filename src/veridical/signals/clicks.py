"""Samples that the sound before them does not predict: what a cut without a cross-fade may leave, and lips and dust do.

Each 30 ms are modelled as an all-pole filter (linear prediction, order 16; Makhoul 1975); what is left is the prediction
error. Voices, too, leave a peak a period, so a click counts by how far it stands out from its neighbourhood.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft, ndimage

from .side_by_side import side_by_side
from .sound import mono

_RATE = 16000
_HOP, _WINDOW, _ORDER = 160, 640, 16
_LEAD = (_WINDOW - _HOP) // 2
_APART = 8  # steps of 10 ms within which another peak speaks against a click
_BLOCK = 1000


def strongest_clicks(samples: np.ndarray, rate: int, *, count: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Find the most isolated peaks of the prediction error.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1.

    Returns
    -------
    Times in seconds, and by how many dB each stands above every other peak within 0.08 s; both of shape (k,), strongest
    first, k at most ``count``.
    """
    parts = list(side_by_side(_peaks, _blocks(mono(samples, rate, _RATE))))
    if not parts or sum(len(part[0]) for part in parts) < 3 * _APART:
        return np.zeros(0), np.zeros(0, np.float32)
    offset, size = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    level = 20 * np.log10(np.maximum(size, 1e-5))
    around = np.ones(2 * _APART + 1, bool)
    around[_APART - 1 : _APART + 2] = False  # the steps beside it may hold the same click
    stands = level - ndimage.maximum_filter(level, footprint=around, mode="nearest")
    stands[:_APART] = stands[-_APART:] = -np.inf
    best = [int(i) for i in np.argsort(-stands, kind="stable")[:count] if np.isfinite(stands[i]) and stands[i] > 0]
    times = np.array([(i * _HOP + _LEAD + offset[i]) / _RATE for i in best])
    return times, stands[best].astype(np.float32)


def _blocks(sound: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Cut sound into stretches of whole windows that follow each other without a gap."""
    rest = np.zeros(0, np.float32)
    for piece in sound:
        rest = np.concatenate([rest, piece])
        while len(rest) >= _BLOCK * _HOP + _WINDOW - _HOP:
            yield rest[: _BLOCK * _HOP + _WINDOW - _HOP]
            rest = rest[_BLOCK * _HOP :]
    steps = (len(rest) - _WINDOW) // _HOP + 1
    if steps > 0:
        yield rest[: (steps - 1) * _HOP + _WINDOW]


def _peaks(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where in each step the prediction error is largest (samples), and how large."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP].astype(np.float64)
    power = np.abs(fft.rfft(frames * np.hanning(_WINDOW), 2 * _WINDOW)) ** 2
    alike = fft.irfft(power, 2 * _WINDOW)[:, : _ORDER + 1]
    alike[:, 0] = alike[:, 0] * 1.0001 + 1e-9
    lags = np.arange(_ORDER)
    filters = np.linalg.solve(alike[:, np.abs(lags[:, None] - lags)], alike[:, 1:, None])[..., 0]
    past = np.lib.stride_tricks.sliding_window_view(frames[:, _LEAD - _ORDER : _LEAD + _HOP], _ORDER + 1, axis=1)
    error = np.abs(past[..., -1] - np.einsum("nhk,nk->nh", past[..., -2::-1], filters))
    return error.argmax(1), error.max(1)
