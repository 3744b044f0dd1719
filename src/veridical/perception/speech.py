"""Where somebody speaks: the probability of speech over time, the segments made from it, and the noise beneath.

The network (Silero VAD) hears the sound at 16 kHz in steps of 32 ms and keeps a memory from step to step, so the steps are
taken one after another. Long recordings are read block by block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import NotApplicable
from ..media.audio import Audio
from ..models import runtime
from ..signals.sound import mono

MODELS = ("silero.vad",)

_RATE = 16000
_STEP, _CONTEXT = 512, 64
_LOWEST_RATE = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSegments:
    """Where somebody speaks.

    Parameters
    ----------
    segments
        shape (n, 2), float64: start and end of each segment, seconds from the first sample, in order.
    voiced
        shape (steps,), float32: probability of speech in each step.
    hop_s
        Seconds a step; step i covers the time from i to i + 1 steps.
    level_db
        shape (steps,), float32: power of each step in dB relative to a full-scale square wave, -120 for silence.
    speech_seconds
        Total length of the segments.
    snr_db
        Level of the speech above that of the pauses, dB, -10 at least; None if there is no speech or less than a quarter
        second of pause, or if the pauses are digital silence.
    rate
        Sampling rate at which the network heard the sound.
    duration_s
        Length of the recording.
    """

    segments: np.ndarray
    voiced: np.ndarray
    hop_s: float
    level_db: np.ndarray
    speech_seconds: float
    snr_db: float | None
    rate: int
    duration_s: float


def find_speech(
    audio: Audio,
    *,
    starts_at: float = 0.5,
    ends_below: float = 0.35,
    shortest_speech_s: float = 0.25,
    shortest_pause_s: float = 0.1,
    margin_s: float = 0.03,
) -> SpeechSegments:
    """Find the segments of a recording in which somebody speaks.

    Parameters
    ----------
    starts_at, ends_below
        Probabilities at which a segment starts and below which it ends.
    shortest_speech_s, shortest_pause_s
        Shorter segments are dropped, shorter pauses are filled.
    margin_s
        Added before and after each segment.

    Raises
    ------
    NotApplicable
        If the recording is shorter than one step, or sampled too slowly for speech.
    ModelMissing
        If the network has not been fetched.
    """
    if audio.rate < _LOWEST_RATE:
        raise NotApplicable(f"sampled at {audio.rate} Hz; speech needs {_LOWEST_RATE} Hz")
    if audio.duration_s < _STEP / _RATE:
        raise NotApplicable(f"the recording lasts {audio.duration_s * 1000:.0f} ms; speech needs 32 ms")
    voiced, level = _listen(audio)
    hop = _STEP / _RATE
    runs = _clean(_runs(voiced, starts_at, ends_below), round(shortest_pause_s / hop), shortest_speech_s / hop)
    segments = _with_margin(runs * hop, margin_s, audio.duration_s)
    return SpeechSegments(
        segments=segments, voiced=voiced, hop_s=hop, level_db=level,
        speech_seconds=float((segments[:, 1] - segments[:, 0]).sum()), snr_db=_snr(level, runs),
        rate=_RATE, duration_s=audio.duration_s,
    )  # fmt: skip


def demand_speech(audio: Audio, speech: SpeechSegments, least_s: float, *, lowest_rate: int = 8000) -> None:
    """Refuse a recording of too low a rate, or in which nobody speaks for long enough.

    Parameters
    ----------
    least_s
        Seconds of speech that are needed.
    lowest_rate
        Samples a second that are needed.

    Raises
    ------
    NotApplicable
        The text says which.
    """
    if audio.rate < lowest_rate:
        raise NotApplicable(f"sampled at {audio.rate} Hz; needs {lowest_rate} Hz")
    if speech.speech_seconds < least_s:
        raise NotApplicable(f"only {speech.speech_seconds:.1f} s of speech; needs {least_s:g} s")


def _listen(audio: Audio) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of speech and the level of each step."""
    net = runtime.onnx(MODELS[0])
    rate = np.array(_RATE, np.int64)
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros(_CONTEXT, np.float32)
    voiced: list[float] = []
    levels = []
    for sound in _whole_steps(mono(audio.samples, audio.rate, _RATE)):
        heard = np.concatenate([context, sound])
        context = sound[-_CONTEXT:]
        for piece in np.lib.stride_tricks.sliding_window_view(heard, _CONTEXT + _STEP)[::_STEP]:
            probability, state = net(piece[None], state, rate)
            voiced.append(float(probability[0, 0]))
        levels.append(10 * np.log10(np.maximum((sound.reshape(-1, _STEP) ** 2).mean(1), 1e-12)))
    return np.array(voiced, np.float32), np.concatenate(levels).astype(np.float32)


def _whole_steps(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Cut blocks of any length into blocks of whole steps; the last step is filled with zeros."""
    rest = np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        whole = len(rest) // _STEP * _STEP
        if whole:
            yield rest[:whole]
            rest = rest[whole:]
    if len(rest):
        yield np.pad(rest, (0, _STEP - len(rest)))


def _runs(voiced: np.ndarray, starts_at: float, ends_below: float) -> np.ndarray:
    """Return runs of steps, shape (n, 2): from a step at ``starts_at`` up to the first one below ``ends_below``."""
    mark = np.where(voiced >= starts_at, 1, np.where(voiced < ends_below, 0, -1))
    decided = np.maximum.accumulate(np.where(mark >= 0, np.arange(len(mark)), -1))
    on = np.where(decided >= 0, mark[np.maximum(decided, 0)], 0)
    edges = np.flatnonzero(np.diff(on, prepend=0, append=0))
    return edges.reshape(-1, 2).astype(np.float64)


def _clean(runs: np.ndarray, shortest_pause: int, shortest_run: float) -> np.ndarray:
    """Fill short pauses, then drop short runs; lengths in steps."""
    if len(runs):
        apart = runs[1:, 0] - runs[:-1, 1] >= shortest_pause
        first, last = np.append(True, apart), np.append(apart, True)
        runs = np.stack([runs[first, 0], runs[last, 1]], 1)
    return np.asarray(runs[runs[:, 1] - runs[:, 0] >= shortest_run])


def _with_margin(segments: np.ndarray, margin_s: float, duration_s: float) -> np.ndarray:
    """Widen segments into the pauses, at most up to the middle of each pause and the ends of the recording."""
    if not len(segments):
        return segments.reshape(0, 2)
    middle = (segments[1:, 0] + segments[:-1, 1]) / 2
    start = np.maximum(segments[:, 0] - margin_s, np.append(0.0, middle))
    end = np.minimum(segments[:, 1] + margin_s, np.append(middle, duration_s))
    return np.stack([start, end], 1)


def _snr(level_db: np.ndarray, runs: np.ndarray) -> float | None:
    """Return how far the speech stands above the pauses, whose steps next to speech are left out."""
    at = np.arange(len(level_db))
    speech, near = np.zeros(len(at), bool), np.zeros(len(at), bool)
    for first, last in runs.astype(int):
        speech[first:last] = True
        near[max(first - 3, 0) : last + 3] = True
    pause = level_db[~near]
    pause = pause[pause > -110]
    if not speech.any() or len(pause) < 8:
        return None
    power = [float((10 ** (part.astype(np.float64) / 10)).mean()) for part in (level_db[speech], pause)]
    return float(10 * np.log10(max(power[0] / power[1] - 1, 0.1)))
