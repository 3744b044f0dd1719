"""The yardstick of frozen features: CLIP's embedding of the whole picture and a linear head, learned fold by fold."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pictures import LEAST_SIDE
from PIL import Image
from sklearn.linear_model import LogisticRegression

from veridical.benchmark.metrics import auc
from veridical.perception.identity import features
from veridical.training import pictures
from veridical.training.folds import alike
from veridical.training.launder import CONDITIONS, centre, condition, launder, scaled

DRAWS = ("t0", "t1")
"""Random histories that the head learns from; it never sees a test condition."""
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_SIDE = 224


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """Embeddings, shape (n, 512), of all pictures in order, and which of them were large enough."""

    features: np.ndarray
    seen: np.ndarray


def embedded(folder: Path, rows: Sequence[pictures.Row], name: str, work: Path) -> Embedded:
    """Embed all pictures under a condition or after a random history; what was embedded before is read."""
    path = work / f"embeddings/{name}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found, seen = np.zeros((len(rows), 512), np.float16), np.zeros(len(rows), bool)
        for number, row in enumerate(rows):
            picture = drawn(pictures.load(folder, row), name, row)
            if picture is not None and min(picture.shape[:2]) >= LEAST_SIDE:
                found[number], seen[number] = features(square(picture)), True
        np.savez(path, features=found, seen=seen)
    with np.load(path) as kept:
        vectors = kept["features"].astype(np.float64)
        return Embedded(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), kept["seen"])


def drawn(picture: np.ndarray, name: str, row: pictures.Row) -> np.ndarray | None:
    if name in CONDITIONS:
        return condition(picture, name, row)
    seed = [zlib.crc32(row["file"].encode()), zlib.crc32(name.encode())]
    return launder(picture, np.random.default_rng(seed), profiled=0)


def square(picture: np.ndarray) -> np.ndarray:
    """Return the middle square as the network takes it, 224 pixels wide."""
    share = _SIDE / min(picture.shape[:2])
    height, width = (max(round(side * share), _SIDE) for side in picture.shape[:2])
    return np.ascontiguousarray(centre(scaled(picture, width, height, Image.Resampling.BICUBIC), _SIDE))


def probed(folder: Path, rows: Sequence[pictures.Row], work: Path) -> Iterator[tuple[str, str, str, float]]:
    """Yield the log-odds of each picture under each condition by a head that has not seen its fold."""
    learned = [embedded(folder, rows, name, work) for name in DRAWS]
    tested = {name: embedded(folder, rows, name, work) for name in CONDITIONS}
    fold = np.array([row["fold"] for row in rows])
    for held in pictures.FOLDS:
        strength = strongest(learned, rows, fold, held)
        head = Head(learned, rows, fold != held, strength)
        for name, own in tested.items():
            for number in np.flatnonzero((fold == held) & own.seen):
                yield name, rows[number]["file"], "clip_probe", float(head.odds(own.features[number : number + 1])[0])


class Head:
    """Logistic regression on standardised embeddings; both labels count alike, a source by the root of its size."""

    def __init__(
        self, learned: Sequence[Embedded], rows: Sequence[pictures.Row], there: np.ndarray, strength: float
    ) -> None:
        kept = [there & one.seen for one in learned]
        vectors = np.concatenate([one.features[own] for one, own in zip(learned, kept, strict=True)])
        kinds = [(rows[i]["source"], int(rows[i]["label"] == "fake")) for own in kept for i in np.flatnonzero(own)]
        self.middle, self.spread = vectors.mean(0), vectors.std(0) + 1e-6
        self.line = LogisticRegression(C=strength, max_iter=300)
        self.line.fit(
            (vectors - self.middle) / self.spread, [label for _, label in kinds], sample_weight=alike(kinds)
        )  # fmt: skip

    def odds(self, vectors: np.ndarray) -> np.ndarray:
        return np.asarray(self.line.decision_function((vectors - self.middle) / self.spread))


def strongest(learned: Sequence[Embedded], rows: Sequence[pictures.Row], fold: np.ndarray, held: str) -> float:
    """Choose the penalty on the folds that are learned from, each judged by a head that has seen neither it nor ``held``."""
    labels = np.array([int(row["label"] == "fake") for row in rows])
    inner = [one for one in pictures.SYNTHESIS if one != held]
    worth = []
    for strength in STRENGTHS:
        each = []
        for apart in inner:
            head = Head(learned, rows, (fold != held) & (fold != apart), strength)
            own = (fold == apart) & learned[0].seen
            each.append(auc(head.odds(learned[0].features[own]), labels[own]))
        worth.append(np.mean(each))
    return STRENGTHS[int(np.argmax(worth))]
