"""What findings say together, by a fused model that was fitted on held-out media: one log10 LR, group by group.

A fused model is a generated JSON file ``tables/fusion.KIND.json``. Findings that may share a cause form a group
(``groups.json``). Each value is brought to robust standard deviations of real files, bounded smoothly; each member of a group
of k adds (offset + slope · value) / k, so that a group is the plain mean of its members, a missing member adds nothing, and no
finding counts twice. Offset and slope of each group come from one logistic regression over all groups. A group adds no more
than its cap, of which each missing member takes its share; the sum stays within the bounds of the table.

References
----------
- Morrison, Tutorial on logistic-regression calibration and fusion, Australian Journal of Forensic Sciences 45, 2013.
- Kittler, Hatef, Duin and Matas, On combining classifiers, IEEE Transactions on Pattern Analysis and Machine Intelligence 20,
  1998 (why plain means hold where estimates are poor).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import DeclarationError
from .calibration import TABLES, Weight
from .groups import dependence

FORMAT = 1
FARTHEST = 3.0
"""Standard deviations beyond which a value hardly counts more."""
NOT_MEASURED = "not measured"
Reason = Literal["group", "table", "corroboration", "laundering", "stability"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """What lowered a claim: why, to which |log10 LR|, from which log10 LR, and in which group (only for "group")."""

    reason: Reason
    at: float
    before: float
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A finding in a group: how its value is standardised, and whether it never speaks for the second proposition."""

    id: str
    middle: float
    spread: float
    one_sided: bool = False

    def standardised(self, value: float) -> float:
        """Return a value in standard deviations of real files, bounded smoothly."""
        return FARTHEST * math.tanh((value - self.middle) / self.spread / FARTHEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedGroup:
    """A group in a fused model.

    Parameters
    ----------
    needs
        Members without which the group is silent: without them it was worth nothing on held-out media.
    lowest, upper
        Its caps: the log10 LRs that held-out media support for this group alone.
    """

    name: str
    words: str
    members: tuple[Member, ...]
    needs: tuple[str, ...]
    lowest: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionTable:
    """A fused model.

    Parameters
    ----------
    rows
        shape (n, groups, 2): offset and slope of each group in log10; row 0 is the fit, the rest its bootstrap over sources.
    lowest, upper
        The log10 LRs that held-out media support for the sum.
    quality
        Smallest and largest value of fields of the quality vector among the files of the fit; beyond them nothing is weighed.
    figures
        What the model is worth on sources left out, and on what it was fitted; for reports and documents.
    category
        How attack categories are told apart, as `category.named` reads it; empty if they are not.
    """

    name: str
    kind: str
    groups: tuple[FusedGroup, ...]
    rows: np.ndarray
    lowest: float
    upper: float
    quality: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    category: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPart:
    """What one group adds, and the members that spoke in it."""

    name: str
    words: str
    members: tuple[str, ...]
    log10_lr: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """The fused weight.

    Parameters
    ----------
    interval
        5th to 95th percentile over the bootstrap.
    lowest, upper
        Bounds for this file: those of the table, and of the groups that spoke.
    groups
        The groups that spoke, in the order of the table.
    missing
        Members that added nothing, with the reason.
    caps
        Bounds that were reached.
    """

    log10_lr: float
    interval: tuple[float, float]
    lowest: float
    upper: float
    groups: tuple[GroupPart, ...]
    missing: Mapping[str, str]
    caps: tuple[Cap, ...]
    table: str


def load(kind: str, folder: Path = TABLES) -> FusionTable | None:
    """Return the fused model of a kind of file, or None if there is none.

    Raises
    ------
    DeclarationError
        If the file is there but is no fused model of this format.
    """
    path = folder / f"fusion.{kind}.json"
    if not path.exists():
        return None
    try:
        return from_plain(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise DeclarationError(f"{path} is no fused model: {error!r}") from error


def from_plain(plain: Mapping[str, Any]) -> FusionTable:
    """Make a fused model of what `load` reads; raises ValueError, KeyError or TypeError if it is none."""
    if plain["format"] != FORMAT:
        raise ValueError(f"format {plain['format']}")
    groups = tuple(_group(one) for one in plain["groups"])
    rows = np.asarray(plain["rows"], dtype=np.float64).reshape(-1, len(groups), 2)
    lowest, upper = float(plain["lowest"]), float(plain["upper"])
    bounded = -math.inf < lowest <= 0 <= upper < math.inf
    if not (bounded and len(rows) and np.isfinite(rows).all() and (rows[:, :, 1] >= 0).all()):
        raise ValueError("finite rows, slopes not below zero and bounds on both sides of 0 are needed")
    return FusionTable(
        name=f"fusion.{plain['kind']} {plain['version']}", kind=plain["kind"], groups=groups, rows=rows, lowest=lowest,
        upper=upper, quality={name: (float(low), float(high)) for name, (low, high) in plain["quality"].items()},
        figures=dict(plain["figures"]), category=dict(plain["category"]),
    )  # fmt: skip


def _group(plain: Mapping[str, Any]) -> FusedGroup:
    known = dependence().named(plain["name"])
    members = tuple(Member(**one) for one in plain["members"])
    ids = {one.id for one in members}
    if not members or not ids <= {*known.members} or not {*plain["needs"]} <= ids:
        raise ValueError(f"group {known.name} lists members that it does not have")
    if any(not (0 < one.spread < math.inf and math.isfinite(one.middle)) for one in members):
        raise ValueError(f"group {known.name}: finite middles, and spreads above zero, are needed")
    if not -math.inf < plain["lowest"] <= 0 <= plain["upper"] < math.inf:
        raise ValueError(f"group {known.name}: finite caps on both sides of 0 are needed")
    if strangers := sorted(one.id for one in members if one.one_sided != (one.id in dependence().one_sided)):
        raise ValueError(
            f"group {known.name}: one-sided or not, otherwise than groups.json says: {', '.join(strangers)}"
        )
    return FusedGroup(
        name=known.name, words=known.words, members=members, needs=tuple(plain["needs"]),
        lowest=float(plain["lowest"]), upper=float(plain["upper"]),
    )  # fmt: skip


def fuse(
    weights: Mapping[str, Weight | str], values: Mapping[str, float], quality: Mapping[str, float], table: FusionTable
) -> Fused | str:
    """Put findings together, or return the reason why there is no fused weight.

    Parameters
    ----------
    weights
        By id of examination: its own weight, or the reason why it has none. What its own table does not weigh on this file
        (other settings, outside its range) is missing here as well.
    values
        By id of examination: what was measured.
    quality
        The quality vector of the file.
    """
    for name, (low, high) in table.quality.items():
        if name in quality and not low <= quality[name] <= high:
            return f"{name.replace('_', ' ')} {quality[name]:.3g} lies outside the calibrated range {low:.3g} to {high:.3g}"
    used = {id: value for id, value in values.items() if isinstance(weights.get(id), Weight)}
    missing = {
        one.id: _why(one.id, weights, values) for group in table.groups for one in group.members if one.id not in used
    }
    return fused(used, table, missing)


def _why(id: str, weights: Mapping[str, Weight | str], values: Mapping[str, float]) -> str:
    reason = weights.get(id)
    return reason if id in values and isinstance(reason, str) and reason else NOT_MEASURED


def fused(values: Mapping[str, float], table: FusionTable, missing: Mapping[str, str] | None = None) -> Fused | str:
    """Put values together without asking what each is worth alone: what `fuse` does with those that have a weight."""
    silent: dict[str, str] = {}
    speaking: list[tuple[int, FusedGroup, list[Member]]] = []
    for number, group in enumerate(table.groups):
        there = [one for one in group.members if math.isfinite(values.get(one.id, math.nan))]
        lacking = [id for id in group.needs if id not in {one.id for one in there}]
        if there and not lacking:
            speaking.append((number, group, there))
        for one in group.members:
            if one not in there:
                silent[one.id] = (missing or {}).get(one.id, NOT_MEASURED)
            elif lacking:
                silent[one.id] = f"counts only together with {', '.join(lacking)}"
    if not speaking:
        listed = "; ".join(f"{id}: {reason}" for id, reason in silent.items())
        return f"none of the findings that can be weighed together says anything here ({listed})"
    return _sum(values, table, speaking, silent)


def _sum(
    values: Mapping[str, float], table: FusionTable, speaking: list[tuple[int, FusedGroup, list[Member]]],
    missing: Mapping[str, str],
) -> Fused:  # fmt: skip
    total = np.zeros(len(table.rows))
    caps: list[Cap] = []
    parts: list[GroupPart] = []
    lowest = upper = 0.0
    for number, group, there in speaking:
        share = len(there) / len(group.members)
        low, high = group.lowest * share, group.upper * share
        raw = contribution(values, table.rows[:, number], group, there)
        kept = np.clip(raw, low, high)
        if raw[0] != kept[0]:
            caps.append(Cap(reason="group", at=abs(float(kept[0])), before=float(raw[0]), group=group.words))
        parts.append(
            GroupPart(
                name=group.name, words=group.words, members=tuple(one.id for one in there), log10_lr=float(kept[0])
            )
        )
        total, lowest, upper = total + kept, lowest + low, upper + high
    lowest, upper = max(lowest, table.lowest), min(upper, table.upper)
    bounded = np.clip(total, lowest, upper)
    if bounded[0] != total[0]:
        caps.insert(0, Cap(reason="table", at=abs(float(bounded[0])), before=float(total[0])))
    low, high = np.percentile(bounded, (5, 95))
    return Fused(
        log10_lr=float(bounded[0]), interval=(min(float(low), float(bounded[0])), max(float(high), float(bounded[0]))),
        lowest=float(lowest), upper=float(upper), groups=tuple(parts), missing=dict(missing),
        caps=tuple(caps), table=table.name,
    )  # fmt: skip


def contribution(values: Mapping[str, float], rows: np.ndarray, group: FusedGroup, there: list[Member]) -> np.ndarray:
    """Return what the members at hand add before any cap, shape (n,), for each pair of offset and slope, shape (n, 2)."""
    added = np.zeros(len(rows))
    for one in there:
        part = (rows[:, 0] + rows[:, 1] * one.standardised(values[one.id])) / len(group.members)
        added += np.maximum(part, 0) if one.one_sided else part
    return added
