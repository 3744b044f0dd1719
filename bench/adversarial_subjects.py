"""What bench/adversarial.py attacks: networks as torch modules, crops to attack, whole pictures, and a surrogate."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from veridical.lab.swap import swap_face
from veridical.media.image import Image
from veridical.models import runtime
from veridical.perception.faces import see_faces
from veridical.signals.face_chips import SIDE, chip_move
from veridical.signals.face_crops import moved
from veridical.training.attacks import Score
from veridical.training.nets.seam_net import SeamNet
from veridical.training.pictures import Row, load, rows
from veridical.training.pseudo_fakes import FaceChip, pairs
from veridical.training.recipes.face_net import chip

MOST_PX, MOST, LEAST = 1300, 16, 4
Which = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Subject:
    """A network: its score of crops (n, 3, side, side), 0 to 1; and what is installed of it.

    ``rough`` is the score in half precision, whose gradients are as good to attack with and cost half. ``installed`` takes a
    whole picture, uint8, and the move of its crop, to the score by what is installed; of a network that is not, by itself.
    """

    name: str
    side: int
    score: Score
    rough: Score
    installed: Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, slots=True)
class Material:
    """Crops, shape (n, side, side, 3), uint8: pristine faces, the blends of the first of them, and the sources."""

    real: np.ndarray
    fake: np.ndarray
    sources: np.ndarray


def face_net(weights: Path, of_folds: bool) -> Subject:
    net = seam_net(weights)

    def installed(pixels: np.ndarray, move: np.ndarray) -> float:
        crop = moved(pixels, move, SIDE, (127, 127, 127)).transpose(2, 0, 1)[None].astype(np.float32) / 255
        if of_folds:
            with torch.no_grad():
                return float(score(torch.from_numpy(crop)))
        return float(runtime.shipped("face_net.onnx")(crop)[2][0])

    def score(pixels: Any) -> Any:
        return net(pixels.contiguous(memory_format=torch.channels_last))[2]

    def rough(pixels: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return score(pixels).float()

    return Subject("face_net", SIDE, score, rough, installed)


def seam_net(weights: Path) -> Any:
    net = SeamNet()
    net.load_state_dict({name: value.float() for name, value in torch.load(weights, weights_only=True).items()})
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False)


SUBJECTS: dict[str, Callable[[Path, bool], Subject]] = {"face_net": face_net}


def material(folder: Path, kept: Path, which: Which, real: int, fake: int) -> Material:
    """Blends of faces, and the faces they were made of, after the same histories; as many of each source; made once."""
    if not kept.exists():
        held: dict[str, list[FaceChip]] = defaultdict(list)
        for row, pixels, mesh in people(folder, which, MOST):
            held[row["source"]].append(chip(pixels, mesh, row["group"] or row["file"]))
        faces = {source: own for source, own in held.items() if len(own) >= LEAST}
        made = {
            source: list(islice(pairs(own, np.random.default_rng(77)), -(-real // len(faces))))
            for source, own in faces.items()
        }
        mixed = [
            (one, source) for row in zip(*made.values(), strict=True) for one, source in zip(row, made, strict=True)
        ]
        with kept.open("wb") as file:
            np.savez(
                file, real=np.stack([one.real for one, _ in mixed]), fake=np.stack([one.fake for one, _ in mixed]),
                sources=np.array([source for _, source in mixed]),
            )  # fmt: skip
    with np.load(kept) as stored:
        return Material(stored["real"], stored["fake"][:fake], stored["sources"])


def people(folder: Path, which: Which, most: int) -> Iterator[tuple[Row, np.ndarray, np.ndarray]]:
    """Yield photographs of people, at most so many of a source: row, pixels, mesh of the largest face."""
    count: Counter[str] = Counter()
    for row in rows(folder):
        if row["label"] != "real" or not which(row) or count[row["source"]] == most:
            continue
        pixels = load(folder, row)
        faces = see_faces(
            Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)
        ).faces
        if faces and max(pixels.shape) <= MOST_PX:
            count[row["source"]] += 1
            yield row, pixels, faces[0].mesh


def judged_people(folds: Sequence[str]) -> Which:
    """Half of the people of folds that a network has not seen; of the shipped one, those who only ended its training."""

    def which(row: Row) -> bool:
        number = zlib.crc32((row["group"] or row["file"]).encode())
        if folds:
            return row["fold"] in folds and number // 16 % 2 == 0
        return number % 10 == 0 and zlib.crc32(row["file"].encode()) % 10 == 0

    return which


def other_people(folds: Sequence[str]) -> Which:
    judged = judged_people(folds)
    return lambda row: not judged(row)


def whole_pictures(folder: Path, which: Which, most: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield photographs in which a face was swapped: name, pixels of the file, and the move of the crop."""
    held = list(islice(people(folder, which, most), most + 1))
    for (row, pixels, mesh), (_, other, donor) in zip(held, held[1:], strict=False):
        swapped = swap_face(pixels, mesh, other, donor).pixels
        yield row["file"], swapped, chip_move(mesh)
