"""``veridical observe REPORT.json``: a person's answers to the checklists, added to a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ..errors import UsageError
from ..report.markup import one_line
from . import _reports
from ._console import out

if TYPE_CHECKING:
    from ..report.observe import Ticks


def command(
    report: Annotated[Path, typer.Argument(metavar="REPORT.json", help="The report.", show_default=False)],
    answers: Annotated[
        Path | None,
        typer.Argument(metavar="[ANSWERS.json]", help="What the page of the report saved.", show_default=False),
    ] = None,
    ticks: Annotated[
        list[str] | None,
        typer.Option("--tick", metavar="ID:NUMBER=ANSWER", help="One answer: present, absent or unsure. Repeatable."),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who answered; needed if the file names nobody.")
    ] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A note to the answers given with --tick.")] = "",
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write here (default: beside the report).")
    ] = None,
) -> None:
    """Add to a report what a person saw: answers to the questions of its checklists.

    The answers are recorded as the examiner's observations. They change no finding, no weight and no conclusion. A new
    report is written (HTML and JSON); the one it was made from stays as it is.
    """
    from ..catalogue import load
    from ..report import observe, record
    from ..report.languages import chosen
    from ..report.to_html import to_html
    from ..report.to_json import from_json, to_json

    made = from_json(_read(report))
    for one in _given(answers, ticks or [], by.strip(), note, record.now()):
        made = observe.add(made, one)
    explain = {one.id: one.sections for one in load().examinations.values()}
    where = folder or report.parent
    _reports.check(where)
    stem = _reports.stem_of(Path(made.exhibit.path).name, made.exhibit.sha256)
    page = _reports.write(where, stem, page=to_html(made, explain=explain, language=chosen(None)), data=to_json(made))
    count = len(made.observations)
    out.print(f"{count} observation{'' if count == 1 else 's'} in the report, recorded and not weighed")
    out.print(Text(f"Report: {one_line(str(page))}", "bold"), soft_wrap=True, highlight=False)


def _given(answers: Path | None, ticks: list[str], by: str, note: str, now: str) -> Iterator[Ticks]:
    from ..report.observe import Ticks, parse_tick, read_ticks

    if answers is None and not ticks:
        raise UsageError("there is no answer to add: give a file of answers, or --tick ID:NUMBER=ANSWER")
    if answers is not None:
        read = read_ticks(_read(answers))
        yield Ticks(exhibit=read.exhibit, examiner=by or read.examiner, when=read.when, answers=read.answers)
    if ticks:
        parsed = tuple((*parse_tick(text), note) for text in ticks)
        yield Ticks(exhibit="", examiner=by, when=now, answers=parsed)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text: give the report that ends in .json") from None
