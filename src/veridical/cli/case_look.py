"""``veridical case list | show | export | check``: look at cases, give them to others, and see whether they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..errors import CaseDamaged, UsageError
from ..report.markup import one_line
from . import _reports
from ._cases import DAMAGED, By, Folder, end, opened, say, size, waiting
from ._console import caution, complain, err, out

if TYPE_CHECKING:
    from ..store.case import Case
    from ..store.ledger import Examined, Exhibit

_ENDINGS = {"page": ".html", "facts": ".facts.toml"}


def list_cases(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to look for cases, and two levels below.")
    ] = Path(),
) -> None:
    """List the cases in a folder."""
    from ..store.case import Case

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    table = Table(
        "case", "question", "exhibits", "reports", "entries", "last entry", "folder", box=None, pad_edge=False
    )
    wrong = 0
    for path in _places(folder):
        try:
            case = Case.open(path, waiting=waiting)
        except (UsageError, CaseDamaged) as error:
            complain(f"{error}. See what is left: veridical case check {path}")
            wrong += 1
            continue
        who, last = case.particulars, case.entries()[-1]
        cells = (
            who.name, who.question or "–", str(len(case.exhibits())), str(len(case.ledger.examined)), str(case.head.count),
            last.time[:16].replace("T", " ") + " UTC", str(path),
        )  # fmt: skip
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    if table.row_count:
        out.print(table)
    elif not wrong:
        say(f"no case lies in {folder}; make one with: veridical case new FOLDER --name NAME")
    if wrong:
        raise typer.Exit(DAMAGED)


def _places(folder: Path) -> Iterator[Path]:
    """Yield the folders, down to two levels, that are cases or what is left of one; what cannot be read is passed over."""
    from ..store import database, lock, seal

    for above, below, names in os.walk(folder):
        if database.NAME in names or {seal.NAME, lock.NAME} <= set(names):
            below.clear()
            yield Path(above)
        elif len(Path(above).relative_to(folder).parts) >= 2:
            below.clear()
        below.sort()


def show(
    folder: Folder,
    exhibit: Annotated[int | None, typer.Argument(metavar="[EXHIBIT]", help="Number of one exhibit.")] = None,
    log: Annotated[bool, typer.Option("--log", help="Show every entry of the log.")] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write the reports here: JSON, page, and facts for: veridical report."
        ),
    ] = None,
) -> None:
    """Show what a case holds: particulars, propositions, exhibits, reports, notes; of all, or of one exhibit."""
    with opened(folder) as case:
        if exhibit is None:
            for name, text in _particulars(case):
                say(f"{name}: {text or 'not given'}")
        _show_propositions(case, exhibit)
        for one in case.exhibits() if exhibit is None else (case.exhibit(exhibit),):
            _show(case, one)
        _show_notes(case, exhibit)
        if log:
            for entry in case.entries():
                say(f"{entry.number:>4} {entry.time} {entry.actor}: {entry.action} {entry.sha256[:16]}")
        if to is not None:
            _write(case, [one for one in case.ledger.examined if exhibit in (None, one.exhibit)], to)
        end(case)


def export_case(
    folder: Folder,
    to: Annotated[Path, typer.Option("--out", metavar="OUT", help="A new folder, or a new file that ends in .zip.")],
    with_media: Annotated[bool, typer.Option("--with-media", help="Put the working copies into it, too.")] = False,
    by: By = "",
) -> None:
    """Give a case to others: the log as lines of JSON, every report (JSON and page), hashes; entered into the log.

    What is exported needs no veridical to be read or checked. For a signed file see: veridical bundle.
    """
    from ..store.export import export

    with opened(folder) as case:
        entry = export(case, to, with_media=with_media, pages=partial(_pages), by=by)
        media = (
            "with the working copies" if with_media else "without the media: --with-media puts the working copies in"
        )
        say(f"Exported to {to}, {media}", "bold")
        say(f"SHA-256 of its list of hashes {entry.details['hashes_sha256']}; entry {entry.number}")
        end(case)


def check(
    folder: Folder,
    head: Annotated[
        str, typer.Option("--head", metavar="HASH", help="The head that was written down: the log must still hold it.")
    ] = "",
) -> None:
    """Check every byte of a case: log, database, working copies, reports. Changes nothing.

    Exit codes: 0 everything is as it was written; 1 something is not; 2 the folder is no case.
    """
    from ..store.verify import verify

    status = err.status("") if err.is_terminal else None
    if status is not None:
        status.start()
    try:
        found = verify(
            folder, written_down=head, waiting=waiting,
            tell=(lambda what: status.update(f"checking {one_line(what)}")) if status is not None else lambda _: None,
        )  # fmt: skip
    finally:
        if status is not None:
            status.stop()
    for text in found.remarks:
        caution(text)
    for text in found.problems:
        complain(text)
    entries, exhibits = _count(found.entries, "entry", "entries"), _count(found.exhibits, "exhibit")
    held = f"{entries}, {exhibits}, {_count(found.reports, 'report')}"
    if found.problems:
        say(f"{folder} is NOT as it was written: {_count(len(found.problems), 'problem')}. Read: {held}", "bold red")
        say("Keep it as it is, and work on from a copy that was made before.")
        raise typer.Exit(DAMAGED)
    say(f"{folder} is as it was written: {held}; every hash is right", "bold")
    say(f"head {found.head}")
    if found.written_down:
        say(f"The log holds the entry that was written down: it is entry {found.written_down} of {found.entries}.")
    if not head:
        say(
            "Whoever can write to a case can make a whole new one: compare this head with one written down elsewhere (--head)."
        )


def _particulars(case: Case) -> Iterator[tuple[str, str]]:
    from ..store.ledger import plain

    yield from ((name.capitalize(), str(text)) for name, text in plain(case.particulars).items())


def _show_propositions(case: Case, exhibit: int | None) -> None:
    for agreed in case.ledger.propositions:
        if exhibit is None or agreed.exhibit in (None, exhibit):
            about = "" if agreed.exhibit is None else f" for exhibit {agreed.exhibit}"
            late = ", after an examination" if agreed.after_examination else ""
            say(f"Propositions{about} (entry {agreed.entry}{late}): (1) {agreed.first} (2) {agreed.second}")


def _show_notes(case: Case, exhibit: int | None) -> None:
    for note in case.ledger.notes:
        if exhibit is None or note.exhibit in (None, exhibit):
            about = "" if note.exhibit is None else f" on exhibit {note.exhibit}"
            say(f"{note.time[:19]} UTC, {note.actor}, {note.kind}{about}: {note.text}")


def _show(case: Case, exhibit: Exhibit) -> None:
    say(
        f"Exhibit {exhibit.number}: {exhibit.name}, {size(exhibit.bytes)}, {exhibit.format or 'no known format'}",
        "bold",
    )
    say(f"  SHA-256 {exhibit.sha256}")
    say(f"  SHA-512 {exhibit.sha512}")
    say(f"  read from {exhibit.path}, last modified {exhibit.modified}; working copy {case.copy_of(exhibit)}")
    for origin, entry in zip(exhibit.origins, exhibit.added, strict=True):
        told = [f"from {origin.source}" if origin.source else "", f"at {origin.time}" if origin.time else ""]
        told += [f"by {origin.by}" if origin.by else "", f"with {origin.how}" if origin.how else "", origin.nature]
        say(f"  obtained {', '.join(one for one in told if one) or '(not said how)'}; entry {entry}")
    for one in case.ledger.examined:
        if one.exhibit == exhibit.number:
            said = one.summary.get("error") or one.summary.get("statement", "")
            count = one.summary.get("observations", 0)
            seen = f", with {_count(count, 'observation')}" if count else ""
            say(f"  report of {one.time[:19]} UTC (entry {one.entry}{seen}): {said}")


def _pages(text: str) -> Mapping[str, str]:
    """Turn the JSON of a report into its page."""
    from ..catalogue import load
    from ..report.to_html import to_html
    from ..report.to_json import from_json

    return {
        _ENDINGS["page"]: to_html(
            from_json(text), explain={one.id: one.sections for one in load().examinations.values()}
        )
    }


def _write(case: Case, wanted: list[Examined], folder: Path) -> None:
    from ..store.export import stem_of
    from ..store.facts import facts_of, to_toml

    if not wanted:
        raise UsageError(f"there is no report yet; make one with: veridical case examine {case.folder}")
    _reports.check(folder)
    for one in wanted:
        text = case.report(one)
        stem = stem_of(case, one)
        files = {".json": text, **_pages(text), _ENDINGS["facts"]: to_toml(facts_of(case, case.exhibit(one.exhibit)))}
        for ending, content in files.items():
            try:
                with (folder / f"{stem}{ending}").open("x", encoding="utf-8") as file:
                    file.write(content)
            except FileExistsError:
                raise UsageError(
                    f"{folder / (stem + ending)} is there already and is kept; choose another --out"
                ) from None
        say(f"Report: {folder / (stem + _ENDINGS['page'])}", "bold")


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
