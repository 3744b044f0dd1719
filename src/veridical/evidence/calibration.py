"""From a raw statistic to a log10 likelihood ratio, by the calibration table of its examination.

A table is a generated JSON file ``evidence/tables/<id>.json``. It has one part for each condition that files can be in: log10
LR = offset + slope · value, or a curve, kept within the bounds that the calibration set supports; the interval is the 5th to
95th percentile over bootstrap repetitions (Morrison 2013, "Tutorial on logistic-regression calibration and fusion"). A value
outside the range that was calibrated weighs nothing, and so does any value of a file unlike all files of the calibration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DeclarationError, UsageError
from ..settings import text
from .groups import dependence
from .reach import Reach

TABLES = Path(__file__).parent / "tables"
FORMAT = 2
DIGITS = 16
Ends = tuple[float | None, float | None]
"""Smallest and largest of a number, ends included; None for no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a table holds for files in one state.

    Parameters
    ----------
    name, words
        The condition, short and as a report prints it.
    when
        What of the quality vector lies where (ends included, None for no end); None as a whole where the file must not have
        that number at all. Empty for any file.
    valid
        Smallest and largest value of the statistic in the calibration set.
    upper, lowest
        Largest and smallest log10 LR that the size of the calibration set supports.
    pairs
        shape (n, 2): offset and slope of the fit (row 0) and of its bootstrap repetitions; no rows where a curve stands.
    curve
        shape (4, k): values in rising order, and log10 LR, lower and upper end of its interval at each; None where pairs
        stand.
    fakes, reals, sources
        Independent groups of each label, and collections, on which it was fitted.
    cllr
        In bits, on sources left out.
    refused
        Why nothing is weighed in this condition; empty where something is.
    """

    name: str
    words: str
    when: Mapping[str, Ends | None]
    valid: tuple[float, float]
    upper: float
    lowest: float
    pairs: np.ndarray
    curve: np.ndarray | None = None
    fakes: int = 0
    reals: int = 0
    sources: int = 0
    cllr: float | None = None
    refused: str = ""

    def holds(self, quality: Mapping[str, float]) -> bool:
        """Return whether a file of this quality is in the condition."""
        return within(quality, self.when)

    def ratios(self, value: float) -> tuple[float, float, float]:
        """Return log10 LR of a value and both ends of its interval, within the bounds."""
        if self.curve is not None:
            found = [float(np.interp(value, self.curve[0], row)) for row in self.curve[1:]]
        else:
            all_ = self.pairs[:, 0] + self.pairs[:, 1] * value
            found = [
                float(all_[0]),
                *(float(end) for end in np.percentile(np.clip(all_, self.lowest, self.upper), (5, 95))),
            ]
        middle, low, high = (min(max(one, self.lowest), self.upper) for one in found)
        return middle, min(low, middle), max(high, middle)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationTable:
    """A fitted calibration.

    Parameters
    ----------
    name
        Id of the examination and version of the table, as printed in evidence.
    settings
        The knobs under which it was fitted; it holds for these only.
    conditions
        In the order in which they are tried.
    reach
        Which qualities of files were seen in the calibration; None if that was not kept.
    one_sided
        "fake" where low values never speak for the second proposition, else empty.
    files
        First `DIGITS` digits of the SHA-256 of the files that it was fitted on, as far as they are kept: no error rate of the
        table may be measured on them.
    own
        True for a table of the folder that the setting ``tables`` names: the fused models were not fitted beside it.
    """

    name: str
    settings: Mapping[str, Any]
    conditions: tuple[Condition, ...]
    reach: Reach | None = None
    one_sided: str = ""
    files: frozenset[str] = frozenset()
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """log10 LR of a value with its 90 % interval, all between ``lowest`` and ``bound``, and what that rests on."""

    log10_lr: float
    interval: tuple[float, float]
    bound: float
    lowest: float
    condition: str
    table: str
    fakes: int = 0
    reals: int = 0
    cllr: float | None = None


def load(id: str, folder: Path | None = None) -> CalibrationTable | None:
    """Return the calibration table of an examination, or None if there is none.

    Parameters
    ----------
    folder
        Where tables lie; by default a table in the folder that the setting ``tables`` names goes before the one that comes
        with the program.

    Raises
    ------
    DeclarationError
        If the file is there but is no table of this format.
    UsageError
        If the setting names no folder.
    """
    path = (folder or _folder_of(id)) / f"{id}.json"
    if not path.exists():
        return None
    try:
        plain = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DeclarationError(f"{path} is not a calibration table: {error!r}") from error
    return replace(read(id, plain, where=str(path)), own=path.parent != TABLES)


def _folder_of(id: str) -> Path:
    named = text("tables")
    if named and not Path(named).is_dir():
        raise UsageError(f"VERIDICAL_TABLES names {named}, which is no folder; name one that holds tables")
    return Path(named) if named and (Path(named) / f"{id}.json").exists() else TABLES


def read(id: str, plain: Any, *, where: str = "this") -> CalibrationTable:
    """Return a table that stands as plain data.

    Parameters
    ----------
    where
        What a message calls it.

    Raises
    ------
    DeclarationError
        If it is no table of this format.
    """
    try:
        if plain["format"] != FORMAT:
            raise DeclarationError(f"{where} is not a calibration table of format {FORMAT}, but of {plain['format']}")
        if plain["id"] != id:
            raise DeclarationError(f"{where} is not a calibration table of {id}, but of {plain['id']}")
        table = CalibrationTable(
            name=f"{id} {plain['version']}", settings=dict(plain["settings"]), one_sided=str(plain["one_sided"]),
            conditions=tuple(_condition(one) for one in plain["conditions"]),
            reach=Reach.read(plain["quality"]) if plain["quality"] else None,
            files=frozenset(str(one) for one in plain.get("files", ())),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DeclarationError(f"{where} is not a calibration table: {error!r}") from error
    if not table.conditions or table.one_sided not in ("", "fake"):
        raise DeclarationError(
            f"{where} is not a calibration table: it has no condition, or is one-sided to neither side"
        )
    if id in dependence().one_sided and table.one_sided != "fake":
        raise DeclarationError(
            f"{where} is not a calibration table: low values of {id} never speak for the second proposition, so it must be "
            'one-sided ("fake")'
        )
    for one in table.conditions:
        if not _sound(one, table.one_sided):
            raise DeclarationError(
                f"{where} is not a calibration table: {one.name!r} needs slopes above 0 or a rising curve, bounds on either "
                "side of 0 (or 0), and a range"
            )
    return table


def weigh(
    value: float, settings: Mapping[str, Any], table: CalibrationTable, quality: Mapping[str, float]
) -> Weight | str:
    """Weigh a value, or return the reason why it weighs nothing.

    Parameters
    ----------
    quality
        The quality vector of the file, without what it does not have.
    """
    if dict(settings) != dict(table.settings):
        return "the examination ran with other settings than those it was calibrated with"
    if not np.isfinite(value):
        return "the value is not a finite number"
    found = next((one for one in table.conditions if one.holds(quality)), None)
    if found is None:
        names = ", ".join(one.words for one in table.conditions)
        return f"the state of this file was not calibrated; the table holds for: {names}"
    if found.refused:
        return found.refused
    if table.reach is not None and (unlike := table.reach.unlike(quality)):
        return unlike
    low, high = found.valid
    if not low <= value <= high:
        return f"the value lies outside the calibrated range {low:.3g} to {high:.3g}"
    ratio, start, end = found.ratios(value)
    return Weight(
        log10_lr=ratio, interval=(start, end), bound=found.upper, lowest=found.lowest, condition=found.words,
        table=table.name, fakes=found.fakes, reals=found.reals, cllr=found.cllr,
    )  # fmt: skip


def within(quality: Mapping[str, float], when: Mapping[str, Ends | None]) -> bool:
    """Return whether every number of a quality vector lies where a condition wants it."""
    return all(_within(quality.get(name), ends) for name, ends in when.items())


def _within(value: float | None, ends: Ends | None) -> bool:
    if ends is None or value is None:
        return ends is None and value is None
    low, high = ends
    return (low is None or value >= low) and (high is None or value <= high)


def _condition(plain: Mapping[str, Any]) -> Condition:
    low, high = (float(end) for end in plain["valid"])
    curve = plain.get("curve")
    return Condition(
        name=str(plain["name"]), words=str(plain["words"]), valid=(low, high), upper=float(plain["upper"]),
        when={str(name): ends if ends is None else _ends(ends) for name, ends in plain["when"].items()},
        lowest=float(plain["lowest"]), pairs=np.array(plain["pairs"], float).reshape(-1, 2),
        curve=None if curve is None else np.array(curve, float), fakes=int(plain["fakes"]), reals=int(plain["reals"]),
        sources=int(plain["sources"]), cllr=None if plain["cllr"] is None else float(plain["cllr"]),
        refused=str(plain.get("refused", "")),
    )  # fmt: skip


def _ends(plain: Sequence[float | None]) -> Ends:
    low, high = (None if end is None else float(end) for end in plain)
    return low, high


def _sound(one: Condition, one_sided: str) -> bool:
    """Return whether a condition can be weighed by, or says why it cannot."""
    if one.refused:
        return True
    numbers = np.array([*one.valid, one.upper, one.lowest])
    if not (np.isfinite(numbers).all() and one.valid[0] < one.valid[1] and one.lowest <= 0 <= one.upper):
        return False
    if one.upper == one.lowest or (one_sided and one.lowest != 0):
        return False
    return _rises(one.pairs) if one.curve is None else _is_curve(one.curve)


def _rises(pairs: np.ndarray) -> bool:
    return bool(len(pairs) and np.isfinite(pairs).all() and pairs[0, 1] > 0 and (pairs[:, 1] >= 0).all())


def _is_curve(curve: np.ndarray) -> bool:
    if curve.ndim != 2 or len(curve) != 4 or curve.shape[1] < 2 or not np.isfinite(curve).all():
        return False
    steps = np.diff(curve, axis=1)
    return bool((steps[0] > 0).all() and (steps[1] >= 0).all())
