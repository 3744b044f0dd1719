"""Tippett and ECE plots of held-out LRs as SVG files, one panel a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from veridical.benchmark.calibration_metrics import ece
from veridical.calibrate.figures import pav_of
from veridical.report.charts import ticks

WIDTH, HEIGHT = 300, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 28, 66
FAKE, REAL, PLAIN = "#b3361f", "#1f5fa8", "#777"
Line = tuple[str, np.ndarray, np.ndarray, str, str]
"""Name, x, y, colour and dashes."""
Held = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""log10 LRs and labels by condition."""


def tippett(held: Held, path: Path, words: Mapping[str, str]) -> None:
    """Draw the share of fakes and of real files whose log10 LR lies above each value."""
    reach = max(1.0, *(float(np.abs(ratios).max()) * 1.1 for ratios, _ in held.values()))
    panels = []
    for name, (ratios, labels) in held.items():
        lines = []
        for label, called, colour, dashes in ((1, "fakes", FAKE, ""), (0, "real files", REAL, "6 3")):
            values = np.sort(ratios[labels == label])
            above = 100 * (1 - np.arange(len(values) + 1) / len(values))
            x = np.r_[-reach, np.repeat(values, 2), reach]
            lines.append((called, x, np.repeat(above, 2), colour, dashes))
        panels.append((words[name], lines, (-reach, reach), (0.0, 100.0), "log10 LR", "% with a larger LR"))
    draw(panels, path, "Tippett plots: share of fakes and of real files above each log10 LR, sources left out")


def entropy(held: Held, path: Path, words: Mapping[str, str]) -> None:
    """Draw the empirical cross-entropy at each prior: as weighed, after PAV, and without evidence."""
    panels, prior = [], np.linspace(-3, 3, 121)
    for name, (ratios, labels) in held.items():
        flat = pav_of(ratios, labels)
        lines = [
            ("as weighed", prior, ece(ratios[labels == 1], ratios[labels == 0], prior), FAKE, ""),
            ("after PAV", prior, ece(flat[labels == 1], flat[labels == 0], prior), REAL, "6 3"),
            ("no evidence", prior, ece([0.0], [0.0], prior), PLAIN, "2 3"),
        ]
        panels.append((words[name], lines, (-3.0, 3.0), (0.0, 1.1), "log10 of the prior odds", "bits"))
    draw(panels, path, "Empirical cross-entropy at each prior, sources left out; at 0 the solid line is Cllr")


def draw(panels: Sequence[tuple[str, Sequence[Line], tuple[float, float], tuple[float, float], str, str]], path: Path,
         title: str) -> None:  # fmt: skip
    """Write panels side by side."""
    width = WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="11" fill="#333"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>'
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * WIDTH} 0)">', *_panel(*panel), "</g>"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def _panel(
    title: str, lines: Sequence[Line], across: tuple[float, float], up: tuple[float, float], x_name: str, y_name: str
) -> list[str]:
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    base = TOP + high

    def right(value: float) -> float:
        return round(LEFT + (value - across[0]) / (across[1] - across[0]) * wide, 1)

    def down(value: float) -> float:
        return round(TOP + (1 - (value - up[0]) / (up[1] - up[0])) * high, 1)

    parts = [f'<text x="{LEFT + wide / 2}" y="16" text-anchor="middle" font-weight="bold">{escape(title)}</text>']
    for value in ticks(*across, wanted=6):
        parts.append(f'<path d="M{right(value)} {TOP}V{base}" stroke="{"#999" if value == 0 else "#e4e4e4"}"/>')
        parts.append(f'<text x="{right(value)}" y="{base + 14}" text-anchor="middle">{value:g}</text>')
    for value in ticks(*up, wanted=5):
        parts.append(f'<path d="M{LEFT} {down(value)}H{LEFT + wide}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{down(value) + 4}" text-anchor="end">{value:g}</text>')
    parts.append(f'<rect x="{LEFT}" y="{TOP}" width="{wide}" height="{high}" fill="none" stroke="#999"/>')
    begin = 8.0
    for name, x, y, colour, dashes in lines:
        points = "L".join(f"{right(float(a)):g} {down(float(min(b, up[1]))):g}" for a, b in zip(x, y, strict=True))
        style = f'fill="none" stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dashes}"'
        parts.append(f'<path d="M{points}" {style}/><path d="M{begin:g} {HEIGHT - 12}h20" {style}/>')
        parts.append(f'<text x="{begin + 24:g}" y="{HEIGHT - 8}">{escape(name)}</text>')
        begin += 34 + 5.6 * len(name)
    middle = TOP + high / 2
    parts.append(f'<text x="{LEFT + wide / 2}" y="{base + 32}" text-anchor="middle">{escape(x_name)}</text>')
    parts.append(f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">{y_name}</text>')
    return parts
