"""What is known of each weighed method from files it was not fitted on: data, conditions, dates, error rates."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...evidence.calibration import TABLES
from ..markup import number
from ..model import Evidence, ReportedFinding
from .blocks import Block, Grid, Paragraph
from .material import Material

_Z = 1.645  # nine in ten


def validated(findings: Sequence[ReportedFinding], material: Material) -> tuple[Block, ...]:
    """Build the table of weighed methods, and of the fused model; nothing where none is weighed."""
    words = material.words
    stored = {one.id: one.evidence for one in material.stored.findings}
    rows = [
        _row(one.id, one.evidence, stored.get(one.id) or one.evidence, material) for one in findings if one.evidence
    ]
    if not rows:
        return ()
    columns = tuple(words(f"formal.validation.{name}") for name in ("method", "data", "condition", "errors"))
    return (
        Grid(columns=columns, rows=(*rows, *_fused(material)), widths=(3, 4, 4, 5), code=(0,)),
        Paragraph(text=words("formal.validation.note"), style="note"),
    )  # fmt: skip


def _row(id: str, evidence: Evidence, stored: Evidence, material: Material) -> tuple[str, ...]:
    plain = table_of(id, evidence.table, material)
    part = condition_of(plain, stored)
    held = {"fakes": evidence.fakes, "reals": evidence.reals, "cllr": evidence.cllr, **part}
    return id, _data(evidence.table, plain, held, material), evidence.condition, errors(held, material)


def _fused(material: Material) -> list[tuple[str, ...]]:
    """Return the row of the fused model, if there is one and this installation still has it."""
    table, kind = material.stored.conclusion.table, material.stored.exhibit.kind
    plain = table_of(f"fusion.{kind}", table, material)
    if not table:
        return []
    held = plain.get("figures", {})
    name = material.words("formal.validation.together", kind=material.words.get(f"kind.{kind}", kind))
    said = errors(held, material)
    return [(name, _data(table, plain, held, material), material.words("formal.validation.any"), said)]


def _data(table: str, plain: Mapping[str, Any], held: Mapping[str, Any], material: Material) -> str:
    words = material.words
    told = [words("formal.validation.table", table=table, date=plain.get("date") or words("formal.validation.undated"))]
    if held.get("fakes") or held.get("reals"):
        told.append(words("formal.validation.files", fakes=held.get("fakes"), reals=held.get("reals")))
    if isinstance(held.get("sources"), int):
        told.append(words("formal.validation.sources", n=held["sources"]))
    if made := held.get("generators") or plain.get("generators"):
        told.append(words("formal.validation.generators", listed=_listed(made)))
    return " ".join(told)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def errors(part: Mapping[str, Any], material: Material) -> str:
    """Write the rates of misleading evidence with their intervals, Cllr and AUC, as far as they are on record."""
    words, said = material.words, []
    for side, key in (("real", "formal.validation.misled"), ("fake", "formal.validation.missed")):
        rate = misleading(part, side)
        if rate:
            share, low, high, n = rate
            said.append(words(key, share=number(share), low=number(low), high=number(high), files=n))
    if part.get("cllr") is not None:
        said.append(words("formal.validation.cllr", cllr=number(round(float(part["cllr"]), 3))))
    if part.get("cllr_min") is not None:
        said.append(words("formal.validation.cllr_min", cllr=number(round(float(part["cllr_min"]), 3))))
    if part.get("auc") is not None:
        said.append(words("formal.validation.auc", auc=number(round(float(part["auc"]), 3))))
    return " ".join(said) or words("formal.validation.no_errors")


def misleading(part: Mapping[str, Any], side: str) -> tuple[float, float, float, int] | None:
    """Return the share of files of a label whose log10 LR points the wrong way, with a Wilson interval, and their number."""
    told, n = part.get("misleading"), part.get(f"{side}s")
    if not isinstance(told, Mapping) or not isinstance(told.get(side), int | float) or not isinstance(n, int) or n < 1:
        return None
    share = float(told[side])
    middle, room = (share + _Z**2 / (2 * n)), _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    low, high = ((middle - room) / (1 + _Z**2 / n), (middle + room) / (1 + _Z**2 / n))
    return round(share, 3), round(max(low, 0.0), 3), round(min(high, 1.0), 3), n


def table_of(id: str, table: str, material: Material) -> Mapping[str, Any]:
    """Return the table by which something was weighed, if this installation has the very file; else nothing."""
    if not re.fullmatch(r"[a-z0-9_.]+", id):
        return {}
    name, hashes = f"{id}.json", material.stored.record.tables
    try:
        content = (TABLES / name).read_bytes()
        plain = json.loads(content)
    except (OSError, ValueError):
        return {}
    same = not hashes or hashes.get(f"tables/{name}") == hashlib.sha256(content).hexdigest()
    if not same or not isinstance(plain, dict) or f"{id} {plain.get('version')}" != table:
        return {}
    return plain


def condition_of(plain: Mapping[str, Any], evidence: Evidence) -> Mapping[str, Any]:
    """Return the part of a table for the condition that was used."""
    parts = plain.get("conditions", ())
    return next((part for part in parts if part.get("words") == evidence.condition), {})
