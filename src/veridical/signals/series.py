"""Arithmetic of measurements over time: unbroken stretches and their length, even steps, correlation at a lag."""

from __future__ import annotations

import numpy as np

_STALL_S, _STALL_STEPS = 0.25, 3.0
_MOST = 0.8
_ROUNDED = 0.01  # share of a length: a clip of 30 s has a frame more or less, and a clock that is rounded


def stretches(frames: np.ndarray, times: np.ndarray | None = None, *, least: int = 2) -> list[np.ndarray]:
    """Split the measurements of a track where frames are missing.

    Parameters
    ----------
    frames
        shape (n,): frame numbers, rising.
    times
        shape (n,): their times, seconds. If given, the track is also split where one picture stands for more than a quarter
        of a second and three usual steps, as happens in videos of variable frame rate: nothing is known of that time.
    least
        Shorter stretches are left out.

    Returns
    -------
    Indices into ``frames``, one array a stretch of consecutive frames.
    """
    broken = np.diff(frames) != 1
    if times is not None and not broken.all():
        steps = np.diff(times)
        broken = broken | (steps > max(_STALL_S, _STALL_STEPS * float(np.median(steps[~broken]))))
    breaks = np.flatnonzero(broken) + 1
    return [run for run in np.split(np.arange(len(frames)), breaks) if len(run) >= least]


def lasting(times: np.ndarray) -> float:
    """Return how long a stretch with some times, shape (n,) in seconds, lasts: to the end of its last frame.

    One frame alone has no length that could be told, and counts as 0.
    """
    n = len(times)
    return float(times[-1] - times[0]) * n / (n - 1) if n > 1 else 0.0


def long_enough(seconds: float, least_s: float) -> bool:
    """Return whether a length reaches a least one, within 1 %."""
    return seconds >= (1 - _ROUNDED) * least_s


def most_of(seconds: float, frames: np.ndarray, times: np.ndarray) -> bool:
    """Return whether a length is four fifths or more of the time in which a track (``frames``, ``times``) is seen.

    A span so long is no place to look at: it says no more than the whole does.
    """
    return seconds >= _MOST * sum(lasting(times[run]) for run in stretches(frames, times))


def within(times: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return which times, shape (n,), lie in one of some spans (k, 2): start, end (not included), in order of their starts."""
    if not len(spans):
        return np.zeros(len(times), bool)
    place = np.searchsorted(spans[:, 0], times, side="right") - 1
    return np.asarray((place >= 0) & (times < np.maximum.accumulate(spans[:, 1])[np.maximum(place, 0)]))


def evenly(times: np.ndarray, values: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Bring measurements to even steps by linear interpolation.

    Parameters
    ----------
    times
        shape (n,): seconds, rising.
    values
        shape (n, …): measured at ``times``, finite.
    rate
        Steps a second.

    Returns
    -------
    The times (m,) from the first to the last measurement, and the values (m, …), float64.
    """
    steps = np.arange(int(np.floor((times[-1] - times[0]) * rate + 1e-6)) + 1) / rate + times[0]
    after = np.clip(np.searchsorted(times, steps, side="right"), 1, max(len(times) - 1, 1))
    if len(times) == 1:
        return steps, np.asarray(values, np.float64)
    share = np.clip((steps - times[after - 1]) / (times[after] - times[after - 1]), 0, 1)
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return steps, np.asarray(values[after - 1] * (1 - share) + values[after] * share, np.float64)


def standardised(values: np.ndarray) -> np.ndarray:
    """Return values of mean 0 and standard deviation 1 along the first axis; 0 where they do not vary."""
    centred = values - values.mean(0)
    spread = centred.std(0)
    flat = spread <= 1e-9 * np.maximum(np.abs(values).max(0), 1e-12)
    return np.asarray(np.where(flat, 0.0, centred / np.where(flat, 1.0, spread)))


def correlation_at_lags(one: np.ndarray, other: np.ndarray, most: int) -> np.ndarray:
    """Pearson correlation of two series of shape (n,) at lags −most … most, over the part in which both are present.

    At lag k, ``one[i]`` is compared with ``other[i + k]``: a positive lag says that ``other`` comes later. Lags that leave
    fewer than three values, and series that do not vary, give 0.
    """
    n = min(len(one), len(other))
    found = np.zeros(2 * most + 1)
    for place, lag in enumerate(range(-most, most + 1)):
        a = one[max(0, -lag) : n - max(0, lag)]
        b = other[max(0, lag) : n - max(0, -lag)]
        if len(a) >= 3:
            found[place] = float((standardised(a) * standardised(b)).mean())
    return found


def above_middle(values: np.ndarray, margin: float, *, least: int = 4, most: int = 20) -> list[tuple[int, int, float]]:
    """Return runs of values that lie further than a margin above their median, the highest mean first.

    Parameters
    ----------
    values
        shape (n,); fewer than ``least`` have no middle to stand out from.
    margin
        In units of the values.
    most
        Runs that are returned.

    Returns
    -------
    list
        First value of a run, the one after its last, and its mean.
    """
    if len(values) < least:
        return []
    high = (values > float(np.median(values)) + margin).astype(int)
    edges = np.flatnonzero(np.diff(high, prepend=0, append=0)).reshape(-1, 2)
    found = [(int(first), int(end), float(values[first:end].mean())) for first, end in edges]
    return sorted(found, key=lambda run: -run[2])[:most]


def peaks_kept(values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Thin a long series to ``most`` values: the first index of each few neighbours, and the highest of them."""
    firsts = np.arange(0, len(values), max(1, -(-len(values) // most)))
    return firsts, np.maximum.reduceat(values, firsts) if len(values) else values
