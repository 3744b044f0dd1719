"""Fitting fused models: one regularised logistic regression over the plain means of dependence groups.

Plain and robust beats clever here: what was learned with many free numbers fitted its sources and ranked others worse. So a
group has two numbers, however many members it has; sources count by the root of their size; slopes are never below zero; and
everything that is said of a model comes from leaving one source after the other out, by the code that applies it.

References
----------
- Morrison, Tutorial on logistic-regression calibration and fusion, Australian Journal of Forensic Sciences 45, 2013.
- Kittler, Hatef, Duin and Matas, On combining classifiers, IEEE Transactions on Pattern Analysis and Machine Intelligence 20,
  1998.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ..errors import UsageError
from ..evidence.fusion import FORMAT, Fused, FusedGroup, FusionTable, Member, fused
from ..evidence.groups import dependence
from .capping import ENDLESS, LeftOut, capped, inputs, within
from .cases import Case, Matrix, by_source, matrix
from .logistic import balanced

RIDGE = 0.003
"""Weight of the squared numbers of a fit, for weights that sum to one."""
REPEATS = 200
_DECADE = math.log(10)
_LOWER, _MIDDLE, _UPPER = 0.16, 0.5, 0.84  # one standard deviation about the median of a normal variable
Pairs = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One group of a model to be fitted: its name in ``evidence/groups.json``, those members that enter, those it needs.

    Without one of ``needs`` the group is silent; for members that are worth nothing without another.
    """

    group: str
    members: tuple[str, ...]
    needs: tuple[str, ...] = ()


def fit(
    cases: Sequence[Case], parts: Sequence[Part], *, kind: str, version: str, date: str, ridge: float = RIDGE,
    repeats: int = REPEATS, seed: int = 0, quality: Sequence[str] = (),
) -> tuple[dict[str, Any], LeftOut]:  # fmt: skip
    """Fit a fused model and say what it is worth on sources left out.

    Parameters
    ----------
    cases
        All conditions together. Values of learned examinations must come from networks that had not seen the source.
    parts
        The groups of the model.
    kind
        "image", "audio" or "video".
    quality
        Fields of the quality vector beyond whose ends among the cases nothing is to be weighed.

    Returns
    -------
    tuple
        The model as it is kept (``figures`` and ``category`` empty: see `judged` and `categories.fit`), and what models that
        were fitted without each source say of it, within the bounds of the one that is returned.

    Raises
    ------
    UsageError
        If a member is in no such group, sources are too few to leave one out, or the model is worth nothing.
    """
    given = matrix(cases, _ids(parts))
    table = _table(given, parts, kind=kind, ridge=ridge)
    loose = left_out(given, parts, kind=kind, ridge=ridge)
    alone = [loose] if len(parts) == 1 else [_group_alone(cases, part, kind=kind, ridge=ridge) for part in parts]
    groups, (lowest, upper) = capped(loose, alone)
    rows = np.concatenate([table.rows, _bootstrap(given, table, ridge, repeats, seed)])
    plain: dict[str, Any] = {
        "format": FORMAT, "kind": kind, "version": version, "date": date, "ridge": ridge,
        "sources": sorted({one.source for one in given.cases}), "groups": [_plain(one) for one in groups],
        "rows": [[[round(float(number), 5) for number in pair] for pair in row] for row in rows],
        "lowest": lowest, "upper": upper, "quality": _reach(given, quality), "figures": {}, "category": {},
    }  # fmt: skip
    return plain, within(loose, groups, (lowest, upper))


def left_out(given: Matrix, parts: Sequence[Part], *, kind: str, ridge: float = RIDGE) -> LeftOut:
    """Fit without each source in turn, and say what the models make of it, without bounds.

    Raises UsageError if the other sources lack a label.
    """
    spoke, added = np.zeros(len(given), dtype=bool), np.zeros((len(given), len(parts)))
    for source in sorted({one.source for one in given.cases}):
        table = _table(given.without(source), parts, kind=kind, ridge=ridge)
        for number in np.flatnonzero(given.sources == source):
            said = fused(given.cases[number].values, table)
            if isinstance(said, Fused):
                spoke[number] = True
                for part in said.groups:
                    added[number, [one.group for one in parts].index(part.name)] = part.log10_lr
    return LeftOut(cases=given, log10_lr=added.sum(axis=1), spoke=spoke, parts=added, groups=table.groups)


def _group_alone(cases: Sequence[Case], part: Part, *, kind: str, ridge: float) -> LeftOut:
    return left_out(matrix(cases, part.members), [part], kind=kind, ridge=ridge)


def _ids(parts: Sequence[Part]) -> list[str]:
    for part in parts:
        strangers = {*part.members} - {*dependence().named(part.group).members}
        if strangers or not {*part.needs} <= {*part.members} or not part.members:
            raise UsageError(
                f"{part.group}: {', '.join(sorted(strangers)) or 'what it needs'} is no member of this group"
            )
    ids = [id for part in parts for id in part.members]
    if not ids or len({*ids}) < len(ids) or len({part.group for part in parts}) < len(parts):
        raise UsageError("a fused model needs groups, each once, and each finding in one of them")
    return ids


def _table(given: Matrix, parts: Sequence[Part], *, kind: str, ridge: float) -> FusionTable:
    """Fit a model without bounds."""
    if not 0 < given.labels.sum() < len(given):
        raise UsageError("without one of the sources a label is missing: a fusion needs two sources of each label")
    weights = by_source(given)
    members = {id: standard(given, id, weights) for id in given.ids}
    groups = tuple(
        FusedGroup(
            name=part.group, words=dependence().named(part.group).words, needs=part.needs,
            members=tuple(members[id] for id in part.members), lowest=-ENDLESS, upper=ENDLESS,
        )
        for part in parts
    )  # fmt: skip
    rows = regression(inputs(given, groups), given.labels, weights, ridge)[None]
    return FusionTable(name="", kind=kind, groups=groups, rows=rows, lowest=-ENDLESS, upper=ENDLESS)


def standard(given: Matrix, id: str, weights: np.ndarray) -> Member:
    """Return how values of an examination are standardised: by weighted median and spread of real files."""
    column = given.values[:, given.ids.index(id)]
    there = np.isfinite(column) & (given.labels == 0)
    if not there.any():
        raise UsageError(f"{id} was measured in no real file, so nothing is known of what is usual")
    order = np.argsort(column[there])
    reached = np.cumsum(weights[there][order]) / weights[there].sum()
    low, middle, high = (
        column[there][order][min(np.searchsorted(reached, share), len(order) - 1)]
        for share in (_LOWER, _MIDDLE, _UPPER)
    )
    # six digits, as they are kept: the model that is judged is the one that is used
    return Member(
        id=id, middle=float(f"{middle:.6g}"), spread=float(f"{max((high - low) / 2, 1e-9):.6g}"),
        one_sided=id in dependence().one_sided,
    )  # fmt: skip


def regression(given: np.ndarray, labels: np.ndarray, weights: np.ndarray, ridge: float) -> Pairs:
    """Fit offset and slope of each group, shape (groups, 2), in log10; no slope is below zero.

    First each group alone, where it speaks: so what it adds is neutral where the group by itself is. Then how much of each
    enters the sum: groups that say the same share the weight. A single group enters as it is.

    Parameters
    ----------
    given
        shape (n, groups, 2), of `inputs`.
    weights
        shape (n,): half in sum for each label.
    """
    pairs = np.zeros(given.shape[1:])
    for number in range(len(pairs)):
        speaks = given[:, number, 0] > 0
        if all(weights[speaks & (labels == label)].any() for label in (0, 1)):
            own = balanced(labels[speaks], weights[None, speaks])[0]
            pairs[number] = _logistic(given[speaks, number], labels[speaks], own / own.sum(), ridge, (None, 0.0))
    if len(pairs) > 1:
        alone = (given * pairs).sum(axis=2)
        pairs *= _logistic(alone, labels, weights, ridge, (0.0,) * len(pairs))[:, None]
    return np.asarray(pairs / _DECADE)


def _logistic(
    columns: np.ndarray, labels: np.ndarray, weights: np.ndarray, ridge: float, least: Sequence[float | None]
) -> np.ndarray:
    """Fit natural log odds = columns @ numbers, no number below its ``least``, shape (columns,)."""
    sign = 2.0 * labels - 1

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (columns @ numbers)
        pull = -weights * sign / (1 + np.exp(np.clip(margin, -500, 500)))
        cost = weights @ np.logaddexp(0, -margin) + ridge * numbers @ numbers
        return float(cost), columns.T @ pull + 2 * ridge * numbers

    start = np.full(columns.shape[1], 0.3)
    ends = [(low, None) for low in least]
    found = minimize(loss, start, jac=True, bounds=ends, method="L-BFGS-B", options={"maxiter": 1000, "gtol": 1e-7})
    return np.asarray(found.x)


def _bootstrap(given: Matrix, table: FusionTable, ridge: float, repeats: int, seed: int) -> np.ndarray:
    """Fit again with sources drawn anew, shape (repeats, groups, 2); drawings that lack a label are drawn again."""
    random = np.random.default_rng(seed)
    names = sorted({one.source for one in given.cases})
    columns = inputs(given, table.groups)
    rows: list[Pairs] = []
    for _ in range(50 * repeats):
        if len(rows) == repeats:
            break
        drawn = dict(
            zip(names, np.bincount(random.integers(0, len(names), len(names)), minlength=len(names)), strict=True)
        )
        weights = by_source(given, drawn)
        if all(weights[given.labels == label].any() for label in (0, 1)):
            rows.append(regression(columns, given.labels, weights, ridge))
    return np.array(rows).reshape(-1, len(table.groups), 2)


def _reach(given: Matrix, names: Sequence[str]) -> dict[str, list[float]]:
    found = {}
    for name in names:
        values = [one.quality[name] for one in given.cases if name in one.quality]
        if values:
            found[name] = [float(f"{min(values):.6g}"), float(f"{max(values):.6g}")]
    return found


def _plain(group: FusedGroup) -> Mapping[str, Any]:
    return {
        "name": group.name, "needs": list(group.needs), "lowest": group.lowest, "upper": group.upper,
        "members": [
            {"id": one.id, "middle": one.middle, "spread": one.spread, "one_sided": one.one_sided} for one in group.members
        ],
    }  # fmt: skip
