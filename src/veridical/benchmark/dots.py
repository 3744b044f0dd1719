"""An AUC as a dot on a line from 0 to 1, its interval as a whisker, and what the nuisances reach as a square."""

from __future__ import annotations

from ..report.markup import Html, element
from .intervals import Interval

AXIS_NOTE = "0 … chance … 1"
STYLE = """
.auc{display:block;width:100%;min-width:9rem;overflow:visible}.auc .rail{stroke:var(--rule)}.auc .chance{
stroke:var(--strong-rule);stroke-dasharray:2 3}
.auc .whisker{stroke:var(--l0);stroke-width:3;stroke-linecap:round}.auc .dot{fill:var(--l0)}
.auc .nuisance{fill:var(--ground);stroke:var(--l1);stroke-width:2}.auc .spread{stroke:var(--l1);stroke-width:1.5}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;font-size:.875rem}.key .auc{
width:3rem;min-width:3rem;display:inline-block;vertical-align:middle}
"""
_HEIGHT, _DOT_Y, _SQUARE_Y, _SQUARE = 24, 8, 18, 7


def dots(one: Interval | None, nuisance: Interval | None) -> Html | None:
    """Draw an AUC and that of the nuisances; nothing if there is neither."""
    parts: list[Html] = []
    said: list[str] = []
    if one is not None:
        parts += _whisker(one, _DOT_Y, "whisker")
        parts.append(element("circle", cx=_at(one.point), cy=_DOT_Y, r=5, class_="dot"))
        said.append(f"AUC {_words(one)}")
    if nuisance is not None:
        half = _SQUARE / 2
        parts += _whisker(nuisance, _SQUARE_Y, "spread")
        parts.append(
            element("rect", x=_at(nuisance.point), y=_SQUARE_Y - half, width=_SQUARE, height=_SQUARE, class_="nuisance",
                    transform=f"translate({-half} 0)")
        )  # fmt: skip
        said.append(f"nuisances {_words(nuisance)}")
    if not parts:
        return None
    middle = element("line", x1=_at(0.5), x2=_at(0.5), y1=0, y2=_HEIGHT, class_="chance")
    rail = element("line", x1=_at(0), x2=_at(1), y1=_DOT_Y, y2=_DOT_Y, class_="rail")
    return element("svg", rail, middle, parts, class_="auc", height=_HEIGHT, role="img", aria_label="; ".join(said))


def axis() -> Html:
    """Explain the marks."""
    dot = dots(Interval(0.5, 0.15, 0.85, 0.9, 2), None)
    square = dots(None, Interval(0.5, 0.15, 0.85, 0.9, 2))
    return element(
        "p", element("span", dot, " the examination"), element("span", square, " nuisances alone"),
        element("span", "dashed line: chance (0.5)"), class_="key",
    )  # fmt: skip


def _whisker(one: Interval, y: float, kind: str) -> list[Html]:
    if one.low is None or one.high is None:
        return []
    return [element("line", x1=_at(one.low), x2=_at(one.high), y1=y, y2=y, class_=kind)]


def _at(value: float) -> str:
    return f"{2 + 96 * value:.2f}%"


def _words(one: Interval) -> str:
    if one.low is None or one.high is None:
        return f"{one.point:.3f}, no interval"
    return f"{one.point:.3f}, 90 % interval {one.low:.3f} to {one.high:.3f}"
