"""A map as a figure: over the picture with a slider, or as a plane of its own, always with its absolute scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..finding import Map, Region
from ..media.image import upright
from .colours import data_uri, levels, png
from .markup import Html, element, joined, number
from .pictures import WIDEST, Pictures, drawing, seconds
from .wording import Words

LONGEST_SIDE = 1024
COARSE = 128
PLANE = 360
ALL_CELLS = 1_500_000
FEWEST_CELLS = 60_000
MOST_CELLS = 300_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """The steps of a map as drawn, after thinning: shape (rows, columns), uint8."""

    steps: np.ndarray
    thinned: bool


def cells_for_each(maps: int) -> int:
    """Share the cells that all maps of a page may have, so that the file stays small."""
    return max(FEWEST_CELLS, min(MOST_CELLS, ALL_CELLS // max(maps, 1)))


def thin(values: np.ndarray, cells: int) -> np.ndarray:
    """Shrink an array to at most ``cells`` cells by the mean of what each covers; cells without any value stay empty."""
    rows, columns = values.shape
    scale = min(1.0, math.sqrt(cells / values.size), LONGEST_SIDE / max(rows, columns))
    if scale == 1.0:
        return values
    size = (max(1, int(columns * scale)), max(1, int(rows * scale)))
    known = ~np.isnan(values)
    total = cv2.resize(np.where(known, values, 0).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(share > 1e-6, total / share, np.nan)


def draw(figure: Map, cells: int, orientation: int) -> Drawn:
    """Thin a map and turn it as its picture is turned."""
    thinned = thin(np.asarray(figure.values), cells)
    steps = levels(thinned, figure.low, figure.high)
    return Drawn(upright(steps, orientation), thinned.shape != figure.values.shape)


def map_figure(
    figure: Map, pictures: Pictures, words: Words, *, cells: int, regions: Sequence[tuple[int, Region]] = ()
) -> Html:
    """Build the figure of one map."""
    caption = element("p", element("strong", figure.name), f". {figure.caption}" if figure.caption else None)
    if figure.values.ndim != 2 or not figure.values.size:
        return element("figure", element("p", words("map.empty")), element("figcaption", caption), class_="map")
    index = pictures.main if figure.overlay else None
    turn = 1 if index is None else pictures.previews[index].orientation
    drawn = draw(figure, cells, turn)
    unit = figure.unit if figure.unit not in ("", "1") else ""
    ends = {"low": number(figure.low), "high": number(figure.high), "unit": unit}
    if index is None:
        shown, controls = _with_axes(figure, _plane(figure, drawn, words, ends)), None
    else:
        shown = _overlay(figure, drawn, words, ends, pictures=pictures, index=index, regions=regions)
        controls = _slider(figure, words)
    rows, columns = figure.values.shape
    notes = [
        words("map.scale", unit=unit or words("unit.none")),
        words("map.nothing") if (drawn.steps == 0).any() else None,
    ]
    if drawn.thinned:
        small = thin(np.zeros((rows, columns), np.float32), cells).shape
        notes.append(words("map.thinned", columns=small[1], rows=small[0], full_columns=columns, full_rows=rows))
    if index is not None and (at := pictures.previews[index].time_s) is not None:
        notes.insert(0, words("map.frame", time=seconds(at)))
    return element(
        "figure", shown, element("output", words("map.touch"), class_="readout", aria_live="polite"), controls,
        _legend(figure), element("figcaption", caption, element("p", " ".join(n for n in notes if n), class_="note")),
        class_="map overlay" if index is not None else "map plane",
    )  # fmt: skip


def _image(figure: Map, drawn: Drawn, width: float, height: float) -> Html:
    coarse = not figure.overlay or max(drawn.steps.shape) <= COARSE
    return element(
        "image", href=data_uri(png(drawn.steps, diverging=figure.diverging), "image/png"), width=number(width),
        height=number(height), preserveAspectRatio="none", class_="layer coarse" if coarse else "layer",
    )  # fmt: skip


def _reading(figure: Map, label: str, **more: object) -> dict[str, object]:
    unit = "" if figure.unit == "1" else figure.unit
    return {
        "class_": "reading", "tabindex": "0", "role": "img", "aria_label": label, "data_low": float(figure.low),
        "data_high": float(figure.high), "data_unit": unit, **more,
    }  # fmt: skip


def _overlay(
    figure: Map, drawn: Drawn, words: Words, ends: dict[str, str], *, pictures: Pictures, index: int,
    regions: Sequence[tuple[int, Region]],
) -> Html:  # fmt: skip
    preview = pictures.previews[index]
    alt = words("map.overlay", name=figure.name, **ends)
    layer = _image(figure, drawn, preview.width, preview.height)
    picture = drawing(pictures, index, layer, alt=None, regions=regions)
    width, height = pictures.native
    return element("div", picture, **_reading(
        figure, alt, data_native_width=int(width), data_native_height=int(height), data_orientation=preview.orientation,
    ))  # fmt: skip


def _plane(figure: Map, drawn: Drawn, words: Words, ends: dict[str, str]) -> Html:
    rows, columns = figure.values.shape
    alt = words("map.plane", name=figure.name, columns=columns, rows=rows, **ends)
    aspect = min(3.0, max(1 / 1.5, columns / rows))
    width = WIDEST if aspect > 2 else PLANE
    height = round(width / aspect)
    picture = element(
        "svg", _image(figure, drawn, width, height), aria_hidden="true", viewBox=f"0 0 {width} {height}",
        width=width, height=height, class_="picture",
    )  # fmt: skip
    return element("div", picture, **_reading(figure, alt, data_columns=columns, data_rows=rows))


def _with_axes(figure: Map, plane: Html) -> Html:
    """Write beside a plane what its rows and columns are."""
    if not (figure.x_name or figure.y_name):
        return plane
    down = element("span", figure.y_name, class_="down") if figure.y_name else None
    across = element("span", figure.x_name, class_="across") if figure.x_name else None
    return element("div", down, plane, across, class_="axes")


def _slider(figure: Map, words: Words) -> Html:
    return element(
        "label", element("span", words("map.opacity"), class_="grow"), element("span", words("map.opacity.low")),
        element("input", type="range", min=0, max=10, value=7, step=1, aria_label=f"{words('map.opacity')}: {figure.name}"),
        element("span", words("map.opacity.high")), class_="slider",
    )  # fmt: skip


def _legend(figure: Map) -> Html:
    unit = "" if figure.unit in ("", "1") else f" {figure.unit}"
    ticks = [figure.low + (figure.high - figure.low) * part for part in (0, 0.25, 0.5, 0.75, 1)]
    marks = [element("span", number(round(tick, 10)) + (unit if i == 4 else "")) for i, tick in enumerate(ticks)]
    return joined(
        element("div", class_="bar diverging" if figure.diverging else "bar sequential"),
        element("div", marks, class_="ticks", translate="no"),
    )
