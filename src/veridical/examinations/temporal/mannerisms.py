"""Do face and head move together as those of the enrolled person do?

Method
------
Everybody has habits of moving: brows that rise with a nod, lips that part as the head tilts. Twenty series are made from the
face mesh in every frame: sixteen mesh-derived action units (they are named after those of the Facial Action Coding System, but
not coded by it), pitch and roll of the head, width of the mouth, gap between the lips. In windows of the person's length (10
seconds unless enrolled otherwise, one every sixth of a second, brought to 30 steps a second) all 190 pairs of series are
correlated. ``veridical enrol person`` has learned from authentic clips the region in which the person's own windows lie, with
a one-class support vector machine. The value of a face is the median over its windows of minus the signed distance from the
border of that region. Who is seen is not recognised: every face that is seen long enough is compared with every enrolled
person, and the best fit, the lowest value, is the value of the clip; ``person`` and ``face`` narrow it. So a face of somebody
who was never enrolled accuses nobody as long as another one fits.

What a high value means
-----------------------
No face in the clip moves as the best fitting enrolled person does: it is somebody else, somebody else drives the face, or the
person behaves unlike in the footage that was enrolled. Below 0 most windows lie where the person's own do.

What it cannot see
------------------
- fakes whose face moves with the real person's own performance, such as changed lips alone in an old recording
- an imitator who has the person's habits, and generators trained on them
- persons who are not enrolled

Also caused by
--------------
- another occasion: reading a speech, an interview, a joke, anger; illness, tiredness, age, an injury
- another language, a mouth that is full, a mask, a hand before the face
- another camera angle, lens or frame rate than in the enrolled clips, and coarse compression
- too little enrolled footage, or all of it from one take

Needs
-----
A person enrolled with ``veridical enrol person NAME CLIP…`` (an hour of footage of the same kind is good, minutes are not), and
one face without a gap for a whole window, eyes at least 40 px apart, turned by 35° at most.

References
----------
S. Agarwal, H. Farid, Y. Gu, M. He, K. Nagano, H. Li, "Protecting World Leaders Against Deep Fakes", CVPR Workshops 2019.
B. Schölkopf, J. Platt, J. Shawe-Taylor, A. Smola, R. Williamson, "Estimating the Support of a High-Dimensional Distribution",
Neural Computation 13(7), 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import persons
from ...errors import NotApplicable, NotInstalled, UsageError
from ...finding import Chart, Line, Map, Measurement, Scalar, Span, Table
from ...media.exhibit import FileHash
from ...perception.expression import NAMES, Expressions, ExpressionTrack
from ...signals.behaviour import Windows, matrix, pairs

BRANCH = "behaviour"
DETECTS = ("reenactment", "replacement", "synthesis")
DEMO = "lab.manner.own_brows"

WORDS = (
    "inner brow raise", "outer brow raise", "drawing the brows together", "upper lid raise", "cheek raise", "lower lid raise",
    "nose wrinkle", "upper lip raise", "smile", "pressing the mouth's corners", "drop of the mouth's corners", "chin raise",
    "lip stretch", "thinning of the lips", "parting of the lips", "jaw drop", "head nod", "head tilt", "mouth width",
    "lip gap",
)  # fmt: skip
_ORDER = f"{WORDS[0]} to {WORDS[-1]}"
_PAIRS = 5
_LINKED, _LITTLE = 0.3, 0.15
_MOST_LINES = 24
_WELL_KNOWN_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Compared:
    """One face beside one enrolled person: a value for each window."""

    track: ExpressionTrack
    windows: Windows
    person: persons.Person
    model: persons.Behaviour
    values: np.ndarray

    @property
    def value(self) -> float:
        return float(np.median(self.values))


def examine(
    expressions: Expressions, file: FileHash | None = None, *, person: str = "", face: int = 0
) -> Measurement:  # fmt: skip
    """Compare how faces move with enrolled persons.

    Parameters
    ----------
    person
        Name of the enrolled person to compare with; empty: all, and the best fit counts.
    face
        Number of the face that is said to be the person's, from 1, as in other examinations; 0: all, and the best fit counts.

    Raises
    ------
    NotApplicable
        If no person is enrolled, or no face is seen long enough.
    UsageError
        If the named person is not enrolled.
    """
    known, unread = _known(person)
    tracks = _tracks(expressions, face)
    compared, models = [], 0
    seen: dict[tuple[float, float], list[Windows]] = {}  # most persons have windows of one length
    for who in known:
        try:
            model = persons.behaviour(who)
        except UsageError as error:
            unread = (*unread, _left_out(error))
            continue
        models += 1
        length = who.window_s, who.step_s
        seen[length] = seen.get(length) or [one.windows(window_s=length[0], step_s=length[1]) for one in tracks]
        for track, own in zip(tracks, seen[length], strict=True):
            if len(own):
                compared.append(_Compared(track, own, who, model, model.values(own.features)))
    if not models:
        raise NotInstalled(" ".join(unread))
    if not compared:
        shortest = min(who.window_s for who in known)
        longest = max(len(track.frames) for track in tracks) / max(expressions.fps, 1e-9)
        raise NotApplicable(
            f"no face is seen for {shortest:g} s without a gap, with eyes 40 px apart and turned by 35° at most; the longest "
            f"is seen for {longest:.1f} s in all"
        )
    compared.sort(key=lambda one: one.value)
    return _measurement(compared, (*_learned_from(file, known), *unread))


def _learned_from(file: FileHash | None, known: list[persons.Person]) -> tuple[str, ...]:
    """Say it if the exhibit is one of the clips that a person was enrolled from: it cannot speak for itself."""
    return tuple(
        f"This very file is one of the {len(who.clips)} clips that {who.name} was enrolled from: that it moves as {who.name} "
        "does was learned from it and tells nothing."
        if len(who.clips) > 1
        else f"{who.name} was enrolled from this very file alone: that it moves as {who.name} does tells nothing."
        for who in known if file is not None and file.sha256 in who.clips
    )  # fmt: skip


def _known(name: str) -> tuple[list[persons.Person], tuple[str, ...]]:
    return ([persons.load(name)], ()) if name else persons.legible()


def _left_out(error: UsageError) -> str:
    return f"One person was left out: {error}."


def _tracks(expressions: Expressions, face: int) -> tuple[ExpressionTrack, ...]:
    chosen = tuple(one for one in expressions.tracks if face in (0, one.person + 1))
    if not expressions.tracks:
        raise NotApplicable("no face was found in the clip")
    if not chosen:
        raise NotApplicable(f"there is no face {face} in the clip; it has {len(expressions.tracks)}")
    return chosen


def _measurement(compared: list[_Compared], remarks: tuple[str, ...]) -> Measurement:
    best = compared[0]
    clip = np.mean(best.windows.features, axis=0)
    seconds = persons.covered_s(best.windows)
    own = best.person.own
    beyond = float((best.values > own[2]).mean()) if own else 0.0
    usual = (
        f" (the person's own footage, left out in turn: {own[1]:.2f}, 90 % of it {own[0]:.2f} to {own[2]:.2f})"
        if own
        else ""
    )
    facts: dict[str, Scalar] = {
        "person": best.person.name, "face": best.track.person + 1, "windows": len(best.values),
        "seconds_compared": round(seconds, 2), "seconds_enrolled": best.person.seconds, "comparisons": len(compared),
        "share_beyond_own": round(beyond, 4),
        "largest_possible_value": round(best.model.region.offset / best.model.region.length, 4),
    }  # fmt: skip
    facts |= dict(zip(("own_5th", "own_median", "own_95th"), (round(one, 4) for one in own), strict=False))
    return Measurement(
        value=best.value, unit="1", where=_spans(best),
        observation=(
            f"Over {seconds:.0f} s, face {best.track.person + 1} moves at a distance of {best.value:.2f} from what "
            f"{best.person.name} does{usual}."
        ),
        exhibits=(_deviations(best, clip), *_maps(best, clip), _chart(compared), *_table(compared)),
        facts=facts, limits=(*remarks, *_limits(compared)),
    )  # fmt: skip


def _spans(best: _Compared) -> tuple[Span, ...]:
    """Return the stretches of windows beyond nineteen in twenty of the person's own, the farthest first."""
    if not best.person.own:
        return ()
    beyond = np.flatnonzero(best.values > best.person.own[2])
    starts, ends = best.windows.starts_s, best.windows.ends_s
    found: list[list[int]] = []
    for place in beyond.tolist():
        if found and starts[place] <= ends[found[-1][-1]]:
            found[-1].append(place)
        else:
            found.append([place])
    spans = [
        Span(
            start_s=float(starts[run[0]]), end_s=float(ends[run[-1]]), label=f"unlike {best.person.name}",
            value=round(float(best.values[run].max()), 3), track=best.track.person,
        )
        for run in found
    ]  # fmt: skip
    return tuple(sorted(spans, key=lambda span: -(span.value or 0)))


def _deviations(best: _Compared, clip: np.ndarray) -> Table:
    mean = best.model.mean
    order = np.argsort(-np.abs((clip - mean) / best.model.scale), kind="stable")[:_PAIRS]
    first, second = (side[order] for side in pairs(len(NAMES)))
    return Table(
        name="Pairs that deviate most",
        columns=("what is seen", "series", "in the clip", f"usual for {best.person.name}", "± usual"),
        rows=tuple(
            (describe(WORDS[a], WORDS[b], seen, usual), f"{NAMES[a]}, {NAMES[b]}", f"{seen:+.2f}", f"{usual:+.2f}",
             f"{scale:.2f}")
            for a, b, seen, usual, scale in zip(
                first, second, clip[order], mean[order], best.model.scale[order], strict=True
            )
        ),
        caption="Correlations, mean of all windows: 1 always together, −1 always against each other, 0 neither.",
    )  # fmt: skip


def describe(one: str, other: str, clip: float, usual: float) -> str:
    """Say in words how two movements go together in a clip, beside how they usually do."""
    together = "follows" if usual > 0 else "goes against"
    if abs(usual) >= _LINKED and clip * usual < 0 and abs(clip) >= _LITTLE:
        return f"{one} {'goes against' if usual > 0 else 'follows'} {other}, which it usually {together}"
    if abs(usual) >= _LINKED and abs(clip) < abs(usual) / 2:
        return f"{one} no longer {together} {other}"
    if abs(usual) >= _LITTLE and clip * usual > 0:
        return f"{one} {together} {other} {'more' if abs(clip) > abs(usual) else 'less'} closely than usual"
    return f"{one} {'follows' if clip > 0 else 'goes against'} {other}, which it usually does not"


def _maps(best: _Compared, clip: np.ndarray) -> tuple[Map, ...]:
    order = "Rows and columns: " + ", ".join(WORDS) + "."
    shown = (
        (f"Face {best.track.person + 1} in this clip", clip, order),
        (f"{best.person.name}, enrolled", best.model.mean, "Mean of the enrolled windows, in the same order."),
        ("Difference", clip - best.model.mean, "This clip minus the enrolled mean; beyond ±1 shown as ±1."),
    )
    maps = []
    for name, features, caption in shown:
        values = matrix(features, len(NAMES))
        np.fill_diagonal(values, np.nan)
        maps.append(
            Map(
                name=name, values=values.astype(np.float32), unit="correlation", low=-1.0, high=1.0, overlay=False,
                diverging=True, caption=caption, x_name=_ORDER, y_name=_ORDER,
            )
        )  # fmt: skip
    return tuple(maps)


def _chart(compared: list[_Compared]) -> Chart:
    """Draw each face beside the person that fits it best."""
    fits: dict[int, _Compared] = {}
    for one in compared:
        fits.setdefault(one.track.person, one)
    lines = tuple(
        Line(
            name=f"face {one.track.person + 1} against {one.person.name}", track=one.track.person,
            x=((one.windows.starts_s + one.windows.ends_s) / 2).astype(np.float32), y=one.values.astype(np.float32),
        )
        for one in list(fits.values())[:_MOST_LINES]
    )  # fmt: skip
    return Chart(
        name="Distance of each window from the person's own", lines=lines, x_name="middle of the window", x_unit="s",
        y_name="outside the region", y_unit="1", timeline=True,
        caption="Above 0 a window lies outside the region of the person's own windows. Neighbouring windows share most frames.",
    )  # fmt: skip


def _table(compared: list[_Compared]) -> tuple[Table, ...]:
    if len(compared) < 2:
        return ()
    return (
        Table(
            name="Faces and enrolled persons", columns=("face", "person", "value", "windows", "usual for the person"),
            rows=tuple(
                (str(one.track.person + 1), one.person.name, f"{one.value:.3f}", str(len(one.values)),
                 f"{one.person.own[0]:.2f} to {one.person.own[2]:.2f}" if one.person.own else "–")
                for one in compared
            ),
            caption="The best fit comes first; it gives the value.",
        ),
    )  # fmt: skip


def _limits(compared: list[_Compared]) -> tuple[str, ...]:
    best = compared[0]
    who, minutes = best.person, best.person.seconds / 60
    limits = [
        f"Whether face {best.track.person + 1} is {who.name}'s is not recognised here; only how it moves is compared."
    ]
    if len(compared) > 1:
        limits[0] += f" It is the best fit of {len(compared)} pairs of a face and an enrolled person."
    if who.seconds < _WELL_KNOWN_S:
        limits.append(
            f"{minutes:.1f} minutes of {who.name} in {len(who.clips)} clip{'s' * (len(who.clips) > 1)} were enrolled; the "
            "published work used an hour or more of each person. What they did not happen to do in these minutes looks unlike "
            "them."
        )
    limits.append(
        f"People move differently on other occasions: {who.name} may in this clip differ from the enrolled footage."
    )
    if persons.covered_s(best.windows) < 2 * who.window_s:
        limits.append(
            f"The clip holds {persons.covered_s(best.windows):.0f} s of this face: its windows are nearly one and the same."
        )
    if flat := [WORDS[i] for i in np.flatnonzero(best.windows.flat.all(0))]:
        limits.append(f"Some series never vary in this clip and count as unrelated to all others: {', '.join(flat)}.")
    return tuple(limits)
