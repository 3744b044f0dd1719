"""How speech sounds to a network that learned what listeners hear as good and bad: numbers for each 3.84 s.

The front of Distill-MOS, as it is. It hears the complex spectrum, so also what vocoders do to the phase. Sound is brought to
one band before (7 kHz), so that a recording of a higher rate says nothing by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..errors import NotApplicable
from ..media.audio import Audio
from ..models import runtime
from ..signals.side_by_side import side_by_side
from ..signals.sound import mono
from ..signals.speech_level import low_passed
from .speech import SpeechSegments

MODELS = ("speech.quality",)

RATE, WINDOW = 16000, 61440
WINDOW_S = WINDOW / RATE
_HOP, _LONG = 160, 320
_MARGIN = 160  # half of the low-pass filter
_POWER = 0.3
_QUIET = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEncoding:
    """What the network hears in n windows, in order of time.

    Parameters
    ----------
    starts_s, ends_s
        shape (n,), float64: first and last moment of each window, seconds on the clock of the video (for a recording: from
        its start).
    features
        shape (n, 1024), float16.
    left_out
        Windows with too little speech.
    """

    starts_s: np.ndarray
    ends_s: np.ndarray
    features: np.ndarray
    left_out: int


def encode_speech(
    audio: Audio, speech: SpeechSegments, *, least_spoken: float = 0.4, overlapping_below_s: float = 30.0
) -> SpeechEncoding:
    """Encode every window from the first word to the last.

    Parameters
    ----------
    least_spoken
        Share of a window in which somebody must speak. Sound shorter than a window is repeated until it fills one.
    overlapping_below_s
        In less sound than this, windows overlap by half.

    Raises
    ------
    NotApplicable
        If nobody speaks long enough in any window.
    ModelMissing
        If the network has not been fetched.
    """
    net = runtime.torch(MODELS[0])
    if not len(speech.segments):
        raise NotApplicable("nobody speaks")
    first, last = float(speech.segments[0, 0]), float(speech.segments[-1, 1])
    step = WINDOW // 2 if last - first < overlapping_below_s else WINDOW
    starts, ends, left_out = [], [], 0

    def spoken() -> Iterator[np.ndarray]:
        nonlocal left_out
        for at, sound in _windows(audio, round(first * RATE), round(last * RATE), step):
            begin, end = at / RATE, at / RATE + min(WINDOW_S, last - first)
            if _spoken(speech.segments, begin, end) < least_spoken * (end - begin):
                left_out += 1
                continue
            starts.append(begin + audio.start_s)
            ends.append(end + audio.start_s)
            yield sound

    found = list(side_by_side(lambda sound: net(spectra(sound)[None])[0][0].astype(np.float16), spoken()))
    if not found:
        raise NotApplicable(f"in no {WINDOW_S:.1f} s does somebody speak for {least_spoken:.0%} of the time")
    return SpeechEncoding(
        starts_s=np.array(starts, np.float64), ends_s=np.array(ends, np.float64), features=np.stack(found),
        left_out=left_out,
    )  # fmt: skip


def spectra(sound: np.ndarray) -> np.ndarray:
    """Return what the network hears of a window, shape (61440,): real and imaginary part, shape (2, 161, 384)."""
    padded = np.pad(sound / (np.abs(sound).max() + _QUIET), (_LONG - _HOP) // 2, mode="reflect")
    hann = np.hanning(_LONG + 1)[:-1]
    bins = np.fft.rfft(sliding_window_view(padded, _LONG)[::_HOP] * hann).T
    bins *= np.maximum(np.abs(bins), 1e-12) ** (_POWER - 1)
    return np.stack([bins.real, bins.imag]).astype(np.float32)


def fitted(sound: np.ndarray) -> np.ndarray:
    """Repeat a sound that is shorter than a window until it fills one."""
    return np.resize(sound, WINDOW) if len(sound) < WINDOW else sound


def _spoken(segments: np.ndarray, begin: float, end: float) -> float:
    """Return the seconds of speech between two moments."""
    return float(np.clip(np.minimum(segments[:, 1], end) - np.maximum(segments[:, 0], begin), 0, None).sum())


def _windows(audio: Audio, first: int, last: int, step: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first sample of each window and its sound, low-passed; the last window ends with the last word."""
    kept, begins, due = np.zeros(_MARGIN, np.float32), -_MARGIN, first
    last = max(last, first + 1)
    length = min(WINDOW, last - first)
    for block in _ended(mono(audio.samples, audio.rate, RATE)):
        kept = np.concatenate([kept, block])
        while due <= last - length and due + length + _MARGIN <= begins + len(kept):
            cut = kept[due - _MARGIN - begins : due + length + _MARGIN - begins]
            yield due, fitted(low_passed(cut)[_MARGIN : _MARGIN + length])
            # The last window is moved back until it ends with the last word, unless the one before does.
            due = last - length if due < last - length < due + step else due + step
        over = max(0, min(due - _MARGIN - begins, len(kept)))
        kept, begins = kept[over:], begins + over


def _ended(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Let silence follow, enough for the filter of the last window and for what rounding takes."""
    yield from blocks
    yield np.zeros(3 * _MARGIN, np.float32)
