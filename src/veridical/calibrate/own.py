"""Calibration tables of one's own: fitted on everything that a run left in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..benchmark import results
from ..benchmark.rows import Examined, Row
from ..catalogue import load
from ..errors import UsageError
from ..evidence.groups import dependence
from ..finding import Scalar
from .bins import BINS
from .items import Scored
from .table import fit_table


def own_tables(folder: Path, *, version: str = "", date: str = "") -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Fit tables on all files of a run, under all its conditions.

    Parameters
    ----------
    version
        What the tables call themselves in evidence; "own" and the date if empty.

    Returns
    -------
    tuple[list[dict], dict[str, str]]
        The tables, and why other examinations have none, by id.
    """
    files = {(one.path, one.chain): one for one in results.read_files(folder)}
    date = date or datetime.now(UTC).date().isoformat()
    version = version or f"own {date}"
    asked = (results.read_json(folder / results.REQUEST) or {}).get("request", {}).get("examinations", {})
    tables, refused = [], {}
    by_id: dict[str, list[Row]] = {}
    for row in results.read_rows(folder):
        if row.value is not None and (row.path, row.chain) in files:
            by_id.setdefault(row.id, []).append(row)
    for id, rows in sorted(by_id.items()):
        kinds = {files[row.path, row.chain].kind for row in rows}
        if barred := never(id):
            refused[id] = barred
            continue
        try:
            bins = [one for kind in sorted(kinds) for one in BINS[kind]] if len(kinds) == 1 else []
            one_sided = "fake" if id in dependence().one_sided else ""
            table = fit_table(
                scored(rows, files),
                id=id,
                settings=asked[id],
                version=version,
                one_sided=one_sided,
                bins=bins,
                date=date,
            )
            tables.append(table)
        except UsageError as error:
            refused[id] = str(error).removeprefix(f"{id} cannot be calibrated: ")
    return tables, refused


def scored(rows: Iterable[Row], files: Mapping[tuple[str, str], Examined]) -> list[Scored]:
    """Return rows as what a calibration is fitted on, with the quality of each file."""
    return [
        Scored(
            value=row.value, label=row.label, source=row.source, group=row.group, generator=row.generator,
            sha256=row.exhibit, quality=numbers(files[row.path, row.chain].state),
        )
        for row in rows if row.value is not None
    ]  # fmt: skip


def numbers(state: Mapping[str, Scalar]) -> dict[str, float]:
    """Return the numbers of a quality vector."""
    return {
        name: float(one) for name, one in state.items() if isinstance(one, int | float) and not isinstance(one, bool)
    }


def never(id: str) -> str:
    """Return why an examination is never weighed: it is an aid, or an alarm about a network."""
    known = load().examinations.get(id)
    return "an examiner's aid is never weighed" if known is not None and known.aid else dependence().never.get(id, "")
