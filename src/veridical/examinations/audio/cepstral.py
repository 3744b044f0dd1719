"""Does the envelope of the speech move more smoothly from frame to frame than a person's does?

Method
------
Of frames of 30 ms, one every 15 ms, the power in 70 bands from 0 to 4 kHz, evenly spaced, is turned by a cosine transform
into 20 linear-frequency cepstral coefficients (LFCC). Differences of the frames around each frame, and differences of these,
are taken. Only frames in speech count. In windows of four seconds the quickness of each coefficient is measured: the logarithm
of the standard deviation of its differences over that of the coefficient, and of its second differences over that of its
first; a microphone, a filter or loudness that stays the same cancels out of these, and so does how far the coefficient moves.
A weighing of the 40 ratios (logistic regression) tells synthetic from bona fide recordings; it was learned from what differs
within collections, after random channels. It is given in standard deviations of bona fide windows. The value is the mean
over the windows, which follow every two seconds to the end.

Beside it and without a part in the value stands the usual baseline: two Gaussian mixtures with diagonal covariances say how
likely the coefficients, about their mean in the window, and both differences are among synthetic and among bona fide speech.

What a high value means
-----------------------
Most of all, the coarse shape of the spectrum changes its direction less often and more gently than in bona fide recordings.
Models that predict a mean of what could be said smooth speech so.

What it cannot see
------------------
Much: on systems and sources that were left out it told synthetic voices from real ones only somewhat better than chance, and
a few systems score lower than people (docs/models/cepstral.md). Everything above 4 kHz, pitch and phases are not looked at.

Also caused by
--------------
- slow, careful or slurred speech, singing, long vowels, languages and ages that the training did not hold
- reverberation, noise, noise suppression and codecs of other kinds than it was trained with, which move it either way

Needs
-----
One second of speech within four seconds; the speech network.

References
----------
- Sahidullah, Kinnunen and Hanilçi, A comparison of features for synthetic speech detection, Interspeech 2015
- Toda and Tokuda, A speech parameter generation algorithm considering global variance, IEICE Transactions on Information and
  Systems E90-D, 2007: smoothness of synthetic courses
- Yamagishi et al., ASVspoof 2021: accelerating progress in spoofed and deepfake speech detection, 2021: the baseline
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...knowledge.cepstral import CepstralTable, cepstral_table
from ...media.audio import Audio
from ...perception.speech import SpeechSegments
from ...signals.cepstra import LFCC, RATE, about_mean, cepstra_of, quickness
from ...signals.mixtures import Mixture

BRANCH = "voice"
DETECTS = ("synthesis", "replacement")
DEMO = "lab.voice.smooth"

WINDOW_S, STEP_S = 4.0, 2.0
FRAME_S = LFCC.hop / RATE


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Windows of a recording, arrays of shape (n,): seconds from the first sample, standard deviations of bona fide windows.

    ``values`` says how smoothly the envelope moves, ``envelope`` how likely it is among synthetic speech.
    """

    starts_s: np.ndarray
    ends_s: np.ndarray
    values: np.ndarray
    envelope: np.ndarray

    @property
    def centres_s(self) -> np.ndarray:
        """The middle of each window."""
        return np.asarray((self.starts_s + self.ends_s) / 2)


def examine(audio: Audio, speech: SpeechSegments, *, least_speech_s: float = 1.0, most_spans: int = 8) -> Measurement:
    """Measure how much more smoothly the envelope of the speech moves than in bona fide recordings.

    Parameters
    ----------
    audio, speech
        The recording and where somebody speaks in it.
    least_speech_s
        Speech that a window must hold.
    most_spans
        How many stretches are named at most.
    """
    table = cepstral_table()
    values = cepstra_of(audio.samples, audio.rate)
    spoken = in_speech(speech.segments, len(values))
    scores = windows_scored(values, spoken, table, least_speech_s)
    if not len(scores.values):
        raise NotApplicable(f"no stretch of {WINDOW_S:g} s holds {least_speech_s:g} s of speech")
    value = float(scores.values.mean())
    spans = _spans(scores, table, audio.start_s, most_spans)
    above = int((scores.values > table.high).sum())
    return Measurement(
        value=value,
        unit="standard deviations of windows of real recordings",
        observation=_observation(value, len(scores.values), above, table),
        where=spans,
        exhibits=(_chart(scores, table, audio.start_s, spans), _against(value, scores, table)),
        facts={
            "windows": len(scores.values),
            "frames_of_speech": int(spoken.sum()),
            "lowest_window": round(float(scores.values.min()), 3),
            "highest_window": round(float(scores.values.max()), 3),
            "highest_window_s": round(float(scores.centres_s[scores.values.argmax()]) + audio.start_s, 2),
            "windows_above_nine_in_ten": round(above / len(scores.values), 3),
            "mixtures": round(float(scores.envelope.mean()), 3),
            "signal_to_noise_db": None if speech.snr_db is None else round(speech.snr_db, 1),
        },
        limits=_limits(audio, speech, scores),
        features=np.array([value, scores.values.min(), scores.values.max()], np.float32),
    )


def in_speech(segments: np.ndarray, frames: int) -> np.ndarray:
    """Return which frames have their middle in one of the segments (n, 2) in seconds: shape (frames,), bool."""
    middle = (np.arange(frames) * LFCC.hop + LFCC.window / 2) / RATE
    return np.asarray(np.searchsorted(segments.ravel(), middle, side="right") % 2 == 1)


def windows_scored(values: np.ndarray, spoken: np.ndarray, table: CepstralTable, least_speech_s: float = 1.0) -> Scores:
    """Score windows of a recording; those with too little speech are left out, and a short recording is one window.

    Parameters
    ----------
    values
        shape (frames, 20): cepstra.
    spoken
        shape (frames,), bool: which of them count.
    table
        What they are compared with.
    least_speech_s
        Speech that a window must hold.
    """
    real, synthetic = (Mixture(weights=w, means=m, variances=v) for w, m, v in (table.real, table.synthetic))
    size, step = round(WINDOW_S / FRAME_S), round(STEP_S / FRAME_S)
    last_first = max(0, len(values) - size)
    found = []
    for first in sorted({*range(0, last_first + 1, step), last_first}):
        cut = slice(first, first + size)
        if spoken[cut].sum() * FRAME_S >= max(least_speech_s, FRAME_S):
            points = about_mean(values[cut], spoken[cut])
            ratio = float((synthetic.log_density(points) - real.log_density(points)).mean())
            envelope = (ratio - table.envelope[0]) / table.envelope[1]
            course = float(quickness(values[cut], spoken[cut]) @ table.course) - table.course_offset
            found.append((first, min(first + size, len(values)), course, envelope))
    rows = np.array(found, float).reshape(-1, 4)
    return Scores(rows[:, 0] * FRAME_S, rows[:, 1] * FRAME_S, rows[:, 2], rows[:, 3])


def _spans(scores: Scores, table: CepstralTable, begins_s: float, most: int) -> tuple[Span, ...]:
    """Join windows above nine in ten bona fide recordings that follow each other; the highest first."""
    high = scores.values > table.high
    edges = np.flatnonzero(np.diff(high, prepend=False, append=False)).reshape(-1, 2)
    spans = [
        Span(
            start_s=float(scores.starts_s[first]) + begins_s,
            end_s=float(scores.ends_s[last - 1]) + begins_s,
            label="envelope moves more smoothly than in nine of ten real recordings",
            value=float(scores.values[first:last].max()),
        )
        for first, last in edges
    ]
    return tuple(sorted(spans, key=lambda span: -(span.value or 0)))[:most]


def _observation(value: float, windows: int, above: int, table: CepstralTable) -> str:
    side = "more" if value >= 0 else "less"
    return (
        f"The envelope of the speech moves {abs(value):.1f} standard deviations {side} smoothly than the mean of windows of "
        f"real recordings. Windows that lie above nine in ten real recordings ({table.high:+.1f}): {above} of {windows}."
    )


def _chart(scores: Scores, table: CepstralTable, begins_s: float, spans: tuple[Span, ...]) -> Chart:
    times = (scores.centres_s + begins_s).astype(np.float32)
    lines = [
        Line(name="smoothness", x=times, y=scores.values.astype(np.float32)),
        Line(name="mixtures (no part in the value)", x=times, y=scores.envelope.astype(np.float32)),
        Line(name="nine in ten real recordings below", x=times[[0, -1]], y=np.full(2, table.high, np.float32)),
    ]
    return Chart(
        name="Smoothness of the envelope", lines=tuple(lines), x_name="time", x_unit="s", y_name="smoothness",
        y_unit="standard deviations of real windows", timeline=True,
        caption=f"Windows of {WINDOW_S:g} s, one every {STEP_S:g} s, drawn at their middle; higher is more like synthetic "
        "speech.",
        marks=tuple((span.start_s + span.end_s) / 2 for span in spans),
    )  # fmt: skip


def _against(value: float, scores: Scores, table: CepstralTable) -> Table:
    rows = (
        ("here: mean of the windows", f"{value:+.2f}"),
        ("here: lowest and highest window", f"{scores.values.min():+.2f} to {scores.values.max():+.2f}"),
        ("real recordings: one in ten below", f"{table.low:+.2f}"),
        ("real recordings: middle", f"{table.middle:+.2f}"),
        ("real recordings: one in ten above", f"{table.high:+.2f}"),
    )
    return Table(
        name="Smoothness against real recordings", columns=("what", "standard deviations of their windows"),
        rows=rows,
        caption=f"Learned from {table.real_recordings} real and {table.synthetic_recordings} synthetic recordings; the "
        "real ones in the table were each judged by a weighing that was learned from other sources.",
    )  # fmt: skip


def _limits(audio: Audio, speech: SpeechSegments, scores: Scores) -> tuple[str, ...]:
    limits = [
        "On systems and sources left out, this value told synthetic voices from real ones only somewhat better than chance "
        "(docs/models/cepstral.md); it is one weak cue among others."
    ]
    if len(scores.values) < 3:
        limits.append(
            f"Windows of {WINDOW_S:g} s with enough speech: {len(scores.values)}. The value depends on the words said."
        )
    if audio.rate < 8000:
        limits.append(f"Sampled at {audio.rate} Hz: the bands above {audio.rate // 2} Hz are empty.")
    if speech.snr_db is not None and speech.snr_db < 15:
        limits.append(f"The speech stands only {speech.snr_db:.0f} dB above the pauses: noise moves the value.")
    return tuple(limits)
