"""How series of expression and head movement go together: correlations of all pairs in windows of time.

Agarwal, Farid, Gu, He, Nagano, Li, "Protecting World Leaders Against Deep Fakes", CVPR Workshops 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .series import evenly, standardised, stretches

RATE = 30.0
"""Steps a second to which series are brought before they are correlated."""
_FLAT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Correlations of k series in m windows.

    Parameters
    ----------
    starts_s, ends_s
        shape (m,), float64: first and last time of each window, seconds.
    features
        shape (m, k (k − 1) / 2), float64: Pearson correlations of the pairs in the order of ``pairs``; 0 if a series is flat.
    flat
        shape (m, k), bool: series that do not vary in the window.
    """

    starts_s: np.ndarray
    ends_s: np.ndarray
    features: np.ndarray
    flat: np.ndarray

    def __len__(self) -> int:
        return len(self.features)


def pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the second series of each pair of ``count`` series: (0, 1), (0, 2), …, and so on."""
    return np.triu_indices(count, 1)


def correlations(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlate all pairs of series.

    Parameters
    ----------
    series
        shape (n, k), finite.

    Returns
    -------
    Pearson correlations, shape (k (k − 1) / 2,), 0 where a series is flat; and which are flat, shape (k,), bool: those whose
    standard deviation is below a millionth of their largest value.
    """
    series = np.asarray(series, np.float64)
    flat = series.std(0) <= _FLAT * np.maximum(np.abs(series).max(0), 1e-12)
    even = np.where(flat, 0.0, standardised(series))
    first, second = pairs(series.shape[1])
    return np.clip((even.T @ even / len(series))[first, second], -1, 1), flat


def matrix(features: np.ndarray, count: int) -> np.ndarray:
    """Lay correlations of pairs out as a symmetric matrix, shape (count, count), with 1 on its diagonal."""
    out = np.eye(count)
    first, second = pairs(count)
    out[first, second] = out[second, first] = features
    return out


def windows(
    frames: np.ndarray, times: np.ndarray, series: np.ndarray, *, window_s: float = 10.0, step_s: float = 1 / 6
) -> Windows:
    """Correlate all pairs of series in windows that no gap interrupts.

    Parameters
    ----------
    frames, times
        shape (n,): frame numbers, rising, and their times in seconds.
    series
        shape (n, k); frames with a value that is not finite are gaps.
    window_s, step_s
        Length of a window, and from the start of one to the start of the next, seconds; the published setting is 10 s and five
        frames of thirty.
    """
    length, step = round(window_s * RATE), max(round(step_s * RATE), 1)
    found: list[tuple[float, float, np.ndarray, np.ndarray]] = []
    seen = np.flatnonzero(np.isfinite(series).all(1))
    for run in stretches(frames[seen], times[seen]):
        steps, even = evenly(times[seen[run]], series[seen[run]], RATE)
        # A clip of 10 s has 299 steps from its first frame to its last; a window may lack two.
        for start in range(0, max(len(even) - length + 3, 0), step):
            part = even[start : start + length]
            found.append((float(steps[start]), float(steps[start + len(part) - 1]), *correlations(part)))
    k = series.shape[1]
    return Windows(
        starts_s=np.array([one[0] for one in found]), ends_s=np.array([one[1] for one in found]),
        features=np.array([one[2] for one in found]).reshape(-1, k * (k - 1) // 2),
        flat=np.array([one[3] for one in found], bool).reshape(-1, k),
    )  # fmt: skip
