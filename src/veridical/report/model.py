"""The report as data: everything that is shown, and everything needed to do it again. Versioned, frozen, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ..finding import Figure, Outcome, Place, Region, Scalar
from .weighed import Conclusion, Evidence, GroupWeight, Scale, Stability, Step, Variant

__all__ = [
    "SCHEMA_VERSION", "Answer", "Conclusion", "Evidence", "ExhibitRecord", "FaceOutline", "GroupWeight", "ListeningCopy",
    "NotExamined", "Observation", "PersonSeen", "Population", "Preview", "Record", "Report", "ReportedCheck",
    "ReportedFinding", "Scale", "SoundShown", "Stability", "Step", "Variant",
]  # fmt: skip
SCHEMA_VERSION = "1.4"
Answer = Literal["present", "absent", "unsure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceOutline:
    """Where a face is seen in a frame: the oval of the face, both eyes and the lips, as closed lines.

    Parameters
    ----------
    person
        Number of the face track, from 0.
    box
        x0, y0, x1, y1 in native pixels.
    points
        shape (k, 2), int16: x and y in native pixels, line after line.
    ends
        Where each line ends in ``points``.
    """

    person: int
    box: tuple[float, float, float, float]
    points: np.ndarray
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A small JPEG picture of the exhibit as a person sees it; ``time_s`` for a frame of a video.

    ``width`` and ``height`` are those of the JPEG; ``orientation`` is the EXIF orientation by which native pixels were
    turned to make it (1 = not at all), so that native coordinates can be drawn on it. ``faces`` are those seen in it.
    """

    jpeg: bytes
    width: int
    height: int
    orientation: int = 1
    time_s: float | None = None
    faces: tuple[FaceOutline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSeen:
    """One face followed through one shot: ``person`` is the number of its track, from 0, ``shot`` that of the shot.

    ``seen`` are the stretches of time in which the face is seen, as (start, end) in seconds.
    """

    person: int
    shot: int
    seen: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningCopy:
    """Sound of the exhibit, compressed to be listened to. It is no evidence: the exhibit's own bytes are.

    Parameters
    ----------
    webm
        Opus in a WebM file.
    pieces
        What of the exhibit's time it holds, one piece after the other, as (start, end) in seconds.
    """

    webm: bytes
    pieces: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundShown:
    """The sound of an exhibit as a person sees and hears it.

    Parameters
    ----------
    levels
        shape (rows, columns), int8: a spectrogram, mean power in whole dB relative to a full-scale sine in its bin. Row 0
        is 0 Hz, frequency is linear. No rows and columns if the sound is too short for one.
    starts_s, ends_s
        Left and right edge of the spectrogram on the exhibit's own time.
    highest_hz
        Frequency at which the last row ends.
    window_s
        Length of the windows of the spectrogram.
    channels
        Channels of the sound.
    copy
        What can be listened to; None if it was left out of the report.
    """

    levels: np.ndarray
    starts_s: float
    ends_s: float
    highest_hz: float
    window_s: float
    channels: int
    copy: ListeningCopy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitRecord:
    """The file that was examined. ``streams`` describes each typed stream in plain values, by its type's name.

    ``people`` are the faces that were followed in a video, ``cuts`` the times at which a new shot starts, seconds. ``sound``
    is None where there is none, or nothing that was asked needed it. ``quality`` is the quality vector, ``condition`` what it
    amounts to, in words; both are empty where the file could not be opened.
    """

    path: str
    sha256: str
    kind: str
    format: str
    bytes: int
    streams: Mapping[str, Mapping[str, Scalar]]
    previews: tuple[Preview, ...] = ()
    people: tuple[PersonSeen, ...] = ()
    cuts: tuple[float, ...] = ()
    sound: SoundShown | None = None
    quality: Mapping[str, Scalar] = field(default_factory=dict)
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Where the values of pristine media lie, so that a raw value can be read. It is no calibration and weighs nothing.

    Parameters
    ----------
    quantiles
        101 values: the smallest, every hundredth of the way, the largest.
    files, sources
        How many pristine files of how many collections they were measured on.
    condition
        Which files those are, in words.
    """

    quantiles: tuple[float, ...]
    files: int
    sources: int
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCheck:
    """One question of an examiner's aid; ``pictures`` are enlarged cuttings of the places in ``where``, in their order."""

    question: str
    hint: str
    where: tuple[Region, ...]
    pictures: tuple[Preview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a person answered to one question of a checklist. It is recorded and never weighed.

    ``finding`` is the id of the examination, ``item`` the number of the question in its checklist, from 1; ``when`` is
    ISO 8601.
    """

    finding: str
    item: int
    question: str
    answer: Answer
    note: str
    examiner: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFinding:
    """One finding with its evidence, as stored in a report.

    ``evidence`` is None where nothing weighs the finding; ``unweighed`` then says why. ``aid`` is True for an examiner's
    aid, which is never weighed. ``features`` is the vector by which the exhibit is compared with groups of others.
    """

    id: str
    branch: str
    question: str
    outcome: Outcome
    value: float | None
    unit: str
    observation: str
    reason: str
    where: tuple[Place, ...]
    exhibits: tuple[Figure, ...]
    facts: Mapping[str, Scalar]
    declares: tuple[str, ...]
    limits: tuple[str, ...]
    settings: Mapping[str, Scalar]
    seconds: float
    evidence: Evidence | None
    unweighed: str
    traceback: str = ""
    aid: bool = False
    population: Population | None = None
    checklist: tuple[ReportedCheck, ...] = ()
    features: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExamined:
    """An examination that was not asked, with the reason (not selected, interrupted, no such stream in this kind)."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything needed to do the examination again.

    ``models`` maps name to SHA-256, ``settings`` examination id to its resolved knobs, ``percepts`` percept id to its
    knobs, ``environment`` names to versions, ``limits`` the limits under which the file was decoded, ``tables`` the data
    files by which values were weighed and placed to their SHA-256.
    """

    version: str
    commit: str
    models: Mapping[str, str]
    settings: Mapping[str, Mapping[str, Scalar]]
    percepts: Mapping[str, Mapping[str, Scalar]]
    environment: Mapping[str, str]
    limits: tuple[str, ...]
    command: str
    started: str
    seconds: float
    interrupted: bool = False
    tables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The exhibit, all findings, all evidence, the conclusion and the record; ``observations`` are what a person added."""

    schema_version: str
    exhibit: ExhibitRecord
    findings: tuple[ReportedFinding, ...]
    not_examined: tuple[NotExamined, ...]
    conclusion: Conclusion
    record: Record
    error: Mapping[str, str] | None = None
    observations: tuple[Observation, ...] = ()
