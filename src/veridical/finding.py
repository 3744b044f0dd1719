"""What an examination saw (Measurement) and what became of asking it (Finding).

Plain frozen data. A measurement holds no opinion: a raw statistic (higher = more like a fake), places and times, maps,
charts and tables. Weighing is done in ``veridical.evidence``, wording in ``veridical.report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Scalar = float | int | str | bool | None
Outcome = Literal["measured", "not_applicable", "failed"]
Cause = Literal["", "exhibit", "kind", "installation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time in the exhibit, seconds from its start; ``track`` is the person it concerns."""

    start_s: float
    end_s: float
    label: str
    value: float | None = None
    track: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle in native stored pixels (x to the right, y down), at ``time_s`` for a video."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A 2-D map of values on an absolute scale.

    Parameters
    ----------
    values
        shape (rows, columns), float32; NaN where there is nothing to say.
    low, high
        Fixed ends of the colour scale in ``unit``; never taken from the values of this exhibit alone.
    overlay
        True if the map covers the picture (row 0 at the top of the native pixels); False for a plane of its own,
        such as a spectrum or a table of frequencies.
    diverging
        True if values below and above the middle of the scale mean opposite things.
    x_name, y_name
        For a plane of its own: what runs from left to right and what from top to bottom, with its ends and unit, such as
        "time, 0 to 12 s"; empty where the caption says it.
    """

    name: str
    values: np.ndarray
    unit: str
    low: float
    high: float
    caption: str = ""
    overlay: bool = True
    diverging: bool = False
    x_name: str = ""
    y_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart: ``x`` and ``y`` of shape (n,), float32; ``track`` is the person it concerns."""

    name: str
    x: np.ndarray
    y: np.ndarray
    track: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over one axis. With ``x_unit`` "s" and ``timeline`` True it is drawn on the exhibit's own time."""

    name: str
    lines: tuple[Line, ...]
    x_name: str
    x_unit: str
    y_name: str
    y_unit: str
    caption: str = ""
    timeline: bool = False
    marks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A short film without sound, for what is seen only in motion.

    Parameters
    ----------
    mp4
        The film: H.264 in an mp4 file, at most about half a megabyte.
    width, height
        Size of its pictures, pixels.
    seconds
        Its length.
    starts_s
        Time in the exhibit at which it begins.
    """

    name: str
    mp4: bytes
    width: int
    height: int
    seconds: float
    starts_s: float = 0.0
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under named columns."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that a person should look at: an examiner's aid asks, a person answers present, absent or unsure.

    Parameters
    ----------
    question
        What to look for, as a question that "present" answers with yes: "Does one ear lack its earring?"
    hint
        What an innocent explanation looks like, or how to look.
    where
        The places to look at, in native pixels; empty for the whole picture. Each is shown enlarged beside the question.
    """

    question: str
    hint: str = ""
    where: tuple[Region, ...] = ()


Figure = Map | Chart | Clip | Table
Place = Span | Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What an examination saw. No opinion, no threshold, no verdict.

    Parameters
    ----------
    value
        The raw statistic, finite; higher means more like a fake.
    unit
        Unit of ``value`` ("1" if none).
    observation
        One plain sentence: what was seen, with its numbers.
    where
        Places and times that stand out, strongest first.
    exhibits
        Maps, charts and tables for the report.
    facts
        Further named numbers and words.
    declares
        What the file itself states about its making, in words; empty if nothing. Not a statistic: shown beside
        the conclusion, never weighed.
    limits
        Sentences about what limits this measurement on this very exhibit.
    checklist
        What a person should look at. Answers are kept as the examiner's observations and never weighed.
    features
        shape (k,), float32, or None: the vector by which this exhibit is compared with groups of others.
    partial
        What the value lacks, if a part of what makes it up was missing: it is then another statistic than the one that tables
        are fitted on, and is not weighed. Empty if it is whole.
    """

    value: float
    unit: str
    observation: str
    where: tuple[Place, ...] = ()
    exhibits: tuple[Figure, ...] = ()
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    declares: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    checklist: tuple[Check, ...] = ()
    features: np.ndarray | None = None
    partial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of asking one examination about one exhibit: measured, not applicable, or failed.

    ``cause`` says why it is not applicable: the exhibit itself, its kind (it has no such stream), or this installation.
    """

    id: str
    branch: str
    outcome: Outcome
    settings: Mapping[str, Scalar]
    seconds: float
    measurement: Measurement | None = None
    reason: str = ""
    cause: Cause = ""
    traceback: str = ""
