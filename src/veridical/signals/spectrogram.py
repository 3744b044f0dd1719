"""Power of a sound over time and frequency, block by block, so that memory does not grow with a recording.

Power 1 is that of a full-scale sine in its own bin. The power of the channels is averaged, so that channels in opposite phase
do not cancel.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.fft import rfft
from scipy.signal import get_window

EMPTY_DB = -160.0
_FRAMES_AT_ONCE = 1024
_HIGHEST = 16.0  # damaged float files hold numbers that overflow when squared


class Sums:
    """Sums of power over rows of an array of groups, such as the windows of one second."""

    def __init__(self, groups: int, columns: int) -> None:
        self.power = np.zeros((groups, columns))
        self.count = np.zeros(groups)

    def add(self, group: np.ndarray, power: np.ndarray) -> None:
        """Add rows of power to their groups; windows come in order of time, so a group is a run."""
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        self.power[group[starts]] += np.add.reduceat(power, starts, axis=0)
        self.count[group[starts]] += np.diff(np.append(starts, len(group)))

    def mean_db(self) -> np.ndarray:
        """Return the mean power of each group in decibels; NaN where there was none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return decibel(self.power / self.count[:, None])


def windows(samples: np.ndarray, window: int, hop: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (number of the first window, power of shape (windows, bins)) block by block, through Hann windows.

    Parameters
    ----------
    samples
        shape (n, channels), full scale ±1. Values that are not finite count as 0 or are cut off at ±16.
    window, hop
        Length of a window and distance of two, samples. What does not fill a window at the end is left out.
    """
    shape = get_window("hann", window).astype(np.float32)
    scale = np.float32(2 / shape.sum())
    frames, channels = (len(samples) - window) // hop + 1, samples.shape[1]
    for first in range(0, frames, _FRAMES_AT_ONCE):
        count = min(_FRAMES_AT_ONCE, frames - first)
        block = np.nan_to_num(samples[first * hop : (first + count - 1) * hop + window])
        np.clip(block, -_HIGHEST, _HIGHEST, out=block)
        power = np.zeros((count, window // 2 + 1), np.float32)
        for channel in range(channels):
            cut = np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(block[:, channel]), window)[::hop]
            spectrum = rfft(cut * shape, axis=1) * scale
            power += spectrum.real**2 + spectrum.imag**2
        yield first, power / np.float32(channels)


def pool(values: np.ndarray, bands: int) -> np.ndarray:
    """Average neighbouring bins, the columns, into at most ``bands`` bands of (nearly) equal width."""
    bins = values.shape[1]
    if bins <= bands:
        return values
    edges = np.linspace(0, bins, bands + 1).round().astype(int)
    return np.asarray(np.add.reduceat(values, edges[:-1], axis=1) / np.diff(edges))


def decibel(power: np.ndarray) -> np.ndarray:
    """Return power in decibels, ``EMPTY_DB`` at least."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (EMPTY_DB / 10))))
