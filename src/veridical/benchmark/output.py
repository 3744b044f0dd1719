"""A table as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, fields

from .audit import Audit
from .cells import Cell
from .intervals import Interval
from .leave_out import LeftOut
from .tables import Table

_INTERVALS = ("auc", "within", "nuisance", "nuisance_within")
_SHOWN_CULPRITS = 8
LEAST_OF_A_GENERATOR = 5
"""Fakes that a generator needs to get a line of its own in Markdown; all of them are in JSON and CSV."""
COLUMNS = (
    "examination", "chain", "fakes", "real", "fake", "not measured", "AUC", "AUC within sources", "nuisances alone",
    "nuisances within", "EER", "AP", "TPR at FPR 1 %", "Cllr_min", "s/file",
)  # fmt: skip


LEFT_OUT_COLUMNS = (
    "examination", "chain", "model", "numbers", "pairs", "real", "fake", "AUC", "nuisances alone", "difference",
)  # fmt: skip
LEFT_OUT_NOTE = (
    "A classifier is fitted on the vectors that an examination gives. One real and one fake source are held out together, and "
    "ranked by what was learned from all others; scaling is learned there too. The figure is the mean AUC over all such pairs, "
    "with the 90 % interval when whole sources are drawn again. The nuisances (size, compression, mean colour) go through the "
    "same folds. A difference whose interval holds 0 is no evidence that the examination sees more than they do."
)


FIRST_FIGURE = COLUMNS.index("AUC")


def to_json(table: Table) -> str:
    """Return all of a table, with the verdict of each audit."""
    plain = asdict(table)
    for one, made in zip(table.audits, plain["audits"], strict=True):
        made.update(audit_words(one))
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def audit_to_json(audits: Iterable[Audit]) -> str:
    """Return audits with their verdicts."""
    plain = [asdict(one) | audit_words(one) for one in audits]
    return json.dumps({"audits": plain}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def audit_words(one: Audit) -> dict[str, object]:
    """Return what an audit concludes."""
    return {"verdict": one.verdict, "leaks": list(one.leaks), "leaks_together": one.leaks_together}


def to_csv(table: Table) -> str:
    """Return one line a cell; an interval fills three columns, and is empty where there is none."""
    plain = [f.name for f in fields(Cell) if f.name not in (*_INTERVALS, "absent", "within_sources", "warnings")]
    spread = [f"{name}{end}" for name in _INTERVALS for end in ("", "_low", "_high")]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*plain, *spread, "within_sources", "not_measured_real", "not_measured_fake", "warnings"])
    for cell in table.cells:
        ends: list[object] = []
        for name in _INTERVALS:
            one: Interval | None = getattr(cell, name)
            ends += [one.point, one.low, one.high] if one else [None] * 3
        absent = [sum(getattr(one, label) for one in cell.absent) for label in ("real", "fake")]
        values = [getattr(cell, name) for name in plain]
        writer.writerow([*values, *ends, " ".join(cell.within_sources), *absent, " ".join(cell.warnings)])
    return text.getvalue()


def markdown(table: Table, *, title: str) -> str:
    """Return the tables of one page of docs/validation: figures, warnings, what was not measured, audit.

    It names no file: only sources, generators and counts.
    """
    parts = [f"# {title}", "Made by `make validation`; what the columns mean stands in [README.md](README.md)."]
    parts += ["## Figures", figures(table), "## What to keep in mind", _warnings(table)]
    parts += ["## Not measured", _absent(table), "## Leak audit", audits_markdown(table.audits)]
    if table.left_out:
        parts += ["## Sources left out", LEFT_OUT_NOTE, left_out_markdown(table.left_out)]
    return "\n\n".join(parts) + "\n"


def left_out_markdown(found: Iterable[LeftOut]) -> str:
    """Return what the vectors of examinations are worth on sources that nothing was learned from."""
    return _table(LEFT_OUT_COLUMNS, map(cells_left_out, found))


def cells_left_out(one: LeftOut) -> list[str]:
    """Return a line of ``LEFT_OUT_COLUMNS``."""
    return [
        f"`{one.id}`", one.chain, one.model, str(one.width), f"{len(one.pairs)}", str(one.n_real), str(one.n_fake),
        between(one.auc), between(one.nuisance), between(one.gain),
    ]  # fmt: skip


def figures(table: Table) -> str:
    """Return the table of cells, the weakest examination first; generators with few fakes are left to the CSV."""
    rows = [cells_of(cell) for cell in table.cells if cell.level != "generator" or cell.n_fake >= LEAST_OF_A_GENERATOR]
    return _table(COLUMNS, rows)


def cells_of(cell: Cell) -> list[str]:
    """Return a cell as texts, in the order of ``COLUMNS``."""
    tpr = short(cell.tpr) + ("" if cell.tpr is None or cell.tpr_enough else " (few real)")
    return [
        f"`{cell.id}`", cell.chain, fakes_of(cell), str(cell.n_real), str(cell.n_fake), absent_of(cell),
        between(cell.auc), between(cell.within), between(cell.nuisance), between(cell.nuisance_within),
        short(cell.eer), short(cell.average_precision), tpr, short(cell.cllr_min), short(cell.seconds),
    ]  # fmt: skip


def fakes_of(cell: Cell) -> str:
    """Name the fakes of a cell."""
    return "all" if cell.level == "all" else f"{cell.level}: {cell.name}"


def absent_of(cell: Cell) -> str:
    """Count the files of each label that gave no value."""
    real, fake = (sum(getattr(one, label) for one in cell.absent) for label in ("real", "fake"))
    return f"{real} real, {fake} fake" if real or fake else "–"


def short(value: float | None) -> str:
    """Write a figure with three decimals; a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def between(one: Interval | None) -> str:
    """Write an AUC with its interval, or with how many groups it has where these show no spread."""
    if one is None:
        return "–"
    if one.low is None or one.high is None:
        return f"{one.point:.3f} (no interval)"
    return f"{one.point:.3f} ({one.low:.3f}–{one.high:.3f})"


def audits_markdown(audits: Iterable[Audit]) -> str:
    """Return the verdict and the strongest nuisances of each audit."""
    parts = []
    for one in audits:
        head = f"**{one.kind}, {one.chain}** ({one.n_real} real, {one.n_fake} fake): {one.verdict}"
        rows = [[name, how, between(auc), between(within)] for name, how, auc, within in lines_of(one)]
        parts += [head, *([_table(("nuisance", "how", "AUC", "AUC within sources"), rows)] if rows else [])]
    return "\n\n".join(parts)


def lines_of(one: Audit) -> list[tuple[str, str, Interval, Interval | None]]:
    """Return all nuisances together, then the strongest alone: name, how, AUC, AUC within sources."""
    folds = {"source": "tested on other sources", "group": "tested on other groups", "file": "tested on other files"}
    lines = [("all together", folds[joint.folds], joint.auc, joint.within) for joint in one.together]
    return [*lines, *((c.name, c.how, c.auc, c.within) for c in one.culprits[:_SHOWN_CULPRITS])]


def _warnings(table: Table) -> str:
    lines = [
        f"- `{cell.id}`, {cell.chain}, {fakes_of(cell)}: {' '.join(cell.warnings)}"
        for cell in table.cells
        if cell.warnings and cell.level != "generator"
    ]
    return "\n".join(lines) or "Nothing."


def _absent(table: Table) -> str:
    rows = [
        [f"`{cell.id}`", cell.chain, one.outcome.replace("_", " "), one.reason, str(one.real), str(one.fake)]
        for cell in table.cells if cell.level == "all" for one in cell.absent
    ]  # fmt: skip
    rows += [["every examination", one.chain, "not examined", one.problem, str(one.real), str(one.fake)]
             for one in table.lost]  # fmt: skip
    return _table(("examination", "chain", "outcome", "reason", "real", "fake"), rows) if rows else "Nothing."


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(columns), *(list(row) for row in rows)]
    written = ["| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(lines[0]), *written[1:]])
