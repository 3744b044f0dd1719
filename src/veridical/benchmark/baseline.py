"""What the nuisances of a file say about its label: each alone, and all together, always on files not learned from.

Groups are never torn apart: files of one group stand in one fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from ..finding import Scalar
from .scikit import scikit

FOLDS = 5
BINS = 8
_PRIOR_FILES = 2.0
_MOST_CATEGORIES = 250
Quality = Mapping[str, Scalar]


def fold_of(groups: Sequence[str], labels: np.ndarray, *, count: int = FOLDS, seed: int = 0) -> np.ndarray | None:
    """Return the fold of each file, with the labels spread evenly; None if a label has fewer than two groups.

    Parameters
    ----------
    groups
        n names; files of one name share a fold.
    labels
        shape (n,): 1 = fake.
    count
        Folds at most; fewer if a label has fewer groups.
    """
    names, of = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    size = np.bincount(of, minlength=len(names))
    fakes = np.bincount(of, weights=labels, minlength=len(names))
    count = min(count, int((fakes > 0).sum()), int((fakes < size).sum()))
    if count < 2:
        return None
    order = np.random.default_rng(seed).permutation(len(names))
    held = np.zeros((count, 2))
    chosen = np.zeros(len(names), int)
    each = np.maximum(1.0, np.array([(size - fakes).sum(), fakes.sum()]))
    for group in sorted(order.tolist(), key=lambda g: -int(size[g])):
        adds = np.array([size[group] - fakes[group], fakes[group]]) / each
        into = int(np.argmin((held * (adds > 0)).sum(1) + 1e-6 * held.sum(1)))
        held[into] += adds
        chosen[group] = into
    return chosen[of]


def numbers(column: Sequence[Scalar]) -> np.ndarray | None:
    """Return a nuisance as numbers with NaN where a file has none; None if it is made of words."""
    if any(isinstance(value, str) for value in column):
        return None
    return np.array([np.nan if value is None else float(value) for value in column])


def alone(column: Sequence[Scalar], labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return, for each file, the share of fakes among files of other folds whose nuisance is like its own.

    Alike are equal words, and numbers within the same eighth of the others' (equal ones, if there are few different
    ones). A missing nuisance is a value of its own.
    """
    scores = np.empty(len(labels))
    values = numbers(column)
    words = np.unique([str(value) for value in column], return_inverse=True)[1]
    for fold in np.unique(folds):
        here, there = folds == fold, folds != fold
        codes = words if values is None else _binned(values, values[there])
        total = np.bincount(codes[there], minlength=codes.max() + 1)
        fakes = np.bincount(codes[there], weights=labels[there], minlength=codes.max() + 1)
        share = (fakes + _PRIOR_FILES * labels[there].mean()) / (total + _PRIOR_FILES)
        scores[here] = share[codes[here]]
    return scores


def together(qualities: Sequence[Quality], labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return, for each file, how much a model of all nuisances, fitted on the other folds, takes it for a fake.

    Raises
    ------
    UsageError
        If scikit-learn is not installed.
    """
    table, words = matrix(qualities)
    scores = np.full(len(labels), 0.5)
    if not table.shape[1]:
        return scores
    with one_thread():
        for fold in np.unique(folds):
            here, there = folds == fold, folds != fold
            if len(np.unique(labels[there])) < 2:
                continue
            model = trees(words, int(there.sum())).fit(table[there], labels[there])
            scores[here] = model.predict_proba(table[here])[:, 1]
    return scores


def matrix(qualities: Sequence[Quality]) -> tuple[np.ndarray, np.ndarray]:
    """Return the nuisances that differ between files, shape (n, k), words as codes, and which of the k are words."""
    columns, words = [], []
    for name in names_of(qualities):
        column = [one.get(name) for one in qualities]
        values = numbers(column)
        if values is None:
            codes = np.unique([str(value) for value in column], return_inverse=True)[1]
            if codes.max() >= _MOST_CATEGORIES:
                continue
            values = codes.astype(float)
            words.append(True)
        else:
            words.append(False)
        columns.append(values)
    table = np.stack(columns, 1) if columns else np.empty((len(qualities), 0))
    return table, np.array(words, bool)


def names_of(qualities: Sequence[Quality]) -> list[str]:
    """Return the names of the nuisances that are not the same in all files, in the order in which they come."""
    seen: dict[str, set[Scalar]] = {}
    for number, one in enumerate(qualities):
        for name, value in one.items():
            seen.setdefault(name, {None} if number else set()).add(value)
        for name in seen.keys() - one.keys():
            seen[name].add(None)
    return [name for name, values in seen.items() if len(values) > 1]


def _binned(values: np.ndarray, learned: np.ndarray) -> np.ndarray:
    known = learned[np.isfinite(learned)]
    if known.size == 0:
        return np.asarray(np.isfinite(values), int)
    distinct = np.unique(known)
    if distinct.size <= 2 * BINS:
        edges = (distinct[1:] + distinct[:-1]) / 2
    else:
        edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    binned: np.ndarray = np.where(
        np.isfinite(values), 1 + np.searchsorted(edges, np.nan_to_num(values), side="right"), 0
    )
    return binned


def trees(words: np.ndarray, files: int) -> Any:
    """Return boosted trees for a table of which ``words`` says what columns are codes, to be fitted on so many files."""
    return scikit("ensemble").HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=8, min_samples_leaf=max(2, min(10, files // 10)), early_stopping=False,
        categorical_features=words, random_state=0,
    )  # fmt: skip


def one_thread() -> Any:
    """Keep a small model from starting more threads than it has work for."""
    scikit("utils")  # says what to install; threadpoolctl comes with it
    return import_module("threadpoolctl").threadpool_limits(1)
