"""``veridical case``: exhibits, who did what with them, and the reports, kept so that any change is seen.

Exit codes: 0 done; 1 the case was changed, or a file was refused; 2 wrong usage, or the disk refused; 3 an examination failed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import MediaError, UsageError
from . import case_examine, case_look
from ._cases import DAMAGED, By, Folder, OfExhibit, busy, end, moment, opened, say, size
from ._console import caution, complain

app = typer.Typer(
    no_args_is_help=True,
    help="Keep a case: working copies, a log that shows any change, and every report. How: docs/cases.md",
)
Question = Annotated[str, typer.Option("--question", metavar="TEXT", help="What was asked.")]
Examiner = Annotated[str, typer.Option("--examiner", metavar="NAME", help="Who examines.")]
Requester = Annotated[str, typer.Option("--requester", metavar="NAME", help="Who asked.")]
Authority = Annotated[str, typer.Option("--authority", metavar="TEXT", help="On what legal basis.")]
Competence = Annotated[str, typer.Option("--competence", metavar="TEXT", help="What qualifies the examiner.")]
Laboratory = Annotated[str, typer.Option("--laboratory", metavar="NAME", help="Where it is examined.")]
Background = Annotated[
    str, typer.Option("--background", metavar="TEXT", help="What is known beforehand and relied on.")
]


@app.command()
def new(
    folder: Folder,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Number or name of the case.")],
    question: Question = "",
    examiner: Examiner = "",
    requester: Requester = "",
    authority: Authority = "",
    competence: Competence = "",
    laboratory: Laboratory = "",
    background: Background = "",
) -> None:
    """Open a case in a new folder.

    What is not given stays open in the reports; give it later with: veridical case amend.
    """
    from ..store.case import Case
    from ..store.ledger import Particulars

    made = Case.create(
        folder,
        Particulars(
            name=name, question=question, examiner=examiner, requester=requester, authority=authority,
            competence=competence, laboratory=laboratory, background=background,
        ),
    )  # fmt: skip
    missing = [one for one, given in (("--question", question), ("--examiner", examiner)) if not given]
    if missing:
        caution(f"not given, and so open: {', '.join(missing)}; give it with: veridical case amend {folder}")
    say(f"Case {name} opened in {folder}", "bold")
    end(made)


@app.command()
def amend(
    folder: Folder,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Number or name of the case.")] = "",
    question: Question = "",
    examiner: Examiner = "",
    requester: Requester = "",
    authority: Authority = "",
    competence: Competence = "",
    laboratory: Laboratory = "",
    background: Background = "",
    by: By = "",
) -> None:
    """Change or complete what was said when the case was opened; the log keeps what stood there before."""
    given = {
        "name": name, "question": question, "examiner": examiner, "requester": requester, "authority": authority,
        "competence": competence, "laboratory": laboratory, "background": background,
    }  # fmt: skip
    with opened(folder) as case:
        entry = case.amend({key: text for key, text in given.items() if text}, by=by)
        say(f"Written down as entry {entry.number}")
        end(case)


@app.command()
def add(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files to take into the case.")],
    source: Annotated[
        str, typer.Option("--obtained-from", metavar="TEXT", help="An address, a device or a person.")
    ] = "",
    at: Annotated[
        str, typer.Option("--obtained-at", metavar="TIME", help="When: 2026-11-20T14:05+01:00, or a date.")
    ] = "",
    obtained_by: Annotated[str, typer.Option("--obtained-by", metavar="NAME", help="Who obtained it.")] = "",
    how: Annotated[str, typer.Option("--obtained-with", metavar="TEXT", help="With what tool, and how.")] = "",
    nature: Annotated[
        str, typer.Option("--nature", metavar="TEXT", help="original or derivative, as far as it is known.")
    ] = "",
    by: By = "",
) -> None:
    """Take files into a case: each is read once and hashed twice, and a read-only working copy is kept.

    The original is opened for reading only and never again. A line is printed for each file that was accepted: from then on
    nothing can lose it unseen.
    """
    from ..store.ledger import Origin

    if nature not in ("", "original", "derivative"):
        raise UsageError(f"--nature is original or derivative, not {nature!r}")
    origin = Origin(source=source, time=moment(at, "--obtained-at"), by=obtained_by, how=how, nature=nature)
    refused = 0
    with opened(folder) as case:
        for path in files:
            try:
                with busy(f"reading {path}"):
                    exhibit, entry = case.add(path, origin, by=by)
            except MediaError as error:
                complain(str(error))
                refused += 1
                continue
            if len(exhibit.added) > 1:
                say(f"{path}: is exhibit {exhibit.number} already, byte for byte; written down as entry {entry.number}")
                continue
            say(
                f"Exhibit {exhibit.number}: {path}, {size(exhibit.bytes)}, {exhibit.format or 'no known format'}",
                "bold",
            )
            say(f"  SHA-256 {exhibit.sha256}")
            say(f"  SHA-512 {exhibit.sha512}")
            say(f"  working copy {case.copy_of(exhibit)}, both hashes match; entry {entry.number}")
            if not exhibit.format:
                caution(
                    f"{path} is no image, video or sound recording that is known here: it is kept, and cannot be examined"
                )
        end(case)
    if refused:
        raise typer.Exit(DAMAGED)


@app.command()
def agree(
    folder: Folder,
    first: Annotated[str, typer.Option("--first", metavar="TEXT", help="The first proposition.")],
    second: Annotated[str, typer.Option("--second", metavar="TEXT", help="The second, which excludes the first.")],
    agreed_with: Annotated[str, typer.Option("--with", metavar="NAME", help="With whom they were agreed.")] = "",
    agreed_at: Annotated[str, typer.Option("--at", metavar="TIME", help="When they were agreed.")] = "",
    exhibit: OfExhibit = None,
    by: By = "",
) -> None:
    """Write down the two propositions that were agreed, before anything is examined.

    They are recorded with the time. A likelihood ratio in a report still compares the propositions that the report prints:
    those that its calibration was measured for.
    """
    with opened(folder) as case:
        entry = case.agree(
            first, second, agreed_with=agreed_with, agreed_at=moment(agreed_at, "--at"), exhibit=exhibit, by=by
        )
        if entry.details["after_examination"]:
            caution("something was examined before these propositions were written down; the log says so")
        say(f"Propositions written down as entry {entry.number}")
        end(case)


@app.command()
def note(
    folder: Folder,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be written down.", show_default=False)],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="note, observation, context, review or correction.")
    ] = "note",
    exhibit: OfExhibit = None,
    by: By = "",
) -> None:
    """Write a note or an observation into the log. Nothing in the log is ever changed: correct a note with another."""
    with opened(folder) as case:
        entry = case.note(text, kind=kind, exhibit=exhibit, by=by)
        say(f"Written down as entry {entry.number}")
        end(case)


@app.command()
def transfer(
    folder: Folder,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="From whom to whom, and how.", show_default=False)],
    exhibit: OfExhibit = None,
    by: By = "",
) -> None:
    """Write down that exhibits were handed over: their working copies are hashed anew, and the log keeps what was found."""
    with opened(folder) as case:
        entry = case.transfer(text, exhibit=exhibit, by=by)
        count = len(entry.details["hashes"])
        found = "1 working copy, its hashes are" if count == 1 else f"{count} working copies, all hashes are"
        say(f"Hashed anew: {found} those of the original; entry {entry.number}")
        end(case)


app.command("examine")(case_examine.command)
app.command("keep")(case_examine.keep)
app.command("list")(case_look.list_cases)
app.command("show")(case_look.show)
app.command("export")(case_look.export_case)
app.command("check")(case_look.check)
