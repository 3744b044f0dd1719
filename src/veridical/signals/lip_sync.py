"""How well lips follow speech at each shift of the sound: what is heard, what is seen, and the curve over the shifts.

What is heard is turned into the movement of lips that it lets one expect, by a linear map from the sound within 0.2 s (a
ridge regression, fitted on other people). Beside it stands what needs no fitting: the mouth opens with the loudness around
the second formant. Heard and seen are freed of changes slower than about half a second and compared by the correlation of
each feature, at every shift, over the moments at which somebody speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .series import evenly, stretches
from .speech_features import HOP_S, SpeechFeatures

RATE = 100
STEPS_AROUND = tuple(range(-20, 21, 5))  # the sound that the map hears, in steps of 10 ms from the moment
LAG_STEP = 2  # steps of 10 ms from one shift to the next
BLOCK_S = 1.0

# Features of the lips that are compared: the nine of the map, then the three that open with loudness.
_COMPARED = [*range(9), 0, 2, 6]
_WEIGHTS = np.array([1 / 3] * 9 + [0.5 / 3**0.5] * 3) / 1.25**0.5
_SECOND_FORMANT, _LOUDNESS_POWER = 2, 0.6

_SMOOTH, _SLOW = 2.0, 60.0  # standard deviations of the Gaussians that set the band, steps
_NEAR = 25.0  # speech counts with what lies about this many steps around it: lips move before and after
_INDEPENDENT = 10.0  # steps after which lips are about independent
_STILL = 0.004  # lips that move less than this, in distances between the eyes, are measured as if they moved so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Agreement at each shift.

    Parameters
    ----------
    lags_s
        shape (k,): how much later the sound is than the lips, seconds.
    agreement
        shape (k,): weighted sum of Fisher's z of the features' correlations, each over its standard error: of a standard
        deviation of 1 to 2 where lips and sound have nothing to do with each other.
    """

    lags_s: np.ndarray
    agreement: np.ndarray

    @property
    def offset_s(self) -> float:
        """Shift of the highest agreement, by a parabola through the three highest neighbours."""
        top = int(np.argmax(self.agreement))
        if not 0 < top < len(self.agreement) - 1:
            return float(self.lags_s[top])
        before, here, after = self.agreement[top - 1 : top + 2]
        bend = before - 2 * here + after
        return float(
            self.lags_s[top] + (self.lags_s[1] - self.lags_s[0]) * (0.5 * (before - after) / bend if bend else 0)
        )

    @property
    def confidence(self) -> float:
        """Highest agreement above the usual one of all shifts; see ``above``."""
        return self.above(float(self.agreement.max()))

    def above(self, agreement: float) -> float:
        """Return an agreement less the median of all shifts, over their robust standard deviation plus that of chance, 1."""
        middle = float(np.median(self.agreement))
        return (agreement - middle) / (1.4826 * float(np.median(np.abs(self.agreement - middle))) + 1)

    @property
    def lead(self) -> float:
        """Highest agreement less the highest at shifts more than 0.2 s away."""
        top = int(np.argmax(self.agreement))
        far = np.abs(self.lags_s - self.lags_s[top]) > 0.2
        return float(self.agreement[top] - self.agreement[far].max()) if far.any() else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Movement of lips that a sound lets one expect, at steps of 10 ms from ``start_s``.

    Parameters
    ----------
    lips
        shape (n, 12): as the map says; then, thrice, loudness around the second formant.
    spoken
        shape (n,), bool: somebody speaks at this moment or nearby.
    """

    lips: np.ndarray
    spoken: np.ndarray
    start_s: float


def listened(features: SpeechFeatures, segments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what the map hears at each moment, shape (n, 26), and whether somebody speaks nearby, shape (n,)."""
    loud = float(np.percentile(features.level_db, 95)) if len(features) else 0.0
    voiced = 3 * features.voicing * (features.level_db > loud - 40)
    mel = np.maximum(features.mel_db - loud, -60) / 10
    heard = np.column_stack([mel, voiced, features.flux_db / 3])
    spoken = np.zeros(len(features), np.float64)
    for start, end in segments:
        spoken[max(0, round(start / HOP_S)) : round(end / HOP_S)] = 1
    return _band(heard), gaussian_filter1d(spoken, _NEAR) > 0.05


def expected_lips(features: SpeechFeatures, segments: np.ndarray, weights: np.ndarray, *, start_s: float) -> Heard:
    """Turn sound into the movement of lips that it lets one expect.

    Parameters
    ----------
    segments
        shape (s, 2): when somebody speaks, seconds from the first sample.
    weights
        shape (9, 26, 9): the map; see ``knowledge.lip_sync``.
    start_s
        Time of the first sample on the clock of the video.
    """
    heard, spoken = listened(features, segments)
    lips = np.zeros((len(heard), weights.shape[2]))
    for step, part in zip(STEPS_AROUND, weights, strict=True):
        lips += at_step(heard, step) @ part
    level = features.bands_db[:, _SECOND_FORMANT]
    loudness = 10 ** (_LOUDNESS_POWER * (level - (level.max() if len(level) else 0)) / 20)
    return Heard(lips=np.column_stack([lips, *[_band(loudness)] * 3]), spoken=spoken, start_s=start_s)


def at_step(values: np.ndarray, step: int) -> np.ndarray:
    """Return the values ``step`` steps later; beyond an end the last value goes on."""
    return np.asarray(values[np.clip(np.arange(len(values)) + step, 0, max(len(values) - 1, 0))])


def lip_movement(times: np.ndarray, frames: np.ndarray, shape: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Bring the shape of the lips to steps of 10 ms within the same band as the sound.

    Parameters
    ----------
    times, frames
        shape (n,): seconds and numbers of the frames.
    shape
        shape (n, 9).

    Returns
    -------
    Time of the first step and movement (m, 9) of each unbroken stretch, in standard deviations of all.
    """
    parts = []
    for run in stretches(frames, times, least=8):
        steps, even = evenly(times[run], shape[run], RATE)
        parts.append((float(steps[0]), _band(even)))
    spread = np.concatenate([part for _, part in parts]).std(0) + _STILL if parts else np.ones(shape.shape[1])
    return [(start, part / spread) for start, part in parts]


def _band(values: np.ndarray) -> np.ndarray:
    smooth = gaussian_filter1d(np.asarray(values, np.float64), _SMOOTH, axis=0, mode="nearest")
    return np.asarray(smooth - gaussian_filter1d(smooth, _SLOW, axis=0, mode="nearest"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What correlations need, second by second.

    Parameters
    ----------
    starts_s
        shape (b,): start of each second.
    counts
        shape (lags, b): steps with lips and speech.
    moments
        shape (lags, b, 5, 12): sums of heard, seen, their squares and their product.
    lags_s
        shape (lags,).
    """

    starts_s: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    lags_s: np.ndarray

    def curve(self, chosen: slice | np.ndarray = slice(None), *, least: int = 60) -> Curve:
        """Return the agreement over the chosen seconds; shifts with fewer than ``least`` steps give 0."""
        n = self.counts[:, chosen].sum(1)[:, None]
        heard, seen, heard2, seen2, both = np.moveaxis(self.moments[:, chosen].sum(1, dtype=np.float64), 1, 0)
        enough = np.maximum(n, 1)
        power = np.maximum(heard2 - heard**2 / enough, 0) * np.maximum(seen2 - seen**2 / enough, 0)
        alike = np.clip((both - heard * seen / enough) / np.sqrt(power + 1e-9), -0.99, 0.99)
        z = np.arctanh(alike) * np.sqrt(n / _INDEPENDENT)
        return Curve(lags_s=self.lags_s, agreement=np.where(n[:, 0] >= least, z @ _WEIGHTS, 0.0))


def compare(heard: Heard, seen: Sequence[tuple[float, np.ndarray]], *, most_s: float) -> Sums:
    """Compare the movement that is heard with the one that is seen at every shift up to ``most_s``."""
    lags = np.arange(-round(most_s * RATE), round(most_s * RATE) + 1, LAG_STEP)
    first = min((start for start, _ in seen), default=0.0)
    last = max((start + len(part) / RATE for start, part in seen), default=0.0)
    blocks = max(1, int(np.ceil((last - first) / BLOCK_S)))
    features = heard.lips.shape[1]
    counts = np.zeros((len(lags), blocks), np.int64)
    moments = np.zeros((len(lags), blocks, 5, features), np.float32)
    for start, part in _pieces(seen):
        compared = part[:, _COMPARED]
        places = np.arange(len(part)) + round((start - heard.start_s) * RATE)
        block = ((start - first + np.arange(len(part)) / RATE) / BLOCK_S).astype(int)
        edges = np.flatnonzero(np.diff(block, prepend=-1))
        for row, lag in enumerate(lags):
            at = places + lag
            there = (at >= 0) & (at < len(heard.spoken))
            there[there] = heard.spoken[at[there]]
            x = np.where(there[:, None], heard.lips[np.clip(at, 0, len(heard.lips) - 1)], 0.0)
            y = np.where(there[:, None], compared, 0.0)
            counts[row, block[edges]] += np.add.reduceat(there.astype(np.int64), edges)
            moments[row, block[edges]] += np.add.reduceat(np.stack([x, y, x * x, y * y, x * y], 1), edges).astype(
                np.float32
            )
    return Sums(starts_s=first + np.arange(blocks) * BLOCK_S, counts=counts, moments=moments, lags_s=lags / RATE)


def _pieces(seen: Sequence[tuple[float, np.ndarray]], most: int = 60 * RATE) -> Iterator[tuple[float, np.ndarray]]:
    """Cut long stretches, so that memory does not grow with them."""
    for start, part in seen:
        for first in range(0, len(part), most):
            yield start + first / RATE, part[first : first + most]


def fit_weights(pairs: Sequence[tuple[np.ndarray, np.ndarray]], *, ridge: float = 0.3) -> np.ndarray:
    """Fit the map from sound to lips by ridge regression.

    Parameters
    ----------
    pairs
        For each clip what is heard around each moment, shape (n, 9 · 26), and what is seen, (n, 9), in step. A clip
        counts by the root of its length.
    ridge
        Penalty as a share of the mean power of the features.

    Returns
    -------
    shape (9, 26, 9).
    """
    size, lips = pairs[0][0].shape[1], pairs[0][1].shape[1]
    own, both = np.zeros((size, size)), np.zeros((size, lips))
    for x, y in pairs:
        heard, seen, weight = x - x.mean(0), y - y.mean(0), 1 / np.sqrt(len(x))
        own += weight * heard.T @ heard
        both += weight * heard.T @ seen
    own += ridge * np.trace(own) / size * np.eye(size)
    return np.asarray(np.linalg.solve(own, both)).reshape(len(STEPS_AROUND), -1, lips)
