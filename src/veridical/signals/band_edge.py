"""Where the sound of an average spectrum ends: a cliff after which the level does not come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOWEST_HZ = 2500.0
"""Below it, vowels themselves make cliffs."""
_BESIDE_HZ = 400.0  # width of the bands that are compared
_DEEPEST_DB = 90.0  # levels further below the loudest bin count as empty
_EMPTY_DBFS = -140.0


@dataclass(frozen=True, slots=True)
class Cliff:
    """``top_hz``: where the sound ends; ``drop_db``: how far it falls; ``slope``: in dB an octave."""

    top_hz: float
    drop_db: float
    slope: float


def find_cliff(frequencies: np.ndarray, level_db: np.ndarray, least_drop_db: float) -> Cliff | None:
    """Find the lowest place where the level falls sharply, for good; None if there is none.

    Parameters
    ----------
    frequencies, level_db
        shape (bins,): evenly spaced, hertz, and the level of each, dBFS.
    least_drop_db
        How far the level must fall within a twentieth of the frequency.
    """
    level = np.maximum(level_db.astype(np.float64), max(_EMPTY_DBFS, float(level_db.max()) - _DEEPEST_DB))
    count, width = len(level), float(frequencies[1] - frequencies[0])
    beside = max(2, round(_BESIDE_HZ / width))
    total = np.concatenate([[0.0], np.cumsum(level)])
    at = np.arange(count)
    half_gap = np.maximum(120.0, 0.05 * frequencies) / width / 2
    below_end = np.clip((at - half_gap).astype(int), 0, count)
    above_start = np.clip((at + half_gap).astype(int) + 1, 0, count - 1)
    above_end = np.clip(above_start + beside, 0, count)
    below = (total[below_end] - total[np.maximum(below_end - beside, 0)]) / beside
    above = (total[above_end] - total[above_start]) / np.maximum(above_end - above_start, 1)
    room = (below_end >= beside) & (above_end - above_start >= min(3, beside)) & (frequencies >= LOWEST_HZ)
    drop = np.where(room, below - above, -np.inf)
    comes_back = np.maximum.accumulate(_smooth(level, max(3, beside // 4))[::-1])[::-1][above_start]
    good = np.flatnonzero((drop >= least_drop_db) & (below - comes_back >= least_drop_db))
    if not len(good):
        return None
    run = good[: int(np.argmax(np.append(np.diff(good) > 1, True))) + 1]
    best = int(run[np.argmax(drop[run])])
    return _measure(frequencies, level, best, float(below[best]), float(above[best]), int(2 * half_gap[best]) + 1)


def _measure(frequencies: np.ndarray, level: np.ndarray, at: int, below: float, above: float, reach: int) -> Cliff:
    """Walk down the cliff around bin ``at``: the sound ends where a tenth of the drop is done."""
    first, last = max(at - reach, 0), min(at + reach + 1, len(level))
    piece = _smooth(level, 3)[first:last]
    drop = below - above
    high = np.flatnonzero(piece >= below - 0.1 * drop)
    start = int(high[-1]) if len(high) else 0
    low = np.flatnonzero(piece[start:] <= above + 0.1 * drop)
    stop = start + (int(low[0]) if len(low) else len(piece) - 1 - start)
    top = float(frequencies[first + start])
    bottom = float(frequencies[min(first + max(stop, start + 1), len(level) - 1)])
    return Cliff(top, drop, 0.8 * drop / np.log2(bottom / top) if bottom > top else 0.0)


def _smooth(level: np.ndarray, width: int) -> np.ndarray:
    half = width // 2
    padded = np.pad(level, (half, width - 1 - half), mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), "valid")
