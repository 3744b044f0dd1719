"""Does a face turn into another person's for a few frames, and back?

Method
------
Some ten times a second the inner face goes through a network for face recognition (dlib): 128 numbers that say whose face it
is. Searched for are stretches of up to a second that lie apart from the half second before and behind them, all in one
direction, without anything in between. How wide that gap is, is divided by what the same face does anyhow: by the usual step
between two descriptions of this face, and by what a change of pose, of the opening of eyes and mouth, and of sharpness between
the stretch and its surroundings lets one expect. The value is the widest gap of any face, in these units. When each stretch
begins and ends is read from the picture of the face in every frame: where it changes most.

What a high value means
-----------------------
The face left and came back in jumps that its movements do not explain. A swap that fails for some frames, because the face was
not found or was covered, shows the true face in them.

In swaps made for it, of people who played no part in its making, it finds nine drop-outs in ten where one control in ten gives
a false alarm; at a threshold fixed on other people the false alarms were twice as many. See docs/validation/identity_drift.md.

What it cannot see
------------------
- a swap that never fails, and one that fails for the whole clip, a whole shot, or longer than a second
- one that drops out for a single frame or two between two descriptions, in the first or last fifth of a second of a shot
- a donor who looks so alike that the network takes both for one person
- reenactment, lip-sync and retouching, which leave the face its identity

Also caused by
--------------
- a hand, a microphone or hair that passes before the face; a flash, a sudden shadow
- a frame that is damaged, or of another shot, spliced in; a cut to a similar picture and back that was not recognised as one
- a blink or grimace in a face that is otherwise still, strong compression that comes and goes
- face tracking that slips to another face, or to a picture on the wall, for some frames

Needs
-----
One face with 24 pixels or more between the eyes, for a second and a half without a break. The model ``face.identity``.

References
----------
D. E. King, "Dlib-ml: A Machine Learning Toolkit", Journal of Machine Learning Research 10, 2009 (the descriptor). The search
for gaps is veridical's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...perception.face_identity import IdentityTrace, IdentityTraces
from ...perception.tracks import FaceTracks, Track
from ...signals.excursions import Excursion, excursions
from ...signals.series import lasting, long_enough, stretches

BRANCH = "continuity"
DETECTS = ("replacement",)
DEMO = "lab.drift.dropout"

# What a face that stays one person's does to its descriptor: least squares on the widest gaps of 18 real clips, rounded;
# chosen among sixteen ways to weigh a gap by their recall on swaps of the same clips.
_FLOOR = 0.08
_OWN = 1.0  # usual steps of this very face
# A degree of yaw, pitch and roll; the opening of eyes and mouth (height over width); the logarithm of the sharpness.
_PER = np.array([0.005, 0.015, 0.005, 0.5, 0.25, 0.5])
_AROUND = 4
_LISTED = 1.25
_MOST = 12
_LONG_S = 12.0  # thrice the clips on which false alarms were counted


@dataclass(frozen=True, slots=True)
class _Dropout:
    """A stretch apart: its times, how deep and how wide apart, what was to be expected, and the ratio of the last two."""

    start_s: float
    end_s: float
    frames: int
    depth: float
    gap: float
    expected: float

    @property
    def strength(self) -> float:
        return self.gap / self.expected


@dataclass(frozen=True, slots=True)
class _Person:
    track: Track
    trace: IdentityTrace
    times: np.ndarray
    distance: np.ndarray
    drift: float
    dropouts: tuple[_Dropout, ...]

    @property
    def strength(self) -> float:
        return max((one.strength for one in self.dropouts), default=0.0)


def examine(
    identities: IdentityTraces, tracks: FaceTracks, *, longest_s: float = 1.0, least_s: float = 1.5
) -> Measurement:
    """Look for stretches in which a face is another's than before and behind.

    Parameters
    ----------
    longest_s
        Longest stretch that is looked for, seconds.
    least_s
        Shortest unbroken time for which a face must be seen.

    Raises
    ------
    NotApplicable
        If no face is large enough, or none is seen and described long enough.
    """
    if not tracks.tracks:
        raise NotApplicable("no face was found in the clip")
    if not identities.traces:
        widest = max(float(np.median(track.interocular)) for track in tracks.tracks)
        raise NotApplicable(f"no face is large enough: the largest has {widest:.0f} px between the eyes")
    by_number = {track.person: track for track in tracks.tracks}
    longest = max(
        (lasting(by_number[one.person].times[run]) for one in identities.traces
         for run in stretches(by_number[one.person].frames, by_number[one.person].times)), default=0.0,
    )  # fmt: skip
    if not long_enough(longest, least_s):
        raise NotApplicable(f"a face is seen for {longest:.1f} s without a break at most; {least_s:g} s are needed")
    compared = (_person(by_number[one.person], one, longest_s, least_s) for one in identities.traces)
    people = [one for one in compared if one is not None]
    if not people:
        most = max(len(one.described) for one in identities.traces)
        raise NotApplicable(
            f"a face has {most} descriptions at most; {2 * _AROUND} within {least_s:g} s or more without a break are needed: "
            "it is small, the frames are few, or many faces are seen at once"
        )
    return _measure(sorted(people, key=lambda one: -one.strength))


def _person(track: Track, trace: IdentityTrace, longest_s: float, least_s: float) -> _Person | None:
    place = np.searchsorted(track.frames, trace.described)
    points = trace.descriptors.astype(np.float64)
    changes = np.column_stack(
        [
            track.pose[place],
            track.eye_openness[place].mean(1),
            track.mouth_opening[place],
            np.log(trace.sharpness + 0.5),
        ]
    ).astype(np.float64)
    dropouts: list[_Dropout] = []
    steps = []
    for run in stretches(track.frames, track.times):
        inside = np.flatnonzero(np.isin(trace.described, track.frames[run]))
        if not long_enough(lasting(track.times[run]), least_s) or len(inside) < 2 * _AROUND:
            continue
        steps.append(np.linalg.norm(np.diff(points[inside], axis=0), axis=1))
        usual = float(np.median(steps[-1]))
        pace = float(np.median(np.diff(track.times[place[inside]])))
        for one in excursions(points[inside], longest=max(round(longest_s / pace), 1), around=_AROUND, least=0.02):
            expected = _expected(changes[inside], one, usual)
            dropouts.append(_dropout(track, trace, inside, one, expected))
    if not steps:
        return None
    distance = np.linalg.norm(points - np.median(points, axis=0), axis=1)
    third = max(len(points) // 3, 1)
    drift = float(np.linalg.norm(np.median(points[:third], axis=0) - np.median(points[-third:], axis=0)))
    return _Person(
        track, trace, track.times[place], distance, drift, tuple(sorted(dropouts, key=lambda one: -one.strength))
    )


def _expected(changes: np.ndarray, one: Excursion, usual: float) -> float:
    """Return how far a face that stays one person's would be apart in a stretch that differs so much in pose and the like."""
    before = changes[max(one.first - 1 - _AROUND, 0) : one.first - 1]
    behind = changes[one.end + 1 : one.end + 1 + _AROUND]
    around = np.concatenate([before, behind])
    if not len(around):
        around = np.concatenate([changes[: one.first], changes[one.end :]])
    change = np.abs(changes[one.first : one.end].mean(0) - around.mean(0))
    return float(np.sqrt(_FLOOR**2 + (_OWN * usual) ** 2 + ((_PER * change) ** 2).sum()))


def _dropout(track: Track, trace: IdentityTrace, inside: np.ndarray, one: Excursion, expected: float) -> _Dropout:
    """Place a stretch in time: its ends are where the look of the face changes most between two descriptions."""
    frames = trace.described[inside]
    start = _jump(trace, frames[max(one.first - 2, 0)], frames[one.first])
    end = _jump(trace, frames[one.end - 1], frames[min(one.end + 1, len(frames) - 1)])
    first, last = np.searchsorted(track.frames, (start, end))
    return _Dropout(
        start_s=float(track.times[first]), end_s=float(track.times[last]), frames=int(end - start), depth=one.depth,
        gap=one.gap, expected=expected,
    )  # fmt: skip


def _jump(trace: IdentityTrace, after: int, until: int) -> int:
    """Return the frame, later than one and up to another, whose look differs most from the frame before it."""
    first, last = np.searchsorted(trace.frames, (after, until))
    looks = trace.looks[first : last + 1].astype(np.float32)
    return int(trace.frames[first + 1 + int(np.argmax(np.linalg.norm(np.diff(looks, axis=0), axis=1)))])


def _measure(people: list[_Person]) -> Measurement:
    worst = people[0]
    listed = [(one, d) for one in people for d in one.dropouts if d.strength >= _LISTED]
    listed = sorted(listed, key=lambda pair: -pair[1].strength)[:_MOST]
    if worst.dropouts:
        strongest = worst.dropouts[0]
        frames = f"{strongest.frames} frame{'s' * (strongest.frames != 1)}"
        seen = (
            f"What is seen of face {worst.track.person + 1} at {strongest.start_s:.2f} s ({frames}) lies farthest from what is "
            f"before and behind it: a gap of {strongest.gap:.2f}, {strongest.strength:.1f} times what pose, eyes, mouth and "
            "sharpness let one expect."
        )
    else:
        seen = f"No stretch of face {worst.track.person + 1} lies apart from what it is before and behind."
    return Measurement(
        value=worst.strength,
        unit="1",
        observation=seen,
        where=tuple(
            Span(
                start_s=d.start_s, end_s=d.end_s, label=f"face {one.track.person + 1} lies apart", value=d.strength,
                track=one.track.person,
            )
            for one, d in listed
        ),
        exhibits=(_distances(people), _looks(people), *((_table(listed),) if listed else ())),
        facts={
            "faces": len(people), "stretches": len(listed), "gap": worst.dropouts[0].gap if worst.dropouts else 0.0,
            "depth": worst.dropouts[0].depth if worst.dropouts else 0.0,
            "first_third_to_last_third": round(worst.drift, 3), "descriptions": len(worst.trace.described),
        },
        limits=_limits(worst, sum(lasting(one.track.times) for one in people)),
    )  # fmt: skip


def _limits(worst: _Person, seconds: float) -> tuple[str, ...]:
    pace = float(np.median(np.diff(worst.times)))
    said = []
    if seconds > _LONG_S:
        said.append(
            f"The widest gap of {seconds:.0f} s of faces counts, and the longer one looks, the wider it is by chance: false "
            "alarms were counted on clips of four seconds."
        )
    if worst.dropouts:
        said.append(
            "One in ten of the clips in which no swap failed has a stretch above 1.5 (docs/validation/identity_drift.md)."
        )
    if pace > 0.12:
        said.append(f"The face is described every {1000 * pace:.0f} ms only: shorter drop-outs are missed.")
    if float(np.median(worst.track.interocular)) < 40:
        said.append("The face is small: its descriptions are less certain.")
    return tuple(said)


def _distances(people: list[_Person]) -> Chart:
    lines = tuple(
        Line(
            name=f"face {one.track.person + 1}", x=one.times.astype(np.float32), y=one.distance.astype(np.float32),
            track=one.track.person,
        )
        for one in people[:24]
    )  # fmt: skip
    return Chart(
        name="Distance from the face's own middle identity", lines=lines, x_name="time", x_unit="s", y_name="distance",
        y_unit="1", timeline=True,
        caption="Two pictures of one person mostly lie closer than about 0.6; a swap that fails for some frames makes a step "
        "up and down again.",
    )  # fmt: skip


def _looks(people: list[_Person]) -> Chart:
    lines = []
    for one in people[:24]:
        steps = np.linalg.norm(np.diff(one.trace.looks.astype(np.float32), axis=0), axis=1)
        steps[np.diff(one.trace.frames) != 1] = np.nan
        times = one.track.times[np.searchsorted(one.track.frames, one.trace.frames[1:])]
        lines.append(
            Line(name=f"face {one.track.person + 1}", x=times.astype(np.float32), y=steps, track=one.track.person)
        )
    return Chart(
        name="Change of the look of the face from frame to frame", lines=tuple(lines), x_name="time", x_unit="s",
        y_name="change", y_unit="1", timeline=True,
        caption="Of coarse light and dark in the upright inner face; where a swap sets in or drops, single frames stand out.",
    )  # fmt: skip


def _table(listed: list[tuple[_Person, _Dropout]]) -> Table:
    rows = tuple(
        (
            str(one.track.person + 1), f"{d.start_s:.2f}", f"{d.end_s:.2f}", str(d.frames), f"{d.depth:.2f}", f"{d.gap:.2f}",
            f"{d.expected:.2f}", f"{d.strength:.1f}",
        )
        for one, d in listed
    )  # fmt: skip
    return Table(
        name="Stretches in which a face lies apart",
        columns=("face", "from, s", "to, s", "frames", "depth", "gap", "expected", "gap / expected"),
        rows=rows,
    )
