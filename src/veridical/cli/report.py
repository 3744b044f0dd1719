"""``veridical report REPORT.json``: the examiner's report, as HTML and PDF/A."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ..errors import UsageError
from ..report.markup import one_line
from ._console import out
from ._options import Language

ENDINGS = (".examiner.pdf", ".examiner.html")


def command(
    report: Annotated[Path, typer.Argument(metavar="REPORT.json", help="The report as data.", show_default=False)],
    facts: Annotated[
        Path | None, typer.Option("--facts", metavar="FACTS.toml", help="Facts of the case, given by people.")
    ] = None,
    language: Language = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="OUT.pdf", help="Write the PDF (PDF/A-2b) here.")] = None,
    page: Annotated[Path | None, typer.Option("--html", metavar="OUT.html", help="Write the HTML page here.")] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Write the one-page summary in plain words alone.")
    ] = False,
) -> None:
    """Write the examiner's report: everything that guidelines ask of one, filled or named as open.

    With neither --pdf nor --html both are written beside REPORT.json. Files that are there already are kept: choose
    another name. What no program can know (who asked, with what right, how the file was obtained, who reviewed) comes from
    --facts; what is not given is named as open in the report. The same data give the same PDF, byte for byte.

    Exit codes: 0 written; 2 wrong usage, no report of veridical, or a file could not be written.
    """
    from ..catalogue import load
    from ..report.casework import CaseFacts, from_toml
    from ..report.formal.build import build
    from ..report.formal.to_html import to_html
    from ..report.formal.to_pdf import to_pdf
    from ..report.languages import chosen
    from ..report.to_json import from_json

    content = _read(report)
    explain = {one.id: one.sections for one in load().examinations.values()}
    document = build(
        from_json(_text(content, report)), from_toml(_text(_read(facts), facts)) if facts else CaseFacts(), explain=explain,
        language=chosen(language), data_sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    if pdf is None and page is None:
        stem = report.name.removesuffix(".json").removesuffix(".report") + (".summary" if summary else "")
        pdf, page = (report.with_name(stem + ending) for ending in ENDINGS)
    wanted = [path for path in (pdf, page) if path]
    for path in wanted:
        if path.exists():
            raise UsageError(f"{path} is there already and is kept; choose another name with --pdf or --html")
    if pdf:
        _write(pdf, to_pdf(document, summary_only=summary))
    if page:
        _write(page, to_html(document, summary_only=summary).encode("utf-8"))
    if document.open and not summary:
        count = len(document.open)
        out.print(
            f"{count} box{'' if count == 1 else 'es'} left open and named as such; give what is known with --facts"
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"{path} is not text in UTF-8: give the report that ends in .json, and facts in TOML"
        ) from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"{path} could not be written ({error.strerror}); choose another place") from None
    out.print(Text(f"Examiner's report: {one_line(str(path))}", "bold"), soft_wrap=True, highlight=False)
