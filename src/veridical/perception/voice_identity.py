"""Whose voice speaks: a speaker embedding for each stretch of 1.6 s of speech.

The pauses are left out first, so a window may reach across one. What is kept is biometric data; with the percept cache it
stays on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..errors import NotApplicable
from ..media.audio import Audio
from ..models import runtime
from ..signals.mel import mel_filters
from ..signals.series import within
from ..signals.side_by_side import side_by_side
from ..signals.sound import mono
from .speech import SpeechSegments

MODELS = ("voice.identity",)
WINDOW_S = 1.6

_RATE, _HOP, _LONG = 16000, 160, 400
_FRAMES, _BANDS = 160, 40
_BLOCK = 3000  # frames that are worked on at a time
_BATCH = 32
# The network saw the power of speech of about -30 dBFS. Here every window is brought to one level, so that neither the gain
# of a recording nor a change of it looks like another voice.
_MEAN_POWER = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceTrace:
    """What the voice is like in n windows of 1.6 s of speech, in order of time.

    Parameters
    ----------
    starts_s, ends_s
        shape (n,), float64: first and last moment of each window, seconds on the clock of the video (for a recording: from
        its start). A window that reaches across pauses spans more than 1.6 s.
    embeddings
        shape (n, 256), float16, of length 1: the cosine of two is the higher, the more alike the voices are.
    hop_s
        Seconds of speech from one window to the next; neighbours share the rest.
    speech_s, duration_s
        Seconds of speech, and of the recording.
    """

    starts_s: np.ndarray
    ends_s: np.ndarray
    embeddings: np.ndarray
    hop_s: float
    speech_s: float
    duration_s: float

    def __len__(self) -> int:
        return len(self.starts_s)

    @property
    def vectors(self) -> np.ndarray:
        """The embeddings, shape (n, 256), float64."""
        return self.embeddings.astype(np.float64)


def describe_voice(
    audio: Audio, speech: SpeechSegments, *, hop_s: float = 0.8, finer_below_s: float = 60.0
) -> VoiceTrace:
    """Describe the voice in overlapping windows of speech, block by block.

    Parameters
    ----------
    hop_s
        Seconds of speech from one window to the next, in steps of 10 ms; 1.6 at most.
    finer_below_s
        With less speech than this, ``hop_s`` is halved.

    Raises
    ------
    NotApplicable
        If there are less than 1.6 s of speech.
    ModelMissing
        If the network has not been fetched.
    """
    net = runtime.torch(MODELS[0])
    fine = 2 if speech.speech_seconds < finer_below_s else 1
    step = min(max(1, round(hop_s * _RATE / _HOP / fine)), _FRAMES)
    described = list(
        side_by_side(lambda cut: (cut[0], net(cut[1])[0].astype(np.float16)), _windows(audio, speech.segments, step))
    )
    if not described:
        raise NotApplicable(f"there are {speech.speech_seconds:.2f} s of speech; a voice needs {WINDOW_S:g} s")
    starts, found = zip(*described, strict=True)
    edges = np.concatenate(starts) + audio.start_s
    return VoiceTrace(
        starts_s=edges[:, 0], ends_s=edges[:, 1], embeddings=np.concatenate(found), hop_s=step * _HOP / _RATE,
        speech_s=speech.speech_seconds, duration_s=audio.duration_s,
    )  # fmt: skip


def _windows(audio: Audio, segments: np.ndarray, step: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield windows of speech: first and last moment of each, shape (b, 2), and its mel spectrum, shape (b, 160, 40)."""
    times, mels = np.zeros(0), np.zeros((0, _BANDS), np.float32)
    for at, power in _mel_frames(audio):
        spoken = within(at, segments)
        times, mels = np.concatenate([times, at[spoken]]), np.concatenate([mels, power[spoken]])
        while len(times) >= _FRAMES + (_BATCH - 1) * step:
            yield _cut(times, mels, step)
            times, mels = times[_BATCH * step :], mels[_BATCH * step :]
    if len(times) >= _FRAMES:
        yield _cut(times, mels, step)


def _cut(times: np.ndarray, mels: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut out windows, as many as there are but no more than a batch."""
    count = min((len(times) - _FRAMES) // step + 1, _BATCH)
    first = np.arange(count) * step
    windows = sliding_window_view(mels, _FRAMES, axis=0)[first].transpose(0, 2, 1)
    power = windows.mean((1, 2), keepdims=True)
    level = windows * (_MEAN_POWER / np.maximum(power, 1e-20))
    half = _LONG / 2 / _RATE
    ends = times[first + _FRAMES - 1] + half
    return np.stack([np.maximum(times[first] - half, 0), ends], 1), np.ascontiguousarray(level, np.float32)


def _mel_frames(audio: Audio) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield times, shape (m,), and power in mel bands, shape (m, 40), of frames of 25 ms every 10 ms, centred there."""
    filters = mel_filters(_RATE, _LONG, _BANDS, _RATE / 2).T
    window = np.hanning(_LONG + 1)[:-1].astype(np.float32)
    done = 0
    for sound in _overlapping(mono(audio.samples, audio.rate, _RATE)):
        pieces = sliding_window_view(sound, _LONG)[::_HOP]
        power = np.abs(np.fft.rfft(pieces * window)).astype(np.float32) ** 2
        yield (done + np.arange(len(power))) * _HOP / _RATE, power @ filters
        done += len(power)


def _overlapping(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Cut sound, silence before and after it, into stretches that hold whole frames, each frame once."""
    rest = np.zeros(_LONG // 2, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        whole = min((len(rest) - _LONG) // _HOP + 1, _BLOCK)
        while whole >= _BLOCK:
            yield rest[: (whole - 1) * _HOP + _LONG]
            rest = rest[whole * _HOP :]
            whole = min((len(rest) - _LONG) // _HOP + 1, _BLOCK)
    rest = np.pad(rest, (0, _LONG // 2))
    whole = (len(rest) - _LONG) // _HOP + 1
    if whole > 0:
        yield rest[: (whole - 1) * _HOP + _LONG]
