"""From a raw statistic to a log10 likelihood ratio, by the calibration table of its examination.

A table is a generated JSON file ``evidence/tables/<id>.json``. Logistic calibration: log10 LR = offset + slope · value,
clipped to ±bound; the interval is the 5th–95th percentile over bootstrap pairs (Morrison 2013, "Tutorial on
logistic-regression calibration and fusion"). A value outside the range that was calibrated weighs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DeclarationError

TABLES = Path(__file__).parent / "tables"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationTable:
    """A fitted calibration.

    Parameters
    ----------
    name
        Id of the examination and version of the table, as printed in evidence.
    settings
        The knobs under which it was fitted; it holds for these only.
    valid
        Smallest and largest value of the statistic in the calibration set.
    bound
        Largest |log10 LR| that the size of the calibration set supports.
    pairs
        shape (n, 2): offset and slope of the fit (row 0) and of its bootstrap repetitions.
    condition
        The state of files for which the table holds, in words.
    """

    name: str
    settings: Mapping[str, Any]
    valid: tuple[float, float]
    bound: float
    pairs: np.ndarray
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """log10 LR of a value with its 90 % interval, both within ±``bound``."""

    log10_lr: float
    interval: tuple[float, float]
    bound: float
    condition: str
    table: str


def load(id: str, folder: Path = TABLES) -> CalibrationTable | None:
    """Return the calibration table of an examination, or None if there is none.

    Raises
    ------
    DeclarationError
        If the file is there but is no table of this format.
    """
    path = folder / f"{id}.json"
    if not path.exists():
        return None
    try:
        plain = json.loads(path.read_text())
        pairs = np.array(plain["pairs"], float).reshape(-1, 2)
        low, high = (float(end) for end in plain["valid"])
        table = CalibrationTable(
            name=f"{id} {plain['version']}", settings=dict(plain["settings"]), valid=(low, high),
            bound=float(plain["bound"]), pairs=pairs, condition=str(plain["condition"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise DeclarationError(f"{path} is not a calibration table: {error!r}") from error
    if plain.get("format") != FORMAT or not (len(pairs) and (pairs[:, 1] > 0).all() and table.bound > 0 and low < high):
        raise DeclarationError(f"{path} is not a calibration table of format {FORMAT} with positive slopes")
    return table


def weigh(value: float, settings: Mapping[str, Any], table: CalibrationTable) -> Weight | str:
    """Weigh a value, or return the reason why it weighs nothing."""
    if dict(settings) != dict(table.settings):
        return "the examination ran with other settings than those it was calibrated with"
    low, high = table.valid
    if not low <= value <= high:
        return f"the value lies outside the calibrated range {low:.3g} to {high:.3g}"
    ratios = np.clip(table.pairs[:, 0] + table.pairs[:, 1] * value, -table.bound, table.bound)
    ends = np.percentile(ratios, (5, 95))
    return Weight(
        log10_lr=float(ratios[0]), interval=(float(ends[0]), float(ends[1])), bound=table.bound,
        condition=table.condition, table=table.name,
    )  # fmt: skip
