"""Period by period: how regular a voice is in time and strength, and how much noise lies between its harmonics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import signal

from .pitch import HOP_S
from .sound import mono

RATE = 16000
BAND_HZ = (70.0, 3300.0)  # of a telephone upwards, so that the channel changes little

_LONGEST_RUN_S = 5.0
_LEAST_PERIODS = 3
_LEAST_LIKENESS = 0.6  # of two neighbouring periods; below it the walk has lost the voice
_SEARCH = 1.25  # a period may differ from the pitch track by this factor
_MOST_LIKENESS = 1 - 1e-5  # 50 dB


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Periods of a voice in unbroken runs; entry i stands at pitch mark i.

    Parameters
    ----------
    times_s
        shape (n,), float64: pitch marks, seconds from the first sample.
    amplitude
        shape (n,), float64: root mean square of the period around the mark, from 70 to 3300 Hz.
    likeness
        shape (n,), float64: correlation of the period with the next one; NaN at the end of a run.
    run
        shape (n,), int64: number of the run; jitter and shimmer never reach across runs.
    """

    times_s: np.ndarray
    amplitude: np.ndarray
    likeness: np.ndarray
    run: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceQuality:
    """Perturbation of periods; NaN where too few periods stand in a row.

    Parameters
    ----------
    periods
        Number of periods measured.
    jitter_local, jitter_rap, jitter_ppq5
        Mean difference of a period from the next one, and from the mean of the three and five around it, % of the mean period.
    shimmer_local, shimmer_apq3
        The same for amplitudes (next one; mean of three), % of the mean amplitude.
    shimmer_db
        Mean difference of neighbouring amplitudes, dB.
    hnr_db
        Harmonics to noise: median over the periods.
    """

    periods: int
    jitter_local: float
    jitter_rap: float
    jitter_ppq5: float
    shimmer_local: float
    shimmer_apq3: float
    shimmer_db: float
    hnr_db: float


def find_periods(samples: np.ndarray, rate: int, pitch_hz: np.ndarray) -> Periods:
    """Mark the periods of a voice, walking from each to the next by the largest correlation, to a part of a sample.

    Where the pitch track has gaps there are no marks: of a voice with a jitter of 2 % and more much drops out.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1; worked on block by block.
    rate
        Samples a second; brought to 16 kHz.
    pitch_hz
        shape (steps,): fundamental frequency every 10 ms, NaN where unvoiced, as from `pitch`.
    """
    found, number = [], 0
    for first, sound, track in _voiced(_banded(mono(samples, rate, RATE)), np.asarray(pitch_hz, np.float64)):
        marks, likeness = _walk(sound, track)
        if len(marks) > _LEAST_PERIODS:
            found.append(((first + marks) / RATE, _amplitudes(sound, marks), likeness, np.full(len(marks), number)))
            number += 1
    columns = [np.concatenate(part) for part in zip(*found, strict=True)] if found else [np.zeros(0)] * 4
    return Periods(times_s=columns[0], amplitude=columns[1], likeness=columns[2], run=columns[3].astype(np.int64))


def voice_quality(found: Periods) -> VoiceQuality:
    """Return jitter, shimmer and the ratio of harmonics to noise.

    References
    ----------
    Boersma and Weenink, Praat: definitions of local, rap, ppq5 and apq3.
    Boersma, IFA Proceedings 17, 1993: harmonics to noise from the correlation of a period with the next.
    """
    same = np.diff(found.run) == 0
    period = np.where(same, np.diff(found.times_s), np.nan)
    decibels = np.abs(np.diff(20 * np.log10(np.maximum(found.amplitude, 1e-9))))[same]
    likeness = found.likeness[np.isfinite(found.likeness)]
    noise = 10 * np.log10(likeness / (1 - likeness)) if len(likeness) else np.full(1, np.nan)
    apart = np.insert(found.amplitude.astype(np.float64), np.flatnonzero(~same) + 1, np.nan)
    return VoiceQuality(
        periods=int(np.isfinite(period).sum()),
        jitter_local=_perturbation(period, 2), jitter_rap=_perturbation(period, 3), jitter_ppq5=_perturbation(period, 5),
        shimmer_local=_perturbation(apart, 2), shimmer_apq3=_perturbation(apart, 3),
        shimmer_db=float(decibels.mean()) if len(decibels) else float("nan"), hnr_db=float(np.median(noise)),
    )  # fmt: skip


def _perturbation(values: np.ndarray, count: int) -> float:
    """Return the mean difference from a neighbour (2) or from the mean of ``count`` around, % of the mean; NaN parts runs."""
    if len(values) < count:
        return float("nan")
    rows = np.lib.stride_tricks.sliding_window_view(values, count)
    rows = rows[np.isfinite(rows).all(1)]
    if not len(rows):
        return float("nan")
    off = rows[:, 1] - rows[:, 0] if count == 2 else rows[:, count // 2] - rows.mean(1)
    return float(100 * np.abs(off).mean() / np.nanmean(values))


def _banded(sound: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Filter blocks without delay: a symmetric response, whose half length is cut off in front."""
    response = signal.firwin(401, BAND_HZ, pass_zero=False, fs=RATE)
    half, rest = len(response) // 2, np.zeros(len(response) // 2)
    for block in sound:
        rest = np.concatenate([rest, block])
        if len(rest) >= len(response):
            yield signal.oaconvolve(rest, response, "valid")
            rest = rest[len(rest) - len(response) + 1 :]
    yield signal.oaconvolve(np.pad(rest, (0, half)), response, "valid") if len(rest) > half else np.zeros(0)


def _voiced(sound: Iterator[np.ndarray], pitch_hz: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield the first sample, the sound and the pitch track of each voiced run, holding one block at a time."""
    hop, most = round(HOP_S * RATE), round(_LONGEST_RUN_S / HOP_S)
    edges = np.flatnonzero(np.diff(np.isfinite(pitch_hz).astype(int), prepend=0, append=0)).reshape(-1, 2)
    runs = iter([(a, min(a + most, last)) for first, last in edges for a in range(first, last, most)])
    run, held, start = next(runs, None), np.zeros(0), 0
    for block in sound:
        held = np.concatenate([held, block])
        while run and run[1] * hop <= start + len(held):
            yield run[0] * hop, held[run[0] * hop - start : run[1] * hop - start], pitch_hz[run[0] : run[1]]
            run = next(runs, None)
        begins = min(run[0] * hop if run else start + len(held), start + len(held))
        held, start = held[begins - start :], begins
    if run and run[0] * hop - start < len(held):
        yield run[0] * hop, held[run[0] * hop - start :], pitch_hz[run[0] : run[1]]


def _walk(sound: np.ndarray, track_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pitch marks in samples, and how alike each period is to the next: from the loudest place both ways."""
    expected = RATE / signal.medfilt(track_hz, 5 if len(track_hz) >= 5 else 1)
    expected[~np.isfinite(expected)] = RATE / np.median(track_hz)
    if len(sound) < 3 * expected[0]:
        return np.zeros(0), np.zeros(0)
    hop = round(HOP_S * RATE)
    middle = slice(len(sound) // 4, -(-3 * len(sound) // 4))
    start = middle.start + int(np.abs(sound[middle]).argmax())
    marks, likeness = [float(start)], []
    for way in (1, -1):
        at = float(start)
        while True:
            step = _next(sound, at, float(expected[min(max(int(at) // hop, 0), len(expected) - 1)]), way)
            if step is None:
                break
            at += way * step[0]
            marks.append(at)
            likeness.append(step[1])
        if way == 1:
            marks.reverse()
            likeness.reverse()
    return np.array(marks[::-1]), np.append(likeness[::-1], np.nan)


def _next(sound: np.ndarray, at: float, period: float, way: int) -> tuple[float, float] | None:
    """Return the distance to the neighbouring mark, in samples, and the correlation there; None at the end of the voice."""
    half = round(period / 2)
    here = round(at)
    near, far = int(period / _SEARCH), int(np.ceil(period * _SEARCH))
    first = here - half
    low, high = (first + near, first + far) if way > 0 else (first - far, first - near)
    if low < 0 or first < 0 or high + 2 * half > len(sound) or first + 2 * half > len(sound):
        return None
    piece = sound[first : first + 2 * half]
    field = sound[low : high + 2 * half]
    power = np.concatenate([[0.0], np.cumsum(field**2)])
    energy = power[2 * half :] - power[: -2 * half]
    alike = np.correlate(field, piece, "valid") / np.sqrt(np.maximum(energy * (piece @ piece), 1e-18))
    place = int(alike[1:-1].argmax()) + 1
    before, top, after = alike[place - 1 : place + 2]
    bend = before - 2 * top + after
    shift = min(max(float((before - after) / (2 * bend)), -0.5), 0.5) if bend < 0 else 0.0
    best = float(top - 0.25 * (before - after) * shift)
    if best < _LEAST_LIKENESS:
        return None
    lag = low + place + shift - first
    return way * lag, min(best, _MOST_LIKENESS)


def _amplitudes(sound: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Root mean square of the period around each mark, weighted towards the mark."""
    gaps = np.diff(marks)
    half = np.minimum(np.append(gaps, gaps[-1]), np.insert(gaps, 0, gaps[0])) / 2
    first = np.maximum(np.ceil(marks - half).astype(int), 0)
    count = np.minimum(len(sound), (marks + half).astype(int) + 1) - first
    begins = np.cumsum(count) - count
    at = np.arange(count.sum()) + np.repeat(first - begins, count)
    weight = 0.5 + 0.5 * np.cos(np.pi * (at - np.repeat(marks, count)) / np.repeat(half, count))
    power = np.add.reduceat(weight * sound[at] ** 2, begins) / np.add.reduceat(weight, begins)
    return np.asarray(np.sqrt(power))
