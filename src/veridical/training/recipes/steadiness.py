"""Learns how the scores of a network of our own shift under mild changes in pristine pictures: the table of the probe.

    veridical train steadiness FOLDER TABLE.npz [--most N]

FOLDER holds the labelled pictures and ``manifest.csv``. Pristine means: nobody attacked it. So real and generated pictures
count alike; at most N of a source and label. Every other one goes through a random history first. To be made again whenever the
network changes, whose SHA-256 is written into the table.
"""

from __future__ import annotations

import argparse
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from ... import knowledge
from ...knowledge.steadiness import Population, arrays, fitted
from ...media.image import Image
from ...perception.face_masks import NETWORK, see_face_masks
from ...perception.faces import see_faces
from ...perception.steadiness import SteadyFace, see_steadiness
from ...signals.mild_changes import NAMES
from .. import cards
from ..launder import launder
from ..pictures import load, rows
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

MOST = 18
"""Pictures of a source and label."""


def gather(folder: Path, most: int = MOST, tell: Tell | None = None) -> Iterator[tuple[SteadyFace, str]]:
    """Yield the largest face of each picture, with its source."""
    count: Counter[tuple[str, str]] = Counter()
    listed = rows(folder)
    for number, row in enumerate(listed):
        if tell is not None:
            tell("pictures", number + 1, len(listed))
        kind = row["source"], row["label"]
        if count[kind] == most:
            continue
        pixels = load(folder, row)
        if count[kind] % 2:
            pixels = launder(pixels, np.random.default_rng(zlib.crc32(row["file"].encode())))
        image = Image(
            pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None
        )
        steady = see_steadiness(see_face_masks(image, see_faces(image), most=1)).faces
        if steady:
            count[kind] += 1
            yield steady[0], row["source"]


def learned(faces: Sequence[tuple[SteadyFace, str]], network: str) -> Population:
    """Return the population of faces and their sources; ``network`` is the SHA-256 of the network's file."""
    scores = np.array([face.score for face, _ in faces])
    changed = np.stack([face.changed for face, _ in faces])
    return fitted(NAMES, scores, changed, np.array([source for _, source in faces]), network)


def hash_of(network: str) -> str:
    """Return the SHA-256 of a network that comes with the program."""
    return hashlib.sha256((files(knowledge) / network).read_bytes()).hexdigest()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("folder", type=there_folder, help="folder of the labelled pictures, with manifest.csv")
    parser.add_argument("table", type=Path, help="table to write; the card goes beside it")
    parser.add_argument("--most", type=int, default=MOST, help=f"pictures of a source and label (default: {MOST})")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Learn and write the table."""
    faces = list(gather(given.folder, given.most, tell))
    found = learned(faces, hash_of(NETWORK))
    given.table.parent.mkdir(parents=True, exist_ok=True)
    with given.table.open("wb") as file:
        np.savez(file, **arrays(found))  # type: ignore[arg-type]
    return cards.Made(
        given.table.parent, [given.table], manifests=[given.folder / "manifest.csv"],
        data=f"{found.pictures} faces of {found.sources} sources, every second one laundered.",
        settings={"network": f"{NETWORK}, SHA-256 {found.network}"},
        parts=[cards.Part("Table", figures={"95 % of the faces stay below": found.below(0.95)})],
    )  # fmt: skip


if __name__ == "__main__":
    as_script("steadiness")
