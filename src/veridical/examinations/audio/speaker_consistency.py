"""Does the voice become another one for good at some moment of the recording?

Method
------
Speech is found (Silero VAD), its pauses are left out, and each stretch of 1.6 s is described by a speaker embedding: 256
numbers of a recurrent network that was trained by others (Resemblyzer; LibriSpeech and VoxCeleb) to give one speaker's
stretches like numbers whatever is said. At each moment the mean of the stretches that end before it is compared with the mean
of those that begin after it; a stretch counts the less the farther it is, 1/e as much every 2 s of speech, so that a passage
of a few seconds is seen, too. The value is the largest distance of two such means: 1 less their cosine. Loudness has no part
in it. Nothing is compared with enrolled voices.

What a high value means
-----------------------
Before and after one moment different people speak, or one person in different voices, or through different equipment: two
recordings were joined, a passage was made by another voice or by a voice generator, or a conversation goes back and forth.

What it cannot see
------------------
- a recording that was made by one generator or converted from beginning to end: its voice stays the same
- a passage in a good clone of the very voice, which differs from it little more than two recordings of the person do
- passages of less than about 2 s of speech, and changes within 3 s of speech of an end

Also caused by
--------------
- several real speakers: any conversation, interview or report reaches the same values as a joint
- a person who changes mood, whispers, shouts, imitates or sings
- another microphone or telephone, a speaker who turns away, music or noise that sets in
- chance: the more speech, the more moments to choose from; short stretches of one voice differ by what is said

Needs
-----
At least 6.4 s of speech.

References
----------
- L. Wan, Q. Wang, A. Papir, I. Lopez Moreno, "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018
- Q. Wang, C. Downey, L. Wan, P. Mansfield, I. Lopez Moreno, "Speaker Diarization with LSTM", ICASSP 2018
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from ...errors import NotApplicable
from ...finding import Chart, Line, Map, Measurement, Scalar, Span
from ...perception.voice_identity import WINDOW_S, VoiceTrace

BRANCH = "voice"
DETECTS = ("editing", "replacement", "synthesis")
DEMO = "lab.speaker.changes"

_MOST_CELLS = 160
_LITTLE_S = 12.0


def examine(trace: VoiceTrace, *, fade_s: float = 2.0, least_s: float = 3.2) -> Measurement:
    """Measure how much the voice changes at the moment of its greatest lasting change.

    Parameters
    ----------
    fade_s
        Seconds of speech in which the weight of a stretch falls to 1/e.
    least_s
        Seconds of speech that are needed on each side; less than a window of 1.6 s counts as one.

    Raises
    ------
    NotApplicable
        If there is too little speech.
    """
    within, least = (max(1, round(one / trace.hop_s)) for one in (WINDOW_S, max(WINDOW_S, least_s)))
    # Window i holds the speech from step i to step i + within; a moment is a step.
    moments = np.arange(least, len(trace) - 1 + within - least + 1)
    if not len(moments):
        raise NotApplicable(
            f"there are {trace.speech_s:.1f} s of speech; a change of voice needs {2 * max(WINDOW_S, least_s):g} s"
        )
    vectors = trace.vectors
    kept = float(np.exp(-trace.hop_s / max(fade_s, 1e-6)))
    before = _fading_mean(vectors, kept)[moments - within]
    after = _fading_mean(vectors[::-1], kept)[::-1][moments]
    change = np.maximum(1 - np.einsum("ij,ij->i", before, after), 0)  # rounding takes sides that are the same below 0
    best = int(np.argmax(change))
    last, first = trace.ends_s[moments - within], trace.starts_s[moments]
    at_s = (last + first) / 2
    span = _span(change, last, first, best)
    sides = _scatter(vectors, int(moments[best]), within)
    facts: dict[str, Scalar] = {
        "change_s": round(float(at_s[best]), 2), "typical_change": round(float(np.median(change)), 4),
        "scatter_before": round(sides[0], 4), "scatter_after": round(sides[1], 4), "speech_s": round(trace.speech_s, 2),
        "windows": len(trace),
    }  # fmt: skip
    return Measurement(
        value=float(change[best]), unit="1", where=(span,),
        observation=(
            f"The voice changes most at {at_s[best]:.1f} s: by {change[best]:.2f} (1 less the cosine of the means before and "
            f"after); single stretches lie {sides[0]:.2f} and {sides[1]:.2f} from the mean of their side."
        ),
        exhibits=(_chart(at_s, change, float(at_s[best])), _map(trace)), facts=facts, limits=_limits(trace),
    )  # fmt: skip


def _fading_mean(vectors: np.ndarray, kept: float) -> np.ndarray:
    """Return for each row the mean of it and the rows before, each ``kept`` times the next one's weight; of length 1."""
    mean = signal.lfilter([1.0], [1.0, -kept], vectors, axis=0)
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12))


def _scatter(vectors: np.ndarray, moment: int, within: int) -> tuple[float, float]:
    """Return how far the windows before and after a moment are from the mean of all on their side, on average."""
    found = []
    for side in (vectors[: moment - within + 1], vectors[moment:]):
        mean = side.mean(0)
        found.append(float(1 - (side @ mean).mean() / max(float(np.linalg.norm(mean)), 1e-12)))
    return found[0], found[1]


def _span(change: np.ndarray, last: np.ndarray, first: np.ndarray, best: int) -> Span:
    """Say when: the moments around the greatest change that explain at least 95 % of it."""
    near = change >= 0.95 * change[best]
    below_before, below_after = np.flatnonzero(~near[:best]), np.flatnonzero(~near[best:])
    begin = int(below_before[-1]) + 1 if len(below_before) else 0
    end = best + int(below_after[0]) - 1 if len(below_after) else len(change) - 1
    edges = sorted((float(last[begin]), float(first[end])))
    return Span(start_s=edges[0], end_s=edges[1], label="change of voice", value=float(change[best]))


def _chart(at_s: np.ndarray, change: np.ndarray, best_s: float) -> Chart:
    return Chart(
        name="Change of the voice at each moment",
        lines=(Line(name="before against after", x=at_s.astype(np.float32), y=change.astype(np.float32)),),
        x_name="time", x_unit="s", y_name="1 less the cosine", y_unit="1", timeline=True, marks=(best_s,),
        caption="How far the mean voice of the seconds of speech before each moment is from that of the seconds after it.",
    )  # fmt: skip


def _map(trace: VoiceTrace) -> Map:
    """Show how alike each stretch is to each other one; long recordings are averaged."""
    groups = np.array_split(trace.vectors, min(len(trace), _MOST_CELLS))
    rows = np.stack([group.mean(0) for group in groups])
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    ends = f"speech, {trace.starts_s[0]:.1f} to {trace.ends_s[-1]:.1f} s"
    return Map(
        name="Each stretch of speech against each other", values=(rows @ rows.T).astype(np.float32), unit="cosine", low=0.4,
        high=1.0, overlay=False, x_name=ends, y_name=ends,
        caption="Pauses are left out. One voice fills the square evenly; two voices make blocks along the diagonal.",
    )  # fmt: skip


def _limits(trace: VoiceTrace) -> tuple[str, ...]:
    limits = ["Two real speakers in conversation give the same value as a joint; listen on both sides of the moment."]
    if trace.speech_s < _LITTLE_S:
        limits.append(
            f"{trace.speech_s:.1f} s of speech are little: the fewer, the more two parts of one voice differ by chance."
        )
    return tuple(limits)
