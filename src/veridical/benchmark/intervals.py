"""How far a metric could lie from what was measured: cluster bootstrap by group, and DeLong's variance of AUC.

Files of one person, clip or speaker are alike, so it is groups that are drawn again, not files. DeLong's method takes every
file as independent: use it for one file a group, and the bootstrap otherwise.

References
----------
Efron, Nonparametric standard errors and confidence intervals, Canadian Journal of Statistics 9, 1981 (bias correction).
Field and Welsh, Bootstrapping clustered data, Journal of the Royal Statistical Society B 69, 2007.
DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver operating characteristic curves,
Biometrics 44, 1988.
Sun and Xu, Fast implementation of DeLong's algorithm, IEEE Signal Processing Letters 21, 2014.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ..errors import UsageError
from . import calibration_metrics, detection_cost, metrics, points
from .metrics import checked

_CELLS = 2_000_000  # weights held at a time, so that memory does not grow with the number of repeats

# What each metric is as a function of operating points: all resamples are computed at once.
_AT_ONCE: Mapping[Callable[..., object], Callable[..., np.ndarray]] = {
    metrics.auc: points.auc,
    metrics.average_precision: points.average_precision,
    metrics.eer: points.eer,
    metrics.tpr_at_fpr: partial(points.tpr_at_fpr, fpr=0.01),
    calibration_metrics.cllr_min: points.cllr_min,
    detection_cost.min_tdcf: detection_cost.tandem_cost,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A metric with the interval that it could lie in.

    Parameters
    ----------
    point
        The metric of the sample.
    low, high
        Bounds; None where the data cannot show a spread: fewer than two groups of a label, or a ranking so clear that no
        resample changes it. A perfect result on few files is no proof of perfection; it has no interval rather than one of
        width 0.
    level
        Share of such intervals that are meant to hold the true value.
    groups
        Number of independent groups that the interval rests on.
    """

    point: float
    low: float | None
    high: float | None
    level: float
    groups: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two AUCs of the same items, compared by DeLong's test.

    Parameters
    ----------
    covariance
        Of the two AUCs [shape=(2, 2)].
    z
        Difference (first minus second) in standard errors.
    p
        Two-sided probability of a difference at least this large if the true AUCs were equal.
    """

    auc_a: float
    auc_b: float
    covariance: np.ndarray
    z: float
    p: float


def cluster_bootstrap(
    metric: Callable[..., object],
    values: ArrayLike,
    labels: ArrayLike,
    groups: Sequence[object] | np.ndarray,
    *,
    repeats: int = 1000,
    seed: int = 0,
    level: float = 0.9,
) -> Interval:
    """Bias-corrected percentile interval of a metric from samples in which whole groups are drawn with replacement.

    Groups that hold only real items, only fakes, and both are drawn apart, as many of each as there are, so that both labels
    stay present. The result depends on the seed, not on the order of the items.

    A bootstrap is somewhat narrow for few groups: with 15 groups a label, 90 % intervals of AUC and EER held the true value in
    about 86 % of simulated experiments, with 60 in about 89 %. Cllr_min and TPR at 1 % are worse (about 60 % with 15 groups,
    70 to 80 % with 60): the first is itself optimistic for small sets, the second hangs on the few highest real items.

    Parameters
    ----------
    metric
        A function of values and labels. Those of this package, also with options bound by ``functools.partial``, are computed
        for all samples at once; any other is called once a sample and must return a number.
    groups
        The group of each item [length n].
    """
    values, labels = checked(values, labels, infinite=True)
    _check_level(level)
    if repeats < 100:
        raise UsageError(f"{repeats} repeats give no stable interval: take 100 or more")
    strata, group = _strata(labels, groups)
    compute = _computer(metric, values, labels)
    point = float(compute(np.ones((1, len(values)), dtype=np.int64))[0])
    count = sum(len(stratum) for stratum in strata)
    if min(_groups_of(labels, group)) < 2:
        return Interval(point, None, None, level, count)
    drawn = np.concatenate([compute(times[:, group]) for times in _draws(strata, len(values), repeats, seed)])
    if np.ptp(drawn) == 0:
        return Interval(point, None, None, level, count)
    low, high = np.quantile(drawn, _corrected(drawn, point, level))
    return Interval(point, float(low), float(high), level, count)


def delong(values_a: ArrayLike, values_b: ArrayLike, labels: ArrayLike) -> Comparison:
    """Compare the AUCs of two statistics on the same items, each item a group of its own.

    Raises
    ------
    UsageError
        Fewer than two items of a label, or two rankings so clear that their difference has no variance.
    """
    (first, marks), (second, _) = checked(values_a, labels), checked(values_b, labels)
    auc_a, fakes_a, reals_a = _placements(first, marks)
    auc_b, fakes_b, reals_b = _placements(second, marks)
    covariance = np.cov(fakes_a, fakes_b) / len(fakes_a) + np.cov(reals_a, reals_b) / len(reals_a)
    variance = (fakes_a - fakes_b).var(ddof=1) / len(fakes_a) + (reals_a - reals_b).var(ddof=1) / len(reals_a)
    difference = auc_a - auc_b
    if variance < 1e-20:
        if abs(difference) > 1e-12:
            raise UsageError(
                "the difference of the two AUCs has no variance in these items: compare them on more files"
            )
        return Comparison(auc_a, auc_b, covariance, 0.0, 1.0)
    z = difference / math.sqrt(variance)
    return Comparison(auc_a, auc_b, covariance, z, math.erfc(abs(z) / math.sqrt(2)))


def delong_interval(values: ArrayLike, labels: ArrayLike, *, level: float = 0.9) -> Interval:
    """Interval of AUC from DeLong's variance on the logit scale, each item a group of its own."""
    values, labels = checked(values, labels)
    _check_level(level)
    auc, fakes, reals = _placements(values, labels)
    error = math.sqrt(fakes.var(ddof=1) / len(fakes) + reals.var(ddof=1) / len(reals))
    if not (0 < auc < 1 and error > 0):
        return Interval(auc, None, None, level, len(values))
    centre, half = math.log(auc / (1 - auc)), NormalDist().inv_cdf((1 + level) / 2) * error / (auc * (1 - auc))
    low, high = (1 / (1 + math.exp(-bound)) for bound in (centre - half, centre + half))
    return Interval(auc, low, high, level, len(values))


def _placements(values: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return AUC, for each fake the share of real items below it, for each real item the share of fakes above it."""
    fakes, reals = values[labels == 1], values[labels == 0]
    if min(len(fakes), len(reals)) < 2:
        raise UsageError(f"{len(fakes)} fake and {len(reals)} real items: DeLong's variance needs two of each")
    rank = rankdata(values)
    below = (rank[labels == 1] - rankdata(fakes)) / len(reals)
    above = 1 - (rank[labels == 0] - rankdata(reals)) / len(fakes)
    return float(below.mean()), below, above


def _strata(labels: np.ndarray, groups: Sequence[object] | np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the numbers of the groups by what they hold (real, fake, both), and each item's group number."""
    names = np.array([str(name) for name in groups])
    if names.shape != labels.shape:
        raise UsageError(f"{len(names)} groups for {len(labels)} items: give one for each")
    _, group = np.unique(names, return_inverse=True)
    holds_real = np.bincount(group, labels == 0) > 0
    holds_fake = np.bincount(group, labels == 1) > 0
    kinds = (holds_real & ~holds_fake, holds_fake & ~holds_real, holds_real & holds_fake)
    return [np.flatnonzero(kind) for kind in kinds if kind.any()], group


def _groups_of(labels: np.ndarray, group: np.ndarray) -> tuple[int, int]:
    return len(np.unique(group[labels == 0])), len(np.unique(group[labels == 1]))


def _draws(strata: Sequence[np.ndarray], items: int, repeats: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how often each group is drawn [shape=(samples, groups)], some samples at a time."""
    random = np.random.default_rng(seed)
    groups = sum(len(stratum) for stratum in strata)
    batch = max(1, _CELLS // items)
    for start in range(0, repeats, batch):
        rows = min(batch, repeats - start)
        times = np.zeros((rows, groups), dtype=np.int64)
        for stratum in strata:
            chosen = random.integers(len(stratum), size=(rows, len(stratum)))
            flat = (chosen + np.arange(rows)[:, None] * len(stratum)).ravel()
            times[:, stratum] = np.bincount(flat, minlength=rows * len(stratum)).reshape(rows, -1)
        yield times


def _corrected(drawn: np.ndarray, point: float, level: float) -> tuple[float, float]:
    """Return the quantiles to read, moved by how far the resamples lie to one side of the sample (Efron 1981)."""
    normal = NormalDist()
    below = float(np.mean(drawn < point) + np.mean(drawn <= point)) / 2
    shift = 2 * normal.inv_cdf(min(max(below, 1 / len(drawn)), 1 - 1 / len(drawn)))
    half = normal.inv_cdf((1 + level) / 2)
    return normal.cdf(shift - half), normal.cdf(shift + half)


def _computer(
    metric: Callable[..., object], values: np.ndarray, labels: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return what computes the metric of one sample a row of weights."""
    bound, options = (metric.func, metric.keywords) if isinstance(metric, partial) else (metric, {})
    at_once = _AT_ONCE.get(bound)
    if at_once is not None:
        return lambda weights: at_once(points.of_weights(values, labels, weights), **options)

    def one_by_one(weights: np.ndarray) -> np.ndarray:
        chosen = (np.repeat(np.arange(len(values)), times) for times in weights)
        return np.array([float(metric(values[index], labels[index])) for index in chosen])  # type: ignore[arg-type]

    return one_by_one


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"a level lies between 0 and 1, not at {level}: give 0.9 for 90 %")
