"""Weigh the detectors of voices together, on sources and systems that neither they nor the weights have seen.

``python bench/voices.py fuse NAME…`` reads ``out/voices/scores/NAME.csv`` (condition, file, statistic, value; every value from
a model that has not seen the file's fold) and writes ``fused.csv``, with ``fused but NAME`` for each detector left out.

The four folds hold whole sources and systems (``training/folds.py``). Every detector counts alike, with the first statistic of
its file: its values are brought to the middle and spread of the real recordings of the three other folds, a source by the root
of its size. Weights that were learned (logistic regression on the other folds) fitted their sources and ranked worse.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from veridical.training.folds import FOLD_OF, alike

FARTHEST = 3.0
Table = dict[tuple[str, str], dict[str, float]]


def table(work: Path, names: Sequence[str]) -> tuple[Table, list[str]]:
    """Return what the detectors say of each (condition, file), and their statistics in order."""
    found: Table = {}
    statistics: list[str] = []
    for name in names:
        lines = list(csv.DictReader((work / f"scores/{name}.csv").read_text().splitlines()))
        first = next(line["statistic"] for line in lines if line["statistic"])
        statistics.append(first)
        for line in lines:
            if line["statistic"] == first:
                found.setdefault((line["condition"], line["file"]), {})[first] = float(line["value"])
    return found, statistics


def fused(found: Table, rows: Sequence[Mapping[str, str]], statistics: Sequence[str]) -> dict[tuple[str, str], float]:
    """Return the mean of the statistics, each standardised, of every (condition, file); one not measured counts as 0."""
    by_file = {row["file"]: row for row in rows}
    keys = [key for key in found if key[1] in by_file]
    said = [standardised({key: found[key][one] for key in keys if one in found[key]}, by_file) for one in statistics]
    return {key: float(np.mean([one.get(key, 0.0) for one in said])) for key in keys}


def standardised(
    values: Mapping[tuple[str, str], float], by_file: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str], float]:
    """Return values in robust standard deviations of the real recordings of the other folds, between -3 and 3."""
    keys = list(values)
    sources = [by_file[file]["source"] for _, file in keys]
    fold = np.array([FOLD_OF.get(source, "") for source in sources])
    real = np.array([by_file[file]["label"] == "real" for _, file in keys]) & (fold != "")
    value = np.array([values[key] for key in keys])
    out = np.zeros(len(keys))
    for held in {*fold}:
        there = real & (fold != held)
        weight = alike([(source, 0) for source, one in zip(sources, there, strict=True) if one])
        low, middle, high = weighted_quantiles(value[there], weight, (0.16, 0.5, 0.84))
        out[fold == held] = np.clip((value[fold == held] - middle) / max((high - low) / 2, 1e-9), -FARTHEST, FARTHEST)
    return dict(zip(keys, out.tolist(), strict=True))


def weighted_quantiles(values: np.ndarray, weight: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / weight.sum()
    return values[order][np.minimum(np.searchsorted(reached, shares), len(values) - 1)]


def fuse(work: Path, rows: Sequence[Mapping[str, str]], names: Sequence[str]) -> None:
    """Write the fused score, of all detectors and of all but each."""
    found, statistics = table(work, names)
    ways = {"fused": statistics}
    if len(statistics) > 2:
        ways |= {f"fused but {left}": [one for one in statistics if one != left] for left in statistics}
    with (work / "scores/fused.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("condition", "file", "statistic", "value"))
        for way, kept in ways.items():
            writer.writerows((*key, way, round(value, 5)) for key, value in fused(found, rows, kept).items())
