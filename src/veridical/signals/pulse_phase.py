"""The beat in many patches of skin: how far it can be seen in each, and how far they beat in step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from . import pulse

_NEAR_HZ = 0.15


@dataclass(frozen=True, slots=True)
class Flow:
    """The beat in the cells of one face.

    Parameters
    ----------
    rate_hz, snr_db
        The common pulse, and how far it stands out in the mean of all cells.
    phases
        shape (rows, columns): radians against the rest of the face, positive = later; NaN outside the skin.
    local_db
        shape (rows, columns): local signal-to-noise ratio; NaN outside the skin.
    visible
        Mean visible beat of the cells, 0 to 1.
    in_step
        The part of it that is in step, 0 to ``visible``.
    trace
        shape (n,): mean trace, at even steps.
    """

    rate_hz: float
    snr_db: float
    phases: np.ndarray
    local_db: np.ndarray
    visible: float
    in_step: float
    trace: np.ndarray

    @property
    def out_of_step(self) -> float:
        """The part of the visible beat that is not in step."""
        return self.visible - self.in_step


def flow_of(cells: np.ndarray, skin: np.ndarray, rate: float) -> Flow:
    """Compare the beat of the cells of a face.

    Parameters
    ----------
    cells
        shape (n, rows, columns, 3): mean red, green, blue at even steps.
    skin
        shape (rows, columns), bool: cells to use.
    rate
        Steps a second.
    """
    where = np.argwhere(skin)
    traces = pulse.pos(cells[:, skin], rate)
    mean = pulse.pos(cells[:, skin].mean(1), rate)
    beat = pulse.beat_of(mean, rate)
    at = beat.per_minute / 60
    frequencies, power = pulse.spectrum(traces, rate)
    local = pulse.snr_db(frequencies, power, at)
    apart = np.abs(where[:, None] - where[None]).max(2) > 1
    others = traces @ (apart / np.maximum(apart.sum(0), 1)).astype(np.float64)
    cross = _cross(traces, others, rate, at)
    visible = _visible(local, frequencies, at)
    vector = (visible * np.exp(1j * np.angle(cross))).mean()
    phases, decibels = (np.full(skin.shape, np.nan, np.float32) for _ in range(2))
    phases[skin], decibels[skin] = -np.angle(cross), local
    return Flow(at, beat.snr_db, phases, decibels, float(visible.mean()), float(abs(vector)), mean)


def _visible(local_db: np.ndarray, frequencies: np.ndarray, at_hz: float) -> np.ndarray:
    """Return the share of power at the beat and its double beyond what white noise has there, 0 to 1: shape (k,)."""
    flat = 10 ** (float(pulse.snr_db(frequencies, np.ones((len(frequencies), 1)), at_hz)[0]) / 10)
    chance, ratio = flat / (1 + flat), 10 ** (local_db / 10)
    return np.asarray(np.maximum(0, (ratio / (1 + ratio) - chance) / (1 - chance)))


def _cross(one: np.ndarray, other: np.ndarray, rate: float, at_hz: float) -> np.ndarray:
    """Return the cross-spectrum of traces (n, k), summed over the frequencies near one: shape (k,), complex."""
    fade = signal.windows.hann(len(one), sym=False)[:, None]
    size = 4 * len(one)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    near = np.abs(frequencies - at_hz) <= _NEAR_HZ
    first, second = (np.fft.rfft(series * fade, size, axis=0)[near] for series in (one, other))
    return np.asarray((first * second.conj()).sum(0))
