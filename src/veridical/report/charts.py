"""A chart as a figure: plain SVG that stretches while its letters keep their size. Time charts share one time axis."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

import numpy as np

from ..finding import Chart, Line, Span
from .markup import Html, element, joined, number, quantity
from .pictures import seconds
from .wording import Words, of_face

COLUMNS = 700
STYLES = 6
_NARROW_PX, _DIGIT_PX = 250, 7  # an axis on a telephone; a digit under it
Range = tuple[float, float]


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round values (1, 2 or 5 times a power of ten apart) within a range, about ``wanted`` of them."""
    if not high > low:
        return [low]
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda m: abs(m * power - raw))
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def span_of(arrays: Sequence[np.ndarray]) -> Range | None:
    """Return the smallest and largest finite value, widened if they are equal; None if there is none."""
    finite = [a[np.isfinite(a)] for a in arrays]
    ends = [(float(a.min()), float(a.max())) for a in finite if a.size]
    if not ends:
        return None
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    return (low, high) if high > low else (low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2)


def chart_figure(
    chart: Chart, words: Words, *, time: Range | None = None, spans: Sequence[Span] = (), frames: bool = False,
    hears: bool = False,
) -> Html:  # fmt: skip
    """Build the figure of one chart.

    Parameters
    ----------
    time
        The exhibit's own time, for charts with a time line.
    spans
        Stretches of time to shade on a time line.
    frames
        True if there are frames to show for a time.
    hears
        True if a time is played when it is clicked.
    """
    caption = element("p", element("strong", chart.name), f". {chart.caption}" if chart.caption else None)
    every = [_finite(line) for line in chart.lines]
    lines = every[:STYLES] if chart.timeline else every
    across = span_of([line.x for line in lines])
    up = span_of([line.y for line in lines])
    if across is None or up is None:
        return element("figure", element("p", words("chart.empty")), element("figcaption", caption), class_="chart")
    if chart.timeline and time:
        across = (min(time[0], across[0]), max(time[1], across[1]))
    marks_y = ticks(*up)
    up = _padded(up)
    seek = " hear" if chart.timeline and hears else " " if chart.timeline and frames else ""
    touch = {"": "chart.touch", " ": "chart.touch.time", " hear": "chart.touch.sound"}[seek]
    thinned = any(line.x.size > 2 * COLUMNS for line in lines)
    notes = [words("chart.thinned")] if thinned else []
    if left := len(every) - len(lines):
        notes.append(words("chart.more", n=left))
    return element(
        "figure", _title(chart), _body(chart, lines, across, up, marks_y=marks_y, words=words, seek=seek, spans=spans),
        element("output", words(touch), class_="readout", aria_live="off"),
        _legend(lines, words), element("figcaption", caption, [element("p", note, class_="note") for note in notes]),
        class_="chart timeline" if chart.timeline else "chart",
    )  # fmt: skip


def path(line: Line, across: Range, up: Range) -> str:
    """Return an SVG path on a plane of 1000 × 1000; a gap where a value is missing, a dot where one stands alone."""
    x, y = thin_line(line.x, line.y, across)
    px = (x - across[0]) / (across[1] - across[0]) * 1000
    py = 1000 - (y - up[0]) / (up[1] - up[0]) * 1000
    done, pen, run = [], False, 0
    for a, b in zip(px.tolist(), py.tolist(), strict=True):
        if math.isfinite(a) and math.isfinite(b):
            done.append(f"{'L' if pen else 'M'}{a:.1f} {b:.1f}")
            pen, run = True, run + 1
        else:
            done += ["h0"] if run == 1 else []
            pen, run = False, 0
    return "".join(done + (["h0"] if run == 1 else []))


def dots(line: Line, across: Range, up: Range) -> str:
    """Return an SVG path of the points that stand alone: a line too short to be seen."""
    return "".join(re.findall(r"M[^MLh]*h0", path(line, across, up)))


def thin_line(x: np.ndarray, y: np.ndarray, across: Range) -> tuple[np.ndarray, np.ndarray]:
    """Keep the smallest and largest value, and a gap if there is one, in each column of the drawing."""
    if x.size <= 2 * COLUMNS:
        return x, y
    column = np.clip((x - across[0]) / (across[1] - across[0]) * COLUMNS, 0, COLUMNS - 1)
    order = np.argsort(np.nan_to_num(column), kind="stable")
    edges = np.flatnonzero(np.diff(np.nan_to_num(column)[order].astype(int))) + 1
    kept: list[int] = []
    for part in np.split(order, edges):
        known = part[np.isfinite(y[part])]
        picked = {int(known[np.argmin(y[known])]), int(known[np.argmax(y[known])])} if known.size else set()
        if known.size < part.size:
            picked.add(int(part[~np.isfinite(y[part])][0]))
        kept += sorted(picked)
    return x[kept], y[kept]


def _finite(line: Line) -> Line:
    n = min(len(line.x), len(line.y))
    x, y = (np.asarray(a[:n], np.float64).ravel() for a in (line.x, line.y))
    return Line(name=line.name, x=x, y=np.where(np.isfinite(x), y, np.nan), track=line.track)


def _padded(up: Range) -> Range:
    room = (up[1] - up[0]) * 0.06
    return (up[0] - room, up[1] + room)


def axis(name: str, unit: str) -> str:
    """Return the title of an axis, with its unit in brackets."""
    return name if unit in ("", "1") else f"{name} ({unit})"


def _title(chart: Chart) -> Html:
    return element("p", axis(chart.y_name, chart.y_unit), class_="axis up")


def _body(
    chart: Chart, lines: Sequence[Line], across: Range, up: Range, *, marks_y: Sequence[float], words: Words, seek: str,
    spans: Sequence[Span],
) -> Html:  # fmt: skip
    def right(value: float) -> str:
        return f"{(value - across[0]) / (across[1] - across[0]) * 100:.2f}%"

    def down(value: float) -> str:
        return f"{100 - (value - up[0]) / (up[1] - up[0]) * 100:.2f}%"

    marks_x = ticks(*across)
    label = words(
        "chart.alt", name=chart.name, x=axis(chart.x_name, chart.x_unit), y=axis(chart.y_name, chart.y_unit),
        lines="; ".join(_summary(line, chart.y_unit, words) for line in lines),
    )  # fmt: skip
    shades = [
        element("rect", x=right(max(s.start_s, across[0])), y=0, height="100%", class_="shade",
                width=_width(s, across))
        for s in spans if chart.timeline
    ]  # fmt: skip
    grid = [element("line", x1=right(v), x2=right(v), y1=0, y2="100%", class_="grid upright") for v in marks_x]
    grid += [element("line", x1=0, x2="100%", y1=down(v), y2=down(v), class_="grid") for v in marks_y]
    marks = [
        element("line", x1=right(v), x2=right(v), y1=0, y2="100%", class_="mark")
        for v in chart.marks if across[0] <= v <= across[1]
    ]  # fmt: skip
    paths = [
        element("path", d=path(line, across, up), class_=f"line l{i % STYLES}", data_name=_named(line, words))
        for i, line in enumerate(lines)
    ]
    lone = [(i, dots(line, across, up)) for i, line in enumerate(lines)]
    paths = [*(element("path", d=drawn, class_=f"l{i % STYLES} dot") for i, drawn in lone if drawn), *paths]
    inner = element("svg", paths, viewBox="0 0 1000 1000", preserveAspectRatio="none", width="100%", height="100%")
    cursor = element("line", x1=0, x2=0, y1=0, y2="100%", class_="cursor")
    plot = element("svg", shades, grid, marks, inner, cursor, width="100%", height="200", aria_hidden="true")
    reader = element(
        "div", plot, class_=f"plot seek{seek}".rstrip() if seek else "plot", tabindex="0", role="slider", aria_label=label,
        aria_valuemin=across[0], aria_valuemax=across[1], aria_valuenow=across[0], data_low=up[0], data_high=up[1],
        aria_valuetext=quantity(across[0], chart.x_unit), data_x_name=chart.x_name, data_x_unit=_unit(chart.x_unit),
        data_y_unit=_unit(chart.y_unit),
    )  # fmt: skip
    left = [element("text", number(v), x=50, y=down(v), dy="0.35em", text_anchor="end") for v in marks_y]
    spare = _spare(marks_x, across)
    below = [
        element(
            "text", number(v), x=right(v), y=15, text_anchor=_anchor(v, across), class_="spare" if v in spare else None
        )
        for v in marks_x
    ]
    return element(
        "div", element("svg", left, width=56, height=200, class_="ys", aria_hidden="true"), reader,
        element("svg", below, width="100%", height=20, class_="xs", aria_hidden="true"),
        element("p", axis(chart.x_name, chart.x_unit), class_="axis across"), class_="frame-of-chart",
    )  # fmt: skip


def _width(span: Span, across: Range) -> str:
    share = (min(span.end_s, across[1]) - max(span.start_s, across[0])) / (across[1] - across[0])
    return f"{max(share * 100, 0.3):.2f}%"


def _anchor(value: float, across: Range) -> str:
    share = (value - across[0]) / (across[1] - across[0])
    return "start" if share < 0.04 else "end" if share > 0.96 else "middle"


def _spare(marks: Sequence[float], across: Range) -> Sequence[float]:
    """Return the numbers under the axis that are left out on a narrow screen: every second one if they would touch there."""
    reach = {"start": (0, 1), "middle": (0.5, 0.5), "end": (1, 0)}
    ends = []
    for value in marks:
        at, width = (value - across[0]) / (across[1] - across[0]) * _NARROW_PX, len(number(value)) * _DIGIT_PX
        left, right = reach[_anchor(value, across)]
        ends.append((at - left * width, at + right * width))
    touch = any(after[0] - before[1] < _DIGIT_PX for before, after in itertools.pairwise(ends))
    return marks[-2::-2] if touch else ()


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _named(line: Line, words: Words) -> str:
    return of_face(line.name, line.track, words)


def _summary(line: Line, unit: str, words: Words) -> str:
    ends = span_of([line.y])
    if ends is None:
        return f"{_named(line, words)}: {words('none')}"
    return f"{_named(line, words)}: {number(float(np.nanmin(line.y)))} – {quantity(float(np.nanmax(line.y)), unit)}"


def _legend(lines: Sequence[Line], words: Words) -> Html | None:
    entries = [
        element("li", element("svg", element("line", x1=0, x2=26, y1=5, y2=5, class_=f"line l{i % STYLES}"), width=26,
                              height=10, aria_hidden="true"), " ", _named(line, words))
        for i, line in enumerate(lines)
    ]  # fmt: skip
    return joined(element("ul", entries, class_="legend")) if entries else None


def time_of(chart_lines: Sequence[Chart], *ends: float) -> Range:
    """Return the time that all time charts of a page share: from 0 to the end of the exhibit."""
    last = [
        float(line.x[np.isfinite(line.x)].max()) for c in chart_lines for line in c.lines if np.isfinite(line.x).any()
    ]
    return (0.0, max([1e-3, *last, *(end for end in ends if math.isfinite(end))]))


def at(span: Span) -> str:
    """Write a stretch of time."""
    return (
        f"{seconds(span.start_s)}–{seconds(span.end_s)} s"
        if span.end_s > span.start_s
        else f"{seconds(span.start_s)} s"
    )
