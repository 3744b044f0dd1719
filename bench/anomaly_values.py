"""Values of the anomaly examinations and of nuisances, each from what was learned on other folds; see anomaly.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from veridical.knowledge.neuron_coverage import terms
from veridical.signals.one_class import OneClass, fit
from veridical.training import pictures
from veridical.training.launder import CONDITIONS
from veridical.training.recipes.neuron_coverage import Answers, learned

Values = dict[str, np.ndarray]
"""By name of a statistic one value a row, not a number where there is none."""


def layer_values(faces: Mapping[str, np.ndarray], shown: Mapping[str, np.ndarray]) -> Values:
    """Return what the layers say of rows, each value learned from the histories of the other folds."""
    names = ("neuron_coverage", "embedding_length", "coverage alone", "distance of the terms", "one-class machine")
    found = {name: np.full(len(shown["fold"]), np.nan) for name in names}
    lengths = [np.log(np.linalg.norm(one["embedding"].astype(np.float64), axis=1)) for one in (faces, shown)]
    for number, left in enumerate(pictures.FOLDS, 1):
        teach, judge = faces["history"] & (faces["fold"] != left), shown["fold"] == left
        own = terms(shown["coverage"][judge, number], shown["unevenness"][judge])
        given = Answers(
            faces["coverage"][teach, number], faces["unevenness"][teach], lengths[0][teach],
            faces["kind"][teach] == "fake", faces["fold"][teach],
        )  # fmt: skip
        found["neuron_coverage"][judge] = learned(given).value(own)
        flat = Answers(given.coverage, np.ones_like(given.unevenness), given.lengths, given.generated, given.fold)
        bare = terms(shown["coverage"][judge, number], np.ones_like(shown["unevenness"][judge]))
        found["coverage alone"][judge] = learned(flat).value(bare)
        pristine = terms(given.coverage, given.unevenness)[~given.generated]
        found["distance of the terms"][judge] = _distance(pristine, own)
        real = lengths[0][teach][~given.generated]
        found["embedding_length"][judge] = (lengths[1][judge] - real.mean()) / real.std()
        first = teach & (faces["view"] == "history 0") & (faces["kind"] == "real")
        found["one-class machine"][judge] = -_machine(faces["embedding"][first]).distances(shown["embedding"][judge])
    found["sum of coverage and length"] = found["neuron_coverage"] + found["embedding_length"]
    return found


def _distance(pristine: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Mahalanobis distance, the covariance drawn by three tenths towards a sphere."""
    middle, spread = pristine.mean(0), pristine.std(0) + 1e-6
    covariance = 0.7 * np.cov(((pristine - middle) / spread).T) + 0.3 * np.eye(len(middle))
    apart = (own - middle) / spread
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", apart, np.linalg.solve(covariance, apart.T).T)))


def _machine(embeddings: np.ndarray) -> OneClass:
    points = embeddings.astype(np.float64)
    squares = ((points[:, None] - points[None]) ** 2).sum(-1)
    return fit(points, nu=0.1, gamma=1 / float(np.median(squares)))


def nuisances(faces: Mapping[str, np.ndarray], fake: np.ndarray) -> np.ndarray:
    """Return what size, coding and mean colours say under each condition: a linear discriminant of the other folds."""
    known = json.loads(Path("out/pictures/nuisances.json").read_text())
    values = np.full(len(fake), np.nan)
    for name in CONDITIONS:
        held = known["files" if name == "native" else name]
        here = np.flatnonzero((faces["view"] == name) & np.isin(faces["name"], list(held)))
        keys = sorted(held[str(faces["name"][here[0]])])
        table = np.array([[_number(held[str(one)].get(key)) for key in keys] for one in faces["name"][here]])
        for left in pictures.FOLDS:
            out = faces["fold"][here] == left
            teach, labels = table[~out], fake[here][~out]
            middle, spread = teach.mean(0), teach.std(0) + 1e-9
            scaled = (teach - middle) / spread
            within = 0.7 * np.cov(scaled.T) + 0.3 * np.eye(len(middle))
            weights = np.linalg.solve(within, scaled[labels].mean(0) - scaled[~labels].mean(0))
            values[here[out]] = (table[out] - middle) / spread @ weights
    return values


def _number(value: object) -> float:
    return float(value == "jpeg") if isinstance(value, str) else float(value or 0)  # type: ignore[arg-type]
