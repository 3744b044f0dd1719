"""``veridical export REPORT.json``: what a report holds, for other programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ..errors import UsageError
from ..report.markup import one_line
from ._console import out


class Format(StrEnum):
    """What to write."""

    CSV = "csv"
    CASE = "case"


ENDINGS = {Format.CSV: ".findings.csv", Format.CASE: ".case.jsonld"}


def command(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT.json…", help="Reports as data.", show_default=False)],
    to: Annotated[
        Format, typer.Option("--to", help="csv: a row a finding; case: CASE/UCO as JSON-LD.", show_default=False)
    ],
    into: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Write here; - writes to the terminal.", show_default=False)
    ] = "",
) -> None:
    """Write the findings of reports for other programs: a table for spreadsheets, or CASE/UCO for case management.

    Several reports become one file. Without --out it is written beside the first report. Files that are there already are
    kept: choose another name. Cells that a spreadsheet could run as a formula get an apostrophe in front. Findings carry the
    ids of techniques of the SOLVE-IT knowledge base where these could be confirmed.

    Exit codes: 0 written; 2 wrong usage, no report of veridical, or the file could not be written.
    """
    from ..report.to_case_uco import to_case_uco
    from ..report.to_csv import to_csv
    from ..report.to_json import from_json

    read = [from_json(_text(path)) for path in reports]
    text = to_csv(read) if to is Format.CSV else to_case_uco(read)
    if into == "-":
        sys.stdout.write(text)
        return
    stem = reports[0].name.removesuffix(".json").removesuffix(".report")
    path = Path(into) if into else reports[0].with_name(stem + ENDINGS[to])
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already and is kept; choose another name with --out") from None
    except OSError as error:
        raise UsageError(f"cannot write to {path} ({error.strerror}); choose another name with --out") from None
    out.print(Text(f"Written: {one_line(str(path))}", "bold"), soft_wrap=True, highlight=False)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text: give the report that ends in .json") from None
