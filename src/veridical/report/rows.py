"""The rows of a timeline: a name on the left, and on the right a track on which x is time."""

from __future__ import annotations

from .charts import Range
from .markup import Child, Html, element
from .page import Page

PLANE = 1000
"""Width and height of the plane of every track; the script of the page looks at a part of it to zoom."""
_THINNEST = 0.003


def row(label: Child, track: Child, kind: str, **data: object) -> Html:
    """Build one row: what it is, and what stands on its track."""
    return element(
        "div", element("div", label, class_="label"), element("div", track, class_="track"), class_=f"lane {kind}",
        **data,
    )  # fmt: skip


def plane(page: Page, time: Range, *inside: Child) -> Html:
    """Build the plane of a track, with the cuts on it."""
    cuts = [
        element("line", x1=x_of(cut, time), x2=x_of(cut, time), y1=0, y2=PLANE, class_="cut")
        for cut in page.report.exhibit.cuts if time[0] <= cut <= time[1]
    ]  # fmt: skip
    return element(
        "svg", inside, cuts, viewBox=f"0 0 {PLANE} {PLANE}", preserveAspectRatio="none", width="100%", height="100%",
        class_="trace", aria_hidden="true",
    )  # fmt: skip


def share_of(value: float, time: Range) -> float:
    """Return where a time lies between both ends."""
    return (value - time[0]) / (time[1] - time[0])


def x_of(value: float, time: Range) -> str:
    """Return where a time lies on the plane."""
    return f"{min(max(share_of(value, time), 0.0), 1.0) * PLANE:.2f}"


def width_of(start: float, end: float, time: Range) -> str:
    """Return how wide a stretch of time is on the plane, so that the shortest can still be seen."""
    low, high = (min(max(share_of(value, time), 0.0), 1.0) for value in (start, end))
    return f"{max(high - low, _THINNEST) * PLANE:.2f}"
