"""Fitting and writing the calibration table of one examination."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from ..evidence import calibration
from . import figures, logistic, pav, resamples, system
from .bins import ANY, Bin
from .discipline import Seen, demand_apart
from .items import Columns, Scored, columns
from .quality import fit_reach

LEAST = 20
"""Groups of each label that a condition needs."""
LEAST_SOURCES = 2
"""Sources of each label: what one collection did to its files must not pass for what a label does."""
REPEATS = 200
KNOTS = 101
DOUBT = 0.05
"""Share of bootstrap samples in which fakes may not rank above real files, at most."""


def fit_table(
    items: Sequence[Scored], *, id: str, settings: Mapping[str, Any], version: str, one_sided: str = "",
    bins: Sequence[Bin] = (), names: Sequence[str] | None = None, method: str = "logistic", ridge: float = logistic.RIDGE,
    tested: Sequence[Scored] = (), trained: Seen | None = None, repeats: int = REPEATS, seed: int = 0, date: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Fit the calibration table of an examination on labelled files.

    Each condition of ``bins`` that has enough files is fitted apart, and then all files together as "any". A condition in
    which LRs are worth nothing on sources left out (Cllr of 1 or more), or in which it is not sure that fakes rank above real
    files, is kept as one that refuses.

    The interval is somewhat narrow for few sources: with sources that differ by half a standard deviation, 90 % intervals of
    log10 LR held the true value in 74 to 83 % of simulated tables on 4 sources, in 75 to 89 % on 8 to 16, and in 94 to 99 %
    where sources do not differ.

    Parameters
    ----------
    items
        Values of labelled files, from two sources of each label or more.
    id, settings, version
        Of the examination, the knobs under which the values were measured, and of the table.
    one_sided
        "fake" where low values must never speak for the second proposition.
    bins
        States of files, tried in this order; see `bins.BINS`.
    names
        Numbers of the quality vector that say which files the table reaches; by default all that half of the files have.
        None of them in any file: the table then has no such range.
    method
        "logistic", or "pav" for many files (500 of each label) and a value whose LR is no straight line.
    tested, trained
        What must not stand in the calibration.
    repeats
        Bootstrap samples for the interval; sources are drawn, then groups within them.
    date
        ISO date; today if empty.

    Returns
    -------
    dict
        The table as plain data, of the format that `evidence.calibration.read` reads.

    Raises
    ------
    UsageError
        If there are too few files or sources, nothing can be weighed in any condition, or split discipline is broken.
    """
    demand_apart(items, tested=tested, trained=trained)
    if method not in ("logistic", "pav"):
        raise UsageError(f"a table is fitted by 'logistic' or 'pav', not by {method!r}")
    options = {"method": method, "one_sided": one_sided, "ridge": ridge}
    conditions: list[dict[str, Any]] = []
    for one in bins:
        inside = [item for item in items if one.holds(item.quality)]
        if not lacking(inside):
            conditions.append(_condition(one, columns(inside), repeats, seed, options))
    if short := lacking(items):
        raise UsageError(f"{id} cannot be calibrated: {short}")
    conditions.append(_condition(ANY, columns(items), repeats, seed, options))
    if all(one.get("refused") for one in conditions):
        raise UsageError(f"{id} cannot be calibrated: {conditions[-1]['refused']}")
    plain = {
        "format": calibration.FORMAT, "id": id, "version": version, "date": date or datetime.now(UTC).date().isoformat(),
        "settings": dict(settings), "one_sided": one_sided, "method": method, "conditions": conditions,
        "quality": fit_reach(items, names), "files": sorted({one.sha256[: calibration.DIGITS] for one in items} - {""}),
    }  # fmt: skip
    calibration.read(id, plain, where="what was fitted")
    return plain


def lacking(items: Sequence[Scored]) -> str:
    """Return what files lack for a condition of their own; empty if nothing."""
    for label in ("fake", "real"):
        some = [one for one in items if one.label == label]
        groups, sources = {one.group for one in some}, {one.source for one in some}
        if len(groups) < LEAST or len(sources) < LEAST_SOURCES:
            return (
                f"{len(groups)} independent {label} files of {len(sources)} sources; it takes {LEAST} of "
                f"{LEAST_SOURCES} sources of each label"
            )
    return ""


def write_table(table: Mapping[str, Any], folder: Path = calibration.TABLES) -> Path:
    """Write a table as ``FOLDER/<id>.json``, all of it or nothing, and return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table['id']}.json"
    draft = path.with_suffix(".part")
    draft.write_text(dumped(table), "utf-8")
    os.replace(draft, path)
    return path


def dumped(table: Mapping[str, Any]) -> str:
    """Return a table as JSON, a line for each condition: differences between versions can be read."""
    head = {key: value for key, value in table.items() if key != "conditions"}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    conditions = ",\n  ".join(json.dumps(one) for one in table["conditions"])
    return "{\n" + ",\n".join(lines) + f',\n "conditions": [\n  {conditions}\n ]\n' + "}\n"


def _condition(one: Bin, data: Columns, repeats: int, seed: int, options: Mapping[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": one.name, "words": one.words, "when": {name: ends and list(ends) for name, ends in one.when.items()},
        "valid": [float(data.values.min()), float(data.values.max())], "fakes": data.count(1), "reals": data.count(0),
        "files": len(data), "sources": len(set(data.sources)),
        "sources_fake": len(set(data.sources[data.labels == 1])), "sources_real": len(set(data.sources[data.labels == 0])),
    }  # fmt: skip
    try:
        fitted = system.fit(data, **options)
        apart = system.left_out(data, **options)
    except UsageError as error:
        return about | {"upper": 0.0, "lowest": 0.0, "pairs": [], "cllr": None, "refused": f"{one.words}: {error}"}
    figured = figures.of(data.values, data.labels, apart)
    low, high = system.narrowest(data, apart)
    lowest, upper = -_floor(-max(fitted.lowest, low)), _floor(min(fitted.upper, high))
    drawn = resamples.times(data, repeats, seed)
    rows = logistic.fit_rows(data.values, data.labels, drawn * data.weights, options["ridge"])
    weighed = _lines(fitted.line, rows) if fitted.line else _curve(fitted, data, drawn)
    refused = ""
    if figured["cllr"] >= 1 or lowest == upper or (rows[:, 1] <= 0).mean() > DOUBT:
        refused = f"{one.words}: on sources left out the value says nothing reliable (Cllr {figured['cllr']:.2f} bits)"
    return about | {"upper": upper, "lowest": lowest} | figured | weighed | ({"refused": refused} if refused else {})


def _floor(bound: float) -> float:
    """Return a bound to four decimals, towards 0: rounding must not widen it."""
    return float(np.floor(bound * 1e4) / 1e4) + 0.0


def _lines(line: logistic.Fit, rows: np.ndarray) -> dict[str, Any]:
    pairs = [(line.offset, line.slope), *rows]
    return {"pairs": [[float(f"{number:.6g}") for number in pair] for pair in pairs]}


def _curve(fitted: system.System, data: Columns, drawn: np.ndarray) -> dict[str, Any]:
    """Read the PAV fit and its bootstrap at knots spread evenly over the files."""
    grid = np.unique(np.quantile(data.values, np.linspace(0, 1, KNOTS)))
    rows = []
    for times in drawn:
        kept = times > 0
        rows.append(_pav_at(grid, data, kept, (times * data.weights)[kept]))
    middle = fitted.raw(grid)
    low, high = np.percentile(rows, (5, 95), axis=0)
    curve = np.stack([grid, middle, np.minimum(low, middle), np.maximum(high, middle)])
    return {"pairs": [], "curve": [[float(f"{number:.6g}") for number in row] for row in curve]}


def _pav_at(grid: np.ndarray, data: Columns, kept: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return pav.apply(*pav.fit(data.values[kept], data.labels[kept], weights), grid)
