"""Plots of a validation as plain SVG: Tippett, empirical cross-entropy, and what LRs said against what they were worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..report.charts import Range, ticks
from ..report.markup import Html, element, number

WIDTH, HEIGHT = 330, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 10, 10, 42
STYLE = """
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr));gap:.5rem 1.25rem}
.plots figure{margin:.3rem 0}.plots svg{width:100%;height:auto;display:block}.plots text{fill:var(--soft);font-size:13px}
.plots .frame{fill:none;stroke:var(--strong-rule)}.plots .grid{stroke:var(--rule)}.plots .zero{stroke:var(--strong-rule)}
.plots path{fill:none;stroke-width:2;stroke-linejoin:round}.plots .p0{stroke:var(--l1)}.plots .p1{stroke:var(--l0)}
.plots .p2{stroke:var(--soft)}.plots .dash{stroke-dasharray:6 4}.plots .dots{stroke-dasharray:2 4}
.plots .names{list-style:none;padding:0;margin:.1rem 0;display:flex;flex-wrap:wrap;gap:.1rem 1rem;font-size:.8rem}
.plots .names svg{width:26px;height:8px;display:inline-block;vertical-align:middle;margin-right:.3rem}
.plots figcaption{font-size:.8rem;color:var(--soft)}
"""
Line = tuple[str, np.ndarray, np.ndarray, str]
"""Name, x, y and classes of a line."""


def plots_of(figures: Mapping[str, Any]) -> Html:
    """Return the three plots of one way of weighing, from the figures of `judge.Judged`."""
    return element("div", tippett(figures), ece(figures), reliability(figures), class_="plots")


def tippett(figures: Mapping[str, Any]) -> Html:
    """Draw the share of fakes, and of real files, whose log10 LR lies above each value."""
    lines = []
    for label, name, style in (("fake", "fakes", "p0"), ("real", "real files", "p1 dash")):
        values = np.array(figures["tippett"][label])
        above = np.linspace(100, 0, len(values))
        lines.append((name, *_stepped(values, above), style))
    low = min(-0.5, *(float(one[1].min()) for one in lines))
    high = max(0.5, *(float(one[1].max()) for one in lines))
    room = (high - low) * 0.05
    wide = [(name, np.r_[low - room, x, high + room], np.r_[100, y, 0], style) for name, x, y, style in lines]
    return _figure(
        "Tippett plot",
        wide,
        (low - room, high + room),
        (0, 100),
        "log10 LR",
        "% above",
        vertical=0.0,
        note="Left of 0 a fake misleads, right of 0 a real file.",
    )


def ece(figures: Mapping[str, Any]) -> Html:
    """Draw the empirical cross-entropy at each prior: of the LRs, after PAV, and without evidence."""
    data = figures["ece"]
    x = np.array(data["prior"])
    lines = [
        ("as weighed", x, np.array(data["system"]), "p0"), ("best of this order", x, np.array(data["pav"]), "p1 dash"),
        ("no evidence", x, np.array(data["neutral"]), "p2 dots"),
    ]  # fmt: skip
    top = max(1.0, min(1.5, float(np.max(data["system"])))) * 1.05
    shown = [(name, a, np.minimum(b, top), style) for name, a, b, style in lines]
    return _figure(
        "Empirical cross-entropy",
        shown,
        (float(x.min()), float(x.max())),
        (0, top),
        "log10 of the prior odds",
        "bits",
        vertical=0.0,
        note="Where the solid line lies above the dotted one, the LRs do harm. At 0 it is Cllr.",
    )


def reliability(figures: Mapping[str, Any]) -> Html | None:
    """Draw what LRs said against what they were worth on these files (PAV); the diagonal is perfect."""
    said, found = (np.array(figures["reliability"][name]) for name in ("said", "found"))
    if len(said) < 2:
        return None
    both = np.r_[said, found]
    span = (min(-0.5, float(both.min())), max(0.5, float(both.max())))
    ends = np.array(span)
    lines = [("these files (PAV)", said, found, "p0"), ("perfect", ends, ends, "p2 dots")]
    return _figure(
        "Reliability",
        lines,
        span,
        span,
        "log10 LR as weighed",
        "log10 LR found",
        vertical=0.0,
        note="Below the diagonal on the right, or above it on the left, LRs say too much.",
    )


def _stepped(values: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn quantiles into steps: the share falls where a value lies."""
    return np.repeat(values, 2)[1:], np.repeat(above, 2)[:-1]


def _figure(
    title: str, lines: Sequence[Line], across: Range, up: Range, x_name: str, y_name: str, *, vertical: float, note: str
) -> Html:
    inner_w, inner_h = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def right(value: float) -> float:
        return round(_LEFT + (value - across[0]) / (across[1] - across[0]) * inner_w, 1)

    def down(value: float) -> float:
        return round(_TOP + (1 - (value - up[0]) / (up[1] - up[0])) * inner_h, 1)

    marks_x, marks_y = ticks(*across, wanted=4), ticks(*up, wanted=5)
    base = HEIGHT - _BOTTOM
    drawn = [
        *(element("line", x1=right(v), x2=right(v), y1=_TOP, y2=base, class_="grid") for v in marks_x),
        *(element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=down(v), y2=down(v), class_="grid") for v in marks_y),
    ]
    if across[0] < vertical < across[1]:
        drawn.append(element("line", x1=right(vertical), x2=right(vertical), y1=_TOP, y2=base, class_="zero"))
    drawn += [element("path", d=_path(x, y, right, down), class_=style) for _, x, y, style in lines]
    drawn += [element("text", number(v), x=right(v), y=base + 15, text_anchor="middle") for v in marks_x]
    drawn += [element("text", number(v), x=_LEFT - 6, y=down(v) + 4, text_anchor="end") for v in marks_y]
    drawn.append(element("text", x_name, x=_LEFT + inner_w / 2, y=HEIGHT - 8, text_anchor="middle"))
    middle = _TOP + inner_h / 2
    drawn.append(element("text", y_name, x=12, y=middle, text_anchor="middle", transform=f"rotate(-90 12 {middle})"))
    drawn.append(element("rect", x=_LEFT, y=_TOP, width=inner_w, height=inner_h, class_="frame"))
    names = [
        element(
            "li",
            element("svg", element("path", d="M0 4H26", class_=style), viewBox="0 0 26 8", aria_hidden="true"),
            name,
        )
        for name, _, _, style in lines
    ]
    label = f"{title}: {x_name} against {y_name}; lines: " + ", ".join(name for name, *_ in lines)
    return element(
        "figure", element("strong", title),
        element("svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label),
        element("ul", names, class_="names"), element("figcaption", note),
    )  # fmt: skip


def _path(x: np.ndarray, y: np.ndarray, right: Any, down: Any) -> str:
    points = [(right(float(a)), down(float(b))) for a, b in zip(x, y, strict=True)]
    kept = [one for n, one in enumerate(points) if n == 0 or one != points[n - 1]]
    return "M" + "L".join(f"{a:g} {b:g}" for a, b in kept)
