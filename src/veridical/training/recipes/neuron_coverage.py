"""Learns how the layers of a face network answer to pristine faces, and towards which side generated ones part from them.

    veridical train neuron_coverage FOLDER CACHE TABLE.npz [--without FOLD]

FOLDER holds the labelled pictures and ``manifest.csv``; CACHE keeps the faces. Every face goes through random histories, drawn
alike for both labels. The thresholds are the mean answers to pristine faces. The direction is a linear discriminant within
folds: the mean over folds of what parts generated from pristine faces of the same fold, relative to how pristine faces differ
within a fold. So no fold as a whole can tell the label; within a fold the sources still differ in more than their label.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...knowledge.neuron_coverage import terms
from ...perception.face_layers import layers_of
from ...signals import layer_statistics
from ...signals.face_crops import face_crop
from .. import cards
from ..face_views import KeptFace, followed, kept_faces
from ..launder import history
from ..pictures import rows
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

HISTORIES, EACH = 2, 40
"""Random histories of each face; pristine faces of a fold that the thresholds are taken from."""
SHRINKAGE = 0.3
"""How far the covariance is drawn towards a sphere."""
_BAND = (5.0, 50.0, 95.0)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the layers answered to faces.

    Parameters
    ----------
    coverage, unevenness
        shape (n, 29).
    lengths
        shape (n,): of the descriptors.
    generated
        shape (n,), bool: whether the face is no pristine one.
    fold
        shape (n,): the fold of its picture.
    """

    coverage: np.ndarray
    unevenness: np.ndarray
    lengths: np.ndarray
    generated: np.ndarray
    fold: np.ndarray


@dataclass(frozen=True, slots=True)
class Direction:
    """A linear map of terms: middle and spread of pristine faces, and weights, each of shape (58,)."""

    middle: np.ndarray
    spread: np.ndarray
    weights: np.ndarray

    def value(self, given: np.ndarray) -> np.ndarray:
        """Return the values of terms (n, 58); pristine faces that it was learned from have mean 0 and deviation 1."""
        return np.asarray((given - self.middle) / self.spread @ self.weights)


def laundered(face: KeptFace, draw: int) -> np.ndarray:
    """Return a face, aligned as the network wants it, after one of its random histories."""
    past = history(face.pixels.shape, np.random.default_rng([zlib.crc32(face.row["file"].encode()), draw, 3]))
    return face_crop(past.applied(face.pixels), followed(face.mesh, past), blank=False)


def thresholds(faces: Iterable[KeptFace], each: int = EACH) -> dict[str, np.ndarray]:
    """Return the mean answers of the layers, shape (n, 29), to the first pristine faces of each fold."""
    found: dict[str, list[np.ndarray]] = {}
    for face in faces:
        seen = found.setdefault(face.row["fold"], [])
        if face.row["label"] == "real" and len(seen) < each:
            seen.append(layer_statistics.means(layers_of(laundered(face, 0))[1]))
    return {fold: np.array(seen) for fold, seen in found.items() if seen}


def answered(crops: Iterable[tuple[str, bool, np.ndarray]], at: np.ndarray) -> Answers:
    """Show faces to the network: fold, whether generated, and the aligned crop of each; ``at`` are the thresholds (29,)."""
    kept: list[tuple[str, bool, float, np.ndarray, np.ndarray]] = []
    for fold, generated, crop in crops:
        descriptor, layers = layers_of(crop)
        length = float(np.linalg.norm(descriptor))
        kept.append(
            (fold, generated, length, layer_statistics.coverage(layers, at), layer_statistics.unevenness(layers))
        )
    folds, labels, lengths, covered, uneven = zip(*kept, strict=True)
    return Answers(np.array(covered), np.array(uneven), np.array(lengths), np.array(labels), np.array(folds))


def learned(given: Answers, *, shrinkage: float = SHRINKAGE) -> Direction:
    """Return the direction in which generated faces part from pristine ones of the same fold."""
    every = terms(given.coverage, given.unevenness)
    pristine = every[~given.generated]
    middle, spread = pristine.mean(0), pristine.std(0) + 1e-6
    scaled = (every - middle) / spread
    apart, within = [], np.zeros((scaled.shape[1],) * 2)
    for fold in sorted(set(given.fold)):
        own = given.fold == fold
        real, fake = scaled[own & ~given.generated], scaled[own & given.generated]
        if len(real) > 1:
            within += np.cov(real.T)
        if len(real) and len(fake):
            apart.append(fake.mean(0) - real.mean(0))
    within *= len(within) / np.trace(within)
    weights = np.linalg.solve((1 - shrinkage) * within + shrinkage * np.eye(len(within)), np.mean(apart, axis=0))
    deviation = (scaled[~given.generated] @ weights).std()
    return Direction(middle, spread, weights / max(float(deviation), 1e-9))


def table(given: Answers, at: np.ndarray, direction: Direction, faces: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return the arrays of the table that the program reads (see `veridical.knowledge.neuron_coverage`)."""
    pristine = ~given.generated
    logarithms = np.log(given.lengths[pristine])
    found = {
        "thresholds": at, "middle": direction.middle, "spread": direction.spread, "weights": direction.weights,
        "coverage_band": np.percentile(given.coverage[pristine], _BAND, axis=0),
        "unevenness_band": np.percentile(given.unevenness[pristine], _BAND, axis=0),
        "lengths": np.stack([np.percentile(given.lengths[one], np.arange(101)) for one in (pristine, ~pristine)]),
        "length_middle": logarithms.mean(), "length_spread": logarithms.std(), "faces": np.array(faces),
    }  # fmt: skip
    return {name: np.asarray(one, np.float32) for name, one in found.items()}


def crops(faces: Sequence[KeptFace], tell: Tell | None = None) -> Iterator[tuple[str, bool, np.ndarray]]:
    """Yield all histories of all faces, as `answered` takes them."""
    for number, face in enumerate(faces):
        for draw in range(HISTORIES):
            yield face.row["fold"], face.row["label"] == "fake", laundered(face, draw)
        if tell is not None:
            tell("faces", number + 1, len(faces))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("folder", type=there_folder, help="folder of the labelled pictures, with manifest.csv")
    parser.add_argument("cache", type=Path, help="keeps faces; what is there is not looked for again")
    parser.add_argument("table", type=Path, help="table to write; the card goes beside it")
    parser.add_argument("--without", metavar="FOLD", help="fold to leave out")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Learn and write the table."""
    listed = [row for row in rows(given.folder) if row["fold"] != given.without]
    faces = list(kept_faces(given.folder, listed, given.cache))
    at = np.concatenate(list(thresholds(faces).values())).mean(0)
    found = answered(crops(faces, tell), at)
    pristine = sum(face.row["label"] == "real" for face in faces)
    given.table.parent.mkdir(parents=True, exist_ok=True)
    with given.table.open("wb") as file:
        np.savez(file, **table(found, at, learned(found), (pristine, len(faces) - pristine)))  # type: ignore[arg-type]
    return cards.Made(
        given.table.parent, [given.table], manifests=[given.folder / "manifest.csv"],
        data=f"{pristine} pristine and {len(faces) - pristine} generated or edited faces, {HISTORIES} histories each; left "
        f"out: {given.without or 'none'}.",
        settings={"shrinkage": SHRINKAGE, "pristine faces of a fold for the thresholds": EACH},
    )  # fmt: skip


if __name__ == "__main__":
    as_script("neuron_coverage")
