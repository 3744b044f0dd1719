"""How far a fused model may go: caps of its groups and bounds of their sum, by what sources left out support."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..evidence.fusion import FusedGroup
from .bounds import counted, elub
from .cases import Matrix, by_group

ENDLESS = 9.0
"""The log10 LR that stands for no bound while a model is fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What models say of cases of sources that they have not seen.

    Parameters
    ----------
    log10_lr
        shape (n,): within all bounds; 0 where no group spoke.
    spoke
        shape (n,): True where one did.
    parts
        shape (n, groups): what each group added, before any cap.
    groups
        The groups, without caps.
    """

    cases: Matrix
    log10_lr: np.ndarray
    spoke: np.ndarray
    parts: np.ndarray
    groups: tuple[FusedGroup, ...]


def inputs(given: Matrix, groups: Sequence[FusedGroup]) -> np.ndarray:
    """Return what each group gives the regression, shape (n, groups, 2): share of members at hand, and their sum over k."""
    found = np.zeros((len(given), len(groups), 2))
    for number, group in enumerate(groups):
        columns = given.values[:, [given.ids.index(one.id) for one in group.members]]
        there = np.isfinite(columns)
        needed = [position for position, one in enumerate(group.members) if one.id in group.needs]
        there &= there[:, needed].all(axis=1, keepdims=True)
        for position, one in enumerate(group.members):
            values = [
                one.standardised(value) if ok else 0.0
                for value, ok in zip(columns[:, position], there[:, position], strict=True)
            ]
            found[:, number, 1] += np.array(values) / len(group.members)
        found[:, number, 0] = there.mean(axis=1)
    return found


def capped(loose: LeftOut, alone: Sequence[LeftOut]) -> tuple[list[FusedGroup], tuple[float, float]]:
    """Give each group its caps, and return them with the lowest and the highest log10 LR of their sum.

    Each is the narrower of ELUB and n + 1, a person, clip or speaker counting once; the caps of a group all of whose members
    are one-sided end at 0 below.

    Parameters
    ----------
    loose
        What models without bounds say of sources left out.
    alone
        The same for models of each group alone, in their order.
    """
    found: list[FusedGroup] = []
    for group, said in zip(loose.groups, alone, strict=True):
        low, high = bounds(said)
        found.append(replace(group, lowest=0.0 if all(one.one_sided for one in group.members) else low, upper=high))
    sums = _clipped(loose, found).sum(axis=1)
    return found, bounds(replace(loose, log10_lr=sums))


def within(loose: LeftOut, groups: Sequence[FusedGroup], ends: tuple[float, float]) -> LeftOut:
    """Bring what was said without bounds within the caps of the groups and the bounds of the sum, as the fused model does."""
    return replace(loose, log10_lr=np.clip(_clipped(loose, groups).sum(axis=1), *ends))


def bounds(said: LeftOut) -> tuple[float, float]:
    """Return the narrower of ELUB and n + 1 on either side, rounded towards 0 as it is kept; no support without a label."""
    ratios, labels = said.log10_lr[said.spoke], said.cases.labels[said.spoke]
    if not 0 < labels.sum() < len(labels):
        return 0.0, 0.0
    weights = by_group(said.cases)[said.spoke]
    least, most = counted(float(weights[labels == 1].sum()), float(weights[labels == 0].sum()))
    low, high = elub(ratios, labels, weights)
    return _kept(max(low, least)), _kept(min(high, most))


def _clipped(loose: LeftOut, groups: Sequence[FusedGroup]) -> np.ndarray:
    shares = inputs(loose.cases, groups)[:, :, 0]
    low, high = (shares * np.array([getattr(one, name) for one in groups]) for name in ("lowest", "upper"))
    return np.asarray(np.clip(loose.parts, low, high))


def _kept(bound: float) -> float:
    return math.trunc(bound * 1e4) / 1e4
