"""Does the voice carry the beat of a decoder that makes sound in frames?

Method
------
Decoders of synthetic speech make sound in frames: at 22.05 kHz and 256 samples a frame, 86.13 times a second; others 93.75 or
100 times. Each frame is treated alike, and so the strength of every band varies at that rate, and weak tones stand at its
multiples, most at 4, 8, 16 and 32 times it, where stages of upsampling join. In windows of about four seconds the sound is
brought to 16 kHz. The modulation of bands of 500 Hz is searched at each rate, twice and three times it, and compared with all
rates from 55 to 130 Hz; the tones are compared with those of a comb detuned by 0.4 to 6 percent, after the sound was brought to
one level, so that pauses count as much as vowels. At 100 Hz no tones are looked for, and a modulation at odd multiples of
50 Hz, which hum and speech codecs make, is subtracted. Each comparison is in standard deviations of the others. The value is
the logarithm of the sum of the exponentials of these numbers (each from -2 to 8), averaged over the windows: about the
strongest of them. Nothing in it is learned; which frame rates are looked for was chosen on the recordings of
docs/validation/vocoder_trace.md, among six that are known of decoders. The bend of the phases and the share of fast modulation
are measured beside it and do not enter the value.

What a high value means
-----------------------
Something in the making of the sound repeats exactly 86.13, 93.75 or 100 times a second. Sound without such a beat has about
2.8; of bona fide recordings of four seconds one in fifty reached 3.9. Windows of 5 and more are named: among bona fide ones
that was one in a thousand, so that an hour may hold one by chance.

What it cannot see
------------------
Decoders at other frame rates, or whose traces were weak from the start: on several voice conversion systems, on
source-filter decoders and on diffusion decoders the value is at or near chance (docs/validation/vocoder_trace.md). Copies whose
speed was changed: 0.05 percent weakens the lines, 0.3 percent hides them. Noise, loud music and low bit rates cover them.

Also caused by
--------------
- real speech that went through such a decoder: neural speech codecs, noise suppression and bandwidth extension
- processing in blocks of 10 ms, for the rate of 100 a second: codecs, echo and noise suppression of telephones
- a hum or a buzz of a machine at one of these rates; strong mains hum of 50 Hz, for the rate of 100 a second
- music with a steady tone at one of these frequencies
- chance: three rates and thirteen comparisons are tried

Needs
-----
At least one second of speech; a sampling rate of at least 8 kHz; the speech network.

References
----------
- Pons, Pascual, Cengarle and Serrà, Upsampling artifacts in neural audio synthesis, ICASSP 2021, arXiv:2010.14356
- Kong, Kim and Bae, HiFi-GAN, NeurIPS 2020, arXiv:2010.05646 (256 samples a frame)
- Frank and Schönherr, WaveFake: a data set to facilitate audio deepfake detection, NeurIPS 2021, arXiv:2111.02813
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Scalar, Span, Table
from ...media.audio import Audio
from ...perception.speech import SpeechSegments, demand_speech
from ...signals.vocoder_traces import (
    DETUNED,
    FRAME_RATES,
    GRID_HZ,
    MULTIPLES,
    TONELESS,
    VocoderTraces,
    line_evidence,
    vocoder_traces,
)

BRANCH = "voice"
DETECTS = ("synthesis",)
DEMO = "lab.vocoder.frames"

_LEAST_SPEECH_S = 1.0
_NAMES = tuple(FRAME_RATES)
_RATES = np.array([*FRAME_RATES.values()])
_MOST_SPANS = 50


def examine(audio: Audio, speech: SpeechSegments, *, stands_out: float = 5.0) -> Measurement:
    """Measure how far the beat of a frame-wise decoder stands out."""
    demand_speech(audio, speech, _LEAST_SPEECH_S)
    traces = vocoder_traces(audio.samples, audio.rate)
    if not len(traces):
        raise NotApplicable("less than a second of sound that is not silent")
    each = line_evidence(traces.lines)
    mean = traces.lines.mean(0)
    strongest = _strongest(mean)
    return Measurement(
        value=float(each.mean()),
        unit="natural logarithm",
        observation=_observation(mean, strongest, len(traces)),
        where=_spans(traces, each, stands_out, audio.start_s),
        exhibits=(
            _modulation_chart(traces),
            *_tones_chart(traces, strongest[0]),
            *_course(traces, each, audio.start_s),
            _table(mean),
        ),
        facts=_facts(traces, mean, strongest),
        limits=_limits(audio, traces, strongest),
        features=np.concatenate([mean.ravel(), _mean(traces.coherence), _mean(traces.fast)]).astype(np.float32),
    )


def _strongest(lines: np.ndarray) -> tuple[int, int]:
    """Return row and column of the line that stands out most among those that are looked for."""
    looked = lines.copy()
    looked[list(TONELESS), 1:] = -np.inf
    row, column = np.unravel_index(int(looked.argmax()), looked.shape)
    return int(row), int(column)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of the windows in which a band is not empty, 0 for a band that always is."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0).sum(0) / np.maximum(known.sum(0), 1))


def _what(column: int) -> str:
    if column == 0:
        return "modulation"
    multiple = MULTIPLES[column - 1]
    return "tones at its multiples" if multiple == 1 else f"tones at multiples of {multiple} times it"


def _observation(lines: np.ndarray, strongest: tuple[int, int], windows: int) -> str:
    row, column = strongest
    over = f"averaged over {windows} windows" if windows > 1 else "in one window"
    return (
        f"Of the beats of frame-wise decoders, {_RATES[row]:.2f} Hz ({_NAMES[row]}) stands out most, by "
        f"{lines[row, column]:.1f} standard deviations of other rates ({_what(column)}, {over})."
    )


def _facts(traces: VocoderTraces, lines: np.ndarray, strongest: tuple[int, int]) -> dict[str, Scalar]:
    coherence, fast = traces.coherence[np.isfinite(traces.coherence)], traces.fast[np.isfinite(traces.fast)]
    return {
        "windows": len(traces),
        "seconds": round(float(np.diff(traces.spans_s).sum()), 2),
        "strongest_frame_rate_hz": round(float(_RATES[strongest[0]]), 3),
        "strongest_trace": _what(strongest[1]),
        **{
            f"modulation_{rate:.2f}_hz".replace(".", "_"): round(float(line), 2)
            for rate, line in zip(_RATES, lines[:, 0], strict=True)
        },
        "coherence_of_phase": round(float(coherence.mean()), 4) if len(coherence) else None,
        "share_of_fast_modulation": round(float(np.exp(fast.mean())), 4) if len(fast) else None,
    }


def _limits(audio: Audio, traces: VocoderTraces, strongest: tuple[int, int]) -> tuple[str, ...]:
    limits = [
        "Only beats of 86.13, 93.75 and 100 Hz are looked for: a low value says nothing about decoders with other frames."
    ]
    seconds = float(np.diff(traces.spans_s).sum())
    if seconds < 3:
        limits.append(f"There are only {seconds:.1f} s of sound: lines this close together are hardly told apart.")
    if strongest[0] in TONELESS:
        limits.append("The strongest beat is at 100 Hz, where mains hum and the frames of speech codecs lie, too.")
    if np.isnan(traces.coherence[:, 4:]).all():
        limits.append("There is no sound above 4 kHz: half of the tones cannot be seen.")
    if not audio.lossless:
        limits.append(f"The sound is compressed ({audio.codec}), which adds noise and may hide weak lines.")
    return tuple(limits)


def _spans(traces: VocoderTraces, each: np.ndarray, stands_out: float, starts_s: float) -> tuple[Span, ...]:
    order = [index for index in np.argsort(-each, kind="stable") if each[index] >= stands_out][:_MOST_SPANS]
    found = []
    for index in order:
        row, column = _strongest(traces.lines[index])
        first, last = traces.spans_s[index] + starts_s
        label = f"beat of {_RATES[row]:.2f} Hz: {_what(column)}"
        found.append(Span(start_s=float(first), end_s=float(last), label=label, value=float(each[index])))
    return tuple(found)


def _modulation_chart(traces: VocoderTraces) -> Chart:
    line = Line(name="modulation", x=GRID_HZ.astype(np.float32), y=traces.modulation.mean(0).astype(np.float32))
    return Chart(
        name="Modulation by frame rate", lines=(line,), x_name="frames a second", x_unit="Hz", y_name="modulation",
        y_unit="standard deviations", marks=tuple(float(rate) for rate in _RATES),
        caption="How much the strength of all bands varies at each rate, twice and three times it, averaged over the windows. "
        "The marks are the rates that are looked for; a peak exactly on a mark is the trace of a decoder.",
    )  # fmt: skip


def _tones_chart(traces: VocoderTraces, row: int) -> tuple[Chart, ...]:
    """Draw the comb of tones at one frame rate, exact and detuned; none where no tones are looked for."""
    row = 0 if row in TONELESS else row
    tones = traces.tones[:, row]
    lines = []
    for multiple, values in zip(MULTIPLES, tones.transpose(1, 0, 2), strict=True):
        known = np.isfinite(values).all(1)
        if known.any():
            name = "all multiples" if multiple == 1 else f"each {multiple}th"
            lines.append(
                Line(
                    name=name,
                    x=(_RATES[row] * (1 + DETUNED)).astype(np.float32),
                    y=values[known].mean(0).astype(np.float32),
                )
            )
    if not lines:
        return ()
    return (
        Chart(
            name="Tones by frame rate", lines=tuple(lines), x_name="frames a second", x_unit="Hz",
            y_name="excess of tones", y_unit="natural logarithm of power", marks=(float(_RATES[row]),),
            caption="Mean level of the spectrum at multiples of each rate above that around them, all parts of the recording "
            "at one level. A peak exactly on the mark is the trace of a decoder.",
        ),
    )  # fmt: skip


def _course(traces: VocoderTraces, each: np.ndarray, starts_s: float) -> tuple[Chart, ...]:
    if len(traces) < 2:
        return ()
    line = Line(name="all lines", x=(traces.spans_s.mean(1) + starts_s).astype(np.float32), y=each.astype(np.float32))
    return (
        Chart(
            name="Lines over time", lines=(line,), x_name="time", x_unit="s", y_name="evidence of lines",
            y_unit="natural logarithm", timeline=True,
            caption="Windows of about four seconds. Sound without a beat has about 2.8, seldom more than 4.",
        ),
    )  # fmt: skip


def _table(lines: np.ndarray) -> Table:
    rows = []
    for row, (name, rate) in enumerate(FRAME_RATES.items()):
        cells = [f"{value:+.1f}" for value in lines[row]]
        rows.append((name, f"{rate:.2f}", *(cells if row not in TONELESS else [cells[0], *["–"] * len(MULTIPLES)])))
    return Table(
        name="Traces of each frame rate",
        columns=("decoder", "frames a second", "modulation", *(f"tones, each {m}th" for m in MULTIPLES)),
        rows=tuple(rows),
        caption="Standard deviations of the same measurement at other rates, averaged over the windows.",
    )
