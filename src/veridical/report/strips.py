"""Where a value lies among pristine files: one strip, and the sentence that says the same."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from .markup import Child, Html, element, number
from .model import Population, ReportedFinding
from .page import Page

_BEYOND = 0.12
"""Room on either side of the middle nine tenths, as a share of them."""


def population_strip(finding: ReportedFinding, page: Page) -> list[Child]:
    """Draw the value on the strip of its population, and say in words where it lies."""
    held = finding.population
    if held is None or finding.value is None:
        return []
    return [strip(held, finding.value), element("span", said(held, finding.value, finding.unit, page), class_="note")]


def said(held: Population, value: float, unit: str, page: Page) -> str:
    """Say where the middle nine tenths lie, and how many in a hundred the value is above."""
    low, high = number(round_to(held.quantiles[5])), number(round_to(held.quantiles[95]))
    words = page.words
    unit = "" if unit == "1" else f" {unit}"
    return words(
        "population.text", files=held.files, sources=held.sources, condition=held.condition, low=low, high=high,
        unit=unit,
        place=place_of(held, value, page),
    )  # fmt: skip


def place_of(held: Population, value: float, page: Page) -> str:
    """Say how many in a hundred of the population the value is above."""
    below, among = bisect_left(held.quantiles, value), bisect_right(held.quantiles, value)
    if below > 100:
        return page.words("population.above_all")
    if among == 0:
        return page.words("population.below_all")
    return page.words("population.above", n=min(below, 99))


def round_to(value: float) -> float:
    """Round to three significant digits."""
    return float(f"{value:.3g}")


def strip(held: Population, value: float) -> Html:
    """Draw the middle nine tenths, the middle half, the median, and the value."""
    q, ends = held.quantiles, _reach(held.quantiles, value)
    low, first, middle, third, high, here = (_along(ends, v) for v in (q[5], q[25], q[50], q[75], q[95], value))
    return element(
        "svg",
        element("rect", x=low, y=9, width=max(high - low, 1), height=6, class_="nine"),
        element("rect", x=first, y=6, width=max(third - first, 1), height=12, class_="half"),
        element("line", x1=middle, x2=middle, y1=4, y2=20, class_="median"),
        element("path", d=f"M{here} 12l5 -10h-10z", class_="here"),
        element("line", x1=here, x2=here, y1=2, y2=22, class_="here"),
        viewBox="0 0 400 24", class_="population", aria_hidden="true",
    )  # fmt: skip


def _reach(quantiles: Sequence[float], value: float) -> tuple[float, float]:
    """Return the ends of the scale: the middle nine tenths with some room, and the value unless it lies far out."""
    low, high = quantiles[5], quantiles[95]
    room = (high - low) * _BEYOND or abs(high) * _BEYOND or 1.0
    start, end = min(low - room, max(value, low - 2 * (high - low))), high + room
    if value > end:
        end = min(value, high + 2 * (high - low)) or end
    return start, end


def _along(ends: tuple[float, float], value: float) -> float:
    """Return where a value stands on the strip, 8 to 392."""
    start, end = ends
    return round(8 + 384 * min(max((value - start) / ((end - start) or 1.0), 0.0), 1.0), 1)
