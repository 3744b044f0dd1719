"""All measured values in one table, each against its pristine population: what a reader wants to see first."""

from __future__ import annotations

from bisect import bisect_left

from .branches import by_branch
from .markup import Child, Html, element, identifier, number, quantity, table
from .model import ReportedFinding
from .page import Page
from .sections import section
from .strips import place_of, strip

UNUSUAL = 95
"""Quantile, in hundredths, above which a value is called unusual among pristine files."""


def glance(page: Page) -> Html | None:
    """Build the table; nothing where no finding has a population."""
    words = page.words
    measured = [one for group in by_branch(page.report.findings).values() for one in group if one.outcome == "measured"]
    compared = [one for one in measured if one.population is not None]
    if not compared:
        return None
    columns = [words(f"glance.{name}") for name in ("question", "value", "pristine")]
    rows = [_row(one, page) for one in measured]
    above = sum(is_unusual(one) for one in compared)
    said = words("glance.count", above=above, compared=len(compared), expected=number(round(len(compared) / 20, 1)))
    return section(
        "glance", words("glance"), element("p", said), element("p", words("glance.note"), class_="note"),
        table(columns, rows, label=words("glance")),
    )  # fmt: skip


def is_unusual(finding: ReportedFinding) -> bool:
    """Return whether the value is above 95 in 100 of its pristine population."""
    held = finding.population
    return held is not None and finding.value is not None and bisect_left(held.quantiles, finding.value) > UNUSUAL


def _row(finding: ReportedFinding, page: Page) -> tuple[Child, ...]:
    held, value = finding.population, finding.value
    link = element("a", finding.question or finding.id, href=f"#finding-{finding.id}")
    name = element("span", identifier(finding.id), class_="note")
    if held is None or value is None:
        return [link, " ", name], quantity(value or 0.0, finding.unit), page.words("glance.none")
    mark = element("span", page.words("glance.unusual"), class_="badge unusual") if is_unusual(finding) else None
    shown: list[Child] = [
        strip(held, value), element("span", place_of(held, value, page), class_="note"), " ", mark,
    ]  # fmt: skip
    return [link, " ", name], quantity(value, finding.unit), shown
