"""``veridical case examine | keep``: examine the working copies of a case, and keep reports in it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import CaseDamaged, UsageError
from . import examine as plain
from ._cases import By, Folder, end, opened, say
from ._console import complain, err
from ._options import Knobs, Only, Skip

if TYPE_CHECKING:
    from ..pipeline import Run
    from ..report.model import Report
    from ..store.case import Case
    from ..store.ledger import Exhibit

Number = Annotated[
    int | None, typer.Argument(metavar="[EXHIBIT]", help="Number of the exhibit (default: those without a report).")
]


def command(
    folder: Folder,
    exhibit: Number = None,
    only: Only = None,
    skip: Skip = None,
    knobs: Knobs = None,
    no_sound: Annotated[
        bool,
        typer.Option("--no-sound", help="Leave the copy of the sound, which can be listened to, out of the reports."),
    ] = False,
    stability: Annotated[
        bool, typer.Option("--stability", help="Examine benign re-encodings of each exhibit, too (see examine --help).")
    ] = False,
    by: By = "",
) -> None:
    """Examine the exhibits of a case and keep their reports in it.

    The working copy is hashed before and after. A report that is kept is never replaced: examining an exhibit again adds
    another. See them with: veridical case show FOLDER EXHIBIT --out DIR.

    Exit codes: 0 everything was examined; 1 an exhibit could not be examined, or the case was changed; 2 wrong usage; 3 an
    examination failed; 130 interrupted (what was finished is in the report that is kept).
    """
    from ..pipeline import Request, Run

    request = Request(
        only=tuple(only or ()), skip=tuple(skip or ()), knobs=plain.parse_knobs(knobs or []), sound=not no_sound,
        stability_s=plain._seconds(stability, None), command=shlex.join(["veridical", *sys.argv[1:]]),
    )  # fmt: skip
    codes = [0]
    with opened(folder) as case:
        wanted = _wanted(case, exhibit)
        progress = plain._Shown() if err.is_terminal else plain._Quiet()
        run = Run(request, tell=progress.tell)
        for one in wanted:
            with progress.about(case.copy_of(one), len(run.chosen)):
                report = _examine(case, one, run)
            kept = case.record(one, _text(report), summary(report), command=request.command, by=by)
            say(f"Exhibit {one.number}: {one.name}", "bold")
            say(f"  {report.error['problem'] if report.error else report.conclusion.statement}")
            say(f"  report kept as entry {kept.entry}, SHA-256 {kept.sha256}")
            codes.append(plain._code(report))
            if report.record.interrupted:
                end(case)
                raise typer.Exit(130)
        end(case)
    raise typer.Exit(max(codes))


def keep(
    folder: Folder,
    report: Annotated[Path, typer.Argument(metavar="REPORT.json", help="A report about an exhibit of the case.")],
    by: By = "",
) -> None:
    """Keep a report that was made outside of the case, such as one with observations added by: veridical observe.

    It must be about the very file: the hash of an exhibit must stand in it. The log says which file it was taken from.
    """
    from ..report.to_json import from_json

    try:
        text = report.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{report} cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise UsageError(f"{report} is not text: give the report that ends in .json") from None
    made = from_json(text)
    with opened(folder) as case:
        about = next((one for one in case.exhibits() if one.sha256 == made.exhibit.sha256), None)
        if about is None:
            raise UsageError(f"{report} is about a file that is no exhibit of this case; add the file first")
        known = next((one for one in case.ledger.examined if case.report(one) == text), None)
        if known is not None:
            raise UsageError(f"{report} is in the case already, as entry {known.entry}")
        source = str(report.resolve())
        kept = case.record(about, text, summary(made), command=made.record.command, source=source, by=by)
        say(f"Report about exhibit {about.number} kept as entry {kept.entry}, SHA-256 {kept.sha256}")
        end(case)


def summary(report: Report) -> dict[str, Any]:
    """Return what a report says in short, as the log keeps it: without fractions."""
    concluded = report.conclusion
    outcomes: Mapping[str, int] = {
        name: sum(one.outcome == name for one in report.findings) for name in ("measured", "not_applicable", "failed")
    }
    return {
        "band": concluded.band, "statement": concluded.statement, "findings": dict(outcomes),
        "log10_lr": None if concluded.log10_lr is None else f"{concluded.log10_lr:.3f}",
        "propositions": list(concluded.propositions), "error": report.error["problem"] if report.error else "",
        "interrupted": report.record.interrupted, "observations": len(report.observations),
        "schema_version": report.schema_version,
    }  # fmt: skip


def _wanted(case: Case, number: int | None) -> Sequence[Exhibit]:
    if number is not None:
        return [case.exhibit(number)]
    if not case.exhibits():
        raise UsageError(f"{case.folder} has no exhibit yet; add one with: veridical case add {case.folder} FILE")
    done = {one.exhibit for one in case.ledger.examined if not one.summary["interrupted"]}
    wanted = [one for one in case.exhibits() if one.number not in done]
    if not wanted:
        raise UsageError(
            "every exhibit has a report; name one to examine it again: veridical case examine FOLDER EXHIBIT"
        )
    return wanted


def _examine(case: Case, exhibit: Exhibit, run: Run) -> Report:
    """Examine a working copy; raises CaseDamaged if it is not what was added, before or afterwards."""
    from ..store import working

    working.verified(case.folder, exhibit)
    report = run.examine(case.copy_of(exhibit), on_error=lambda error: complain(str(error)), keep_interrupted=True)
    working.verified(case.folder, exhibit)
    if report.exhibit.sha256 != exhibit.sha256:
        raise CaseDamaged(f"exhibit {exhibit.number}: what was examined is not what was added")
    return replace(report, exhibit=replace(report.exhibit, path=exhibit.copy))


def _text(report: Report) -> str:
    from ..report.to_json import to_json

    return to_json(report)
