"""Do the lips move with the speech that is heard?

Method
------
From the sound within 0.2 s a linear map, fitted on other people, says how nine measures of lips and jaw should move: gaps,
heights, width, drop of the jaw; beside it, with less weight, the mouth is taken to open with the loudness around the second
formant. This is correlated with how lips and jaw move in the face mesh while the sound is shifted by up to a second either
way, over the moments at which somebody speaks. The curve over the shifts has a peak where lips and sound
belong together. The value is minus its height above the median of all
shifts, in robust standard deviations of all shifts plus that of chance. The same is done in sliding windows of four
seconds, which show where the offset changes or the agreement ends. Of faces seen at the same time the one that agrees best
with the sound is taken for the speaker; of speakers that follow each other, the one with the most visible speech gives the
value.

What a high value means
-----------------------
At no shift do the lips follow the speech better than at others: the sound is another's, or the mouth was made without
regard to it. Three people who were not in the fit gave -4.9 to -2.7 with their own sound in four to six seconds of speech,
and a median of -1.5, -2.7 at the lowest, with that of others: docs/validation/lip_sync.md. A constant offset does not
count: it arises in cutting and broadcasting. An offset that changes within a shot is a reason to look.

What it cannot see
------------------
Generators that are driven by the sound itself make lips that follow it, some better than real ones do: a clear peak is no
proof of a real mouth. A mouth that moves in the right rhythm with the wrong shapes. Reenactment by a video whose own sound
is kept. What the tongue and the teeth do: only the outline of the lips and the jaw is measured.

Also caused by
--------------
- dubbed, translated or narrated video; a listener who is shown while another speaks
- music, several voices at once, strong reverberation
- lips hidden by a microphone, a hand, a beard; chewing, laughing
- a head turned to the side; a blurred or small mouth; a low frame rate
- singing to playback

Needs
-----
About four seconds of visible speech of one face at 20 or more frames a second, turned no more than 35 degrees to a side,
with a mouth of 25 px width or more; more speech gives a surer answer.

References
----------
Curve over shifts and its confidence: Chung and Zisserman, ACCV Workshops 2016, Out of Time. Linear maps between speech and
lips: Slaney and Covell, NIPS 2000, FaceSync; Sargin et al., IEEE Transactions on Multimedia 2007 (canonical correlation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...knowledge.lip_sync import speech_to_lips
from ...media.audio import Audio
from ...perception.speech import SpeechSegments
from ...perception.tracks import FaceTracks, Track
from ...signals.lip_shape import POINTS, lip_shape, mouth_width
from ...signals.lip_sync import BLOCK_S, RATE, Curve, Heard, Sums, compare, expected_lips, lip_movement
from ...signals.series import stretches, within
from ...signals.speech_features import speech_features

BRANCH = "synchronisation"
DETECTS = ("reenactment", "synthesis")
DEMO = "lab.talk.dubbed"

_SURE = 3.0  # confidence from which the offset of a window is believed
_APART_S = 0.16  # offsets that differ by more are different
_AROUND_S = 0.08  # how far from the clip's own offset a window may agree
_LOW = 1.0  # robust standard deviations below which a window does not agree
_STILL = 0.012  # gap of lips that hardly move: standard deviation, in distances between the eyes


@dataclass(frozen=True, slots=True)
class _Window:
    start_s: float
    end_s: float
    curve: Curve
    agreement: float


@dataclass(frozen=True, slots=True)
class _Face:
    track: Track
    seconds: float
    moves: float
    curve: Curve
    windows: tuple[_Window, ...]

    @property
    def name(self) -> str:
        return f"face {self.track.person + 1}"

    @property
    def sure(self) -> list[_Window]:
        return [one for one in self.windows if one.curve.confidence >= _SURE]


def examine(
    tracks: FaceTracks, audio: Audio, speech: SpeechSegments, *, least_speech_s: float = 2.5, least_fps: float = 20.0,
    least_mouth_px: float = 25.0, most_yaw_deg: float = 35.0, most_offset_s: float = 1.0, window_s: float = 4.0,
) -> Measurement:  # fmt: skip
    """Compare the movement of lips with the speech at every shift of the sound.

    Parameters
    ----------
    least_speech_s, least_fps, least_mouth_px, most_yaw_deg
        Gates: seconds of speech during which the face is seen, frame rate, median width of the mouth, turn of the head.
    most_offset_s
        Largest shift of the sound either way.
    window_s
        Length of the sliding windows; they begin every second.
    """
    if round(tracks.fps) < least_fps:
        raise NotApplicable(f"the clip has {tracks.fps:.0f} frames a second; lips need {least_fps:g}")
    if not tracks.tracks:
        raise NotApplicable("no face was found in the clip")
    if speech.speech_seconds < least_speech_s:
        raise NotApplicable(f"{speech.speech_seconds:.1f} s of speech are heard; lips need {least_speech_s:g} s")
    # A size that all frames of a track share hides no turn: the pose is judged frame by frame.
    wide = [one for one in tracks.tracks if float(np.median(one.interocular)) * 1.2 >= least_mouth_px]
    heard: Heard | None = None
    faces = []
    for track in wide:
        points = track.mesh(POINTS)
        front = np.flatnonzero(np.abs(track.pose[:, 0]) <= most_yaw_deg)
        seconds = float(within(track.times[front], speech.segments + audio.start_s).sum() / tracks.fps)
        if seconds < least_speech_s or float(np.median(mouth_width(points[front]))) < least_mouth_px:
            continue
        heard = heard or expected_lips(
            speech_features(audio.samples, audio.rate), speech.segments, speech_to_lips(), start_s=audio.start_s
        )
        faces.append(_face(track, points, front, seconds, heard, most_offset_s, window_s))
    if not faces:
        raise NotApplicable(
            f"no mouth of {least_mouth_px:g} px is seen from the front during {least_speech_s:g} s of speech"
        )
    return _measure(_speakers(faces))


def _face(
    track: Track,
    points: np.ndarray,
    front: np.ndarray,
    seconds: float,
    heard: Heard,
    most_s: float,
    window_s: float,
) -> _Face:
    shape = lip_shape(points, track.interocular)[front]
    sums = compare(heard, lip_movement(track.times[front], track.frames[front], shape), most_s=most_s)
    curve = sums.curve()
    return _Face(track, seconds, float(shape[:, 0].std()), curve, _windows(sums, curve.offset_s, window_s))


def _windows(sums: Sums, offset_s: float, window_s: float) -> tuple[_Window, ...]:
    """Measure every window with at least half of its length of speech at the clip's own offset."""
    length = max(1, round(window_s / BLOCK_S))
    here = np.abs(sums.lags_s - offset_s) <= _AROUND_S
    spoken = sums.counts[int(np.argmin(np.abs(sums.lags_s - offset_s)))] / RATE
    found = []
    for first in range(max(1, len(sums.starts_s) - length + 1)):
        part = slice(first, first + length)
        if spoken[part].sum() < window_s / 2:
            continue
        curve = sums.curve(part)
        agreement = curve.above(float(curve.agreement[here].max()))
        start = float(sums.starts_s[first])
        found.append(_Window(start, start + window_s, curve, agreement))
    return tuple(found)


def _speakers(faces: list[_Face]) -> list[_Face]:
    """Of faces seen at the same time keep the one that agrees best; return the one with the most speech first."""
    kept: list[_Face] = []
    for face in sorted(faces, key=lambda one: one.curve.confidence, reverse=True):
        if not any(np.isin(face.track.frames, other.track.frames).mean() > 0.3 for other in kept):
            kept.append(face)
    return sorted(kept, key=lambda one: one.seconds, reverse=True)


def _measure(faces: list[_Face]) -> Measurement:
    speaker = faces[0]
    curve = speaker.curve
    offset = 1000 * curve.offset_s
    sure = [1000 * one.curve.offset_s for one in speaker.sure]
    lost = sum(one.agreement < _LOW for one in speaker.windows)
    return Measurement(
        value=-curve.confidence,
        unit="robust standard deviations",
        observation=(
            f"{speaker.name.capitalize()} speaks visibly for {speaker.seconds:.1f} s. Its lips agree best with sound that is "
            f"{abs(offset):.0f} ms {'later' if offset >= 0 else 'earlier'} than they are; the agreement there stands "
            f"{curve.confidence:.1f} robust standard deviations above that at all shifts up to "
            f"{1000 * float(curve.lags_s[-1]):.0f} ms."
        ),
        where=tuple(span for face in faces for span in _spans(face)),
        exhibits=(_curves(faces), *_timelines(faces), _table(faces)),
        facts={
            "offset_ms": round(offset), "confidence": round(curve.confidence, 3), "lead": round(curve.lead, 3),
            "speech_seen_s": round(speaker.seconds, 2), "windows": len(speaker.windows), "windows_without_agreement": lost,
            "offset_range_ms": round(max(sure) - min(sure)) if sure else None, "speakers": len(faces),
        },
        limits=_limits(speaker),
    )  # fmt: skip


def _limits(speaker: _Face) -> tuple[str, ...]:
    said = []
    if speaker.seconds < 6:
        said.append(f"{speaker.seconds:.1f} s of visible speech are little: exchanged sound may agree by chance.")
    if speaker.moves < _STILL:
        said.append(
            "The lips of this face hardly move while somebody speaks: it may listen, or the voice may be a narrator's."
        )
    if speaker.curve.confidence >= _SURE and abs(speaker.curve.offset_s) > _APART_S:
        said.append("A constant offset between sound and picture comes from cutting, copying or broadcasting as well.")
    return tuple(said)


def _spans(face: _Face) -> list[Span]:
    lost = [one.agreement < _LOW for one in face.windows]
    other = [
        not gone and one.curve.confidence >= _SURE and abs(one.curve.offset_s - face.curve.offset_s) > _APART_S
        for one, gone in zip(face.windows, lost, strict=True)
    ]
    found = []
    for flags, label in ((lost, "lips do not follow the speech"), (other, "another offset between lips and speech")):
        for run in stretches(np.flatnonzero(flags), least=1):
            windows = [face.windows[i] for i in np.flatnonzero(flags)[run]]
            worst = min(windows, key=lambda one: one.agreement)
            found.append(
                Span(
                    start_s=windows[0].start_s, end_s=min(windows[-1].end_s, float(face.track.times[-1])), label=label,
                    value=-worst.agreement, track=face.track.person,
                )
            )  # fmt: skip
    return sorted(found, key=lambda span: -(span.value or 0))


def _curves(faces: list[_Face]) -> Chart:
    return Chart(
        name="Agreement of lips and speech at each shift", x_name="sound later than lips", x_unit="ms",
        y_name="agreement", y_unit="standard deviations of chance", marks=(1000 * faces[0].curve.offset_s,),
        lines=tuple(
            Line(
                name=one.name, x=(1000 * one.curve.lags_s).astype(np.float32), y=one.curve.agreement.astype(np.float32),
                track=one.track.person,
            )
            for one in faces[:6]
        ),
        caption="One peak that stands out: lips and sound belong together at that shift. No peak: at none.",
    )  # fmt: skip


def _timelines(faces: list[_Face]) -> list[Chart]:
    shown = [one for one in faces[:24] if len(one.windows) > 1]
    if not shown:
        return []

    def lines(values: list[list[float]]) -> tuple[Line, ...]:
        return tuple(
            Line(
                name=one.name, x=np.array([(w.start_s + w.end_s) / 2 for w in one.windows], np.float32),
                y=np.array(y, np.float32), track=one.track.person,
            )
            for one, y in zip(shown, values, strict=True)
        )  # fmt: skip

    return [
        Chart(
            name="Agreement of lips and speech over time", lines=lines([[w.agreement for w in f.windows] for f in shown]),
            x_name="time", x_unit="s", y_name="agreement", y_unit="robust standard deviations", timeline=True,
            caption="In windows around each moment, at the clip's own offset; near 0 the lips do not follow the speech.",
        ),
        Chart(
            name="Offset of the speech over time",
            lines=lines([[1000 * w.curve.offset_s for w in f.windows] for f in shown]),
            x_name="time", x_unit="s", y_name="sound later than lips", y_unit="ms", timeline=True,
            caption="Each window by itself: level if sound and picture run together; where agreement is low, jumps are chance.",
        ),
    ]  # fmt: skip


def _table(faces: list[_Face]) -> Table:
    return Table(
        name="Lips and speech of each speaker",
        columns=("face", "speech seen, s", "sound later by, ms", "confidence", "lead over other shifts"),
        rows=tuple(
            (
                str(one.track.person + 1), f"{one.seconds:.1f}", f"{1000 * one.curve.offset_s:.0f}",
                f"{one.curve.confidence:.1f}", f"{one.curve.lead:.1f}",
            )
            for one in faces
        ),
    )  # fmt: skip
