"""Do the liveliness of the face and of the voice rise and fall together?

Method
------
This is no recogniser of emotions. Two slow courses are made of the face (*lively*: raised brows and lids, movement of the
lips, movement of the head; *smiling*: raised corners of the mouth) and two of the voice (*lively*: loudness,
pitch, rate of speaking; *bright*: pitch and mean frequency). Each is standardised over the clip and
smoothed over about a second. The mean of the two correlations, lively with lively and smiling with bright, is taken at lags
up to two seconds either way. Its peak is compared with the peaks that appear when the voice is shifted in a circle against
the face by more than that: the value is minus the amount by which it exceeds their
mean, in standard deviations of the correlation over all shifts.

What a high value means
-----------------------
Face and voice agree no better as they stand than shifted against each other: they may not belong to the same performance. On
the few clips at hand this told a clip's own sound from another's no better than chance (docs/validation/
emotion_agreement.md): look at the two courses, and do not rely on the value.

What it cannot see
------------------
What is felt. A replaced face that follows the driving actor agrees with the actor's voice. Generators that move brows and
head with the loudness of the given speech agree with it. Recordings of a few seconds hold hardly a handful of independent
moments.

Also caused by
--------------
- calm or read speech, a still face, a listener, a voice from outside the picture, dubbing, music
- irony, acting, customs of showing little
- masks, beards, sunglasses, a hand before the mouth

Needs
-----
At least 5 seconds of one speaking face with sound, speech in at least 3 of them; half a minute is wanted.

References
----------
Mittal, Bhattacharya, Chandra, Bera and Manocha, ACM Multimedia 2020 (2003.06711), for the question; not its networks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...perception.expression import NAMES, Expressions, ExpressionTrack
from ...perception.prosody import Prosody
from ...perception.speech import SpeechSegments
from ...signals.series import evenly, standardised, stretches

BRANCH = "behaviour"
DETECTS = ("reenactment", "synthesis")
DEMO = "lab.mood.other_voice"

_RATE = 10.0
_FINE = 25.0
_COURSES = ("How lively face and voice are", "How smiling the face is and how bright the voice")
_APART = -0.8  # product of two standardised courses from which on they are said to disagree


@dataclass(frozen=True, slots=True)
class _Pair:
    """Courses of one face and of the voice on one clock: times (n,), face and voice (n, 2), standardised."""

    track: ExpressionTrack
    times: np.ndarray
    face: np.ndarray
    voice: np.ndarray
    moved: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two courses agree: correlation at each lag (seconds), its peak, and the peaks of shifted voices."""

    lags_s: np.ndarray
    correlations: np.ndarray
    peak: float
    lag_s: float
    shifted_mean: float
    shifted_spread: float

    @property
    def excess(self) -> float:
        """Standard deviations by which the peak exceeds those of shifted voices."""
        return (self.peak - self.shifted_mean) / self.shifted_spread


def examine(
    faces: Expressions, prosody: Prosody, speech: SpeechSegments, *, least_s: float = 5.0, least_speech_s: float = 3.0,
    least_moved: float = 0.01, most_lag_s: float = 2.0, smooth_s: float = 1.0,
) -> Measurement:  # fmt: skip
    """Compare the courses of the speaking face and of the voice.

    Parameters
    ----------
    least_s, least_speech_s
        Seconds of unbroken face with sound, and of speech within them.
    least_moved
        Standard deviation of the gap between the lips, in distances of the eyes, that a speaking face reaches.
    most_lag_s
        Largest lag at which face and voice may agree.
    smooth_s
        Length of the window that smooths the courses.
    """
    if not faces.tracks:
        raise NotApplicable("no face was found in the clip")
    if speech.speech_seconds < least_speech_s:
        raise NotApplicable(f"{speech.speech_seconds:.1f} s of speech; {least_speech_s:g} s are needed")
    pairs = [pair for track in faces.tracks for pair in _pairs(track, prosody, smooth_s, least_s)]
    pairs = [pair for pair in pairs if _spoken(pair, speech.segments + prosody.start_s) >= least_speech_s]
    if not pairs:
        raise NotApplicable(f"no face is seen for {least_s:g} s in a row with {least_speech_s:g} s of speech")
    speaker = max(pairs, key=lambda pair: pair.moved * len(pair.times) ** 0.5)
    if speaker.moved < least_moved:
        raise NotApplicable("no face moves its lips while speech is heard")
    return _measure(speaker, agreement(speaker.face, speaker.voice, most_lag_s=most_lag_s), len(pairs))


def agreement(face: np.ndarray, voice: np.ndarray, *, most_lag_s: float, rate: float = _RATE) -> Agreement:
    """Correlate courses at small lags, and at all circular shifts of the voice.

    Parameters
    ----------
    face, voice
        shape (n, k), ``rate`` values a second; column j of one belongs to column j of the other.
    """
    n, most = len(face), round(most_lag_s * rate)
    spectrum = np.conj(np.fft.rfft(standardised(face), axis=0)) * np.fft.rfft(standardised(voice), axis=0)
    circular = np.fft.irfft(spectrum, n, axis=0).mean(1) / n  # at lag k the voice comes k steps later
    around = np.stack([np.roll(circular, -lag) for lag in range(-most, most + 1)])
    peaks = around.max(0)
    others = peaks[most + 1 : n - most]
    place = int(around[:, 0].argmax())
    return Agreement(
        lags_s=np.arange(-most, most + 1) / rate, correlations=around[:, 0], peak=float(peaks[0]),
        lag_s=(place - most) / rate, shifted_mean=float(others.mean()),
        shifted_spread=max(float(circular.std()), 0.02),
    )  # fmt: skip


def _pairs(track: ExpressionTrack, prosody: Prosody, smooth_s: float, least_s: float) -> list[_Pair]:
    found = []
    seen = np.flatnonzero(np.isfinite(track.series).all(1))
    for run in stretches(track.frames[seen], track.times[seen], least=10):
        rows = seen[run]
        heard = track.times[rows] - prosody.start_s
        rows = rows[(heard >= 0) & (heard <= prosody.duration_s)]
        if len(rows) < 10 or track.times[rows[-1]] - track.times[rows[0]] < least_s:
            continue
        times, series = evenly(track.times[rows], track.series[rows], _FINE)
        at = np.arange(times[0], times[-1], 1 / _RATE)
        moved = float(series[:, NAMES.index("lip gap")].std())
        found.append(_Pair(track, at, _face(times, series, at, smooth_s), _voice(prosody, at, smooth_s), moved))
    return found


def _face(times: np.ndarray, series: np.ndarray, at: np.ndarray, smooth_s: float) -> np.ndarray:
    """Return how lively and how smiling the face looks at the times ``at``: shape (n, 2)."""
    value = {name: series[:, place] for place, name in enumerate(NAMES)}
    turning = np.hypot(np.gradient(value["pitch"]), np.gradient(value["roll"]))
    lips = np.abs(np.gradient(value["lip gap"]))
    lively = [value["AU01"] + value["AU02"], value["AU05"], np.minimum(lips, np.percentile(lips, 95)),
              np.minimum(turning, np.percentile(turning, 95))]  # fmt: skip
    smiling = [value["AU12"], -value["AU15"]]
    return np.column_stack([_course(times, parts, at, smooth_s) for parts in (lively, smiling)])


def _voice(prosody: Prosody, at: np.ndarray, smooth_s: float) -> np.ndarray:
    """Return how lively and how bright the voice sounds: shape (n, 2)."""
    times = prosody.start_s + np.arange(len(prosody.level_db)) * prosody.hop_s
    level = np.maximum(prosody.level_db, np.percentile(prosody.level_db, 95) - 40)
    heard = level > np.percentile(level, 95) - 25
    pitch = np.log2(np.where(heard, prosody.pitch_hz, np.nan))
    # The brightness of a voice, not that of breath and hissing sounds.
    voiced = np.isfinite(pitch)
    centroid = np.log2(np.where(voiced, prosody.centroid_hz, np.nan))
    lively = _course(times, [level, pitch, prosody.syllables_per_s], at, smooth_s)
    return np.column_stack([lively, _course(times, [pitch, centroid], at, smooth_s)])


def _course(times: np.ndarray, parts: list[np.ndarray], at: np.ndarray, smooth_s: float) -> np.ndarray:
    """Return the mean of several measurements, each smoothed over its finite values and standardised: shape (n,)."""
    step = float(times[1] - times[0])
    window = np.hanning(round(2 * smooth_s / step) + 3)
    # "same" would be as long as the window where that is longer
    kept = slice((len(window) - 1) // 2, (len(window) - 1) // 2 + len(times))
    smoothed = []
    for part in parts:
        finite = np.isfinite(part)
        middle = float(np.mean(part[finite])) if finite.any() else 0.0
        # Where nothing was measured the course goes to its mean.
        weight = np.convolve(finite.astype(float), window)[kept]
        total = np.convolve(np.where(finite, part - middle, 0.0), window)[kept]
        smooth = total / np.maximum(weight, 0.2 * window.sum())
        smoothed.append(np.interp(at, times, smooth))
    return np.asarray(standardised(standardised(np.column_stack(smoothed)).mean(1)))


def _spoken(pair: _Pair, segments: np.ndarray) -> float:
    """Return for how long somebody speaks in a pair, seconds; ``segments`` (s, 2) on the clock of the video."""
    starts, ends = np.clip(segments, pair.times[0], pair.times[-1]).T
    return float((ends - starts).sum())


def _measure(pair: _Pair, found: Agreement, faces: int) -> Measurement:
    seconds = float(pair.times[-1] - pair.times[0])
    limits = [
        "This compares movement with sound; it recognises no emotion.",
        "On real clips a face agreed with its own voice no better than with others (docs/validation/emotion_agreement.md).",
    ]
    if seconds < 30:
        limits.append(
            f"{seconds:.0f} s hold few independent moments of a course of about a second; half a minute is wanted."
        )
    return Measurement(
        value=-found.excess,
        unit="standard deviations",
        observation=(
            f"Face {pair.track.person + 1} and the voice agree best with a correlation of {found.peak:.2f} at a lag of "
            f"{found.lag_s:+.1f} s; shifted voices reach {found.shifted_mean:.2f} on average ({seconds:.0f} s)."
        ),
        where=_apart(pair, found),
        exhibits=(*(_strip(pair, column) for column in range(2)), _lags(found), _table(pair)),
        facts={
            "peak": round(found.peak, 3), "lag_s": round(found.lag_s, 2), "shifted_mean": round(found.shifted_mean, 3),
            "shifted_spread": round(found.shifted_spread, 3), "seconds": round(seconds, 2), "faces": faces,
        },
        limits=tuple(limits),
    )  # fmt: skip


def _apart(pair: _Pair, found: Agreement) -> tuple[Span, ...]:
    """Return stretches of a second or more in which face and voice differ, at the lag at which they agree best."""
    lag, n = round(found.lag_s * _RATE), len(pair.face)
    product = (pair.face * np.roll(pair.voice, -lag, axis=0)).mean(1)
    both = (np.arange(n) + lag >= 0) & (np.arange(n) + lag < n)  # the rest meets the other end of the voice
    low = np.flatnonzero(both & (product < _APART))
    runs = stretches(low, least=5)
    spans = [
        Span(
            start_s=float(pair.times[low[run[0]]]), end_s=float(pair.times[low[run[-1]]] + 1 / _RATE),
            label="face and voice go apart", value=round(float(-product[low[run]].mean()), 2), track=pair.track.person,
        )
        for run in runs
    ]  # fmt: skip
    return tuple(sorted(spans, key=lambda span: -(span.value or 0.0)))


def _strip(pair: _Pair, column: int) -> Chart:
    return Chart(
        name=_COURSES[column],
        lines=tuple(
            Line(name=name, x=pair.times.astype(np.float32), y=course[:, column].astype(np.float32), track=pair.track.person)
            for name, course in ((f"face {pair.track.person + 1}", pair.face), ("voice", pair.voice))
        ),
        x_name="time", x_unit="s", y_name="standardised", y_unit="1", timeline=True,
        caption="Both are standardised over the clip and smoothed over about a second; 0 is the clip's own mean.",
    )  # fmt: skip


def _lags(found: Agreement) -> Chart:
    line = Line(name="agreement", x=found.lags_s.astype(np.float32), y=found.correlations.astype(np.float32))
    return Chart(
        name="Agreement at each lag", lines=(line,), x_name="voice later than face by", x_unit="s", y_name="correlation",
        y_unit="1", caption=f"Shifted in a circle by more, the voice reaches {found.shifted_mean:.2f} on average.",
        marks=(found.lag_s,),
    )  # fmt: skip


def _table(pair: _Pair) -> Table:
    both = [float((pair.face[:, column] * pair.voice[:, column]).mean()) for column in range(2)]
    return Table(
        name="Correlation without a lag", columns=("face", "voice", "correlation"),
        rows=(("lively", "lively", f"{both[0]:.2f}"), ("smiling", "bright", f"{both[1]:.2f}")),
    )  # fmt: skip
