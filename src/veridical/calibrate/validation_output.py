"""A validation in its folder: the page, JSON, and CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..benchmark.intervals import Interval
from .judge import Rate
from .validated import Part, Validation, Weighing
from .validation_page import CSV, JSON, to_html, ways

PAGE = "validation.html"


def write(found: Validation, folder: Path) -> Path:
    """Write the page, JSON and CSV into a folder, and return the page."""
    for name, text in ((JSON, to_json(found)), (CSV, to_csv(found)), (PAGE, to_html(found))):
        draft = folder / f"{name}.part"
        draft.write_text(text, "utf-8")
        draft.replace(folder / name)
    return folder / PAGE


def to_json(found: Validation) -> str:
    """Return everything."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(found: Validation) -> str:
    """Return one line for each examination, condition, state of file and way of weighing."""
    lines = [_line(part, way, weighing) for part in found.parts for way, weighing in ways(part)]
    text = io.StringIO()
    names = dict.fromkeys(name for line in lines for name in line)
    writer = csv.DictWriter(text, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def _line(part: Part, way: str, weighing: Weighing) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": part.id, "kind": part.kind, "condition": part.chain, "state": part.state, "weighing": way,
        "reals": part.reals, "fakes": part.fakes, "sources": len(part.sources),
    }  # fmt: skip
    cell, judged = part.cell, weighing.judged
    for name, one in (("auc", cell.auc if cell else None), ("nuisance", cell.nuisance if cell else None)):
        line |= _interval(name, one)
    line |= {"eer": cell.eer if cell else None, "cllr_min_of_value": cell.cllr_min if cell else None}
    line |= {"without_lr": sum(real + fake for real, fake in weighing.without.values()), "note": weighing.note}
    if judged is None:
        return line
    line |= {"lr_real": judged.reals, "lr_fake": judged.fakes, "groups_real": judged.groups_real,
             "groups_fake": judged.groups_fake, "cllr_min": judged.cllr_min, "devpav": judged.devpav}  # fmt: skip
    line |= _interval("cllr", judged.cllr)
    for errors in judged.errors:
        at = errors.name.rsplit(" ", 1)[1]
        line |= _rate(f"false_alarms_{at}", errors.false_alarms) | _rate(f"misses_{at}", errors.misses)
    line |= _rate("misleading_real", judged.misleading_real) | _rate("misleading_fake", judged.misleading_fake)
    return line | _rate("misleading_100_real", judged.strong_real) | _rate("misleading_100_fake", judged.strong_fake)


def _interval(name: str, one: Interval | None) -> dict[str, Any]:
    return {
        name: one.point if one else None,
        f"{name}_low": one.low if one else None,
        f"{name}_high": one.high if one else None,
    }


def _rate(name: str, one: Rate) -> dict[str, Any]:
    return {name: one.share, f"{name}_low": one.low, f"{name}_high": one.high}
