"""Drawings as SVG that needs nothing but itself: pictures with maps and boxes over them, planes, charts, spectrograms.

Every scale is absolute and printed. Letters that the typefaces of the PDF lack are written as code points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from ...finding import Chart, Line, Map, Region, Span
from ..charts import STYLES, Range, axis, path, span_of, thin_line, ticks
from ..colours import STEPS, data_uri, levels, png, table
from ..maps import draw
from ..markup import Child, Html, element, joined, number
from ..model import Preview, SoundShown
from ..pictures import place
from ..sound import HIGH_DB, LOW_DB
from ..wording import Words, of_face
from .letters import printable

WIDTH, MIDDLE, SMALL = 640, 460, 330
"""Widths of drawings that fill the text, two thirds of it, or half: letters are printed at one size in all."""
CELLS = 60_000
_QUALITY = 82
_FONT = "Libertinus Serif, Georgia, serif"
_LINES = ("#1f4e79", "#b3541e", "#2e7d4f", "#7a3b8f", "#8a6d00", "#555555")
_DASHES = ("", "6 3", "2 2", "8 3 2 3", "1 3", "10 4")
_POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")
_INK, _PALE = "#1a1a1a", "#c9c9c9"


def share_of(width: int) -> float:
    """Return the part of the width of the text that a drawing takes."""
    return {WIDTH: 1.0, MIDDLE: 0.7}.get(width, 0.48)


def width_for(aspect: float) -> int:
    """Return the width of a drawing of this shape."""
    return SMALL if aspect < 1.6 else MIDDLE if aspect < 2.6 else WIDTH


def picture_svg(preview: Preview) -> str:
    """Draw a preview alone."""
    width, height = _size(preview, MIDDLE)
    return _svg(width, height, _photo(preview, width, height))


def marked_svg(preview: Preview, regions: Sequence[tuple[int, Region]], native: tuple[float, float]) -> str:
    """Draw numbered boxes over a preview."""
    width, height = _size(preview)
    return _svg(width, height, _photo(preview, width, height), _boxes(preview, regions, native, width / preview.width))


def map_svg(
    figure: Map, preview: Preview | None, regions: Sequence[tuple[int, Region]], native: Sequence[float]
) -> str:
    """Draw a map over the original, or as a plane of its own, above its scale."""
    drawn = draw(figure, CELLS, 1 if preview is None else preview.orientation)
    rows, columns = drawn.steps.shape
    if preview is None:
        aspect = min(3.2, max(0.75, columns / rows))
        width = width_for(aspect)
        height, under = round(width / aspect), None
    else:
        width, height = _size(preview)
        under = _photo(preview, width, height)
    layer = _raster(drawn.steps, width, height, diverging=figure.diverging, see_through=preview is not None)
    over = None if preview is None else _boxes(preview, regions, (native[0], native[1]), width / preview.width)
    names = _names(figure, width, height) if preview is None else None
    foot = 16 if names else 0
    return _svg(width, height + 36 + foot, under, layer, over, names, _scale(figure, width, height + foot))


def _names(figure: Map, width: int, height: int) -> Html | None:
    told = " · ".join(f"{arrow} {name}" for arrow, name in (("→", figure.x_name), ("↓", figure.y_name)) if name)
    return _text(told, width / 2, height + 13, anchor="middle") if told else None


def sound_svg(sound: SoundShown, words: Words) -> str:
    """Draw the spectrogram of the sound over its time, with its scale."""
    width, height, left = WIDTH, 190, 40
    steps = _reduced(levels(sound.levels[::-1], LOW_DB, HIGH_DB), 300, 1200)
    plane = _raster(steps, width - left, height, diverging=False, see_through=False, x=left)
    ends = (sound.starts_s, max(sound.ends_s, sound.starts_s + 1e-3))
    top = max(sound.highest_hz / 1000, 1e-3)
    across = [(v, left + (v - ends[0]) / (ends[1] - ends[0]) * (width - left)) for v in ticks(*ends)]
    up = [(v, height - v / top * height) for v in ticks(0.0, top, 4)]
    marks = [_text(number(v), x, height + 13, anchor=_anchor(x, left, width)) for v, x in across]
    marks += [_text(number(v), left - 4, min(max(y + 4, 9), height), anchor="end") for v, y in up]
    marks.append(_text(f"{words('timeline.axis')} · kHz", width, height + 27, anchor="end"))
    scale = Map(name="", values=np.zeros((1, 1)), unit="dBFS", low=LOW_DB, high=HIGH_DB)
    return _svg(width, height + 68, plane, marks, _scale(scale, width, height + 30))


def chart_svg(chart: Chart, words: Words, *, time: Range | None, spans: Sequence[Span]) -> tuple[str, str]:
    """Draw a chart and name its lines; two empty texts if it holds no values."""
    lines = [_finite(line) for line in chart.lines[:STYLES]]
    across, up = span_of([line.x for line in lines]), span_of([line.y for line in lines])
    if across is None or up is None:
        return "", ""
    if chart.timeline and time:
        across = (min(time[0], across[0]), max(time[1], across[1]))
    marks_y = ticks(*up)
    room = (up[1] - up[0]) * 0.06
    up = (up[0] - room, up[1] + room)
    left, top, width, height = 62, 20, WIDTH - 62, 180
    inside = [
        *_shades(spans if chart.timeline else (), across, left, top, width, height),
        *_grid(ticks(*across), marks_y, across, up, left, top, width, height),
        *(_stroke(line, i, across, up, left, top, width, height) for i, line in enumerate(lines)),
    ]  # fmt: skip
    for mark in chart.marks:
        if across[0] <= mark <= across[1]:
            x = left + (mark - across[0]) / (across[1] - across[0]) * width
            inside.append(_rule(x, top, x, top + height, _INK, "4 3"))
    names = [_clip(of_face(line.name, line.track, words), 60) for line in lines]
    titles = [
        _text(_clip(axis(chart.y_name, chart.y_unit), 90), 0, 12),
        _text(_clip(axis(chart.x_name, chart.x_unit), 90), WIDTH, top + height + 29, anchor="end"),
    ]
    legend = [_key(name, i, top + height + 42 + 15 * i) for i, name in enumerate(names)] if len(names) > 1 else []
    tall = top + height + (40 + 15 * len(legend) if legend else 36)
    return _svg(WIDTH, tall, inside, titles, legend), "; ".join(names)


def _svg(width: float, height: float, *inside: Child) -> str:
    return str(element(
        "svg", *inside, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {number(width)} {number(height)}",
        width=number(width), height=number(height),
    ))  # fmt: skip


def _size(preview: Preview, width: int = 0) -> tuple[int, int]:
    wide = width or width_for(preview.width / preview.height)
    scale = min(wide / preview.width, 1.3 * wide / preview.height)
    return max(1, round(preview.width * scale)), max(1, round(preview.height * scale))


def _photo(preview: Preview, width: float, height: float) -> Html:
    return element("image", href=data_uri(_small(preview.jpeg, round(1.7 * width)), "image/jpeg"), width=number(width),
                   height=number(height), preserveAspectRatio="none")  # fmt: skip


@lru_cache(maxsize=64)
def _small(jpeg: bytes, width: int) -> bytes:
    """Return a JPEG not much larger than it is printed."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None or pixels.shape[1] <= width * 1.3:
        return jpeg
    size = (width, max(1, round(width * pixels.shape[0] / pixels.shape[1])))
    shown = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes() if done else jpeg


def _raster(
    steps: np.ndarray, width: float, height: float, *, diverging: bool, see_through: bool, x: float = 0
) -> Html:  # fmt: skip
    """Draw steps of the scale, every cell with hard edges."""
    times = max(1, math.ceil(min(width / steps.shape[1], height / steps.shape[0]) / 2))
    sharp = np.kron(steps, np.ones((times, times), np.uint8)) if times > 1 and steps.size < 20_000 else steps
    return element(
        "image", href=data_uri(png(np.ascontiguousarray(sharp), diverging=diverging), "image/png"), x=number(x),
        width=number(width), height=number(height), preserveAspectRatio="none", opacity="0.55" if see_through else None,
    )  # fmt: skip


def _reduced(steps: np.ndarray, rows: int, columns: int) -> np.ndarray:
    down, across = max(1, steps.shape[0] // rows), max(1, steps.shape[1] // columns)
    return steps[::down, ::across]


def _boxes(
    preview: Preview, regions: Sequence[tuple[int, Region]], native: tuple[float, float], scale: float
) -> list[Html]:  # fmt: skip
    drawn = []
    for label, region in regions:
        if not all(math.isfinite(v) and abs(v) < 1e6 for v in (region.x, region.y, region.width, region.height)):
            continue
        box = place(region, preview, native)
        at = {key: f"{getattr(box, key) * scale:.1f}" for key in ("x", "y", "width", "height")}
        drawn += [
            element("rect", fill="none", stroke="#000000", stroke_width="3.5", **at),
            element("rect", fill="none", stroke="#ffffff", stroke_width="1.5", **at),
        ]
        x, y = box.x * scale, max(box.y * scale, 15)
        drawn.append(
            element("rect", x=f"{x:.1f}", y=f"{y - 15:.1f}", width=8 + 7 * len(str(label)), height=15, fill="#000000")
        )
        drawn.append(_text(str(label), x + 4, y - 3.5, fill="#ffffff"))
    return drawn


def _scale(figure: Map, width: float, top: float) -> list[Html]:
    """Draw the colour bar with five values under it."""
    colours = table(figure.diverging)
    long, pieces = min(width, 360), 60
    drawn = [
        element("rect", x=f"{i * long / pieces:.2f}", y=number(top + 8), width=f"{long / pieces + 0.4:.2f}", height=9,
                fill="#" + bytes(colours[round(i * (STEPS - 1) / (pieces - 1))]).hex())
        for i in range(pieces)
    ]  # fmt: skip
    unit = "" if figure.unit in ("", "1") else f" {_clip(figure.unit, 24)}"
    for i, part in enumerate((0, 0.25, 0.5, 0.75, 1)):
        value = figure.low + (figure.high - figure.low) * part
        anchor = "start" if i == 0 else "end" if i == 4 else "middle"
        drawn.append(_text(number(round(value, 10)), long * part, top + 30, anchor=anchor))
    return [*drawn, _text(unit.strip(), long + 6, top + 30)] if unit else drawn


def _stroke(
    line: Line, style: int, across: Range, up: Range, left: float, top: float, width: float, height: float
) -> Html:  # fmt: skip
    x, y = thin_line(line.x, line.y, across)
    way = _POINT.sub(
        lambda found: (
            f"{found[1]}{left + float(found[2]) * width / 1000:.1f} {top + float(found[3]) * height / 1000:.1f}"
        ),
        path(Line(name="", x=x, y=y), across, up),
    )
    return element("path", d=way, fill="none", stroke=_LINES[style], stroke_width="1.4",
                   stroke_dasharray=_DASHES[style] or None, stroke_linejoin="round", stroke_linecap="round")  # fmt: skip


def _shades(spans: Sequence[Span], across: Range, left: float, top: float, width: float, height: float) -> list[Html]:
    drawn = []
    for span in spans[:200]:
        start, end = max(span.start_s, across[0]), min(span.end_s, across[1])
        if end >= start:
            share = (start - across[0]) / (across[1] - across[0])
            wide = max((end - start) / (across[1] - across[0]) * width, 1.5)
            drawn.append(element("rect", x=f"{left + share * width:.1f}", y=number(top), width=f"{wide:.1f}",
                                 height=number(height), fill="#e9dcc0"))  # fmt: skip
    return drawn


def _grid(
    marks_x: Sequence[float], marks_y: Sequence[float], across: Range, up: Range, left: float, top: float, width: float,
    height: float,
) -> list[Html]:  # fmt: skip
    drawn = []
    for value in marks_x:
        x = left + (value - across[0]) / (across[1] - across[0]) * width
        drawn += [
            _rule(x, top, x, top + height, _PALE),
            _text(number(value), x, top + height + 14, anchor=_anchor(x, left, left + width)),
        ]
    for value in marks_y:
        y = top + height - (value - up[0]) / (up[1] - up[0]) * height
        drawn += [_rule(left, y, left + width, y, _PALE), _text(number(value), left - 5, y + 4, anchor="end")]
    return [*drawn, _rule(left, top + height, left + width, top + height, _INK)]


def _anchor(x: float, left: float, right: float) -> str:
    return "start" if x - left < 12 else "end" if right - x < 12 else "middle"


def _key(name: str, style: int, y: float) -> Html:
    return joined(_rule(0, y - 4, 26, y - 4, _LINES[style], _DASHES[style], width=1.6), _text(name, 32, y))


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "", width: float = 0.7) -> Html:
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", stroke=colour,
                   stroke_width=number(width), stroke_dasharray=dash or None)  # fmt: skip


def _text(text: str, x: float, y: float, *, anchor: str = "start", fill: str = _INK) -> Html:
    return element("text", printable(text), x=f"{x:.1f}", y=f"{y:.1f}", font_family=_FONT, font_size="12",
                   text_anchor=anchor, fill=fill)  # fmt: skip


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _finite(line: Line) -> Line:
    n = min(len(line.x), len(line.y))
    x, y = (np.asarray(a[:n], np.float64).ravel() for a in (line.x, line.y))
    return Line(name=line.name, x=x, y=np.where(np.isfinite(x), y, np.nan), track=line.track)
