"""The findings of reports as a table: one row a finding, for spreadsheets and case management."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from .model import Report, ReportedFinding
from .solve_it import techniques_of

COLUMNS = (
    "file", "sha256", "kind", "state_of_file", "conclusion", "conclusion_log10_lr", "finding", "branch", "question",
    "outcome", "value", "unit", "observation", "reason", "log10_lr", "log10_lr_from", "log10_lr_to", "bound", "lowest",
    "condition", "table", "group", "unweighed", "examiners_aid", "solve_it", "settings", "veridical", "started",
)  # fmt: skip
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell as a formula; the wide forms are taken for the narrow ones by some."""

Cell = str | float | None


def to_csv(reports: Iterable[Report]) -> str:
    """Write the findings of reports as CSV (RFC 4180, UTF-8), with a line of column names.

    A text that a spreadsheet could take for a formula gets an apostrophe in front. Numbers are written as numbers with a
    point; what is not known is empty.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for report in reports:
        for finding in report.findings:
            writer.writerow([written(cell) for cell in _row(report, finding)])
    return out.getvalue()


def written(cell: Cell) -> str:
    """Return what stands in a cell, so that no spreadsheet runs it."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, str):
        text = cell.encode("utf-8", "backslashreplace").decode()
        return f"'{text}" if text.lstrip(" \x00").startswith(_ACTIVE) else text
    return repr(cell)


def _row(report: Report, finding: ReportedFinding) -> Iterator[Cell]:
    exhibit, what, weight = report.exhibit, report.conclusion, finding.evidence
    yield from (PurePath(exhibit.path).name, exhibit.sha256, exhibit.kind, exhibit.condition, what.band, what.log10_lr)
    yield from (finding.id, finding.branch, finding.question, finding.outcome, finding.value)
    yield from (finding.unit, finding.observation, finding.reason)
    if weight is None:
        yield from [None] * 8
    else:
        yield from (weight.log10_lr, *weight.interval, weight.bound)
        yield from (
            -weight.bound if weight.lowest is None else weight.lowest,
            weight.condition,
            weight.table,
            weight.group,
        )
    yield from (finding.unweighed, "yes" if finding.aid else "no")
    yield " ".join(one.id for one in techniques_of(finding.id, exhibit.kind))
    yield "; ".join(f"{name} = {value}" for name, value in finding.settings.items())
    yield from (report.record.version, report.record.started)
