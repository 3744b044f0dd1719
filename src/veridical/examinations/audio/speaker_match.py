"""Is the voice that speaks here unlike the enrolled one?

Method
------
Speech is found (Silero VAD), its pauses are left out, and each stretch of 1.6 s is described by a speaker embedding: 256
numbers of a recurrent network that was trained by others (Resemblyzer; LibriSpeech and VoxCeleb) to give one speaker's
stretches like numbers whatever is said. ``veridical enrol voice`` has kept the mean of the embeddings of authentic
recordings. The value is 1 less the cosine between the mean of this recording and that of the enrolled voice. Who speaks is
not known here: the recording is compared with every enrolled voice, and the best fit, the lowest value, is the value;
``voice``, ``from_s`` and ``to_s`` narrow it. So a voice that was never enrolled accuses nobody as long as another one fits.

What a high value means
-----------------------
No enrolled voice sounds like the one that is heard: somebody else speaks, the voice was changed, or the recording differs so
much from the enrolled ones that the person is not recognised.

What it cannot see
------------------
- a good clone: it has the voice of the person, and fits as the person does; a low value does not speak for authenticity
- one short foreign stretch in a long recording, which the mean hardly shows; see the course over time
- persons who are not enrolled

Also caused by
--------------
- several people in the recording: the value is of their mean; narrow it to one of them with ``from_s`` and ``to_s``
- emotion, shouting, whispering, singing, imitation, illness, years between the recordings, another language
- a telephone, strong compression, noise, reverberation or music where the enrolled recordings had none
- few seconds of speech, here or in the enrolment

Needs
-----
A voice enrolled with ``veridical enrol voice NAME FILE…`` (six seconds of speech, better half a minute, of the same kind as
what is examined), and 1.6 s of speech.

References
----------
L. Wan, Q. Wang, A. Papir, I. Lopez Moreno, "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import voices
from ...errors import NotApplicable, NotInstalled, UsageError
from ...finding import Chart, Line, Measurement, Scalar, Span, Table
from ...media.exhibit import FileHash
from ...perception.voice_identity import WINDOW_S, VoiceTrace
from ...signals.series import stretches
from ...voices import Voice

BRANCH = "voice"
DETECTS = ("replacement", "synthesis")
DEMO = "lab.speaker.another"

_MOST_LINES = 6
_SHORT_S, _WELL_HEARD_S = 5.0, 30.0
# 19 in 20 pieces of 3 s were nearer than this to other recordings of the speaker (docs/validation/speaker_match.md).
_USUAL = 0.22


@dataclass(frozen=True, slots=True)
class _Compared:
    """The recording beside one enrolled voice: the distance of the whole, and of the stretch around each window."""

    voice: Voice
    value: float
    course: np.ndarray


def examine(
    trace: VoiceTrace, file: FileHash | None = None, *, voice: str = "", from_s: float = 0.0, to_s: float = 0.0
) -> Measurement:
    """Compare the voice in a recording with enrolled voices.

    Parameters
    ----------
    voice
        Name of the enrolled voice to compare with; empty: all, and the best fit counts.
    from_s, to_s
        Only speech between these moments is compared; ``to_s`` 0: up to the end.

    Raises
    ------
    NotInstalled
        If no voice is enrolled that can be read.
    NotApplicable
        If nobody speaks between the moments.
    UsageError
        If the named voice is not enrolled.
    """
    known, unread = ([voices.load(voice)], ()) if voice else voices.legible()
    inside = (trace.starts_s >= from_s) & ((trace.ends_s <= to_s) | (to_s <= 0))
    if not inside.any():
        raise NotApplicable(f"nobody speaks for {WINDOW_S:g} s between {from_s:g} s and {to_s or trace.duration_s:g} s")
    heard = trace.vectors[inside]
    size = voices.windows_in(voices.PIECE_S, trace.hop_s)
    pieces = _running_mean(heard, size)
    compared = []
    for one in known:
        try:
            profile = voices.profile(one)
        except UsageError as error:
            unread = (*unread, f"One voice was left out: {error}.")
            continue
        value = float(voices.distances(voices.middle(heard)[None], profile)[0])
        compared.append(_Compared(one, value, voices.distances(pieces, profile)))
    if not compared:
        raise NotInstalled(" ".join(unread))
    compared.sort(key=lambda one: one.value)
    speech_s = WINDOW_S + (len(heard) - 1) * trace.hop_s
    return _measurement(compared, (trace.starts_s[inside], trace.ends_s[inside]), speech_s, file, unread)


def _running_mean(rows: np.ndarray, size: int) -> np.ndarray:
    """Return for each row the mean of the ``size`` rows around it, fewer at the ends."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    at = np.arange(len(rows))
    first, last = np.maximum(at - (size - 1) // 2, 0), np.minimum(at + size // 2 + 1, len(rows))
    return np.asarray((total[last] - total[first]) / (last - first)[:, None])


def _measurement(
    compared: list[_Compared],
    times: tuple[np.ndarray, np.ndarray],
    speech_s: float,
    file: FileHash | None,
    unread: tuple[str, ...],
) -> Measurement:
    best = compared[0]
    own = best.voice.own
    usual = f" (pieces of the enrolled recordings, left out in turn: {best.voice.usual})" if own else ""
    facts: dict[str, Scalar] = {
        "voice": best.voice.name, "speech_s": round(speech_s, 2), "windows": len(best.course),
        "enrolled_s": best.voice.seconds, "comparisons": len(compared),
        "largest_in_time": round(float(best.course.max()), 4),
    }  # fmt: skip
    if len(compared) > 1:
        facts |= {"second_voice": compared[1].voice.name, "second_value": round(compared[1].value, 4)}
    facts |= dict(zip(("own_5th", "own_median", "own_95th"), (round(one, 4) for one in own), strict=False))
    return Measurement(
        value=best.value, unit="1", where=_spans(best, *times),
        observation=(
            f"Over {speech_s:.1f} s of speech, the voice is {max(best.value, 0.0):.2f} (1 less the cosine) from that enrolled "
            f"as {best.voice.name}{usual}."
        ),
        exhibits=(_chart(compared, *times), *_table(compared)), facts=facts,
        limits=(*_learned_from(file, compared), *unread, *_limits(best.voice, len(compared), speech_s)),
    )  # fmt: skip


def _spans(best: _Compared, starts_s: np.ndarray, ends_s: np.ndarray) -> tuple[Span, ...]:
    """Return stretches farther away than nineteen in twenty of the voice's own pieces, and of pieces of others from theirs."""
    far = np.flatnonzero(best.course > max((_USUAL, *best.voice.own)))
    spans = [
        Span(
            start_s=float(starts_s[run[0]]), end_s=float(ends_s[run[-1]]), label=f"unlike {best.voice.name}",
            value=round(float(best.course[run].max()), 3),
        )
        for run in (far[one] for one in stretches(far, least=1))
    ]  # fmt: skip
    return tuple(sorted(spans, key=lambda span: -(span.value or 0)))


def _chart(compared: list[_Compared], starts_s: np.ndarray, ends_s: np.ndarray) -> Chart:
    middle = ((starts_s + ends_s) / 2).astype(np.float32)
    best = compared[0].voice
    marked = f" Nine in ten pieces of the enrolled recordings of {best.name}: {best.usual}." if best.own else ""
    return Chart(
        name="Distance from the enrolled voice",
        lines=tuple(
            Line(name=f"from {one.voice.name}", x=middle, y=one.course.astype(np.float32)) for one in compared[:_MOST_LINES]
        ),
        x_name="middle of the stretch", x_unit="s", y_name="1 less the cosine", y_unit="1", timeline=True,
        caption=f"Each point stands for the {voices.PIECE_S:g} s of speech around it; neighbours share most of them.{marked}",
    )  # fmt: skip


def _table(compared: list[_Compared]) -> tuple[Table, ...]:
    if len(compared) < 2:
        return ()
    return (
        Table(
            name="Enrolled voices", columns=("voice", "distance", "of pieces of its own recordings", "speech enrolled, s"),
            rows=tuple(
                (one.voice.name, f"{one.value:.3f}",
                 one.voice.usual or "–", f"{one.voice.seconds:.0f}")
                for one in compared
            ),
            caption="The best fit comes first; it gives the value.",
        ),
    )  # fmt: skip


def _learned_from(file: FileHash | None, compared: list[_Compared]) -> tuple[str, ...]:
    """Say it if the exhibit is one of the recordings that a voice was enrolled from: it cannot speak for itself."""
    return tuple(
        f"{one.voice.name} was enrolled from this very file{' among others' * (len(one.voice.recordings) > 1)}: that it sounds "
        f"like {one.voice.name} tells nothing."
        for one in compared if file is not None and file.sha256 in one.voice.recordings
    )  # fmt: skip


def _limits(voice: Voice, comparisons: int, speech_s: float) -> tuple[str, ...]:
    limits = [f"A voice that fits does not speak for authenticity: a good clone of {voice.name} fits, too."]
    if comparisons > 1:
        limits.append(f"It is the best fit of {comparisons} enrolled voices.")
    if speech_s < _SHORT_S:
        limits.append(
            f"{speech_s:.1f} s of speech are little: short pieces of one voice lie farther apart than long ones."
        )
    if voice.seconds < _WELL_HEARD_S:
        limits.append(
            f"{voice.seconds:.0f} s of {voice.name} were enrolled, in {len(voice.recordings)} "
            f"recording{'s' * (len(voice.recordings) > 1)}: how the voice varies is hardly known."
        )
    limits.append(
        f"Mood, years, illness and another microphone or telephone move a voice: {voice.name} may here differ from the "
        "enrolled recordings."
    )
    return tuple(limits)
