"""Is the voice more even than voices of people are: in its periods, its pitch, its loudness?

Method
------
Pitch is followed every 10 ms. In voiced speech each period is marked, by walking from one to the next to a part of a
sample; from the marks follow jitter, shimmer and the ratio of harmonics to noise, from 70 to 3300 Hz. Range and movement of
pitch, range of loudness, rate of its peaks, slope of pitch within phrases, voiced share and pauses are taken with them, in
windows of five seconds; their medians count. Seven of these twelve numbers say how even a voice is. Each is expressed as a
distance from the median of bona fide recordings in robust standard deviations, cut off at three, and the seven are added
up; a more even voice counts as positive. The value is that sum over its standard deviation among bona fide recordings.
Breaths are looked for in the pauses: weak, broad noise without pitch. They and the other five numbers are shown and do not
enter the value.

What a high value means
-----------------------
The periods are more regular, or pitch and loudness move less, than in the reference recordings, whose
middle is about 0. Speech synthesis tends to smooth what a voice does by chance.

What it cannot see
------------------
Synthesis, by itself: on systems and sources left out the value was at chance (docs/validation/prosody.md). It describes a
voice. Converted voices keep the pitch and the pauses of the person who spoke. A synthetic voice rougher than people's has a
low value. Breaths are too rare in the short recordings that the reference is made of to enter.

Also caused by
--------------
- a trained, calm or bored speaker; reading aloud; announcements; singing
- tools that even out loudness or pitch (compressors, automatic gain, tuning)
- a noise gate or noise reduction, which take breaths away
- rough or ill voices, emotion, noise and reverberation, which lower the value
- languages and ages that the reference does not hold

Needs
-----
At least 1.5 s of speech and 60 periods of a voice within five seconds; the speech network.

References
----------
- Boersma, Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio, IFA Proceedings 17, 1993
- Teixeira, Oliveira and Lopes, Vocal acoustic analysis: jitter, shimmer and HNR parameters, Procedia Technology 9, 2013
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Scalar, Span, Table
from ...knowledge.prosody import SpeakingReference, speaking_reference
from ...media.audio import Audio
from ...perception.prosody import Prosody
from ...perception.speech import SpeechSegments
from ...signals.breaths import find_breaths
from ...signals.speaking import FEATURES, speaking
from ...signals.speech_features import speech_features
from ...signals.voice_quality import Periods, find_periods, voice_quality

BRANCH = "voice"
DETECTS = ("synthesis",)
DEMO = "lab.prosody.even"

WINDOW_S, STEP_S = 5.0, 2.5
_MOST = 3.0  # standard deviations that one number may count
_MOST_POINTS = 4000
_EVEN = np.array([feature.even for feature in FEATURES])


@dataclass(frozen=True, slots=True)
class _Windows:
    """``centres_s``: shape (n,); ``features``: shape (n, 12)."""

    centres_s: np.ndarray
    features: np.ndarray


def examine(
    audio: Audio,
    speech: SpeechSegments,
    prosody: Prosody,
    *,
    least_speech_s: float = 1.5,
    least_periods: int = 60,
    shortest_pause_s: float = 0.15,
    breathless_s: float = 15.0,
    pauseless_s: float = 8.0,
) -> Measurement:
    """Measure how much more even a voice is than bona fide ones."""
    if speech.speech_seconds < least_speech_s:
        raise NotApplicable(f"only {speech.speech_seconds:.1f} s of speech; needs {least_speech_s:g} s")
    spoken = _spoken(speech.segments, len(prosody.pitch_hz), prosody.hop_s)
    found = find_periods(audio.samples, audio.rate, np.where(spoken, prosody.pitch_hz, np.nan))
    windows = measured_windows(prosody, spoken, found, least_speech_s, least_periods)
    if not len(windows.centres_s):
        raise NotApplicable(
            f"no {WINDOW_S:g} s hold {least_speech_s:g} s of speech and {least_periods} periods of a voice"
        )
    features, reference = np.median(windows.features, 0), speaking_reference()
    value = evenness(features, reference)
    pauses = _pauses(speech, shortest_pause_s)
    breaths = find_breaths(speech_features(audio.samples, audio.rate), pauses)
    spans = _spans(speech, pauses, breaths, breathless_s, pauseless_s, prosody.start_s)
    return Measurement(
        value=value,
        unit="standard deviations of people",
        observation=_observation(value, features, len(breaths), speech),
        where=spans,
        exhibits=(
            _pitch_chart(prosody, spoken, breaths),
            *_course(windows, reference, prosody.start_s),
            _table(features, reference),
        ),
        facts=_facts(found, speech, pauses, breaths, len(windows.centres_s)),
        limits=_limits(speech, features, reference),
        features=features.astype(np.float32),
    )


def measured_windows(
    prosody: Prosody, spoken: np.ndarray, found: Periods, least_speech_s: float = 1.5, least_periods: int = 60
) -> _Windows:
    """Return the features of each window that holds enough voice; a short recording is one window."""
    length, hop = len(spoken), prosody.hop_s
    size, step = round(WINDOW_S / hop), round(STEP_S / hop)
    firsts = range(0, max(1, length - size + step), step) if length > 1.5 * size else range(1)
    centres, rows = [], []
    for first in firsts:
        last = min(first + size, length) if len(firsts) > 1 else length
        cut = slice(first, last)
        low, high = np.searchsorted(found.times_s, [first * hop, last * hop])
        if spoken[cut].sum() * hop < least_speech_s or high - low < least_periods:
            continue
        periods = Periods(
            times_s=found.times_s[low:high], amplitude=found.amplitude[low:high],
            likeness=found.likeness[low:high], run=found.run[low:high],
        )  # fmt: skip
        row = speaking(
            prosody.pitch_hz[cut], prosody.level_db[cut], prosody.syllables_per_s[cut], spoken[cut], hop, periods
        )
        if row is not None:
            centres.append((first + last) / 2 * hop)
            rows.append(row)
    return _Windows(np.array(centres), np.array(rows).reshape(-1, len(FEATURES)))


def evenness(features: np.ndarray, reference: SpeakingReference) -> float:
    """Return the sum of the standardised numbers that say how even a voice is, over its spread among people."""
    away = np.clip((features - reference.median) / reference.scale, -_MOST, _MOST)
    return float(away @ _EVEN / reference.spread)


def _spoken(segments: np.ndarray, length: int, hop_s: float) -> np.ndarray:
    spoken = np.zeros(length, bool)
    for start, end in segments:
        spoken[round(start / hop_s) : round(end / hop_s)] = True
    return spoken


def _pauses(speech: SpeechSegments, shortest_s: float) -> np.ndarray:
    """Return the stretches between segments, and before and after them, of some length."""
    edges = np.concatenate([[0.0], speech.segments.ravel(), [speech.duration_s]]).reshape(-1, 2)
    return np.asarray(edges[edges[:, 1] - edges[:, 0] >= shortest_s])


def _spans(
    speech: SpeechSegments,
    pauses: np.ndarray,
    breaths: np.ndarray,
    breathless_s: float,
    pauseless_s: float,
    starts_s: float,
) -> tuple[Span, ...]:
    """Name long stretches of speech without a breath that is heard, and without a pause; the longest first."""
    found = []
    for stops, least, what in ((breaths, breathless_s, "a breath that is heard"), (pauses, pauseless_s, "a pause")):
        edges = np.concatenate([[0.0], stops.ravel(), [speech.duration_s]]).reshape(-1, 2)
        for start, end in edges:
            inside = np.clip(speech.segments, start, end)
            lengths = inside[:, 1] - inside[:, 0]
            if lengths.sum() >= least:
                first, last = inside[lengths > 0][[0, -1]]
                found.append(
                    Span(
                        start_s=float(starts_s + first[0]),
                        end_s=float(starts_s + last[1]),
                        label=f"{lengths.sum():.1f} s of speech without {what}",
                        value=float(lengths.sum()),
                    )  # fmt: skip
                )
    return tuple(sorted(found, key=lambda span: -(span.value or 0)))


def _observation(value: float, features: np.ndarray, breaths: int, speech: SpeechSegments) -> str:
    jitter, shimmer, harmonics, _, width = (
        feature.shown(number) for feature, number in zip(FEATURES[:5], features[:5], strict=True)
    )
    side = "more" if value >= 0 else "less"
    return (
        f"The voice is {abs(value):.1f} standard deviations {side} even than the middle of the reference voices: jitter "
        f"{jitter:.2f} %, shimmer {shimmer:.2f} dB, harmonics {harmonics:.0f} dB above noise, pitch over {width:.1f} "
        f"semitones; breaths heard in {speech.speech_seconds:.0f} s of speech: {breaths}."
    )


def _facts(
    found: Periods, speech: SpeechSegments, pauses: np.ndarray, breaths: np.ndarray, windows: int
) -> dict[str, Scalar]:
    quality = voice_quality(found)
    inner = pauses[(pauses[:, 0] > 0) & (pauses[:, 1] < speech.duration_s)]
    lengths = inner[:, 1] - inner[:, 0]
    per_minute = 60 / speech.speech_seconds
    return {
        "periods": quality.periods,
        **{
            name: round(value, 3)
            for name in (
                "jitter_local",
                "jitter_rap",
                "jitter_ppq5",
                "shimmer_local",
                "shimmer_apq3",
                "shimmer_db",
                "hnr_db",
            )
            if np.isfinite(value := getattr(quality, name))
        },
        "windows": windows,
        "speech_s": round(speech.speech_seconds, 2),
        "pauses": len(inner),
        "median_pause_s": round(float(np.median(lengths)), 2) if len(lengths) else None,
        "pauses_per_minute_of_speech": round(len(inner) * per_minute, 1),
        "breaths": len(breaths),
        "breaths_per_minute_of_speech": round(len(breaths) * per_minute, 1),
        "signal_to_noise_db": None if speech.snr_db is None else round(speech.snr_db, 1),
    }


def _limits(speech: SpeechSegments, features: np.ndarray, reference: SpeakingReference) -> tuple[str, ...]:
    limits = [
        "On systems and sources left out, this value did not tell synthetic voices from real ones: it describes a voice."
    ]
    if speech.speech_seconds < 10:
        limits.append(f"There are only {speech.speech_seconds:.1f} s of speech: too little to expect breaths in.")
    if speech.snr_db is None or speech.snr_db < 25:
        limits.append("The pauses are silent, noisy or missing: breaths cannot be heard in them.")
    if features[2] < reference.low[2]:
        limits.append(
            "There is more noise between the harmonics than in most reference voices: jitter and shimmer are raised."
        )
    return tuple(limits)


def _pitch_chart(prosody: Prosody, spoken: np.ndarray, breaths: np.ndarray) -> Chart:
    pitch = np.where(spoken, prosody.pitch_hz, np.nan).astype(np.float32)
    # Of a long recording the middle of the pitch in equal parts, so that the page stays small.
    every = -(-len(pitch) // _MOST_POINTS)
    rows = np.pad(pitch, (0, -len(pitch) % every), constant_values=np.nan).reshape(-1, every)
    middle = np.array(
        [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in rows], np.float32
    )
    times = ((np.arange(len(rows)) + 0.5) * every - 0.5) * prosody.hop_s + prosody.start_s
    return Chart(
        name="Pitch", lines=(Line(name="fundamental frequency", x=times.astype(np.float32), y=middle),),
        x_name="time", x_unit="s", y_name="pitch", y_unit="Hz", timeline=True,
        marks=tuple(float(start + prosody.start_s) for start, _ in breaths[:200]),
        caption="Gaps: unvoiced sounds and pauses. The marks are breaths that are heard.",
    )  # fmt: skip


def _course(windows: _Windows, reference: SpeakingReference, starts_s: float) -> tuple[Chart, ...]:
    if len(windows.centres_s) < 2:
        return ()
    values = np.array([evenness(row, reference) for row in windows.features], np.float32)
    line = Line(name="evenness", x=(windows.centres_s + starts_s).astype(np.float32), y=values)
    return (
        Chart(
            name="Evenness over time", lines=(line,), x_name="time", x_unit="s", y_name="evenness",
            y_unit="standard deviations of people", timeline=True,
            caption=f"Windows of {WINDOW_S:g} s; 0 is the middle of the reference voices.",
        ),
    )  # fmt: skip


def _table(features: np.ndarray, reference: SpeakingReference) -> Table:
    rows = []
    for index, feature in enumerate(FEATURES):
        here, middle, low, high = (
            f"{feature.shown(float(row[index])):.2f}"
            for row in (features, reference.median, reference.low, reference.high)
        )
        away = (features[index] - reference.median[index]) / reference.scale[index]
        counts = "yes" if feature.even else "no"
        unit = "" if feature.unit == "1" else f", {feature.unit}"
        rows.append((f"{feature.name}{unit}", here, middle, f"{low} to {high}", f"{away:+.1f}", counts))
    return Table(
        name="Against real recordings",
        columns=(
            "number",
            "here",
            "their median",
            "nine in ten of them",
            "standard deviations away",
            "counts in the value",
        ),
        rows=tuple(rows),
        caption=f"{reference.recordings} recordings of at least {reference.speakers} speakers, mostly about four seconds long.",
    )
