"""The stability certificate on the page: what every re-encoding weighs, and what each finding measures in it."""

from __future__ import annotations

from collections.abc import Sequence

from ..evidence.stability import NEUTRAL
from .markup import Child, Html, element, identifier, joined, number, table
from .model import Population
from .page import Page
from .sections import section
from .stability_words import by_finding, statement
from .weighed import Stability

_WIDTH, _EDGE = 400, 10
Ends = tuple[float, float]


def stability(page: Page) -> Html | None:
    """Build the section; nothing where stability was not tested or came without data."""
    what = page.report.conclusion.stability
    if what is None or not what.variants:
        return None
    words = page.words
    return section(
        "stability", words("stability"), element("p", statement(what, words)), element("p", words("stability.note")),
        _together(page, what), _one_by_one(page, what), element("p", words("stability.rule"), class_="note"),
    )  # fmt: skip


def has_stability(page: Page) -> bool:
    """Return whether the page has this section."""
    what = page.report.conclusion.stability
    return what is not None and bool(what.variants)


def _name(page: Page, name: str) -> str:
    return page.words.get(f"stability.{name}", name)


def _together(page: Page, what: Stability) -> Html | None:
    """Draw log10 LR of all findings together, one row an encoding, on one scale."""
    words = page.words
    known = [one.log10_lr for one in what.variants if one.log10_lr is not None]
    noted = any(one.note for one in what.variants)
    if not known and not noted:
        listed = ", ".join(_name(page, one.name) for one in what.variants[1:])
        return element("p", words("stability.copies", listed=listed)) if listed else None
    ends = _with_zero(known)
    rows: list[list[Child]] = []
    for i, one in enumerate(what.variants):
        ratio = one.log10_lr
        dot = None if ratio is None else _dot(ratio, ends=ends, own=i == 0)
        said = words("stability.unweighed") if ratio is None else number(round(ratio, 2))
        rows.append([_name(page, one.name), said, dot, one.note])
    where = words("stability.column.where", low=number(round(ends[0], 2)), high=number(round(ends[1], 2)))
    columns = [
        words("stability.column.encoding"),
        words("stability.column.ratio"),
        where,
        words("stability.column.note"),
    ]
    shown = [0, *([1, 2] if known else []), *([3] if noted else [])]
    heading = words("stability.together") if known else words("stability.column.encoding")
    inside = table(
        [columns[i] for i in shown], [[row[i] for i in shown] for row in rows], label=heading, class_="stability"
    )
    return joined(element("h3", heading), inside)


def _one_by_one(page: Page, what: Stability) -> Html | None:
    """Draw the values of each finding, and say what they weigh."""
    words = page.words
    asked = list(what.variants[0].values)
    if not asked:
        return None
    judged = by_finding(what)
    held = {one.id: one.population for one in page.report.findings}
    rows: list[list[Child]] = []
    for id in sorted(asked, key=lambda id: (id not in judged, asked.index(id))):
        own = what.variants[0].values[id]
        values = [value for one in what.variants[1:] if (value := one.values.get(id)) is not None]
        ratios = [one.weights[id] for one in what.variants if id in one.weights]
        turned = id in judged and judged[id].flipped
        badge = element("span", words("stability.changes"), class_="badge unusual") if turned else None
        rows.append([
            element("a", identifier(id), href=f"#finding-{id}"), _values(page, own, values, held.get(id)),
            _range(page, [*values, *([] if own is None else [own])], digits=3),
            [_range(page, ratios, digits=None) if ratios else words("stability.unweighed"), " ", badge],
        ])  # fmt: skip
    names = ("examination", "values", "range", "ratio")
    heading = words("stability.one_by_one")
    inside = table([words(f"stability.column.{one}") for one in names], rows, label=heading, class_="stability")
    return joined(element("h3", heading), inside, _matrix(page, what, asked))


def _values(page: Page, own: float | None, values: Sequence[float], pristine: Population | None) -> Child:
    """Draw the values over the middle nine tenths of pristine files, so that a small spread looks small."""
    if own is None or not values:
        return page.words("stability.missing")
    said = page.words("stability.strip", own=number(own), low=number(min(values)), high=number(max(values)))
    usual = (pristine.quantiles[5], pristine.quantiles[95]) if pristine else None
    return _strip(values, own=own, ends=_around([own, *values, *(usual or ())]), band=usual, label=said)


def _range(page: Page, values: Sequence[float], *, digits: int | None) -> str:
    if not values:
        return page.words("stability.missing")
    low, high = (
        number(round(end, 2) if digits is None else float(f"{end:.{digits}g}")) for end in (min(values), max(values))
    )
    return low if low == high else page.words("stability.range", low=low, high=high)


def _matrix(page: Page, what: Stability, asked: Sequence[str]) -> Html:
    """List every value with its log10 LR, folded away."""
    words = page.words
    columns = [words("stability.column.examination"), *(_name(page, one.name) for one in what.variants)]
    rows: list[list[Child]] = []
    for id in asked:
        cells: list[Child] = [identifier(id)]
        for one in what.variants:
            value, ratio = one.values.get(id), one.weights.get(id)
            shown = words("stability.missing") if value is None else number(float(f"{value:.3g}"))
            cells.append(
                [shown, None if ratio is None else element("span", f" ({number(round(ratio, 2))})", class_="note")]
            )
        rows.append(cells)
    heading = words("stability.matrix")
    return element("details", element("summary", heading), table(columns, rows, label=heading))


def _dot(ratio: float, *, ends: Ends, own: bool) -> Html:
    """Draw one log10 LR over the band that supports neither proposition."""
    return _strip([] if own else [ratio], own=ratio if own else None, ends=ends, band=(-NEUTRAL, NEUTRAL), zero=True)


def _strip(
    values: Sequence[float], *, own: float | None, ends: Ends, band: Ends | None, zero: bool = False, label: str = "",
) -> Html:  # fmt: skip
    """Draw values as dots and that of the file itself as a triangle, over a band."""
    parts: list[Html] = []
    if band is not None:
        low, high = (_along(ends, end) for end in band)
        parts.append(element("rect", x=low, y=5, width=max(round(high - low, 1), 1), height=14, class_="band"))
    parts.append(element("line", x1=_EDGE, x2=_WIDTH - _EDGE, y1=12, y2=12, class_="axis"))
    if zero:
        parts.append(element("line", x1=_along(ends, 0.0), x2=_along(ends, 0.0), y1=2, y2=22, class_="median"))
    parts += [element("circle", cx=_along(ends, value), cy=12, r=4) for value in values]
    if own is not None:
        parts.append(element("path", d=f"M{_along(ends, own)} 12l6 -10h-12z", class_="here"))
    said: dict[str, object] = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return element("svg", parts, viewBox=f"0 0 {_WIDTH} 24", class_="population copies", **said)


def _with_zero(values: Sequence[float]) -> Ends:
    """Return the ends of a scale of log10 LR that holds all values and the band of no support."""
    reach = [*values, -1.5 * NEUTRAL, 1.5 * NEUTRAL]
    return min(reach), max(reach)


def _around(values: Sequence[float]) -> Ends:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _along(ends: Ends, value: float) -> float:
    low, high = ends
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(_EDGE + (_WIDTH - 2 * _EDGE) * share, 1)
