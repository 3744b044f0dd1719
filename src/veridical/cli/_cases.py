"""What the commands on cases share: opening, who acts, times, and the line that ends each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ..errors import CaseDamaged, UsageError
from ..report.markup import one_line
from ._console import complain, err, out

if TYPE_CHECKING:
    from ..store.case import Case

DAMAGED = 1
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the case.", show_default=False)]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this (default: the examiner of the case).")]
OfExhibit = Annotated[int | None, typer.Option("--exhibit", metavar="NUMBER", help="About this exhibit only.")]


@contextmanager
def opened(folder: Path) -> Iterator[Case]:
    """Open a case, and end the command with a word if it was changed."""
    from ..store.case import Case

    try:
        yield Case.open(folder, waiting=waiting)
    except CaseDamaged as error:
        complain(f"{error}. Nothing was written. See what is left: veridical case check {folder}")
        raise typer.Exit(DAMAGED) from None


def waiting() -> None:
    """Say that another command holds the case."""
    err.print(Text("waiting for another command that is working on this case; Ctrl-C gives up", "dim"), soft_wrap=True)


def end(case: Case) -> None:
    """Print the end of the log: what is to be written down elsewhere, so that nobody can make another log."""
    count = case.head.count
    say(f"Log: {count} {'entry' if count == 1 else 'entries'}, head {case.head.sha256}")


def say(text: str, style: str = "") -> None:
    """Print one line that no name can break or colour."""
    out.print(Text(one_line(text), style), soft_wrap=True)


def busy(text: str) -> AbstractContextManager[object]:
    """Show what is being done, if somebody is watching."""
    return err.status(Text(one_line(text))) if err.is_terminal else nullcontext()


def moment(text: str, option: str) -> str:
    """Check a time that a person gave: a date, or date and time with a zone, not in the future.

    Raises
    ------
    UsageError
        If it is neither.
    """
    text = text.strip()
    if not text:
        return ""
    try:
        if len(text) == len("2026-11-20"):
            if date.fromisoformat(text) > datetime.now(UTC).date():
                raise UsageError(f"{option} {text} lies in the future")
            return text
        given = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} takes a time such as 2026-11-20T14:05+01:00, or a date, not {text!r}") from None
    if given.tzinfo is None:
        raise UsageError(f"{option} {text} says no zone: write 2026-11-20T14:05+01:00, or 2026-11-20T13:05Z")
    if given > datetime.now(UTC):
        raise UsageError(f"{option} {text} lies in the future")
    return given.isoformat()


def size(count: int) -> str:
    """Return bytes as people write them."""
    return f"{count:,} bytes"
