"""One likelihood-ratio system: a fit with its bounds, and how it does on sources that it was fitted without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..benchmark.splits import members
from ..errors import UsageError
from . import bounds, logistic, pav
from .items import Columns


@dataclass(frozen=True, slots=True)
class System:
    """log10 LR of a value: by a logistic fit or on the knots of a PAV fit, never beyond the bounds.

    Parameters
    ----------
    line
        The logistic fit; None where ``knots`` stand.
    knots
        shape (2, k): values in rising order and the log10 LR of each.
    lowest, upper
        Bounds of log10 LR.
    """

    line: logistic.Fit | None
    knots: np.ndarray
    lowest: float
    upper: float

    def raw(self, values: np.ndarray) -> np.ndarray:
        """Return log10 LRs before they are bounded."""
        return self.line(values) if self.line else pav.apply(self.knots[0], self.knots[1], values)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return log10 LRs."""
        return np.asarray(np.clip(self.raw(values), self.lowest, self.upper))


def fit(data: Columns, *, method: str = "logistic", one_sided: str = "", ridge: float = logistic.RIDGE) -> System:
    """Fit a system and bound it by what the same data support: the narrower of ELUB and n + 1, counted in groups.

    Raises
    ------
    UsageError
        If the value does not rank fakes above real files, or the bounds leave nothing.
    """
    line, knots = None, np.zeros((2, 0))
    if method == "logistic":
        line = logistic.fit(data.values, data.labels, data.weights, ridge)
        raw = line(data.values)
    else:
        knots = np.stack(pav.fit(data.values, data.labels, data.weights))
        raw = pav.apply(knots[0], knots[1], data.values)
    return _bounded(System(line, knots, -np.inf, np.inf), data, raw, one_sided)


def left_out(
    data: Columns, *, method: str = "logistic", one_sided: str = "", ridge: float = logistic.RIDGE
) -> np.ndarray:
    """Return each file's log10 LR by a system fitted without its source and without any group of it [shape=(n,)].

    Where the other sources cannot be calibrated (they rank the wrong way round, or support no LR at all), the LR is 1: that
    is what the system would have said.

    Raises
    ------
    UsageError
        If a label has only one source: without it nothing is left to fit on.
    """
    found = np.zeros(len(data))
    names = [frozenset(members(str(group))) for group in data.groups]
    for source in np.unique(data.sources.astype(str)):
        here = data.sources.astype(str) == source
        barred = frozenset().union(*(name for name, held in zip(names, here, strict=True) if held))
        rest = ~here & np.array([not (name & barred) for name in names])
        if len(np.unique(data.labels[rest])) < 2:
            raise UsageError(
                f"without the source {source!r} one label has no files: give two sources or more of each label"
            )
        try:
            system = fit(data.only(rest), method=method, one_sided=one_sided, ridge=ridge)
        except UsageError:
            continue
        found[here] = system(data.values[here])
    return found


def _bounded(system: System, data: Columns, raw: np.ndarray, one_sided: str) -> System:
    low, high = narrowest(data, raw)
    low = 0.0 if one_sided else low
    if low == high:
        raise UsageError("the data support no likelihood ratio but 1: too few files, or too little between the labels")
    return System(system.line, system.knots, low, high)


def narrowest(data: Columns, log10_lr: np.ndarray) -> tuple[float, float]:
    """Return the narrower of ELUB and n + 1 on either side, in log10; a group counts as one case."""
    both = (bounds.elub(log10_lr, data.labels, data.weights), bounds.counted(data.count(1), data.count(0)))
    return max(one[0] for one in both), min(one[1] for one in both)
