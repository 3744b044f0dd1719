"""What the entries of a case say, as data: particulars, exhibits and where they came from, propositions, notes, reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from .chain import Entry

OPENED, AMENDED, AGREED = "case opened", "particulars changed", "propositions agreed"
ADDED, ADDED_AGAIN, EXAMINED, KEPT, NOTED = "exhibit added", "exhibit added again", "examined", "report kept", "noted"
TRANSFERRED, EXPORTED, RECOVERED = "transferred", "exported", "recovered"
NOTE_KINDS = ("note", "observation", "context", "review", "correction")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a report says of the case; empty where it was not given.

    Parameters
    ----------
    name
        Case number or name.
    question
        What was asked.
    examiner
        Who examines; the default actor of every entry.
    requester, authority, competence, laboratory
        Who asked, on what legal basis, what qualifies the examiner, and where it is examined.
    background
        What is known beforehand and relied on.
    """

    name: str
    question: str = ""
    examiner: str = ""
    requester: str = ""
    authority: str = ""
    competence: str = ""
    laboratory: str = ""
    background: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How an exhibit came here; empty where it is not known.

    ``source`` is an address, a device or a person, ``time`` ISO 8601 with a zone (or a date), ``by`` who obtained it, ``how``
    with what tool, ``nature`` "original", "derivative" or "".
    """

    source: str = ""
    time: str = ""
    by: str = ""
    how: str = ""
    nature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A file of the case.

    Parameters
    ----------
    number
        From 1.
    name, path
        Name and whole path of the original when it was added.
    bytes, sha256, sha512, modified
        What was read; ``modified`` is the original's time of change, ISO 8601 UTC.
    format
        What the first bytes say it is; empty if they are those of no image, video or sound recording.
    copy
        Where the working copy lies, relative to the case.
    origins
        Where it came from, once for each time it was added.
    added
        Numbers of the entries that added it.
    """

    number: int
    name: str
    path: str
    bytes: int
    sha256: str
    sha512: str
    modified: str
    format: str
    copy: str
    origins: tuple[Origin, ...]
    added: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An examination of an exhibit, with its report.

    ``stored`` is where the report lies, relative to the case, ``stored_sha256`` the hash of that file, ``sha256`` the hash of
    the JSON text in it. ``summary`` is what it says in short: statement, band and log10 LR as text, error, interrupted.
    ``source`` is the file it was taken from, if it was not made in the case.
    """

    entry: int
    time: str
    actor: str
    exhibit: int
    sha256: str
    bytes: int
    stored: str
    stored_sha256: str
    stored_bytes: int
    command: str
    version: str
    summary: Mapping[str, Any]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Propositions:
    """Two propositions that exclude each other, with whom and when they were agreed.

    ``exhibit`` is None if they are meant for every exhibit; ``after_examination`` tells that an exhibit they are meant for had
    been examined before they were written down.
    """

    entry: int
    first: str
    second: str
    agreed_with: str
    agreed_at: str
    exhibit: int | None
    after_examination: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote down; ``kind`` is one of NOTE_KINDS, or "transferred" with the hashes that were found then."""

    entry: int
    time: str
    actor: str
    kind: str
    text: str
    exhibit: int | None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All that the entries of a case say."""

    particulars: Particulars
    exhibits: tuple[Exhibit, ...]
    propositions: tuple[Propositions, ...]
    examined: tuple[Examined, ...]
    notes: tuple[Note, ...]


def read(entries: Sequence[Entry]) -> Ledger:
    """Return what entries say; actions that are not known here are passed over."""
    particulars: dict[str, str] = {}
    exhibits: dict[int, Exhibit] = {}
    propositions, examined, notes = [], [], []
    for entry in entries:
        what = entry.details
        match entry.action:
            case "case opened" | "particulars changed":
                particulars |= what["particulars"]
            case "exhibit added":
                exhibits[what["exhibit"]] = _exhibit(entry)
            case "exhibit added again":
                exhibits[what["exhibit"]] = _again(exhibits[what["exhibit"]], entry)
            case "propositions agreed":
                propositions.append(_of(Propositions, {**what, "entry": entry.number}))
            case "examined" | "report kept":
                examined.append(
                    _of(Examined, {**what, "entry": entry.number, "time": entry.time, "actor": entry.actor})
                )
            case "noted" | "transferred":
                notes.append(_note(entry))
    return Ledger(
        particulars=_of(Particulars, {"name": "", **particulars}), exhibits=tuple(exhibits.values()),
        propositions=tuple(propositions), examined=tuple(examined), notes=tuple(notes),
    )  # fmt: skip


def _exhibit(entry: Entry) -> Exhibit:
    what = {**entry.details, "number": entry.details["exhibit"], "added": (entry.number,)}
    return _of(Exhibit, {**what, "origins": (_of(Origin, entry.details["origin"]),)})


def _again(known: Exhibit, entry: Entry) -> Exhibit:
    plain = {one.name: getattr(known, one.name) for one in fields(known)}
    origins = (*known.origins, _of(Origin, entry.details["origin"]))
    return Exhibit(**{**plain, "origins": origins, "added": (*known.added, entry.number)})


def _note(entry: Entry) -> Note:
    what = entry.details
    return Note(
        entry=entry.number, time=entry.time, actor=entry.actor, kind=what.get("kind", entry.action), text=what["text"],
        exhibit=what["exhibit"], details=what,
    )  # fmt: skip


def _of(kind: type[T], plain: Mapping[str, Any]) -> T:
    return kind(**{one.name: plain[one.name] for one in fields(kind) if one.name in plain})  # type: ignore[arg-type]


def plain(value: Particulars | Origin) -> dict[str, Any]:
    """Return particulars or an origin as they stand in an entry."""
    return asdict(value)
