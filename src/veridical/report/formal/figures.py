"""The figures of an examiner's report: SVG that holds its own pictures, the same for the page and the PDF."""

from __future__ import annotations

from ...finding import Chart, Map, Region, Span, Table
from ..markup import number
from ..model import ReportedFinding
from ..pictures import seconds
from .blocks import Grid, Picture
from .drawings import chart_svg, map_svg, marked_svg, picture_svg, share_of, sound_svg, width_for
from .material import Material

MOST = 2
"""Figures of a finding that are printed, and tables; the page of the examination shows all."""
ROWS = 12
"""Rows of a table that are printed."""


def original(material: Material) -> Picture | None:
    """Return the exhibit as a person sees it; for sound its spectrogram."""
    words, pictures, exhibit = material.words, material.page.pictures, material.report.exhibit
    index = pictures.main
    if index is not None:
        time = pictures.previews[index].time_s
        alt = words("head.preview") if time is None else words("head.preview.frame", time=seconds(time))
        return Picture(svg=picture_svg(pictures.previews[index]), alt=alt, share=0.6,
                       caption=f"{alt}. {words('formal.figures.reduced')}")  # fmt: skip
    if exhibit.sound is not None and exhibit.sound.levels.size:
        top = number(round(exhibit.sound.highest_hz / 1000, 3))
        note = words("sound.picture.note", top=top, window=round(exhibit.sound.window_s * 1000))
        caption = f"{words('sound.picture')}. {note}"
        return Picture(
            svg=sound_svg(exhibit.sound, words),
            alt=words("sound.picture"),
            caption=f"{caption}. {words('sound.unit')}.",
        )
    return None


def figures_of(finding: ReportedFinding, material: Material) -> tuple[Picture, ...]:
    """Return the first figures of a finding: maps over the original, planes, charts; else the marked places."""
    done: list[Picture] = []
    for figure in finding.exhibits:
        if len(done) == MOST:
            break
        drawn = _map(figure, finding, material) if isinstance(figure, Map) else (
            _chart(figure, finding, material) if isinstance(figure, Chart) else None)  # fmt: skip
        done += [drawn] if drawn else []
    if not any(isinstance(figure, Map) and figure.overlay for figure in finding.exhibits):
        done = [*_marked(finding, material), *done][:MOST]
    return tuple(done)


def tables_of(finding: ReportedFinding, material: Material) -> tuple[tuple[str, Grid], ...]:
    """Return the first tables of a finding, each with its name; the data of the report hold all rows."""
    tables = [figure for figure in finding.exhibits if isinstance(figure, Table) and figure.columns and figure.rows]
    done = []
    for one in tables[:MOST]:
        wide = tuple(float(min(max(map(len, column)), 40) + 4) for column in zip(one.columns, *one.rows, strict=False))
        left = len(one.rows) - ROWS
        more = (material.words("formal.rows.more", n=left),) if left > 0 else ()
        rows = tuple(row[: len(wide)] for row in one.rows[:ROWS])
        done.append(
            (_caption(one.name, one.caption, *more), Grid(columns=one.columns[: len(wide)], rows=rows, widths=wide))
        )
    return tuple(done)


def _regions(finding: ReportedFinding, material: Material, index: int) -> list[tuple[int, Region]]:
    nearest = material.page.pictures.nearest
    return [(i, one) for i, one in enumerate(finding.where[:12], 1)
            if isinstance(one, Region) and nearest(one.time_s) == index]  # fmt: skip


def _map(figure: Map, finding: ReportedFinding, material: Material) -> Picture | None:
    words, pictures = material.words, material.page.pictures
    if figure.values.ndim != 2 or not figure.values.size:
        return None
    index = pictures.main if figure.overlay else None
    unit = figure.unit if figure.unit not in ("", "1") else words("unit.none")
    caption = _caption(figure.name, figure.caption, words("map.scale", unit=unit))
    ends = {"low": number(figure.low), "high": number(figure.high), "unit": unit}
    rows, columns = figure.values.shape
    if index is None:
        alt = words("map.plane", name=figure.name, columns=columns, rows=rows, **ends)
        return Picture(svg=map_svg(figure, None, (), ()), alt=alt, caption=caption, share=_share(columns / rows))
    preview = pictures.previews[index]
    if preview.time_s is not None:
        caption = f"{caption} {words('map.frame', time=seconds(preview.time_s))}"
    alt = words("map.overlay", name=figure.name, **ends)
    svg = map_svg(figure, preview, _regions(finding, material, index), pictures.native)
    return Picture(svg=svg, alt=alt, caption=caption, share=_share(preview.width / preview.height))


def _chart(figure: Chart, finding: ReportedFinding, material: Material) -> Picture | None:
    spans = [one for one in finding.where if isinstance(one, Span)]
    svg, told = chart_svg(figure, material.words, time=material.page.time, spans=spans)
    if not svg:
        return None
    alt = material.words("chart.alt", name=figure.name, x=figure.x_name, y=figure.y_name, lines=told)
    return Picture(svg=svg, alt=alt, caption=_caption(figure.name, figure.caption))


def _marked(finding: ReportedFinding, material: Material) -> list[Picture]:
    pictures, words = material.page.pictures, material.words
    first = next((one for one in finding.where if isinstance(one, Region)), None)
    index = pictures.nearest(first.time_s) if first else None
    if index is None:
        return []
    regions = _regions(finding, material, index)
    preview, alt = pictures.previews[index], words("regions.alt", n=len(regions))
    caption = alt if preview.time_s is None else f"{alt}, {words('frame.at', time=seconds(preview.time_s)).lower()}"
    return [Picture(svg=marked_svg(preview, regions, pictures.native), alt=alt, caption=f"{caption}.",
                    share=_share(preview.width / preview.height))]  # fmt: skip


def _share(aspect: float) -> float:
    return share_of(width_for(aspect))


def _caption(name: str, *more: str) -> str:
    return " ".join(text if text.endswith(".") else f"{text}." for text in (name, *more) if text)
