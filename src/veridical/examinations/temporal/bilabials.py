"""Do the lips close where an m, b or p is heard?

Method
------
Nobody can say m, b or p without closing the lips. English words are recognised in the sound and their phones aligned in
time (optional extra ``alignment``); where the recognised phones do not fit what is heard, where the language is another one,
or without the extra, a detector of closures in the sound alone takes their place. For each sound the smallest gap between
the lips over their width, turned to the front, is looked for from a few frames before it to a few after; the lips count as
closed when it is small, with an allowance for the smallest gap that this face ever shows. The value is minus the decimal
logarithm of the probability of so many sounds without a closed frame, if each were missed as often as with real speakers.

What a high value means
-----------------------
The lips stay apart at sounds that need them closed, oftener than tracking and alignment miss closures of real speakers. That
share was taken from very few people (docs/validation/bilabials.md): the value ranks clips, it is not an error rate.

What it cannot see
------------------
Modern lip synchronisation closes the lips at these sounds. A face that hardly opens its mouth is closed at every sound
whatever is said; the share of speech in which the lips would pass as closed is given. Replaced faces follow real lips. On
the clips at hand no generator's lips were told from a person's.

Also caused by
--------------
- words recognised wrongly, music or other voices, a sound that is not that of this face (voice-over, dubbing)
- sound and picture shifted against each other
- a moustache, a hand or a microphone before the mouth, blurred or very small lips, a head turned far
- without an alignment: other sounds taken for m, b or p, which happens often

Needs
-----
Sound with speech, and a face whose lips are 25 px wide or more, turned by 30° at most, while at least 3 such sounds are
heard; 20 or more (half a minute of speech) are wanted. English for the alignment.

References
----------
Agarwal, Farid, Fried and Agrawala, CVPR Workshops 2020. Fit of phones: Witt and Young, Speech Communication 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from scipy.special import logsumexp

from ...errors import NotApplicable, UsageError
from ...finding import Chart, Line, Measurement, Span, Table
from ...media.audio import Audio
from ...perception.expression import NAMES, Expressions, ExpressionTrack
from ...perception.phonemes import Phonemes
from ...perception.speech import SpeechSegments
from ...signals.closures import find_closures
from ...signals.series import within

BRANCH = "synchronisation"
DETECTS = ("reenactment", "synthesis")
DEMO = "lab.lips.never_closed"

State = Literal["closed", "open", "unclear"]
_SOUNDS = ("M", "B", "P")
_MOVES = 0.03  # range of the gap (10th to 90th percentile) of a mouth that speaks
_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that needs closed lips, on the clock of the video; ``word`` is its number in the transcript, or -1."""

    start_s: float
    end_s: float
    name: str
    word: int
    fit: float


@dataclass(frozen=True, slots=True)
class _Face:
    track: ExpressionTrack
    gap: np.ndarray
    level: float
    states: tuple[State, ...]
    least: np.ndarray
    chance: float

    def count(self, *states: State) -> int:
        return sum(state in states for state in self.states)


@dataclass(frozen=True, slots=True)
class _Windows:
    before_s: float
    after_s: float
    closed_below: float
    own_most: float
    most_yaw: float


def examine(
    faces: Expressions, speech: SpeechSegments, audio: Audio, phonemes: Phonemes | None, *, method: str = "auto",
    least_events: int = 3, least_fitting: float = 0.6, worst_fit: float = -3.0, least_lips_px: float = 25.0,
    most_yaw_deg: float = 30.0, before_s: float = 0.12, after_s: float = 0.08, closed_below: float = 0.05,
    own_level_most: float = 0.04, missed_aligned: float = 0.2, missed_heard: float = 0.4,
) -> Measurement:  # fmt: skip
    """Look at the lips of every speaking face at each m, b and p.

    Parameters
    ----------
    method
        "alignment": English words; "closures": closures heard in the sound; "auto": the first if it fits, else the second.
    least_events
        Sounds that must be judged.
    least_fitting, worst_fit
        Share of all phones that must fit for the alignment to be used, and the fit (nats a frame) below which a sound is
        unclear.
    least_lips_px, most_yaw_deg
        Width of the lips, and how far the head may be turned.
    before_s, after_s
        What is looked at before and after each sound.
    closed_below, own_level_most
        Gap over width of the lips that counts as closed, above the face's own smallest, which is allowed up to a limit.
    missed_aligned, missed_heard
        Share of sounds at which closed lips are not found with real speakers, with the alignment and without:
        docs/validation/bilabials.md.
    """
    aligned = _aligned(method, phonemes, least_fitting)
    sounds = _from_phones(phonemes, audio.start_s, worst_fit) if aligned and phonemes else _from_closures(audio, speech)
    if (fitting := sum(one.fit >= worst_fit for one in sounds)) < least_events:
        how, fit = ("the alignment", " and fit") if aligned else ("the detector of closures", "")
        raise NotApplicable(f"{how} finds {fitting} sounds that need closed lips{fit}; {least_events} are needed")
    windows = _Windows(before_s, after_s, closed_below, own_level_most, most_yaw_deg)
    spoken = speech.segments + audio.start_s
    seen = [_face(track, sounds, spoken, windows, worst_fit) for track in _wide(faces, least_lips_px)]
    usable = [one for one in seen if one is not None and one.count("closed", "open") >= least_events]
    if not usable:
        raise NotApplicable(f"no speaking face is seen from the front at {least_events} of the {len(sounds)} sounds")
    missed = missed_aligned if aligned else missed_heard
    usable.sort(key=lambda one: rarity(one.count("open"), one.count("closed", "open"), missed), reverse=True)
    return _measure(usable, sounds, phonemes if aligned else None, missed)


def rarity(open_: int, judged: int, missed: float) -> float:
    """Return -log10 of the probability of ``open_`` or more of ``judged`` sounds without closed lips."""
    if not open_:
        return 0.0
    # The sum of the logarithms' terms: the tail itself underflows.
    return float(-logsumexp(stats.binom.logpmf(np.arange(open_, judged + 1), judged, missed)) / np.log(10))


def _aligned(method: str, phonemes: Phonemes | None, least_fitting: float) -> bool:
    if method not in ("auto", "alignment", "closures"):
        raise UsageError(f"method is {method!r}; it is auto, alignment or closures")
    fits = phonemes is not None and phonemes.fitting >= least_fitting
    if method == "alignment" and not fits:
        share = "is not installed" if phonemes is None else f"fits {phonemes.fitting:.0%} of the phones"
        raise NotApplicable(f"the alignment of English words {share}; {least_fitting:.0%} must fit")
    return fits and method != "closures"


def _from_phones(phonemes: Phonemes, start_s: float, worst_fit: float) -> list[Sound]:
    return [
        Sound(float(start) + start_s, float(end) + start_s, name.lower(), int(word), float(fit))
        for name, (start, end), word, fit in zip(
            phonemes.phones, phonemes.phone_times, phonemes.phone_words, phonemes.fits, strict=True
        )
        if name in _SOUNDS
    ]


def _from_closures(audio: Audio, speech: SpeechSegments) -> list[Sound]:
    found = find_closures(audio.samples, audio.rate)
    return [
        Sound(start + audio.start_s, end + audio.start_s, "closure", -1, 0.0)
        for start, end in found.tolist()
        if ((speech.segments[:, 0] <= end) & (speech.segments[:, 1] >= start)).any()
    ]


def _wide(faces: Expressions, least_px: float) -> list[ExpressionTrack]:
    if not faces.tracks:
        raise NotApplicable("no face was found in the clip")
    width = [float(np.nanmedian(t.series[:, NAMES.index("mouth width")] * t.interocular)) if np.isfinite(t.series).any()
             else 0.0 for t in faces.tracks]  # fmt: skip
    if max(width) < least_px:
        raise NotApplicable(f"the widest lips have {max(width):.0f} px; closed lips are told from {least_px:g} px on")
    return [track for track, px in zip(faces.tracks, width, strict=True) if px >= least_px]


def _face(
    track: ExpressionTrack, sounds: list[Sound], spoken: np.ndarray, windows: _Windows, worst_fit: float
) -> _Face | None:
    """Judge one face at every sound; None if its mouth does not move while somebody speaks."""
    gap = track.series[:, NAMES.index("lip gap")] / np.maximum(track.series[:, NAMES.index("mouth width")], 1e-3)
    gap = np.where(np.abs(track.yaw) <= windows.most_yaw, gap, np.nan)
    during = within(track.times, spoken)
    heard = gap[during & np.isfinite(gap)]
    if len(heard) < 10 or float(np.ptp(np.percentile(heard, [10, 90]))) < _MOVES:
        return None
    level = windows.closed_below + float(np.clip(np.nanpercentile(gap, 2), 0, windows.own_most))
    starts = np.array([one.start_s for one in sounds]) - windows.before_s
    ends = np.array([one.end_s for one in sounds]) + windows.after_s
    least = _least(track.times, gap, starts, ends)
    states: tuple[State, ...] = tuple(
        "unclear" if not np.isfinite(value) or sound.fit < worst_fit else "closed" if value < level else "open"
        for value, sound in zip(least, sounds, strict=True)
    )
    moments = track.times[during][:-1:2]
    elsewhere = _least(track.times, gap, moments, moments + float(np.median(ends - starts)))
    elsewhere = elsewhere[np.isfinite(elsewhere)]
    return _Face(track, gap, level, states, least, float((elsewhere < level).mean()) if len(elsewhere) else 1.0)


def _least(times: np.ndarray, gap: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the smallest gap in each window, shape (k,); NaN unless the face is seen in four fifths of it."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    wanted = np.maximum(2.0, 0.8 * ((ends - starts) / step - 1))
    first, last = (np.searchsorted(times, edges, side="left") for edges in (starts, ends))
    seen = [one[np.isfinite(one)] for one in (gap[a:b] for a, b in zip(first, last, strict=True))]
    return np.array([one.min() if len(one) >= least else np.nan for one, least in zip(seen, wanted, strict=True)])


def _measure(faces: list[_Face], sounds: list[Sound], phonemes: Phonemes | None, missed: float) -> Measurement:
    worst = faces[0]
    judged, open_ = worst.count("closed", "open"), worst.count("open")
    how = "the aligned English words" if phonemes else "closures heard in the sound"
    return Measurement(
        value=rarity(open_, judged, missed),
        unit="-log10 p",
        observation=(
            f"Face {worst.track.person + 1} keeps its lips apart at {open_} of {judged} sounds that need them closed, by {how} "
            f"({worst.count('unclear')} more are unclear); {100 * missed:.0f} % are taken to look so with real speakers."
        ),
        where=tuple(
            Span(start_s=sound.start_s, end_s=sound.end_s, value=round(gap, 3), track=one.track.person,
                 label=f"lips apart at {_named(sound, phonemes)}")
            for one in faces
            for sound, gap in _apart(one, sounds)
        ),
        exhibits=(_chart(faces, sounds), _table(worst, sounds, phonemes)),
        facts={
            "method": "alignment" if phonemes else "closures", "sounds": judged, "open": open_,
            "unclear": worst.count("unclear"), "open_share": round(open_ / judged, 3), "missed_share": missed,
            "closed_by_chance": round(worst.chance, 3), "closed_level": round(worst.level, 3), "faces": len(faces),
            "phones_fitting": round(phonemes.fitting, 3) if phonemes else None,
        },
        limits=_limits(worst, judged, len(faces), aligned=phonemes is not None),
    )  # fmt: skip


def _apart(face: _Face, sounds: list[Sound]) -> list[tuple[Sound, float]]:
    """Return the sounds without closed lips and the smallest gaps at them, the widest first."""
    found = [(s, float(g)) for s, g, state in zip(sounds, face.least, face.states, strict=True) if state == "open"]
    return sorted(found, key=lambda pair: -pair[1])


def _named(sound: Sound, phonemes: Phonemes | None) -> str:
    return f"{sound.name} of “{phonemes.words[sound.word]}”" if phonemes else "a closure heard"


def _limits(face: _Face, judged: int, faces: int, *, aligned: bool) -> tuple[str, ...]:
    said = []
    if faces > 1:
        said.append(
            f"The value is that of the rarest of {faces} faces, each shot by itself: the more there are, the rarer the rarest "
            "is by chance alone."
        )
    if judged < 20:
        said.append(f"{judged} sounds are few; 20 are wanted.")
    if not aligned:
        said.append(
            "No English alignment was used: the sounds come from a detector of closures, which often takes other sounds for "
            "m, b or p and misses many."
        )
    if face.chance > 0.7:
        said.append(
            f"The lips pass as closed in {face.chance:.0%} of all moments of speech as long as these: that they close at "
            "the sounds tells little."
        )
    said.append("How often closed lips are missed with real speakers is a round figure, from very few people.")
    return tuple(said)


def _chart(faces: list[_Face], sounds: list[Sound]) -> Chart:
    lines = tuple(
        Line(name=f"face {one.track.person + 1}", x=one.track.times.astype(np.float32), y=one.gap.astype(np.float32),
             track=one.track.person)
        for one in faces[:24]
    )  # fmt: skip
    return Chart(
        name="Gap between the lips", lines=lines, x_name="time", x_unit="s", y_name="gap over width of the lips", y_unit="1",
        caption=f"The marks are sounds that need closed lips; below about {faces[0].level:.2f} the lips count as closed.",
        timeline=True, marks=tuple((one.start_s + one.end_s) / 2 for one in sounds[:_SHOWN]),
    )  # fmt: skip


def _table(face: _Face, sounds: list[Sound], phonemes: Phonemes | None) -> Table:
    """Make the transcript with its marks, or the list of closures."""
    marked: dict[int, list[str]] = {}
    for sound, gap, state in zip(sounds, face.least, face.states, strict=True):
        width = f" ({gap:.2f})" if np.isfinite(gap) else ""
        marked.setdefault(sound.word, []).append(f"{sound.name}: {state}{width}")
    if phonemes is None:
        heard = tuple(
            (f"{s.start_s:.2f}", f"{s.end_s:.2f}", mark.partition(": ")[2])
            for s, mark in zip(sounds, marked.get(-1, []), strict=True)
        )
        return Table(name="Closures heard", columns=("from, s", "to, s", "lips (smallest gap)"), rows=heard[:_SHOWN])
    start_s = sounds[0].start_s - float(phonemes.phone_times[_first(phonemes)][0])
    rows = tuple(
        (f"{start + start_s:.2f}", word, _phones(phonemes, index), ", ".join(marked.get(index, [])))
        for index, (word, (start, _)) in enumerate(zip(phonemes.words, phonemes.word_times, strict=True))
    )
    return Table(
        name="Transcript", columns=("from, s", "word", "phones", "lips (smallest gap)"), rows=rows[:_SHOWN],
        caption="As the machine heard it: words may be wrong where the phones fit badly.",
    )  # fmt: skip


def _first(phonemes: Phonemes) -> int:
    return next(index for index, name in enumerate(phonemes.phones) if name in _SOUNDS)


def _phones(phonemes: Phonemes, word: int) -> str:
    return " ".join(phonemes.phones[index] for index in np.flatnonzero(phonemes.phone_words == word))
