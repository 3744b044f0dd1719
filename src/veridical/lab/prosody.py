"""Recipes for the way of speaking."""

from __future__ import annotations

import numpy as np

from ..errors import UsageError
from ..signals.breaths import find_breaths
from ..signals.pitch import HOP_S, pitch
from ..signals.sound import mono
from ..signals.speech_features import speech_features
from ..signals.voice_quality import RATE, Periods, find_periods
from .recipe import Sound, SoundPair
from .sound_marks import tones

_LEAST_PERIODS = 100
_BREATH_DB = 30.0
_SPEECH_DB = 25.0  # below the loudest moments; what is weaker counts as pause


def even(
    sound: Sound, random: np.random.Generator, *, jitter_percent: float = 1.0, shimmer_db: float = 0.4
) -> SoundPair:
    """Make a voice without a tremor: one pitch throughout, every period as long and as strong as the next, no breath.

    Both files are put together anew from the periods of the recording, each set down at a new time. The control keeps the
    course of the pitch, with jitter and shimmer as people have them added, and its breaths. In the altered one all periods
    last as long as the middle one, neighbours are equally strong, and breaths are 30 dB weaker.
    """
    begins = len(tones(sound.rate))
    begins_s = begins / sound.rate
    track = pitch(sound.samples, sound.rate)
    track[: round(begins_s / HOP_S) + 2] = np.nan
    found = find_periods(sound.samples, sound.rate, track)
    if len(found.times_s) < _LEAST_PERIODS:
        raise UsageError(f"the recording holds {len(found.times_s)} periods of a voice; needs {_LEAST_PERIODS}")
    middle = float(np.median(np.diff(found.times_s)[np.diff(found.run) == 0]))
    uneven = _set_anew(sound, found, None, random, jitter_percent / 100, shimmer_db)
    monotone = _set_anew(sound, found, middle, random, 0.0, 0.0)
    breaths = find_breaths(speech_features(sound.samples, sound.rate), _pauses(sound, begins_s))
    return SoundPair(
        category="synthesis",
        control=_bounded(uneven[begins:]),
        altered=_bounded(_without(monotone, sound.rate, breaths)[begins:]),
        rate=sound.rate,
        marked=False,
        altered_term="trainedAlgorithmicMedia",
        control_term="algorithmicMedia",
        facts={
            "jitter_percent": jitter_percent,
            "shimmer_db": shimmer_db,
            "period_s": middle,
            "breaths": len(breaths),
        },
    )


def _set_anew(
    sound: Sound, found: Periods, period_s: float | None, random: np.random.Generator, jitter: float, shimmer_db: float
) -> np.ndarray:
    """Set the periods of each run down one after the other, each cut out with a window of two periods."""
    made = np.array(sound.samples, np.float64)
    for run in np.unique(found.run):
        here = found.run == run
        old, strength = found.times_s[here], found.amplitude[here]
        gaps = np.diff(old)
        # Between the first and the last mark only, so that what is around stays as it is.
        lengths = np.full(round((old[-1] - old[0]) / period_s), period_s) if period_s else gaps
        lengths = lengths * (1 + jitter * random.standard_normal(len(lengths)))
        if len(lengths) < 2:
            continue
        new = old[0] + np.concatenate([[0.0], np.cumsum(lengths)])
        near = np.abs(old[None] - new[:, None]).argmin(1)
        gain = 10 ** (shimmer_db / 20 * random.standard_normal(len(new)))
        if period_s:
            gain = np.median(strength) / np.maximum(strength[near], 1e-6)
        width = np.append(gaps, gaps[-1])
        _overlap(made, sound, old[near], new, width[near], np.clip(gain, 0.2, 5.0))
    return made


def _overlap(
    made: np.ndarray, sound: Sound, old: np.ndarray, new: np.ndarray, width: np.ndarray, gain: np.ndarray
) -> None:
    """Replace the stretch between the first and the last new mark by windowed periods, over the sum of their windows."""
    first, last = (int(round(t * sound.rate)) for t in (new[0], new[-1]))
    total, weight = np.zeros(len(made)), np.zeros(len(made))
    for source, place, reach, factor in zip(old, new, width, gain, strict=True):
        half = reach * sound.rate
        at = np.arange(
            max(0, int(np.ceil(place * sound.rate - half))), min(len(made), int(place * sound.rate + half) + 1)
        )
        window = 0.5 + 0.5 * np.cos(np.pi * (at - place * sound.rate) / half)
        taken = np.interp(at + (source - place) * sound.rate, np.arange(len(made)), sound.samples)
        total[at] += factor * window * taken
        weight[at] += window
    inside = slice(first, min(last, len(made)))
    made[inside] = total[inside] / np.maximum(weight[inside], 0.1)


def _pauses(sound: Sound, begins_s: float) -> np.ndarray:
    """Return the weak stretches of a tenth of a second and more after ``begins_s``."""
    level = np.concatenate([*mono(sound.samples, sound.rate, RATE)])
    hop = round(HOP_S * RATE)
    power = (level[: len(level) // hop * hop].reshape(-1, hop) ** 2).mean(1)
    smooth = 10 * np.log10(np.convolve(power, np.full(5, 0.2), "same") + 1e-12)
    weak = smooth < np.percentile(smooth, 95) - _SPEECH_DB
    weak[: round(begins_s / HOP_S)] = False
    edges = np.flatnonzero(np.diff(weak.astype(int), prepend=0, append=0)).reshape(-1, 2)
    return np.asarray(edges[edges[:, 1] - edges[:, 0] >= 10] * HOP_S)


def _without(samples: np.ndarray, rate: int, breaths: np.ndarray) -> np.ndarray:
    times, gain = np.arange(len(samples)) / rate, np.ones(len(samples))
    for start, end in breaths:
        edge = np.clip(np.minimum(times - start + 0.05, end + 0.05 - times) / 0.03, 0, 1)
        gain *= 10 ** (-_BREATH_DB / 20 * edge)
    return samples * gain


def _bounded(samples: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(samples, -1, 1), np.float32)
