"""Writes what bench/blending.py measured as tables, and the scores of whole pictures for bench/pictures.py."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from blending_swaps import KINDS

from veridical.benchmark.calibration_metrics import cllr_min
from veridical.benchmark.intervals import Interval, cluster_bootstrap
from veridical.benchmark.localisation import pixel_auc
from veridical.benchmark.metrics import auc, average_precision, threshold_at_fpr, tpr_at_fpr
from veridical.training.launder import CONDITIONS

Row = dict[str, str]
Metric = Callable[[np.ndarray, np.ndarray], float]
STATISTICS = {"score": "learned.face_net", "boundary": "spatial.blend_boundary"}
NUISANCES = ("bytes", "sharpness", "interocular")
FALSE_ALARMS = 0.02
BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"


def write(folder: Path, page: Path) -> None:
    """Replace the tables of the page, and write ``face_net.csv`` and ``blend_boundary.csv`` beside swaps.csv."""
    rows = list(csv.DictReader((folder / "swaps.csv").open(newline="")))
    _whole_pictures(rows, folder)
    parts = [
        _swaps(rows),
        _by_kind(rows),
        _masks(rows, np.load(folder / "truth.npy", mmap_mode="r")),
        _alarms(rows),
        _synthesis(rows),
    ]
    clips = folder / "clips.csv"
    if clips.exists():
        parts.append(_clips(list(csv.DictReader(clips.open(newline="")))))
    tables = "\n\n".join(parts)
    text = page.read_text() if page.exists() else f"{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{rest.split(END)[1]}")


def _whole_pictures(rows: Sequence[Row], folder: Path) -> None:
    for statistic, id in STATISTICS.items():
        highest: dict[tuple[str, str], float] = {}
        for row in rows:
            if row["kind"] == "as it is":
                key = row["condition"], row["file"]
                highest[key] = max(highest.get(key, -np.inf), float(row[statistic]))
        with (folder / f"{id.split('.')[1]}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("condition", "file", "statistic", "value"))
            writer.writerows((*key, id.split(".")[1], value) for key, value in highest.items())


def _swaps(rows: Sequence[Row]) -> str:
    lines = []
    for name in CONDITIONS:
        for statistic, id in STATISTICS.items():
            values, labels, groups, _ = _both(rows, name, statistic)
            interval = partial(_interval, values=values, labels=labels, groups=groups)
            at = f"{tpr_at_fpr(values, labels).tpr:.2f}"
            lines.append((
                name, f"`{id}`", f"{int(labels.sum())} / {int((1 - labels).sum())}", _with(interval(auc)),
                _halves(rows, name, statistic),
                _with(interval(average_precision)), at, f"{cllr_min(values, labels):.2f}", _nuisance(rows, name),
                _own_back(rows, name, statistic),
            ))  # fmt: skip
    head = (
        "condition", "statistic", "swaps / faces", "AUC", "BD / AC", "AP", "TPR at 1 %", "Cllr_min", "nuisance alone",
        "own face back",
    )  # fmt: skip
    return "### Swaps against untouched faces\n\n" + _table(head, lines)


def _by_kind(rows: Sequence[Row]) -> str:
    lines = []
    for kind in KINDS:
        own = [row for row in rows if row["kind"] in ("as it is", kind)]
        cells = [f"{auc(*_both(own, name, 'score')[:2]):.2f}" for name in CONDITIONS]
        edges = [f"{auc(*_both(own, name, 'boundary')[:2]):.2f}" for name in CONDITIONS]
        lines.append((kind, *(f"{one} / {other}" for one, other in zip(cells, edges, strict=True))))
    for fold in "ABCD":
        own = [row for row in rows if row["fold"] == fold]
        found = []
        for name in CONDITIONS:
            both = [_both(own, name, statistic)[:2] for statistic in STATISTICS]
            enough = min(both[0][1].sum(), (1 - both[0][1]).sum()) > 4 if len(both[0][1]) else False
            found.append(" / ".join(f"{auc(*one):.2f}" for one in both) if enough else "–")
        lines.append((f"fold {fold}", *found))
    return "### By method and by fold, AUC of score / boundary\n\n" + _table(("", *CONDITIONS), lines)


def _masks(rows: Sequence[Row], truths: np.ndarray) -> str:
    lines = []
    for name in CONDITIONS:
        chosen = [
            i for i, row in enumerate(rows) if row["condition"] == name and row["kind"] in KINDS and row["inside"]
        ]
        own = [rows[i] for i in chosen]
        solid = truths[chosen] > 127
        each = np.array([float(row["pixel_auc"]) for row in own])
        # Where pasted faces usually lie in a chip: what a map gets that never looks at the face.
        usual = solid.mean(0)
        blind = np.array([pixel_auc(usual, one) for one in solid if one.any() and not one.all()])
        inside, outside = (_summed(row[field] for row in own) for field in ("inside", "outside"))
        low, high = _mean_interval(each[np.isfinite(each)])
        lines.append((
            name, str(len(own)), f"{np.nanmean(each):.3f} ({low:.3f}–{high:.3f})", f"{np.nanmedian(each):.3f}",
            f"{_histogram_auc(inside, outside):.3f}", f"{blind.mean():.3f}", f"{_covered(inside, outside):.2f}",
        ))  # fmt: skip
    head = (
        "condition", "swaps", "mean over faces", "median", "all pixels together", "usual place alone, mean", "IoU at 0.5"
    )  # fmt: skip
    return "### Masks of the swaps, pixel AUC in the chip\n\n" + _table(head, lines)


def _covered(inside: np.ndarray, outside: np.ndarray) -> float:
    """Return the overlap over the union of mask and truth, all pixels together, from histograms of the mask."""
    half = len(inside) // 2
    return float(inside[half:].sum() / (inside.sum() + outside[half:].sum()))


def _alarms(rows: Sequence[Row]) -> str:
    """Count how many of each source lie above what 2 % of the other sources exceed, of those that the same network judged."""
    lines = []
    real = [row for row in rows if row["kind"] == "as it is" and row["label"] == "real"]
    for source in sorted({row["source"] for row in real}):
        cells = []
        for name in CONDITIONS:
            own = [row for row in real if row["condition"] == name and row["source"] == source]
            if not own:
                cells.append("–")
                continue
            found = []
            for statistic in STATISTICS:
                apart = [
                    float(row[statistic]) for row in real
                    if row["condition"] == name and row["source"] != source
                    and (row["fold"] in "AC") == (own[0]["fold"] in "AC")
                ]  # fmt: skip
                limit = threshold_at_fpr([*apart, 0.0], [0] * len(apart) + [1], fpr=FALSE_ALARMS)
                found.append(sum(float(row[statistic]) >= limit for row in own))
            cells.append(f"{found[0]} / {found[1]} of {len(own)}")
        lines.append((source, *cells))
    return (
        "### False alarms, score / boundary: real faces above what 2 % of the other sources of their half exceed\n\n"
        + _table(("source", *CONDITIONS), lines)
    )


def _synthesis(rows: Sequence[Row]) -> str:
    lines = []
    for title, folds in (("synthesised (A, B, C)", "ABC"), ("AttGAN edits (D)", "D")):
        cells = []
        for name in CONDITIONS:
            own = [
                row for row in rows if row["kind"] == "as it is" and row["condition"] == name and row["fold"] in folds
            ]
            labels = np.array([row["label"] == "fake" for row in own], int)
            if not own or labels.min() == labels.max():
                cells.append("–")
                continue
            cells.append(" / ".join(f"{auc([float(row[one]) for row in own], labels):.2f}" for one in STATISTICS))
        lines.append((title, *cells))
    return "### Not what it is for: whole pictures that were generated, AUC of score / boundary\n\n" + _table(
        ("", *CONDITIONS), lines
    )


def _clips(rows: Sequence[Row]) -> str:
    lines = []
    for name in dict.fromkeys(row["condition"] for row in rows):
        own = [row for row in rows if row["condition"] == name]
        labels = np.array([int(row["label"] == "fake") for row in own])
        cells = []
        for statistic in ("score", "boundary"):
            values = np.array([float(row[statistic]) for row in own])
            cells.append(_with(cluster_bootstrap(auc, values, labels, [row["group"] for row in own], repeats=400)))
        lines.append((name, f"{labels.sum()} / {(1 - labels).sum()}", *cells, f"{_best(own, labels):.2f}"))
    return "### Clips: DFDC swaps against real clips\n\n" + _table(
        ("condition", "swapped / real clips", "score, AUC", "boundary, AUC", "sharpness alone, AUC"), lines
    )


def _best(rows: Sequence[Row], labels: np.ndarray) -> float:
    found = auc([float(row["sharpness"]) for row in rows], labels)
    return max(found, 1 - found)


def _both(rows: Sequence[Row], name: str, statistic: str) -> tuple[np.ndarray, np.ndarray, list[str], list[Row]]:
    """Return values, labels and groups of swaps and of untouched real faces under a condition."""
    own = [
        row for row in rows
        if row["condition"] == name and row["label"] == "real" and row["face"] == "0"
        and (row["kind"] in KINDS or row["kind"] == "as it is")
    ]  # fmt: skip
    values = np.array([float(row[statistic]) for row in own])
    return values, np.array([int(row["kind"] in KINDS) for row in own]), [row["file"] for row in own], own


def _halves(rows: Sequence[Row], name: str, statistic: str) -> str:
    """Return the AUC within each half: the two networks need not have one scale."""
    found = []
    for half in ("BD", "AC"):
        values, labels, _, _ = _both([row for row in rows if row["fold"] in half], name, statistic)
        found.append(f"{auc(values, labels):.2f}")
    return " / ".join(found)


def _nuisance(rows: Sequence[Row], name: str) -> str:
    found = {}
    for one in NUISANCES:
        values, labels, _, _ = _both(rows, name, one)
        figure = auc(values, labels)
        found[one] = max(figure, 1 - figure)
    best = max(found, key=lambda one: found[one])
    return f"{found[best]:.2f} ({best})"


def _own_back(rows: Sequence[Row], name: str, statistic: str) -> str:
    own = [row for row in rows if row["condition"] == name and row["kind"] in ("own face back", "as it is")]
    real = [row for row in own if row["label"] == "real" and row["face"] == "0"]
    labels = [int(row["kind"] != "as it is") for row in real]
    return f"{auc([float(row[statistic]) for row in real], labels):.2f}"


def _interval(metric: Metric, values: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> Interval:
    return cluster_bootstrap(metric, values, labels, groups, repeats=400)


def _mean_interval(values: np.ndarray) -> tuple[float, float]:
    random = np.random.default_rng(0)
    means = [values[random.integers(0, len(values), len(values))].mean() for _ in range(400)]
    low, high = np.quantile(means, (0.05, 0.95))
    return float(low), float(high)


def _summed(texts: Iterable[str]) -> np.ndarray:
    return np.sum([np.array(text.split(), np.int64) for text in texts], axis=0)


def _histogram_auc(inside: np.ndarray, outside: np.ndarray) -> float:
    below = np.cumsum(outside) - outside
    return float((inside * (below + outside / 2)).sum() / (inside.sum() * outside.sum()))


def _with(found: Interval) -> str:
    return f"{found.point:.2f}" if found.low is None else f"{found.point:.2f} ({found.low:.2f}–{found.high:.2f})"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows: list[Sequence[str]] = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
