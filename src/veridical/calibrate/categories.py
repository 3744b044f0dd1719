"""Fitting how attack categories are told apart, with a confusion table from sources left out.

A category can be learned if two sources or more hold media of it: with one, what would be learned is that source. Of several
a small multinomial regression is fitted on fakes alone, for a category is only named where the fused model supports the first
proposition. The confusion table is counted by the very rule that names categories: for each source, fused model and regression
are fitted without it.

References
----------
- Hosmer, Lemeshow and Sturdivant, Applied Logistic Regression, 3rd edition, 2013, chapter 8 (multinomial regression).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ..errors import UsageError
from ..evidence.category import CATEGORIES, NONE, inputs, log_odds
from ..evidence.fusion import Member
from .capping import LeftOut
from .cases import Case, Matrix, by_source, matrix
from .fusing import standard

RIDGE = 0.01
"""Weight of the squared numbers of a fit, for weights that sum to one."""
FEWEST_SOURCES = 2
LEAST = math.log10(2)
"""The log10 LR above which the first proposition is supported."""


def fit(
    cases: Sequence[Case], said: LeftOut, ids: Sequence[str], *, ridge: float = RIDGE, least: float = LEAST
) -> dict[str, Any]:
    """Fit the naming of categories; returns it as it is kept in a fused model.

    Parameters
    ----------
    cases
        All cases, fake and real.
    said
        What fused models say of sources left out, of `fusing.fit`.
    ids
        Examinations whose values tell categories apart.
    least
        The log10 LR above which a category is named.

    Raises
    ------
    UsageError
        If a fake has no category of the four.
    """
    fakes = [one for one in cases if one.label == "fake"]
    if strange := sorted({one.category for one in fakes} - {*CATEGORIES}):
        raise UsageError(f"no attack categories: {', '.join(strange)}; there are {', '.join(CATEGORIES)}")
    sources = {name: {one.source for one in fakes if one.category == name} for name in CATEGORIES}
    learned = [name for name in CATEGORIES if len(sources[name]) >= FEWEST_SOURCES]
    given = matrix(cases, ids)
    kept = _model(given, learned, ridge)
    return {
        **kept, "confusion": _confusion(given, said, learned, ridge, least),
        "never": {name: _why(len(sources[name])) for name in CATEGORIES if name not in learned},
    }  # fmt: skip


def _why(sources: int) -> str:
    return "there were media of one source only" if sources else "there were no media of it"


def _model(given: Matrix, learned: Sequence[str], ridge: float) -> dict[str, Any]:
    """Fit the regression on fakes of the learned categories; nothing is fitted where there is only one."""
    weights = by_source(given)
    members = [standard(given, id, weights) for id in given.ids]
    fakes = given.only(np.array([one.category in learned for one in given.cases], dtype=bool)) if learned else given
    numbers = np.zeros((len(learned), 1 + len(members)))
    if len(learned) > 1:
        numbers = _multinomial(fakes, members, learned, ridge)
    return {
        "learned": list(learned), "members": [_plain(one) for one in members],
        "offsets": [round(float(one), 5) for one in numbers[:, 0]],
        "slopes": [[round(float(one), 5) for one in row] for row in numbers[:, 1:]],
    }  # fmt: skip


def _multinomial(fakes: Matrix, members: list[Member], learned: Sequence[str], ridge: float) -> np.ndarray:
    """Fit offsets and slopes, shape (categories, 1 + members), all categories weighing alike, a source by its root."""
    rows = np.array([np.r_[1.0, inputs(one.values, members)] for one in fakes.cases])
    true = np.array([learned.index(one.category) for one in fakes.cases])
    weights = by_source(fakes).copy()
    for number in range(len(learned)):
        total = weights[true == number].sum()
        weights[true == number] /= len(learned) * total if total else 1
    shape = (len(learned), rows.shape[1])
    picked = np.eye(len(learned))[true]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        numbers = flat.reshape(shape)
        odds = rows @ numbers.T
        odds -= odds.max(axis=1, keepdims=True)
        logs = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        slope = ((np.exp(logs) - picked) * weights[:, None]).T @ rows + 2 * ridge * numbers
        return float(-(weights * logs[np.arange(len(true)), true]).sum() + ridge * (numbers**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return np.asarray(found.x.reshape(shape))


def _confusion(
    given: Matrix, said: LeftOut, learned: Sequence[str], ridge: float, least: float
) -> dict[str, dict[str, int]]:
    """Count what is named for each true category, "real" for real files, in sources left out."""
    ratios = {(one.condition, one.file): ratio for one, ratio in zip(said.cases.cases, said.log10_lr, strict=True)}
    count: dict[str, Counter[str]] = {}
    for source in sorted({one.source for one in given.cases}):
        kept = _model(given.without(source), learned, ridge)
        for one in given.cases:
            if one.source != source:
                continue
            choice = NONE
            if learned and ratios.get((one.condition, one.file), 0.0) > least:
                choice = learned[int(np.argmax(log_odds(one.values, kept)))]
            count.setdefault(one.category if one.label == "fake" else "real", Counter())[choice] += 1
    return {true: dict(named) for true, named in sorted(count.items())}


def _plain(one: Member) -> dict[str, Any]:
    return {"id": one.id, "middle": one.middle, "spread": one.spread, "one_sided": one.one_sided}
