"""Learns how the scores of a network of our own shift under mild changes in pristine pictures: the table of the probe.

    python -m veridical.training.recipes.steadiness FOLDER TABLE.npz [--most N]

FOLDER holds the labelled pictures and ``manifest.csv``. Pristine means: nobody attacked it. So real and generated pictures
count alike; at most N of a source and label. Every other one goes through a random history first. To be made again whenever the
network changes, whose SHA-256 is written into the table.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
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
from ..launder import launder
from ..pictures import load, rows

MOST = 18
"""Pictures of a source and label."""


def gather(folder: Path, most: int = MOST) -> Iterator[tuple[SteadyFace, str]]:
    """Yield the largest face of each picture, with its source."""
    count: Counter[tuple[str, str]] = Counter()
    for row in rows(folder):
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("folder", "table"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--most", type=int, default=MOST)
    given = parser.parse_args(arguments)
    faces = list(gather(given.folder, given.most))
    found = learned(faces, hash_of(NETWORK))
    with given.table.open("wb") as file:
        np.savez(file, **arrays(found))  # type: ignore[arg-type]
    sys.stdout.write(f"{found.pictures} faces of {found.sources} sources; 95 % stay below {found.below(0.95):.2f}\n")


if __name__ == "__main__":
    main()
