"""Do the liveliness of the face and of the voice rise and fall together?

Method
------
This is no recogniser of emotions. One course is made of the face (raised brows, raised lids, raised corners of the mouth,
movement of the head) and one of the voice (loudness and pitch of what is voiced, so that pauses and hissing sounds do not
count). Each part is smoothed over about half a second. What the gap between the lips explains of a part of the face, by a
straight line, is taken out: a jaw that opens pulls at the corners of the mouth and shakes the measured head, and whether it
opens with the voice is what ``temporal.lip_sync`` asks. The parts are standardised over the clip and averaged. The largest
correlation of the two courses at lags up to a second either way is compared with those that appear when the voice is shifted
in a circle against the face by more than that, or played backwards and shifted: the value is minus the amount by which it
exceeds their mean, in their standard deviations.

What a high value means
-----------------------
Face and voice agree no better as they stand than out of place: they may not belong to the same performance. It finds made
faces whose brows and smile follow another voice. On the few real clips at hand it told a clip's own sound from another's
no better than chance (docs/validation/emotion_agreement.md), so that a value near 0 says little of real footage.

What it cannot see
------------------
What is felt, and lips that do not fit. A replaced face that follows the driving actor agrees with the actor's voice.
Generators that move brows and head with the loudness of the given speech agree with it. Agreement that goes along with the
opening of the mouth is taken out with it. Recordings of a few seconds hold hardly a handful of independent moments.

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
from ...signals.series import evenly, lasting, long_enough, standardised, stretches

BRANCH = "behaviour"
DETECTS = ("reenactment", "synthesis")
DEMO = "lab.mood.other_voice"

_RATE = 10.0
_FINE = 25.0
_LEAST_SPREAD = 0.03
_RANGE_DB = 30.0  # what is farther below the loudest is not taken for the voice
_FACE = ("raised brows", "raised lids", "raised corners of the mouth", "movement of the head")
_VOICE = ("loudness", "pitch")
_APART = -0.8  # product of two standardised courses from which on they are said to disagree


@dataclass(frozen=True, slots=True)
class _Pair:
    """Parts of the courses of one face (n, 4) and of the voice (n, 2) on one clock, times (n,); all standardised."""

    track: ExpressionTrack
    times: np.ndarray
    face: np.ndarray
    voice: np.ndarray
    moved: float

    @property
    def courses(self) -> tuple[np.ndarray, np.ndarray]:
        """How lively face and voice are: shape (n,) each, standardised."""
        return standardised(self.face.mean(1)), standardised(self.voice.mean(1))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two courses agree: correlation at each lag (seconds), its peak, and the peaks of voices out of place."""

    lags_s: np.ndarray
    correlations: np.ndarray
    peak: float
    lag_s: float
    shifted_mean: float
    shifted_spread: float

    @property
    def excess(self) -> float:
        """Standard deviations by which the peak exceeds those of voices out of place."""
        return (self.peak - self.shifted_mean) / self.shifted_spread


def examine(
    faces: Expressions, prosody: Prosody, speech: SpeechSegments, *, least_s: float = 5.0, least_speech_s: float = 3.0,
    least_moved: float = 0.01, most_lag_s: float = 1.0, smooth_s: float = 0.6,
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
    return _measure(speaker, agreement(*speaker.courses, most_lag_s=most_lag_s), len(pairs))


def agreement(face: np.ndarray, voice: np.ndarray, *, most_lag_s: float, rate: float = _RATE) -> Agreement:
    """Correlate two courses at small lags, and at all others in a circle, also with the voice backwards.

    Parameters
    ----------
    face, voice
        shape (n,), ``rate`` values a second.
    """
    n = len(face)
    most = min(round(most_lag_s * rate), (n - 2) // 4)  # leaves half of all shifts to compare with
    around, backwards = (_around(face, heard, most) for heard in (voice, voice[::-1]))
    peaks = around.max(0)
    others = np.concatenate([peaks[most + 1 : n - most], backwards.max(0)])
    place = int(around[:, 0].argmax())
    return Agreement(
        lags_s=np.arange(-most, most + 1) / rate, correlations=around[:, 0], peak=float(peaks[0]),
        lag_s=(place - most) / rate, shifted_mean=float(others.mean()),
        shifted_spread=max(float(others.std()), _LEAST_SPREAD),
    )  # fmt: skip


def _around(face: np.ndarray, voice: np.ndarray, most: int) -> np.ndarray:
    """Return the correlation at lags −most … most (rows) about each shift of the voice in a circle (columns)."""
    spectrum = np.conj(np.fft.rfft(standardised(face))) * np.fft.rfft(standardised(voice))
    circular = np.fft.irfft(spectrum, len(face)) / len(face)  # at lag k the voice comes k steps later
    return np.stack([np.roll(circular, -lag) for lag in range(-most, most + 1)])


def _pairs(track: ExpressionTrack, prosody: Prosody, smooth_s: float, least_s: float) -> list[_Pair]:
    found = []
    seen = np.flatnonzero(np.isfinite(track.series).all(1))
    for run in stretches(track.frames[seen], track.times[seen], least=10):
        rows = seen[run]
        heard = track.times[rows] - prosody.start_s
        rows = rows[(heard >= 0) & (heard <= prosody.duration_s)]
        if len(rows) < 10 or not long_enough(lasting(track.times[rows]), least_s):
            continue
        times, series = evenly(track.times[rows], np.column_stack([track.series[rows], track.yaw[rows]]), _FINE)
        at = np.arange(times[0], times[-1], 1 / _RATE)
        moved = float(series[:, NAMES.index("lip gap")].std())
        found.append(_Pair(track, at, _face(times, series, at, smooth_s), _voice(prosody, at, smooth_s), moved))
    return found


def _face(times: np.ndarray, series: np.ndarray, at: np.ndarray, smooth_s: float) -> np.ndarray:
    """Return the parts of a lively face at the times ``at``, shape (n, 4), from the series and the yaw in the last column."""
    value = {name: series[:, place] for place, name in enumerate((*NAMES, "yaw"))}
    turning = np.linalg.norm([np.gradient(value[name]) for name in ("pitch", "roll", "yaw")], axis=0)
    # One shake of the head is not to outweigh all else.
    turning = np.minimum(turning, np.percentile(turning, 95))
    lips = _course(times, value["lip gap"], at, smooth_s)
    parts = (value["AU01"] + value["AU02"], value["AU05"], value["AU12"], turning)
    courses = np.column_stack([_course(times, part, at, smooth_s) for part in parts])
    return standardised(courses - np.outer(lips, lips @ courses / len(lips)))


def _voice(prosody: Prosody, at: np.ndarray, smooth_s: float) -> np.ndarray:
    """Return the parts of a lively voice: shape (n, 2)."""
    times = prosody.start_s + np.arange(len(prosody.level_db)) * prosody.hop_s
    heard = prosody.level_db > np.percentile(prosody.level_db, 95) - _RANGE_DB
    pitch = np.log2(np.where(heard, prosody.pitch_hz, np.nan))
    level = np.where(np.isfinite(pitch), prosody.level_db, np.nan)
    return np.column_stack([_course(times, part, at, smooth_s) for part in (level, pitch)])


def _course(times: np.ndarray, part: np.ndarray, at: np.ndarray, smooth_s: float) -> np.ndarray:
    """Return a measurement smoothed over its finite values, at the times ``at``, standardised: shape (n,)."""
    step = float(times[1] - times[0])
    window = np.hanning(round(2 * smooth_s / step) + 3)
    # "same" would be as long as the window where that is longer
    kept = slice((len(window) - 1) // 2, (len(window) - 1) // 2 + len(times))
    finite = np.isfinite(part)
    middle = float(np.mean(part[finite])) if finite.any() else 0.0
    # Where nothing was measured the course goes to its mean.
    weight = np.convolve(finite.astype(float), window)[kept]
    total = np.convolve(np.where(finite, part - middle, 0.0), window)[kept]
    return standardised(np.interp(at, times, total / np.maximum(weight, 0.2 * window.sum())))


def _spoken(pair: _Pair, segments: np.ndarray) -> float:
    """Return for how long somebody speaks in a pair, seconds; ``segments`` (s, 2) on the clock of the video."""
    starts, ends = np.clip(segments, pair.times[0], pair.times[-1]).T
    return float((ends - starts).sum())


def _measure(pair: _Pair, found: Agreement, faces: int) -> Measurement:
    seconds = lasting(pair.times)
    limits = [
        "This compares movement with sound; it recognises no emotion.",
        "On real clips a face agreed with its own voice no better than with others (docs/validation/emotion_agreement.md).",
    ]
    if seconds < 30:
        limits.append(
            f"{seconds:.0f} s hold few independent moments of courses as slow as this; half a minute is wanted."
        )
    return Measurement(
        value=-found.excess,
        unit="standard deviations",
        observation=(
            f"Face {pair.track.person + 1} and the voice agree best with a correlation of {found.peak:.2f} at a lag of "
            f"{found.lag_s:+.1f} s; voices out of place reach {found.shifted_mean:.2f} on average ({seconds:.0f} s)."
        ),
        where=_apart(pair, found),
        exhibits=(_strip(pair), _lags(found), _table(pair, found)),
        facts={
            "peak": round(found.peak, 3), "lag_s": round(found.lag_s, 2), "shifted_mean": round(found.shifted_mean, 3),
            "shifted_spread": round(found.shifted_spread, 3), "seconds": round(seconds, 2), "faces": faces,
        },
        limits=tuple(limits),
    )  # fmt: skip


def _apart(pair: _Pair, found: Agreement) -> tuple[Span, ...]:
    """Return stretches of a second or more in which face and voice differ, at the lag at which they agree best."""
    lag, n = round(found.lag_s * _RATE), len(pair.times)
    face, voice = pair.courses
    product = face * np.roll(voice, -lag)
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


def _strip(pair: _Pair) -> Chart:
    names = (f"face {pair.track.person + 1}", "voice")
    return Chart(
        name="How lively face and voice are",
        lines=tuple(
            Line(name=name, x=pair.times.astype(np.float32), y=course.astype(np.float32), track=pair.track.person)
            for name, course in zip(names, pair.courses, strict=True)
        ),
        x_name="time", x_unit="s", y_name="standardised", y_unit="1", timeline=True,
        caption="Both are standardised over the clip and smoothed over about half a second; 0 is the clip's own mean.",
    )  # fmt: skip


def _lags(found: Agreement) -> Chart:
    line = Line(name="agreement", x=found.lags_s.astype(np.float32), y=found.correlations.astype(np.float32))
    return Chart(
        name="Agreement at each lag", lines=(line,), x_name="voice later than face by", x_unit="s", y_name="correlation",
        y_unit="1", caption=f"Shifted by more, or backwards, the voice reaches {found.shifted_mean:.2f} on average.",
        marks=(found.lag_s,),
    )  # fmt: skip


def _table(pair: _Pair, found: Agreement) -> Table:
    voice = np.roll(pair.voice, -round(found.lag_s * _RATE), axis=0)
    each = pair.face.T @ voice / len(voice)
    return Table(
        name="Correlation of each part at the best lag", columns=("face", *_VOICE),
        rows=tuple((name, *(f"{value:.2f}" for value in row)) for name, row in zip(_FACE, each, strict=True)),
    )  # fmt: skip
