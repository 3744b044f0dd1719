"""Files with a value, and the figures of them that bench/pictures.py writes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from veridical.benchmark.audit import within_sources
from veridical.benchmark.calibration_metrics import cllr, cllr_min
from veridical.benchmark.intervals import Interval, cluster_bootstrap
from veridical.benchmark.metrics import auc, average_precision, eer, threshold_at_fpr, tpr_at_fpr
from veridical.training.pictures import SYNTHESIS, Row

ALARMS = 0.02
LEAST = 3
"""Files of each label below which nothing is said."""


@dataclass(frozen=True)
class Files:
    """Files with a value, all of equal length n."""

    rows: Sequence[Row]
    values: np.ndarray

    @cached_property
    def labels(self) -> np.ndarray:
        return np.array([int(row["label"] == "fake") for row in self.rows])

    @cached_property
    def sources(self) -> np.ndarray:
        return np.array([row["source"] for row in self.rows], dtype=str)

    @cached_property
    def folds(self) -> np.ndarray:
        return np.array([row["fold"] for row in self.rows], dtype=str)

    @cached_property
    def groups(self) -> list[str]:
        """Pictures that belong together; one that names no group stands for itself."""
        return [row["group"] or row["file"] for row in self.rows]

    @cached_property
    def generators(self) -> np.ndarray:
        return np.array([generator(row) for row in self.rows], dtype=str)

    @property
    def enough(self) -> bool:
        return bool(min(self.labels.sum(), (self.labels == 0).sum()) >= LEAST) if len(self.rows) else False

    def where(self, kept: np.ndarray) -> Files:
        return Files([row for row, one in zip(self.rows, kept, strict=True) if one], self.values[kept])

    def synthesis(self) -> Files:
        return self.where(np.isin(self.folds, SYNTHESIS))


Found = Mapping[str, Mapping[str, Files]]
"""Files by statistic and condition."""


def generator(row: Row) -> str:
    """Return what made a fake, without what it shows or changes; empty for a real picture."""
    if row["label"] == "real":
        return ""
    return "AttGAN" if row["source"] == "attgan" else row["generator"].split(" - ")[0].split(" (")[0].split(" dd")[0]


def statistics(
    work: Path, rows: Sequence[Row], conditions: Sequence[str]
) -> tuple[dict[str, dict[str, Files]], list[str]]:
    """Return the files of every statistic handed in, by condition, and the main statistic of each hand-in."""
    by_file = {row["file"]: row for row in rows}
    found: dict[str, dict[str, Files]] = {}
    main: list[str] = []
    for path in sorted((work / "scores").glob("*.csv")):
        read: dict[str, dict[str, dict[str, float]]] = {}
        with path.open(newline="") as file:
            for line in csv.DictReader(file):
                if line["value"] and np.isfinite(float(line["value"])) and line["file"] in by_file:
                    read.setdefault(line["statistic"], {}).setdefault(line["condition"], {})[line["file"]] = float(
                        line["value"]
                    )
        main += list(read)[:1]
        for statistic, by_condition in read.items():
            found[statistic] = {
                name: Files([by_file[file] for file in by_condition[name]], np.array([*by_condition[name].values()]))
                for name in conditions
                if name in by_condition
            }
    return found, main


def calibrated(files: Files) -> np.ndarray:
    """Return log10 ratios of each file by a straight line that was fitted on the other folds, at prior odds of 1."""
    ratios = np.full(len(files.rows), np.nan)
    for held in {*files.folds}:
        there = files.folds != held
        if min(files.labels[there].sum(), (files.labels[there] == 0).sum()) < LEAST:
            continue
        spread = files.values[there].std() or 1.0
        line = LogisticRegression(class_weight="balanced", C=1e3)
        line.fit(files.values[there, None] / spread, files.labels[there])
        ratios[~there] = line.decision_function(files.values[~there, None] / spread) / np.log(10)
    return ratios


def cost(ratios: np.ndarray, labels: np.ndarray) -> float:
    return cllr(ratios[labels == 1], ratios[labels == 0])


def figures(files: Files, ratios: np.ndarray) -> list[str]:
    """Return AP, TPR, EER, Cllr of calibrated ratios, and Cllr_min, in words."""
    if not files.enough:
        return ["–"] * 5
    labels = files.labels
    cells = [
        worded(cluster_bootstrap(metric, files.values, labels, files.groups))
        for metric in (average_precision, tpr_at_fpr, eer)
    ]
    known = np.isfinite(ratios)
    if min(labels[known].sum(), (labels[known] == 0).sum()) >= LEAST:
        groups = [one for one, there in zip(files.groups, known, strict=True) if there]
        cells.append(worded(cluster_bootstrap(cost, ratios[known], labels[known], groups, repeats=300)))
    else:
        cells.append("–")
    return [*cells, worded(cluster_bootstrap(cllr_min, files.values, labels, files.groups))]


def by_sources(files: Files) -> str:
    """Return the interval of the AUC when whole sources are drawn again."""
    return between(cluster_bootstrap(auc, files.values, files.labels, files.sources)) if files.enough else "–"


def auc_of(files: Files) -> str:
    return worded(cluster_bootstrap(auc, files.values, files.labels, files.groups)) if files.enough else "–"


def plain(files: Files) -> float:
    return auc(files.values, files.labels) if files.enough else float("nan")


def mean_of_folds(files: Files) -> float:
    each = [plain(files.where(files.folds == one)) for one in sorted({*files.folds})]
    return float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")


def flagged(files: Files) -> np.ndarray:
    """Return which files lie above the threshold that flags at most 2 % of the real pictures of the other folds."""
    above = np.zeros(len(files.rows), bool)
    for held in {*files.folds}:
        there = files.folds != held
        threshold = threshold_at_fpr(files.values[there], files.labels[there], fpr=ALARMS)
        above[~there] = files.values[~there] >= threshold
    return above


def within(files: Files, sources: Sequence[str]) -> Interval | None:
    """Return the mean AUC within sources that hold both labels, weighted by how many pictures they hold."""
    both = [source for source in sources if files.where(files.sources == source).enough]
    return within_sources(files.values, files.labels, files.groups, files.sources, both) if both else None


def worded(interval: Interval | None) -> str:
    if interval is None or not np.isfinite(interval.point):
        return "–"
    if interval.low is None or interval.high is None:
        return f"{interval.point:.2f} (no interval)"
    return f"{interval.point:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def between(interval: Interval) -> str:
    return "–" if interval.low is None or interval.high is None else f"{interval.low:.2f}–{interval.high:.2f}"
