"""The figures of one examination on one set of files, and those of the nuisances on the same files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.stats import fisher_exact

from ..knowledge.references import FITTED
from . import baseline
from .audit import Sample, kind_of, labels_of, lower, sources_with_both, within_sources
from .calibration_metrics import cllr_min
from .intervals import Interval, cluster_bootstrap
from .metrics import auc, average_precision, eer, tpr_at_fpr
from .rows import Row

Level = Literal["all", "category", "generator"]
FEW_FILES = 20
SHARE_APART = 0.1
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Files that gave no value, by reason (numbers in it left out) and label."""

    outcome: str
    reason: str
    real: int
    fake: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One examination over one set of files under one chain: all real files, and all or some of the fakes.

    Parameters
    ----------
    level, name
        Which fakes: "all", those of a category, or those of a generator.
    n_real, n_fake
        Files that gave a value.
    auc
        Pooled over all sources, 90 % cluster-bootstrap interval by group; None if a label has no value.
    within, within_sources
        Weighted mean of the AUCs of the sources that hold both labels, and which they are.
    nuisance, nuisance_within
        The same for a model of the nuisances alone, out of fold by group, on the same files.
    tpr, tpr_enough
        Share of fakes found at 1 % false alarms, and whether there are enough real files to say so.
    seconds
        Median time of the examination on a file that gave a value.
    """

    id: str
    chain: str
    level: Level
    name: str
    n_real: int
    n_fake: int
    absent: tuple[Absence, ...]
    auc: Interval | None = None
    within: Interval | None = None
    within_sources: tuple[str, ...] = ()
    nuisance: Interval | None = None
    nuisance_within: Interval | None = None
    eer: float | None = None
    average_precision: float | None = None
    tpr: float | None = None
    tpr_enough: bool = False
    cllr_min: float | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()


def without_numbers(reason: str) -> str:
    """Return a reason with its numbers left out, so that files with the same reason count together."""
    return _NUMBER.sub("…", reason)


def cell_of(rows: Sequence[Row], level: Level, name: str, nuisances: Nuisances, limit: float) -> Cell:
    """Compute the figures of rows of one examination under one chain."""
    measured = [row for row in rows if row.outcome == "measured" and row.value is not None]
    fakes = sum(row.label == "fake" for row in measured)
    known: dict[str, Any] = {
        "id": rows[0].id, "chain": rows[0].chain, "level": level, "name": name,
        "n_real": len(measured) - fakes, "n_fake": fakes, "absent": _absent(rows),
    }  # fmt: skip
    if measured:
        known["seconds"] = float(np.median([row.seconds for row in measured]))
    if 0 < fakes < len(measured):
        known |= _figures(measured) | nuisances.beside(measured, level, name)
    cell = Cell(**known)
    return replace(cell, warnings=_warnings(cell, rows, limit))


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    values = np.array([row.value for row in rows], float)
    labels, groups = labels_of(rows), [row.group for row in rows]
    sources = np.array([row.source for row in rows])
    both = sources_with_both(sources, labels)
    found = tpr_at_fpr(values, labels, fpr=0.01)
    return {
        "auc": cluster_bootstrap(auc, values, labels, groups), "eer": eer(values, labels),
        "average_precision": average_precision(values, labels), "tpr": found.tpr, "tpr_enough": found.enough,
        "cllr_min": cllr_min(values, labels), "within_sources": both,
        "within": within_sources(values, labels, groups, sources, both),
    }  # fmt: skip


class Nuisances:
    """Out-of-fold scores of the nuisances, fitted once for each set of files and kept."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples: dict[str, list[Sample]] = {}
        for one in samples:
            self._samples.setdefault(one.chain, []).append(one)
        self._kept: dict[tuple[str, Level, str], dict[str, float]] = {}
        self._figures: dict[tuple[object, ...], dict[str, Any]] = {}

    def beside(self, rows: Sequence[Row], level: Level, name: str) -> dict[str, Any]:
        """Return the baseline on the files of these rows; examinations that measured the same files share it."""
        key = (rows[0].chain, level, name, *(row.path for row in rows))
        if key not in self._figures:
            self._figures[key] = self._measured(rows, level, name)
        return self._figures[key]

    def _measured(self, rows: Sequence[Row], level: Level, name: str) -> dict[str, Any]:
        scores = self._scores(rows[0].chain, level, name)
        rows = [row for row in rows if row.path in scores]
        labels = labels_of(rows)
        if not 0 < labels.sum() < len(rows):
            return {}
        values = np.array([scores[row.path] for row in rows])
        groups, sources = [row.group for row in rows], np.array([row.source for row in rows])
        both = sources_with_both(sources, labels)
        return {
            "nuisance": cluster_bootstrap(auc, values, labels, groups),
            "nuisance_within": within_sources(values, labels, groups, sources, both),
        }

    def _scores(self, chain: str, level: Level, name: str) -> Mapping[str, float]:
        key = (chain, level, name)
        if key not in self._kept:
            self._kept[key] = {}
            chosen = [one for one in self._samples.get(chain, ()) if _belongs(one, level, name)]
            for kind in sorted({kind_of(one.quality) for one in chosen}):
                self._kept[key] |= _out_of_fold([one for one in chosen if kind_of(one.quality) == kind])
        return self._kept[key]


def _belongs(one: Sample, level: Level, name: str) -> bool:
    return level == "all" or one.label == "real" or name == (one.category if level == "category" else one.generator)


def _out_of_fold(samples: Sequence[Sample]) -> dict[str, float]:
    labels = labels_of(samples)
    folds = baseline.fold_of([one.group for one in samples], labels)
    if folds is None:
        return {}
    scores = baseline.together([one.quality for one in samples], labels, folds)
    return {one.path: float(score) for one, score in zip(samples, scores, strict=True)}


def _absent(rows: Iterable[Row]) -> tuple[Absence, ...]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        if row.outcome != "measured":
            found.setdefault((row.outcome, without_numbers(row.reason)), Counter())[row.label] += 1
    listed = [
        Absence(outcome=outcome, reason=reason, real=count["real"], fake=count["fake"])
        for (outcome, reason), count in found.items()
    ]
    return tuple(sorted(listed, key=lambda one: (-one.real - one.fake, one.reason)))


def _warnings(cell: Cell, rows: Sequence[Row], limit: float) -> tuple[str, ...]:
    said: list[str] = []
    asked = Counter[str](row.label for row in rows)
    if cell.id in FITTED:
        said.append("Its table was fitted on labelled media: on those, the figure shows no more than that it was.")
    if 0 < min(cell.n_real, cell.n_fake) < FEW_FILES:
        said.append(f"Few files: {cell.n_real} real, {cell.n_fake} fake.")
    if asked["real"] and asked["fake"]:
        shares = cell.n_real / asked["real"], cell.n_fake / asked["fake"]
        if abs(shares[0] - shares[1]) > SHARE_APART and _apart(cell, asked):
            said.append(
                f"Applicability differs by label: {shares[0]:.0%} of the real and {shares[1]:.0%} of the fake files gave a "
                "value."
            )
    if cell.nuisance and cell.auc:
        if lower(cell.nuisance) > limit:
            said.append(f"The nuisances alone tell these files apart: AUC {cell.nuisance.point:.3f}.")
        if lower(cell.nuisance) > 0.5 and cell.nuisance.point >= cell.auc.point:
            said.append("The examination does not beat the nuisances on these files.")
    if cell.auc and not cell.within_sources:
        said.append("No source holds both labels: the collection may be what is measured.")
    if cell.auc and cell.auc.high is not None and cell.auc.high < 0.5:
        said.append("It points the wrong way here: real files have the higher values.")
    return tuple(said)


def _apart(cell: Cell, asked: Mapping[Any, int]) -> bool:
    """Tell whether chance explains the different shares of files that gave a value (Fisher's exact test, 1 %)."""
    counts = [[cell.n_real, asked["real"] - cell.n_real], [cell.n_fake, asked["fake"] - cell.n_fake]]
    return float(fisher_exact(counts).pvalue) < 0.01
