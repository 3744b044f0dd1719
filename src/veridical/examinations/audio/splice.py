"""Does the recording change its room, noise floor or microphone for good at some moment, as if two were joined?

Method
------
Four cues that a place and its equipment decide are gathered in units: the level of each pause in 24 mel bands; the spectral
shape of 0.4 s of voiced and of unvoiced speech; how far the level falls in 0.12 s at ends of speech, which reverberation
slows. At every tenth of a second the mean of the units up to 10 s before is compared with that of the units up to 10 s
after, in standard errors. Chance is measured on the same recording: what the strongest moment explains is taken away, the
units are shuffled 60 times, and the largest difference of each shuffling is kept. A cue's ratio is its difference over the
median of these; a longer recording has more moments, and so have its shuffled copies. The value is the largest root mean
square of the ratios over the cues; a cue with too few units around a moment counts 0 there. Clicks (isolated peaks of the
error of linear prediction) are listed beside it and have no part in the value.

What a high value means
-----------------------
At one moment several of these change together, or one changes much, and the new state stays for seconds. At 1 every cue
changes by what shuffling gives at its most favourable moment. Two recordings made in different rooms, with different
microphones or by different processing were put together there; or something in the room changed, or another person speaks.

What it cannot see
------------------
Joints within one recording session or of speech made by one system: their floor and room are the same. Words taken out or
moved. Joints under noise, music or reverberation laid over the whole. A change within about 3 s of another or of an end. The
hum of the mains is not followed, and the phase of tones is not measured: of the waveform, only clicks are listed, and real
cuts without a cross-fade were told from uncut speech hardly better than by chance.

Also caused by
--------------
- another speaker, who has other vowels and another distance to the microphone
- a speaker who turns, walks or puts the microphone down; a door, traffic, music or a fan that starts or stops
- honest editing: an introduction, a broadcast, an interview put together from takes
- automatic gain, noise suppression or gates that set in; changed bit rates of a call
- another mood or loudness of voice; breaths that fill the pauses of one part

Needs
-----
Units of at least two cues on both sides of a moment that lies 1 s or more from both ends: mostly 5 s of speech with pauses.
A sampling rate of at least 6 kHz.

References
----------
- Pan, Zhang and Lyu, Detecting splicing in digital audios using local noise level estimation (2012)
- Malik and Farid, Audio forensics from acoustic reverberation (2010)
- Page, Continuous inspection schemes (1954): means before and after each moment
- von Neumann, Distribution of the ratio of the mean square successive difference to the variance (1941)
- Makhoul, Linear prediction: a tutorial review (1975)
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Scalar, Span, Table
from ...media.audio import Audio
from ...perception.joints import JointCues
from ...signals.joints import Contrast, Cue, contrast

BRANCH = "voice"
DETECTS = ("editing", "replacement")
DEMO = "lab.splice.other_room"

_LOWEST_RATE = 6000
_STEP_S, _FROM_END_S = 0.1, 1.0
_NAMES = ("noise floor", "voiced speech", "unvoiced speech", "dying away")


def examine(
    audio: Audio,
    cues: JointCues,
    *,
    reach_s: float = 10.0,
    least_units: int = 4,
    least_cues: int = 2,
    most_joints: int = 5,
    apart_s: float = 3.0,
) -> Measurement:
    """Measure how much floor, spectrum and reverberation change together at one moment."""
    if audio.rate < _LOWEST_RATE:
        raise NotApplicable(f"sampled at {audio.rate} Hz; needs {_LOWEST_RATE} Hz")
    at = np.arange(_FROM_END_S, cues.duration_s - _FROM_END_S, _STEP_S)
    found = [contrast(cue, at, reach_s=reach_s, least=least_units) for cue in _cues(cues)]
    seen = [one for one in found if one is not None]
    if len(seen) < least_cues:
        raise NotApplicable(
            f"too little speech with pauses in {cues.duration_s:.1f} s: before and after a moment {len(seen)} of 4 comparisons "
            f"can be made; needs {least_cues}"
        )
    ratios = np.nan_to_num(np.stack([one.ratio for one in seen]).astype(np.float64))
    strength = np.sqrt((ratios**2).mean(0))
    peaks = _joints(strength, round(apart_s / _STEP_S), most_joints)
    best = peaks[0]
    spans = tuple(_span(strength, seen, at, peak, cues.start_s) for peak in peaks)
    facts: dict[str, Scalar] = {
        "joint_s": round(float(at[best]) + cues.start_s, 2),
        "cues_measured": ", ".join(one.name for one in seen),
        **{f"{one.name.replace(' ', '_')}_ratio": _rounded(one.ratio[best]) for one in seen},
        **{f"{one.name.replace(' ', '_')}_largest_ratio": _rounded(np.nanmax(one.ratio)) for one in seen},
        "pauses": len(cues.pauses_s),
        "ends_of_speech": len(cues.ends_s),
        "strongest_click_db": _rounded(cues.clicks_db[0]) if len(cues.clicks_db) else None,
        "strongest_click_s": round(float(cues.clicks_s[0]) + cues.start_s, 4) if len(cues.clicks_s) else None,
    }
    return Measurement(
        value=float(strength[best]),
        unit="1",
        observation=_observation(seen, best, float(at[best]) + cues.start_s, float(strength[best])),
        where=spans,
        exhibits=(_chart(seen, at + cues.start_s, strength, spans), _table(seen, at, strength, peaks, cues.start_s))
        + _clicks(cues),
        facts=facts,
        limits=_limits(audio, cues, seen),
    )


def _cues(cues: JointCues) -> tuple[Cue, ...]:
    series = (
        (cues.pauses_s, cues.pauses_db),
        (cues.voiced_s, cues.voiced_db),
        (cues.unvoiced_s, cues.unvoiced_db),
        (cues.ends_s, cues.ends_db),
    )
    return tuple(
        Cue(name=name, times=times, vectors=vectors.astype(np.float64))
        for name, (times, vectors) in zip(_NAMES, series, strict=True)
    )


def _joints(strength: np.ndarray, apart: int, most: int) -> list[int]:
    """Return the strongest moment, and further ones above 1 that are peaks at some distance; strongest first."""
    at, _ = signal.find_peaks(np.pad(strength, 1, constant_values=-1.0), height=1.0, distance=apart)
    best = int(np.argmax(strength))
    others = [int(i) - 1 for i in at if abs(int(i) - 1 - best) >= apart]
    return [best, *sorted(others, key=lambda i: -strength[i])][:most]


def _span(strength: np.ndarray, seen: list[Contrast], at: np.ndarray, peak: int, begins_s: float) -> Span:
    """Say when: the moments around the peak that explain at least 95 % of it."""
    near = strength >= 0.95 * strength[peak]
    below_before, below_after = np.flatnonzero(~near[:peak]), np.flatnonzero(~near[peak:])
    first = int(below_before[-1]) + 1 if len(below_before) else 0
    last = peak + int(below_after[0]) - 1 if len(below_after) else len(at) - 1
    what = [one.name for one in seen if one.ratio[peak] > 1]
    return Span(
        start_s=float(at[first]) + begins_s - _STEP_S / 2, end_s=float(at[last]) + begins_s + _STEP_S / 2,
        label="change of " + (" and ".join([", ".join(what[:-1]), what[-1]] if len(what) > 1 else what) or "several cues"),
        value=float(strength[peak]),
    )  # fmt: skip


def _observation(seen: list[Contrast], best: int, time_s: float, value: float) -> str:
    parts = ", ".join(f"{one.name} {one.ratio[best]:.1f}" for one in seen if np.isfinite(one.ratio[best]))
    return (
        f"The strongest lasting change is at {time_s:.1f} s: {value:.2f} times what shuffling the recording's own pieces "
        f"gives ({parts})."
    )


def _rounded(number: float) -> float | None:
    return round(float(number), 2) if np.isfinite(number) else None


def _chart(seen: list[Contrast], at: np.ndarray, strength: np.ndarray, spans: tuple[Span, ...]) -> Chart:
    time = at.astype(np.float32)
    lines = [Line(name="all cues", x=time, y=strength.astype(np.float32))]
    for one in seen:
        known = np.isfinite(one.ratio)
        lines.append(Line(name=one.name, x=time[known], y=one.ratio[known]))
    return Chart(
        name="Lasting change at each moment", lines=tuple(lines), x_name="time", x_unit="s",
        y_name="change over what shuffling gives", y_unit="1", timeline=True,
        caption="1 is the largest change that shuffled pieces of this recording give in half of the cases. "
        "The marks are the moments in the table.",
        marks=tuple((span.start_s + span.end_s) / 2 for span in spans),
    )  # fmt: skip


def _table(seen: list[Contrast], at: np.ndarray, strength: np.ndarray, peaks: list[int], begins_s: float) -> Table:
    def row(peak: int) -> tuple[str, ...]:
        ratios = (f"{one.ratio[peak]:.2f}" if np.isfinite(one.ratio[peak]) else "–" for one in seen)
        return (f"{at[peak] + begins_s:.1f}", f"{strength[peak]:.2f}", *ratios, _moved(seen, peak))

    return Table(
        name="Moments of change", columns=("time, s", "all cues", *(one.name for one in seen), "mean change"),
        rows=tuple(row(peak) for peak in peaks),
        caption="Changes over what shuffling gives. Mean change: after less before, over the bands.",
    )  # fmt: skip


def _moved(seen: list[Contrast], peak: int) -> str:
    """Tell the change of the floor and of the fall in dB; the speech has no level of its own here."""
    by_name = {one.name: one.change[peak] for one in seen}
    parts = []
    for name, words in ((_NAMES[0], "floor"), (_NAMES[3], "fall in 0.12 s")):
        if name in by_name and np.isfinite(by_name[name]).all():
            parts.append(f"{words} {by_name[name].mean():+.1f} dB")
    return ", ".join(parts) or "–"


def _clicks(cues: JointCues) -> tuple[Table, ...]:
    if not len(cues.clicks_s):
        return ()
    rows = tuple(
        (f"{time + cues.start_s:.4f}", f"{level:.1f}")
        for time, level in zip(cues.clicks_s, cues.clicks_db, strict=True)
    )
    return (
        Table(
            name="Clicks", columns=("time, s", "above all within 0.08 s, dB"), rows=rows[:5],
            caption="Places to listen to. Lips, plosives and dust click, too; they have no part in the value.",
        ),
    )  # fmt: skip


def _limits(audio: Audio, cues: JointCues, seen: list[Contrast]) -> tuple[str, ...]:
    limits = []
    missing = [name for name in _NAMES if name not in {one.name for one in seen}]
    if missing:
        limits.append(f"Too few units to compare: {', '.join(missing)}.")
    if cues.duration_s < 15:
        limits.append(
            "In a recording this short, few pieces stand on either side of a moment, and chance varies widely."
        )
    if not audio.lossless:
        limits.append(f"The file is compressed with {audio.codec}, which may have removed the floor of the pauses.")
    return tuple(limits)
