"""What our own network says of each stretch of speech: one number for every window of the recording that holds speech.

The network comes with the program. It sees log-magnitude spectra up to 4 kHz, of which the mean over time is taken off, and
was trained on real voices and their copies through vocoders; ``docs/models/waveform_net.md`` is its card.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..media.audio import Audio
from ..models import runtime
from ..signals.sound import mono
from ..signals.voice_windows import FFT, HOP, RATE, log_spectra, scaled
from .speech import SpeechSegments

NETWORK = "waveform_net.onnx"
WINDOW = 320
"""Frames of 10 ms that the network hears at once."""
_BATCH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceWindows:
    """What the network says of n windows, in order of time.

    Parameters
    ----------
    starts_s
        shape (n,), float64: begin of each window, seconds from the first sample.
    log_odds
        shape (n,), float32: higher for a synthetic voice; uncalibrated.
    spoken
        shape (n,), float32: share of each window in which somebody speaks.
    window_s
        Length of a window.
    left_out
        Windows that hold too little speech.
    start_s
        Time of the first sample in the exhibit.
    """

    starts_s: np.ndarray
    log_odds: np.ndarray
    spoken: np.ndarray
    window_s: float
    left_out: int
    start_s: float


def hear_voice_windows(
    audio: Audio, speech: SpeechSegments, *, step_s: float = 0.8, least_spoken: float = 0.6
) -> VoiceWindows:
    """Judge every window that holds enough speech, from the begin of the recording to its end.

    Parameters
    ----------
    step_s
        Time from one window to the next.
    least_spoken
        Share of a window in which somebody must speak. A recording shorter than a window is repeated until it fills one.
    """
    net = runtime.shipped(NETWORK)
    step, starts, shares, odds, left_out = max(1, round(step_s * RATE / HOP)), [], [], [], 0
    waiting: list[np.ndarray] = []
    spoken = _spoken(speech, audio.duration_s)
    for first, spectra in _windows(audio, step):
        share = float(spoken[first : first + WINDOW].mean()) if first < len(spoken) else 0.0
        if share < least_spoken:
            left_out += 1
            continue
        starts.append(first * HOP / RATE)
        shares.append(share)
        waiting.append(scaled(spectra))
        if len(waiting) == _BATCH:
            odds.append(net(np.stack(waiting))[0])
            waiting = []
    if waiting:
        odds.append(net(np.stack(waiting))[0])
    return VoiceWindows(
        starts_s=np.array(starts, np.float64), log_odds=np.concatenate(odds) if odds else np.zeros(0, np.float32),
        spoken=np.array(shares, np.float32), window_s=WINDOW * HOP / RATE, left_out=left_out, start_s=audio.start_s,
    )  # fmt: skip


def _spoken(speech: SpeechSegments, duration_s: float) -> np.ndarray:
    """Say for each frame whether somebody speaks."""
    spoken = np.zeros(round(duration_s * RATE / HOP) + 1, bool)
    for start, end in speech.segments:
        spoken[round(start * RATE / HOP) : round(end * RATE / HOP)] = True
    return spoken


def _windows(audio: Audio, step: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (first frame, spectra of a window); the last window ends with the recording."""
    kept, begins, due = np.zeros((0, 0), np.float32), 0, 0
    for block in _spectra(audio):
        kept = np.concatenate([kept, block]) if len(kept) else block
        while due + WINDOW <= begins + len(kept):
            yield due, kept[due - begins : due - begins + WINDOW]
            due += step
        # One whole window stays for the last one, which may begin before the next that is due.
        over = max(0, min(due - begins, len(kept) - WINDOW))
        kept, begins = kept[over:], begins + over
    ends = begins + len(kept)
    if not ends:
        return
    if ends < WINDOW:
        yield 0, np.resize(kept, (WINDOW, kept.shape[1]))
    elif due - step + WINDOW < ends:
        yield ends - WINDOW, kept[-WINDOW:]


def _spectra(audio: Audio) -> Iterator[np.ndarray]:
    rest = np.zeros(0, np.float32)
    for block in mono(audio.samples, audio.rate, RATE):
        rest = np.concatenate([rest, block])
        if len(rest) >= FFT:
            found = log_spectra(rest)
            yield found
            rest = rest[len(found) * HOP :]
