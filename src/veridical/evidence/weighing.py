"""All findings of an exhibit, weighed one by one and together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..finding import Finding
from . import unfit
from .calibration import TABLES, CalibrationTable, Weight, load, weigh
from .fusion import Fused, FusionTable, fuse
from .groups import dependence

PARTIAL = (
    "the value lacks {parts}, which the values of the calibration have: it is another statistic, and weighs nothing"
)
NO_TABLE = "no calibration table: the value is reported, but weighs nothing"
OWN = "weighed by a table of the user's own alone, which the fused model knows nothing of"
AID = "an examiner's aid: it points a person to what to look at, and is never weighed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What the findings of an exhibit weigh.

    Parameters
    ----------
    weights
        By id of each measured finding: its weight, or the reason why it has none.
    values
        What was measured, by id.
    fused
        What they weigh together, the reason why nothing, or None if there is no fused model for this kind of file.
    """

    weights: Mapping[str, Weight | str]
    values: Mapping[str, float]
    fused: Fused | str | None

    @property
    def each(self) -> tuple[Weight, ...]:
        """The weights of those that have one."""
        return tuple(one for one in self.weights.values() if isinstance(one, Weight))


def weigh_all(
    findings: Sequence[Finding], quality: Mapping[str, float], *, aids: Collection[str],
    table_of: Callable[[str], CalibrationTable | None], model: FusionTable | None,
) -> Weighing:  # fmt: skip
    """Weigh findings one by one, then together.

    Parameters
    ----------
    quality
        The quality vector of the file.
    aids
        Ids of examiner's aids, which are never weighed; nor is what ``groups.json`` names so.
    table_of
        Gives the calibration table of an examination.
    model
        The fused model for this kind of file, if there is one.
    """
    values = {one.id: float(one.measurement.value) for one in findings if one.measurement}
    weights: dict[str, Weight | str] = {}
    for finding in findings:
        if finding.id not in values:
            continue
        never = AID if finding.id in aids else dependence().never.get(finding.id, "")
        table = None if never else table_of(finding.id)
        weights[finding.id] = (
            _one(finding, values[finding.id], table, quality) if table else never or unfit.why(finding.id) or NO_TABLE
        )
    if model is None:
        return Weighing(weights=weights, values=values, fused=None)
    known = weights | _by_own_of_program(findings, weights, quality, table_of)
    return Weighing(weights=weights, values=values, fused=fuse(known, values, quality, model))


def _one(finding: Finding, value: float, table: CalibrationTable, quality: Mapping[str, float]) -> Weight | str:
    """Weigh one finding; a value that lacks a part has none, whatever the table says of such a number."""
    found = weigh(value, finding.settings, table, quality)
    partial = finding.measurement.partial if finding.measurement else ""
    return PARTIAL.format(parts=partial) if partial and isinstance(found, Weight) else found


def _by_own_of_program(
    findings: Sequence[Finding], weights: Mapping[str, Weight | str], quality: Mapping[str, float],
    table_of: Callable[[str], CalibrationTable | None],
) -> dict[str, Weight | str]:  # fmt: skip
    """Weigh by the tables of the program what tables of a user's own weigh.

    A fused model comes with the program. What it can say of a file is what its own media reach, not those of the user.
    """
    found: dict[str, Weight | str] = {}
    for finding in findings:
        table = table_of(finding.id) if isinstance(weights.get(finding.id), Weight) else None
        if table is None or not table.own or finding.measurement is None:
            continue
        shipped = load(finding.id, TABLES)
        value = float(finding.measurement.value)
        found[finding.id] = _one(finding, value, shipped, quality) if shipped else OWN
    return found
