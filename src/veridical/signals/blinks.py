"""Blinks in the opening of two eyes over time, short dips that both eyes make together, and eyes that are held closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

# The open level is looked for this many seconds to either side of the deepest point: the eyes of someone who blinks
# often, or opens them slowly, are not wide open for longer.
_REACH_S = 0.6
# A dip is at least this many times as deep as a step of the noise.
_NOISES = 6.0


@dataclass(frozen=True, slots=True)
class Blink:
    """One closing of the eyes.

    Parameters
    ----------
    start_s, end_s
        Seconds, between which the eyes are closed by more than half of the depth of this blink.
    deepest
        Opening that is left at the deepest point, as a share of the open level around it. Closed eyes seldom read 0: of
        narrow or small eyes half of the opening or more is still reported.
    right, left
        Depth of the dip of the person's right and left eye, as a share of its open level.
    lag_s
        Seconds by which the left eye closes later than the right.
    """

    start_s: float
    end_s: float
    deepest: float
    right: float
    left: float
    lag_s: float


def opening_of(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean of two ways of measuring the opening, each as a share of the open level of each eye.

    Parameters
    ----------
    one, other
        shape (n, 2): height over width of the right and the left eye, not finite where an eye is not seen.

    Returns
    -------
    shape (n, 2), float64: 1 is the 95th percentile over the n frames.
    """
    shares = []
    for raw in (one, other):
        seen = raw[np.isfinite(raw).all(1)]
        level = np.percentile(seen, 95, axis=0) if len(seen) else np.ones(2)
        shares.append(np.asarray(raw, np.float64) / np.maximum(level, 1e-3))
    return np.asarray((shares[0] + shares[1]) / 2)


def find_blinks(
    times: np.ndarray,
    openings: np.ndarray,
    *,
    least_depth: float,
    each_depth: float,
    shortest_s: float,
    longest_s: float,
    least_level: float = 0.0,
) -> tuple[Blink, ...]:
    """Find blinks in one uninterrupted stretch.

    A dip of the mean opening counts by its prominence: how far it lies below the lower one of the highest points before
    and after it. So a lid that stays low after a blink, or an open level that drifts, does not hide the next one.

    Parameters
    ----------
    times
        shape (n,): seconds, rising.
    openings
        shape (n, 2): opening of the right and the left eye, finite, in one unit (see ``opening_of``).
    least_depth, each_depth
        Least depth of the dip of the mean, and of each eye, as shares of the open level around it.
    shortest_s, longest_s
        Durations at half the depth that count.
    least_level
        Least open level around a dip, in the unit of the openings: below it the eyes are closed already, and what dips is
        the tremble of lids or of the measurement.
    """
    if len(times) < 3:
        return ()
    mean = openings.mean(1)
    step = float(np.median(np.diff(times)))
    reach = max(2, round(_REACH_S / step))
    noise = 1.4826 * float(np.median(np.abs(np.diff(mean)))) / np.sqrt(2)
    found, dips = find_peaks(-mean, prominence=max(_NOISES * noise, 1e-6), wlen=2 * reach + 1, width=0, rel_height=0.5)
    blinks = []
    for place, depth, left, right in zip(
        found, dips["prominences"], dips["left_ips"], dips["right_ips"], strict=True
    ):  # fmt: skip
        start, end = (float(np.interp(at, np.arange(len(times)), times)) for at in (left, right))
        level = float(mean[place] + depth)
        if level < least_level:
            continue
        if not (depth >= least_depth * level and shortest_s <= end - start <= longest_s):
            continue
        inside = slice(int(left), int(np.ceil(right)) + 1)
        around = slice(max(0, place - reach), place), slice(place + 1, place + reach + 1)
        eyes = [_depth(openings[:, eye], inside, around) for eye in (0, 1)]
        if min(eyes) < each_depth:
            continue
        moments = [_moment(times[inside], openings[inside, eye]) for eye in (0, 1)]
        blinks.append(
            Blink(start_s=start, end_s=end, deepest=float(mean[place]) / level, right=eyes[0], left=eyes[1],
                  lag_s=moments[1] - moments[0])
        )  # fmt: skip
    return tuple(blinks)


def find_closures(
    times: np.ndarray, openings: np.ndarray, *, below: float, longer_than_s: float
) -> tuple[tuple[float, float], ...]:
    """Find where both eyes are held closed in one uninterrupted stretch.

    Parameters
    ----------
    times, openings
        As for `find_blinks`.
    below
        Opening below which the mean of the eyes counts as closed.
    longer_than_s
        Shorter closures are left out.

    Returns
    -------
    Start and end, seconds: from the first closed frame to the last, and half a usual step to either side.
    """
    if len(times) < 3:
        return ()
    edges = np.flatnonzero(np.diff(np.r_[False, openings.mean(1) < below, False].astype(np.int8)))
    half = float(np.median(np.diff(times))) / 2
    found = (
        (float(times[first]) - half, float(times[after - 1]) + half)
        for first, after in zip(edges[::2], edges[1::2], strict=True)
    )
    return tuple((max(start, 0.0), end) for start, end in found if end - start > longer_than_s)


def _depth(opening: np.ndarray, inside: slice, around: tuple[slice, slice]) -> float:
    level = min(float(opening[side].max()) for side in around)
    return 1 - float(opening[inside].min()) / max(level, 1e-6)


def _moment(times: np.ndarray, opening: np.ndarray) -> float:
    """Middle of a dip, weighed by its depth."""
    weights = opening.max() - opening
    total = float(weights.sum())
    return float((weights * times).sum() / total) if total > 0 else float(times.mean())
