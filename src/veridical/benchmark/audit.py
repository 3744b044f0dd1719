"""The leak audit: which nuisances tell the labels of a collection apart, alone and together.

A collection whose fakes are smaller files, or come with another JPEG quality, rewards any statistic that sees that. The
audit measures it on the same files, so that each figure can be read beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from . import baseline
from .baseline import Quality
from .intervals import Interval, cluster_bootstrap
from .metrics import auc
from .rows import Label, Row

LEAK_ABOVE = 0.6
"""A nuisance leaks if the lower bound of its AUC lies above this."""
LEAST_IN_SOURCE = 5
"""Files of each label that a source needs to be looked at by itself."""
_WITHIN_REPEATS = 300
_CERTAIN_GROUPS = 10
Folds = Literal["source", "group", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One file with its nuisances, under one chain."""

    path: str
    quality: Quality
    label: Label
    source: str
    group: str
    chain: str = "native"
    category: str = ""
    generator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """What one nuisance alone says about the label.

    Parameters
    ----------
    auc
        In the better direction if the nuisance is a number that all files have and that rises or falls with the label;
        else out of fold, from the share of fakes among files alike.
    how
        "higher in fakes", "lower in fakes", or "by value".
    within
        The same within sources that hold both labels; None if there is none.
    """

    name: str
    auc: Interval
    how: str
    within: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What a model of all nuisances says out of fold, with folds by "source", "group" or "file"."""

    folds: Folds
    auc: Interval
    within: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit of the files of one kind under one chain; culprits strongest first."""

    chain: str
    kind: str
    n_real: int
    n_fake: int
    sources: tuple[str, ...]
    sources_with_both: tuple[str, ...]
    limit: float
    culprits: tuple[Culprit, ...]
    together: tuple[Together, ...]

    @property
    def leaks(self) -> tuple[str, ...]:
        """Names of the nuisances that tell the labels apart, strongest first."""
        return tuple(one.name for one in self.culprits if lower(one.auc) > self.limit)

    @property
    def leaks_together(self) -> bool:
        """True if all nuisances together tell the labels apart under any folds."""
        return any(lower(one.auc) > self.limit for one in self.together)

    @property
    def verdict(self) -> str:
        """The audit in one or two sentences."""
        if not self.culprits and not self.together:
            return "not audited: a label has fewer than two groups, or no nuisance differs between files."
        best = max((one.auc.point for one in self.together), default=0.0)
        if self.leaks:
            named = ", ".join(self.leaks[:6]) + (" …" if len(self.leaks) > 6 else "")
            joint = f" All nuisances together reach an AUC of {best:.3f} out of fold." if self.together else ""
            return f"leaks: {named} tell the labels apart.{joint} A statistic must beat this on the same files."
        if self.leaks_together:
            return f"leaks: no nuisance alone, but all together tell the labels apart (AUC {best:.3f} out of fold)."
        return f"no leak found: no nuisance tells the labels apart with a lower bound above {self.limit:g}."


def samples_of(rows: Iterable[Row]) -> list[Sample]:
    """Return each file of a run once a chain; a file without nuisances could not be opened and is left out."""
    found: dict[tuple[str, str], Sample] = {}
    for row in rows:
        if row.quality and (row.chain, row.path) not in found:
            found[row.chain, row.path] = Sample(
                path=row.path, quality=row.quality, label=row.label, source=row.source, group=row.group,
                chain=row.chain, category=row.category, generator=row.generator,
            )  # fmt: skip
    return list(found.values())


def audit_each(samples: Sequence[Sample], *, limit: float = LEAK_ABOVE) -> tuple[Audit, ...]:
    """Audit the files of each chain and kind apart."""
    parts: dict[tuple[str, str], list[Sample]] = {}
    for one in samples:
        parts.setdefault((one.chain, kind_of(one.quality)), []).append(one)
    return tuple(audit(part, limit=limit) for part in parts.values())


def audit(samples: Sequence[Sample], *, limit: float = LEAK_ABOVE) -> Audit:
    """Audit files of one kind under one chain.

    Parameters
    ----------
    limit
        A nuisance leaks if the lower bound of the 90 % interval of its AUC lies above this.

    Raises
    ------
    UsageError
        If scikit-learn is not installed.
    """
    samples = sorted(samples, key=lambda one: one.path)
    labels = labels_of(samples)
    groups = [one.group for one in samples]
    sources = np.array([one.source for one in samples])
    both = sources_with_both(sources, labels)
    culprits: list[Culprit] = []
    joint: list[Together] = []
    folds = baseline.fold_of(groups, labels) if samples else None
    if folds is not None:
        qualities = [one.quality for one in samples]
        judge = _Judge(labels, groups, sources, both)
        for name in baseline.names_of(qualities):
            if name != "kind":
                culprits.append(judge.alone(name, [one.get(name) for one in qualities], folds))
        joint = _joint(judge, qualities, folds)
    return Audit(
        chain=samples[0].chain if samples else "", kind=kind_of(samples[0].quality) if samples else "",
        n_real=int((labels == 0).sum()), n_fake=int(labels.sum()), sources=tuple(sorted(set(sources.tolist()))),
        sources_with_both=both, limit=limit, together=tuple(joint),
        culprits=tuple(sorted(culprits, key=lambda one: (-lower(one.auc), -one.auc.point, one.name))),
    )  # fmt: skip


def kind_of(quality: Quality) -> str:
    """Return "image", "video" or "audio"."""
    return str(quality.get("kind", ""))


def labels_of(samples: Sequence[Sample] | Sequence[Row]) -> np.ndarray:
    """Return 1 for each fake and 0 for each real file: shape (n,)."""
    return np.array([int(one.label == "fake") for one in samples], int)


def lower(interval: Interval) -> float:
    """Return the lower bound; a result without a spread counts as certain from ten groups on, else as nothing."""
    if interval.low is not None:
        return interval.low
    return interval.point if interval.groups >= _CERTAIN_GROUPS else 0.0


def sources_with_both(sources: np.ndarray, labels: np.ndarray, least: int = LEAST_IN_SOURCE) -> tuple[str, ...]:
    """Return the sources that hold at least ``least`` files of each label."""
    return tuple(
        str(name)
        for name in np.unique(sources)
        if min((labels[sources == name] == 1).sum(), (labels[sources == name] == 0).sum()) >= least
    )


def within_sources(
    values: np.ndarray, labels: np.ndarray, groups: Sequence[str], sources: np.ndarray, both: Sequence[str]
) -> Interval | None:
    """Return the mean of the AUCs of the sources in ``both``, each weighted by n_real · n_fake / (n_real + n_fake).

    What differs between collections cannot help within one.
    """
    kept = np.isin(sources, list(both))
    if not kept.any():
        return None
    values, sources = values[kept], sources[kept]
    marks = labels[kept]
    measure = _weighted_mean(values, marks, [sources == name for name in both])
    numbers = np.arange(len(values), dtype=float)
    named = [group for group, one in zip(groups, kept, strict=True) if one]
    return cluster_bootstrap(measure, numbers, marks, named, repeats=_WITHIN_REPEATS)


def _weighted_mean(
    values: np.ndarray, labels: np.ndarray, parts: Sequence[np.ndarray]
) -> Callable[[np.ndarray, np.ndarray], float]:
    """Return a metric of item numbers, by which a resample names its items: how often each comes is all it needs."""
    pairs = []
    for part in parts:
        fakes, reals = np.flatnonzero(part & (labels == 1)), np.flatnonzero(part & (labels == 0))
        above = values[fakes][:, None] - values[reals][None]
        pairs.append((fakes, reals, (np.sign(above) + 1) / 2))

    def metric(numbers: np.ndarray, _: np.ndarray) -> float:
        times = np.bincount(numbers.astype(int), minlength=len(values))
        total = weights = 0.0
        for fakes, reals, won in pairs:
            n_fake, n_real = times[fakes], times[reals]
            both = int(n_fake.sum()) * int(n_real.sum())
            if both:
                weight = both / int(n_fake.sum() + n_real.sum())
                total += weight * float(n_fake @ won @ n_real) / both
                weights += weight
        return total / weights if weights else 0.5

    return metric


class _Judge:
    """Measures scores against the labels of one set of files."""

    def __init__(self, labels: np.ndarray, groups: Sequence[str], sources: np.ndarray, both: tuple[str, ...]) -> None:
        self.labels, self.groups, self.sources, self.both = labels, groups, sources, both

    def pooled(self, scores: np.ndarray) -> Interval:
        return cluster_bootstrap(auc, scores, self.labels, self.groups)

    def within(self, scores: np.ndarray) -> Interval | None:
        return within_sources(scores, self.labels, self.groups, self.sources, self.both)

    def alone(self, name: str, column: Sequence[object], folds: np.ndarray) -> Culprit:
        scores, how = baseline.alone(column, self.labels, folds), "by value"  # type: ignore[arg-type]
        values = baseline.numbers(column)  # type: ignore[arg-type]
        if values is not None and np.isfinite(values).all():
            rising = auc(values, self.labels)
            if max(rising, 1 - rising) >= auc(scores, self.labels):
                scores = values if rising >= 0.5 else -values
                how = "higher in fakes" if rising >= 0.5 else "lower in fakes"
        return Culprit(name=name, auc=self.pooled(scores), how=how, within=self.within(scores))


def _joint(judge: _Judge, qualities: Sequence[Quality], by_group: np.ndarray) -> list[Together]:
    plans: dict[Folds, np.ndarray | None] = {
        "source": baseline.fold_of(judge.sources.tolist(), judge.labels), "group": by_group,
        "file": baseline.fold_of([str(i) for i in range(len(judge.labels))], judge.labels),
    }  # fmt: skip
    done: list[Together] = []
    for name, folds in plans.items():
        if folds is not None:
            scores = baseline.together(qualities, judge.labels, folds)
            done.append(Together(folds=name, auc=judge.pooled(scores), within=judge.within(scores)))
    return done
