"""The lanes of a timeline: for each person, and for what concerns no single person, every finding with a trace or stretches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..finding import Chart, Line, Span
from .branches import by_branch, is_of_sound
from .charts import Range, span_of
from .model import PersonSeen, Report, ReportedFinding

LONG = 0.5
"""Share of the time in which a face is seen, or of the exhibit, from which on a stretch says where was looked rather than what
stands out: it is drawn as a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One finding about one person, or about nobody alone.

    Parameters
    ----------
    line
        The first line that its time charts have for this person; None if there is none with values.
    up
        Ends of the scale of ``line``: those of all lines of its chart, so that persons can be compared.
    seen_s
        Seconds in which the person is seen; None if that is not known, and for nobody alone.
    """

    finding: ReportedFinding
    name: str
    unit: str
    line: Line | None
    up: Range | None
    marks: tuple[float, ...]
    spans: tuple[Span, ...]
    seen_s: float | None

    def is_long(self, span: Span, length_s: float) -> bool:
        """Return whether a stretch covers so much of what is seen that shading it would hide the others."""
        return span.end_s - span.start_s >= LONG * min(length_s, self.seen_s or length_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The lanes of one person (``track``), of the whole exhibit (None), or of its ``sound``.

    ``person`` says when the face is seen.
    """

    track: int | None
    person: PersonSeen | None
    lanes: tuple[Lane, ...]
    sound: bool = False


def groups_of(report: Report) -> tuple[Group, ...]:
    """Return the group of the sound, one for each person that is seen or named, and one for the whole exhibit.

    The first and the last are left out if they have no lanes.
    """
    seen: dict[int | None, PersonSeen] = {one.person: one for one in report.exhibit.people}
    lanes: dict[int | None, list[Lane]] = {track: [] for track in seen}
    heard: list[Lane] = []
    for group in by_branch(report.findings).values():
        for finding in group:
            for track, lane in _lanes(finding, seen):
                place = heard if _is_of_sound(finding, track) else lanes.setdefault(track, [])
                place.append(lane)
    tracks = [*sorted(track for track in lanes if track is not None), *([None] if None in lanes else [])]
    sound = [Group(track=None, person=None, lanes=tuple(heard), sound=True)] if heard else []
    return (*sound, *(Group(track=one, person=seen.get(one), lanes=tuple(lanes[one])) for one in tracks))


def _lanes(finding: ReportedFinding, seen: Mapping[int | None, PersonSeen]) -> Iterator[tuple[int | None, Lane]]:
    charts = [one for one in finding.exhibits if isinstance(one, Chart) and one.timeline]
    lines = [(chart, line) for chart in charts for line in chart.lines if _has_values(line)]
    spans = [one for one in finding.where if isinstance(one, Span) and _is_real(one)]
    concerned = dict.fromkeys([*(line.track for _, line in lines), *(one.track for one in spans)])
    for track in concerned:
        for place, (chart, line) in enumerate(_drawn(finding, lines, track)):
            shown = Lane(
                finding=finding, name=chart.name if chart else _readable(finding.id), unit=chart.y_unit if chart else "",
                line=line, up=span_of([one.y for one in chart.lines]) if chart else None,
                marks=chart.marks if chart else (),
                spans=tuple(one for one in spans if one.track == track and place == 0),
                seen_s=sum(end - start for start, end in seen[track].seen) if track in seen else None,
            )  # fmt: skip
            yield track, shown


def _drawn(
    finding: ReportedFinding, lines: Iterable[tuple[Chart, Line]], track: int | None
) -> list[tuple[Chart | None, Line | None]]:
    """Return the first line of each chart, which stands for it; of what concerns a face that of the first chart only."""
    first: dict[int, tuple[Chart | None, Line | None]] = {}
    for chart, line in lines:
        if line.track == track:
            first.setdefault(id(chart), (chart, line))
    every = list(first.values()) or [(None, None)]
    return every if _is_of_sound(finding, track) else every[:1]


def _is_of_sound(finding: ReportedFinding, track: int | None) -> bool:
    return track is None and is_of_sound(finding)


def _has_values(line: Line) -> bool:
    return bool((np.isfinite(line.x[: len(line.y)]) & np.isfinite(line.y[: len(line.x)])).any())


def _is_real(span: Span) -> bool:
    return math.isfinite(span.start_s) and math.isfinite(span.end_s) and span.end_s >= span.start_s


def _readable(id: str) -> str:
    return id.rpartition(".")[2].replace("_", " ").capitalize()
