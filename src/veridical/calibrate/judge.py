"""How a set of likelihood ratios did on labelled files: error rates with intervals, Cllr, Tippett, ECE, reliability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import beta

from ..benchmark.calibration_metrics import cllr
from ..benchmark.intervals import Interval, cluster_bootstrap
from . import figures

THRESHOLDS = {"LR above 1": 0.0, "LR above 10": 1.0, "LR above 100": 2.0}
"""log10 LR above which a file is flagged. "Moderate" support begins at 10 and "moderately strong" at 100 (ENFSI 2015)."""
LEVEL = 0.9
_REPEATS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of files with a 90 % interval: ``count`` of ``files``, which belong to ``groups`` independent groups.

    The interval is that of Clopper and Pearson for as many cases as there are groups: files of a group are not independent.
    """

    count: int
    files: int
    groups: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share itself."""
        return self.count / self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What a threshold on the LR gets wrong: real files flagged, and fakes not flagged; ``at`` is its log10."""

    name: str
    at: float
    false_alarms: Rate
    misses: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One way of weighing on one set of files.

    Parameters
    ----------
    reals, fakes, groups_real, groups_fake
        Files that got an LR, and independent groups among them.
    cllr
        In bits; the interval draws groups anew.
    misleading_real, misleading_fake
        Real files with an LR above 1, fakes with one below 1.
    strong_real, strong_fake
        The same beyond 100 and below 1/100: misleading evidence of more than moderate strength.
    figures
        What `figures.of` returns, with ``reliability`` {said, found}: log10 LR, and what PAV makes of it.
    devpav
        Mean distance between the two, in decades of LR; None if PAV leaves fewer than two finite points.
    """

    reals: int
    fakes: int
    groups_real: int
    groups_fake: int
    cllr: Interval
    cllr_min: float
    misleading_real: Rate
    misleading_fake: Rate
    strong_real: Rate
    strong_fake: Rate
    errors: tuple[Errors, ...]
    devpav: float | None
    figures: dict[str, Any]


def judge(log10_lr: np.ndarray, labels: np.ndarray, groups: Sequence[str], values: np.ndarray | None = None) -> Judged:
    """Judge LRs of labelled files.

    Parameters
    ----------
    log10_lr, labels
        shape (n,); both labels must be there.
    groups
        n names; files of one group are not independent.
    values
        The statistic behind the LRs, if there is one.
    """
    names = np.array(groups, dtype=object)
    told = figures.of(log10_lr if values is None else values, labels, log10_lr)
    said, found = reliability(log10_lr, labels)
    told["reliability"] = {"said": [_short(one) for one in said], "found": [_short(one) for one in found]}

    def wrong(label: int, flagged: np.ndarray) -> Rate:
        here = labels == label
        return rate(flagged[here], names[here])

    return Judged(
        reals=int((labels == 0).sum()), fakes=int((labels == 1).sum()), groups_real=len(set(names[labels == 0])),
        groups_fake=len(set(names[labels == 1])), cllr=cllr_between(log10_lr, labels, groups),
        cllr_min=told["cllr_min"], misleading_real=wrong(0, log10_lr > 0), misleading_fake=wrong(1, log10_lr < 0),
        strong_real=wrong(0, log10_lr > figures.MODERATE), strong_fake=wrong(1, log10_lr < -figures.MODERATE),
        errors=tuple(
            Errors(name=name, at=at, false_alarms=wrong(0, log10_lr > at), misses=wrong(1, log10_lr <= at))
            for name, at in THRESHOLDS.items()
        ),
        devpav=devpav(said, found), figures=told,
    )  # fmt: skip


def rate(wrong: np.ndarray, groups: np.ndarray) -> Rate:
    """Return the share of True with its interval."""
    count, files, independent = int(wrong.sum()), len(wrong), len(set(groups))
    low, high = between(count / files, independent)
    return Rate(count=count, files=files, groups=independent, low=low, high=high)


def between(share: float, cases: int) -> tuple[float, float]:
    """Return the exact 90 % interval of a share that was found in so many independent cases (Clopper and Pearson 1934)."""
    hits, tail = share * cases, (1 - LEVEL) / 2
    low = 0.0 if hits <= 0 else float(beta.ppf(tail, hits, cases - hits + 1))
    high = 1.0 if hits >= cases else float(beta.ppf(1 - tail, hits + 1, cases - hits))
    return low, high


def cllr_between(log10_lr: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> Interval:
    """Return Cllr with its interval over groups."""
    return cluster_bootstrap(
        lambda ratios, marks: cllr(ratios[marks == 1], ratios[marks == 0]), log10_lr, labels, groups, repeats=_REPEATS
    )


def reliability(log10_lr: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct log10 LRs whose PAV transform is finite, and that transform."""
    said, place = np.unique(log10_lr, return_index=True)
    found = figures.pav_of(log10_lr, labels)[place]
    kept = np.isfinite(found) & np.isfinite(said)
    return said[kept], found[kept]


def devpav(said: np.ndarray, found: np.ndarray) -> float | None:
    """Return the mean distance between LRs and their PAV transform, in decades.

    References
    ----------
    Vergeer, van Schaik and Sjerps, Measuring calibration of likelihood-ratio systems: a comparison of four metrics, including
    a new metric devPAV, Forensic Science International 321, 2021.
    """
    if len(said) < 2:
        return None
    above = found - said
    width = np.diff(said)
    first, last = above[:-1], above[1:]
    crosses = first * last < 0
    whole = width * (np.abs(first) + np.abs(last)) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        split = width * (first**2 + last**2) / (2 * (np.abs(first) + np.abs(last)))
    return float(np.where(crosses, split, whole).sum() / width.sum())


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")
