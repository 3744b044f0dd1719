"""What the vectors of an examination say about files of sources from which nothing was learned.

One real source and one fake source are held out together; a classifier is fitted on all other sources and ranks the held-out
files. A classifier that has merely learned what a collection looks like gains nothing there: it has seen neither. The scale of
the vectors is taken from the training files alone, and files whose person, clip or speaker is held out are not trained on. A
model of the nuisances (size, compression, mean colour …) goes through the very same folds.

The figure is the mean AUC over all pairs of sources. Its interval comes from drawing real and fake sources again: how it would
move with other collections, not with other files of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import baseline
from .audit import labels_of
from .intervals import Interval
from .metrics import auc
from .rows import Row
from .scikit import scikit
from .splits import members

LEAST = 5
"""Files that a source needs to be held out."""
LEAST_TRAINED = 10
"""Files of each label that the other sources must hold."""
LEVEL = 0.9
_REPEATS = 2000
MODELS = ("logistic regression", "boosted trees")
NUISANCES = "nuisances"
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A real and a fake source held out together, with the AUC of each model on their files."""

    real: str
    fake: str
    n_real: int
    n_fake: int
    trained_on: int
    auc: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What the vectors of one examination under one chain are worth on sources left out.

    Parameters
    ----------
    model
        What was fitted on them: "logistic regression" or "boosted trees".
    auc, nuisance
        Mean over the pairs: of this model, and of the nuisances in the same folds.
    gain
        Mean of the differences, pair by pair.
    """

    id: str
    chain: str
    model: str
    n_real: int
    n_fake: int
    width: int
    pairs: tuple[Pair, ...]
    auc: Interval
    nuisance: Interval
    gain: Interval


def leave_out_each(rows: Iterable[Row]) -> tuple[LeftOut, ...]:
    """Hold out every pair of sources for each examination and chain whose rows have vectors."""
    parts: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.features is not None and row.outcome == "measured":
            parts.setdefault((row.id, row.chain), []).append(row)
    return tuple(one for key in sorted(parts) for one in leave_out(parts[key]))


def leave_out(rows: Sequence[Row]) -> tuple[LeftOut, ...]:
    """Hold out every pair of sources; () if there is no pair that leaves enough to learn from.

    Parameters
    ----------
    rows
        Of one examination under one chain, all with vectors of one length.

    Raises
    ------
    UsageError
        If scikit-learn is missing.
    """
    rows = sorted(rows, key=lambda row: row.path)
    width = max({len(row.features or ()) for row in rows}, default=0)
    rows = [row for row in rows if row.features is not None and len(row.features) == width]
    pairs = _pairs(rows)
    if not pairs:
        return ()
    names = [sorted({getattr(pair, side) for pair in pairs}) for side in ("real", "fake")]
    tables = {model: _table(pairs, names, model) for model in (*MODELS, NUISANCES)}
    held = [{getattr(pair, side): getattr(pair, f"n_{side}") for pair in pairs} for side in ("real", "fake")]
    return tuple(
        LeftOut(
            id=rows[0].id, chain=rows[0].chain, model=model, n_real=sum(held[0].values()), n_fake=sum(held[1].values()),
            width=width, pairs=pairs, auc=over_sources(tables[model]), nuisance=over_sources(tables[NUISANCES]),
            gain=over_sources(tables[model] - tables[NUISANCES]),
        )
        for model in MODELS
    )  # fmt: skip


def over_sources(table: np.ndarray, *, repeats: int = _REPEATS, seed: int = 0) -> Interval:
    """Return the mean of a table of real × fake sources with the interval over drawing sources again.

    Parameters
    ----------
    table
        shape (r, f); NaN where a pair could not be held out. Without two sources on both sides there is no interval.
    """
    point = float(np.nanmean(table))
    count = sum(table.shape)
    if min(table.shape) < 2:
        return Interval(point, None, None, LEVEL, count)
    random = np.random.default_rng(seed)
    known, filled = np.isfinite(table), np.nan_to_num(table)
    times = [_times(random, size, repeats) for size in table.shape]
    counts = np.einsum("br,rf,bf->b", times[0], known.astype(float), times[1])
    sums = np.einsum("br,rf,bf->b", times[0], filled, times[1])
    drawn = sums[counts > 0] / counts[counts > 0]
    if np.ptp(drawn) == 0:
        return Interval(point, None, None, LEVEL, count)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(point, float(low), float(high), LEVEL, count)


def _times(random: np.random.Generator, size: int, repeats: int) -> np.ndarray:
    drawn = random.integers(size, size=(repeats, size)) + np.arange(repeats)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=repeats * size).reshape(repeats, size).astype(float)


def _table(pairs: Sequence[Pair], names: Sequence[Sequence[str]], model: str) -> np.ndarray:
    table = np.full((len(names[0]), len(names[1])), np.nan)
    for pair in pairs:
        table[names[0].index(pair.real), names[1].index(pair.fake)] = pair.auc[model]
    return table


def _pairs(rows: Sequence[Row]) -> tuple[Pair, ...]:
    labels = labels_of(rows)
    sources = np.array([row.source for row in rows])
    vectors = np.array([row.features for row in rows], float)
    nuisances, words = baseline.matrix([row.quality for row in rows])
    fits: dict[str, tuple[np.ndarray, Fit]] = {
        MODELS[0]: (vectors, _linear), MODELS[1]: (vectors, _trees), NUISANCES: (nuisances, _trees_of(words)),
    }  # fmt: skip
    pairs = []
    with baseline.one_thread():
        for real in _large(sources[labels == 0]):
            for fake in _large(sources[labels == 1]):
                held = ((sources == real) & (labels == 0)) | ((sources == fake) & (labels == 1))
                train = _trained(rows, sources, held, {real, fake})
                if min(np.bincount(labels[train].astype(int), minlength=2)) < LEAST_TRAINED:
                    continue
                scores = {name: fit(table[train], labels[train], table[held]) for name, (table, fit) in fits.items()}
                pairs.append(_pair(real, fake, labels[held], int(train.sum()), scores))
    return tuple(pairs)


def _pair(real: str, fake: str, labels: np.ndarray, trained_on: int, scores: Mapping[str, np.ndarray]) -> Pair:
    return Pair(
        real=real, fake=fake, n_real=int((labels == 0).sum()), n_fake=int((labels == 1).sum()), trained_on=trained_on,
        auc={name: auc(values, labels) for name, values in scores.items()},
    )  # fmt: skip


def _large(sources: np.ndarray) -> list[str]:
    names, counts = np.unique(sources, return_counts=True)
    return [str(name) for name, count in zip(names, counts, strict=True) if count >= LEAST]


def _trained(rows: Sequence[Row], sources: np.ndarray, held: np.ndarray, names: set[str]) -> np.ndarray:
    """Files of other sources that share no person, clip or speaker with those held out."""
    barred = {member for row, out in zip(rows, held, strict=True) if out for member in members(row.group)}
    met = np.array([bool(barred & set(members(row.group))) for row in rows])
    return np.asarray(~np.isin(sources, sorted(names)) & ~met)


def _linear(train: np.ndarray, labels: np.ndarray, held: np.ndarray) -> np.ndarray:
    centre, spread = train.mean(0), train.std(0)
    spread[spread < 1e-9] = 1.0
    model = scikit("linear_model").LogisticRegression(class_weight="balanced", max_iter=2000)
    model.fit((train - centre) / spread, labels)
    return np.asarray(model.decision_function((held - centre) / spread))


def _trees(train: np.ndarray, labels: np.ndarray, held: np.ndarray) -> np.ndarray:
    return _trees_of(np.zeros(train.shape[1], bool))(train, labels, held)


def _trees_of(words: np.ndarray) -> Fit:
    def fit(train: np.ndarray, labels: np.ndarray, held: np.ndarray) -> np.ndarray:
        if not train.shape[1]:
            return np.zeros(len(held))
        model: Any = baseline.trees(words, len(train)).fit(train, labels)
        return np.asarray(model.predict_proba(held)[:, 1])

    return fit
