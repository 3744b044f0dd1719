"""The report as a summary for a terminal; plain lines without colours or boxes where the output is not a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .branches import by_branch
from .conclusion_section import apart_in, reach, said_weight
from .markup import number, one_line
from .model import Report, ReportedFinding
from .page import Page, page_of
from .sections import size, stored

STYLES = {"measured": "green", "not_applicable": "dim", "failed": "red"}


def print_report(report: Report, console: Console, *, page: Path | None = None, language: str = "en") -> None:
    """Print the conclusion, the findings by branch, what could not be examined and why, and where the report lies.

    Parameters
    ----------
    page
        The file into which the report was written as a page.
    """
    made = page_of(report, {}, language)
    for text, style in _above(made):
        _line(console, text, style)
    if console.is_terminal:
        console.print(_table(made))
    else:
        for row in _rows(made):
            _line(console, " | ".join(row))
    for reason in dict.fromkeys(one.reason for one in made.report.not_examined):
        ids = ", ".join(one.id for one in made.report.not_examined if one.reason == reason)
        _line(console, f"{made.words('coverage.not_examined')} ({reason}): {ids}", "dim")
    if page is not None:
        path = one_line(str(page))  # its spaces must stay, so that it can be copied
        console.print(Text(made.words("terminal.report", path=path), style="bold"), soft_wrap=True, highlight=False)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(_one_line(text), style=style), soft_wrap=True, highlight=False)


def _one_line(text: str) -> str:
    return one_line(" ".join(text.split()))


def _above(page: Page) -> Iterator[tuple[str, str]]:
    words, report = page.words, page.report
    exhibit, what = report.exhibit, report.conclusion
    kind = words.get(f"kind.{exhibit.kind}", exhibit.kind)
    facts = ", ".join(part for part in (kind, exhibit.format, size(exhibit.bytes, page)) if part)
    yield words("terminal.head", name=page.name, facts=facts), ""
    for text in stored(page):
        yield text, ""
    if exhibit.condition:
        yield words("terminal.condition", text=exhibit.condition), ""
    yield what.statement, ""
    yield f"{words('conclusion')}: {what.band}", "bold"
    yield from _conclusion(page)
    if what.stability is not None:
        yield f"{words('conclusion.stability')}: {what.stability.statement}", ""
    for text in what.declarations:
        yield words("terminal.declares", text=text), "yellow"
    for text in what.limits:
        yield words("terminal.limit", text=text), "dim"
    yield counts(page), ""


def _conclusion(page: Page) -> Iterator[tuple[str, str]]:
    """Say what the conclusion rests on: scale, weight, groups, what lowered it, category."""
    words, what = page.words, page.report.conclusion
    if what.scale is not None:
        steps = ", ".join(f"{one.words} ({reach(page, one)})" for one in what.scale.steps)
        yield words("terminal.scale", steps=steps, edition=what.scale.edition), "dim"
    if what.log10_lr is not None:
        yield f"{words('conclusion.weight')}: {said_weight(page, what)}", ""
    for one in what.groups:
        yield (
            words("terminal.group", group=one.group, ratio=number(round(one.log10_lr, 2)), ids=", ".join(one.members)),
            "",
        )
    if apart := apart_in(page, what):
        yield apart, "yellow"
    if what.missing:
        yield f"{words('conclusion.missing')}: {', '.join(what.missing)}", "dim"
    for text in what.caps:
        yield words("terminal.cap", text=text), "yellow"
    if what.category:
        yield f"{words('conclusion.category')}: {what.category}. {what.category_note}", ""


def counts(page: Page) -> str:
    """Say in one line how many examinations came to what."""
    of = [finding.outcome for finding in page.report.findings]
    return page.words(
        "terminal.counts", measured=of.count("measured"), unable=of.count("not_applicable"), failed=of.count("failed"),
        not_examined=len(page.report.not_examined), weighed=sum(f.evidence is not None for f in page.report.findings),
    )  # fmt: skip


def _rows(page: Page) -> Iterator[tuple[str, str, str, str]]:
    for branch, group in by_branch(page.report.findings).items():
        for finding in group:
            name = page.words.get(f"branch.{branch}", branch)
            yield name, finding.id, page.words(f"outcome.{finding.outcome}"), _said(finding, page)


def _said(finding: ReportedFinding, page: Page) -> str:
    said = finding.observation if finding.outcome == "measured" else finding.reason
    if finding.evidence is None:
        return said
    return f"{said} [{page.words('terminal.weight', ratio=number(finding.evidence.log10_lr))}]"


def _table(page: Page) -> Table:
    words = page.words
    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=False)
    for name in ("branch", "examination", "outcome", "observation"):
        table.add_column(words(f"terminal.{name}"), overflow="fold", no_wrap=name in ("examination", "outcome"))
    outcomes = [finding.outcome for group in by_branch(page.report.findings).values() for finding in group]
    above = ""
    for outcome, row in zip(outcomes, _rows(page), strict=True):
        branch = row[0] if row[0] != above else ""
        above = row[0]
        cells = (branch, *row[1:])
        table.add_row(*(Text(_one_line(cell), style=STYLES[outcome] if i == 2 else "") for i, cell in enumerate(cells)))
    return table
