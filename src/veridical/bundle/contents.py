"""What goes into a bundle: reports, the files they are about, the log of a case, and the data files that weighed them."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import CaseDamaged, MediaChanged, UsageError
from ..evidence import files
from ..store.case import Case
from .archive import PIECE, Member
from .manifest import Input, Table

MOST_REPORT_BYTES = 1 << 29


@dataclass(frozen=True, slots=True)
class Media:
    """A file at hand, with what was read of it."""

    path: Path
    size: int
    sha256: str
    sha512: str
    crc: int

    def member(self, name: str) -> Member:
        """Return it as a member of a bundle."""
        return Member(name, self.size, self.crc, self._again)

    def _again(self) -> Iterator[bytes]:
        """Yield the content once more; raises MediaChanged if it is another by now."""
        sha256 = hashlib.sha256()
        for piece in _pieces(self.path):
            sha256.update(piece)
            yield piece
        if sha256.hexdigest() != self.sha256:
            raise MediaChanged(self.path, "the file changed while the bundle was made", "See that nothing writes to it")


@dataclass(frozen=True, slots=True)
class ReportText:
    """A report as it was written: its bytes, and the same as plain data."""

    data: bytes
    plain: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """SHA-256 of the exhibit."""
        return str(self.plain["exhibit"]["sha256"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything that a bundle is made of.

    Parameters
    ----------
    inputs
        The exhibits; those of the reports at least.
    reports
        In the order in which they were made or given.
    media
        Files at hand by SHA-256.
    log
        The custody log as lines of JSON, None without a case.
    case
        Name of the case, None without one.
    missing
        Sentences about exhibits that are not at hand.
    """

    inputs: tuple[Input, ...]
    reports: tuple[ReportText, ...]
    media: Mapping[str, Media] = field(default_factory=dict)
    log: bytes | None = None
    case: str | None = None
    missing: tuple[str, ...] = ()

    def listed(self, *, with_media: bool) -> Iterator[Input]:
        """Yield every exhibit; raises UsageError if its file is wanted and not at hand."""
        for one in self.inputs:
            at_hand = self.media.get(one.sha256)
            if with_media and at_hand is None:
                raise UsageError(f"{one.name} is not where it was examined; give it with --media FILE")
            member = f"media/{one.sha256}" if with_media else None
            yield replace(one, sha512=at_hand.sha512 if at_hand else None, member=member)

    def tables(self) -> dict[Table, Path | None]:
        """Return the data files that weighed the reports, with those that are still the ones that were used."""
        found: dict[Table, Path | None] = {}
        for one in self.reports:
            named = one.plain.get("record", {}).get("tables", {})
            here = files.used([name.removeprefix("tables/").removesuffix(".json") for name in named], _kind(one))
            for name, sha256 in named.items():
                path = here.get(name)
                same = path is not None and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
                member = f"data/{sha256[:16]}/{name}" if same else None
                found[Table(name=name, sha256=sha256, member=member)] = path if same else None
        return found


def read_report(path: Path) -> ReportText:
    """Read the JSON of a report; raises UsageError if it is none, or one of a file that was not there."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    return report_of(data, str(path))


def report_of(data: bytes, where: str) -> ReportText:
    """Take the JSON of a report; raises UsageError as ``read_report``."""
    from ..report.to_json import from_json

    if len(data) > MOST_REPORT_BYTES:
        raise UsageError(f"{where} has {len(data)} bytes: no report of veridical is so large")
    try:
        report = from_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError(f"{where} is no report: give the file that ends in .report.json") from None
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None
    if not report.exhibit.sha256:
        raise UsageError(f"{where} is the report of a file that could not be read: there is nothing to bundle")
    return ReportText(data, json.loads(data))


def hashed(path: Path) -> Media:
    """Read a file once and hash it; raises UsageError if it cannot be read."""
    sha256, sha512, size, crc = hashlib.sha256(), hashlib.sha512(), 0, 0
    try:
        for piece in _pieces(path):
            sha256.update(piece)
            sha512.update(piece)
            size, crc = size + len(piece), zlib.crc32(piece, crc)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    return Media(path, size, sha256.hexdigest(), sha512.hexdigest(), crc)


def of_reports(paths: Sequence[Path], given: Iterable[Path] = ()) -> Contents:
    """Collect reports, and the files that they are about: those given, and those that still lie where they were examined.

    Raises
    ------
    UsageError
        If a file is no report, or a given file is not what any of the reports is about.
    """
    reports = tuple(map(read_report, paths))
    inputs = tuple(_input(one) for one in {one.sha256: one for one in reports}.values())
    media, missing = _media(reports, given)
    return Contents(inputs=inputs, reports=reports, media=media, missing=tuple(missing))


def of_case(case: Case) -> Contents:
    """Collect everything of a case: its exhibits, every report, and the log as it is now.

    Raises
    ------
    CaseDamaged
        If something in the case is not what its log says.
    """
    checked = case.verify()
    if checked.problems:
        raise CaseDamaged(f"{case.folder} cannot be bundled: {'; '.join(checked.problems)}")
    reports = tuple(
        report_of(case.report(one).encode(), f"{case.folder}, report {one.sha256[:16]}") for one in case.ledger.examined
    )
    known = {one.sha256: one for one in map(_input, reports)}
    inputs = tuple(
        Input(
            name=one.name, kind=known[one.sha256].kind if one.sha256 in known else "", bytes=one.bytes, sha256=one.sha256,
            sha512=one.sha512, member=None,
        )
        for one in case.exhibits()
    )  # fmt: skip
    media = {one.sha256: hashed(case.copy_of(one)) for one in case.exhibits()}
    log = "".join(f"{entry.line}\n" for entry in case.entries()).encode("ascii")
    return Contents(inputs=inputs, reports=reports, media=media, log=log, case=case.particulars.name)


def _input(one: ReportText) -> Input:
    said = one.plain["exhibit"]
    name = Path(said["path"]).name
    return Input(name=name, kind=said["kind"], bytes=said["bytes"], sha256=one.sha256, sha512=None, member=None)


def _media(reports: Sequence[ReportText], given: Iterable[Path]) -> tuple[dict[str, Media], list[str]]:
    wanted = {one.sha256: Path(one.plain["exhibit"]["path"]) for one in reports}
    found: dict[str, Media] = {}
    for path in given:
        media = hashed(path)
        if media.sha256 not in wanted:
            raise UsageError(f"none of the reports is about {path} (SHA-256 {media.sha256})")
        found[media.sha256] = media
    missing = []
    for sha256, path in wanted.items():
        if sha256 in found:
            continue
        there = hashed(path) if path.is_file() else None
        if there and there.sha256 == sha256:
            found[sha256] = there
        else:
            what = "has changed since it was examined" if there else "is not where it was examined"
            missing.append(f"{path} {what}: the bundle has its SHA-256 and size, no second hash; --media FILE names it")
    return found, missing


def _kind(one: ReportText) -> str:
    return str(one.plain["exhibit"]["kind"])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
