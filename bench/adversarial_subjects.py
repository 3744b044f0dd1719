"""What bench/adversarial.py attacks: networks as torch modules, crops to attack, whole pictures, and a surrogate."""

from __future__ import annotations

import zlib
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
from veridical.training.pseudo_fakes import pairs
from veridical.training.recipes.face_net import chip

MOST_PX = 1300


@dataclass(frozen=True, slots=True)
class Subject:
    """A network: its score of crops (n, 3, side, side), 0 to 1; and what is installed of it.

    ``rough`` is the score in half precision, whose gradients are as good to attack with and cost half. ``installed`` takes a
    whole picture, uint8, and the move of its crop, to the score.
    """

    name: str
    side: int
    score: Score
    rough: Score
    installed: Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, slots=True)
class Material:
    """Crops, shape (n, side, side, 3), uint8: pristine faces, and fakes."""

    real: np.ndarray
    fake: np.ndarray


def face_net(weights: Path) -> Subject:
    net = seam_net(weights)

    def installed(pixels: np.ndarray, move: np.ndarray) -> float:
        crop = moved(pixels, move, SIDE, (127, 127, 127)).transpose(2, 0, 1)[None].astype(np.float32) / 255
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


SUBJECTS: dict[str, Callable[[Path], Subject]] = {"face_net": face_net}


def material(folder: Path, kept: Path, folds: Sequence[str], real: int, fake: int) -> Material:
    """Blends of faces, and the faces they were made of, after the same histories; made once.

    With ``folds`` all people of these folds; else, of all folds, the people that ended the training of the shipped network.
    """
    if not kept.exists():
        faces = [
            chip(pixels, mesh, row["group"] or row["file"])
            for row, pixels, mesh in people(folder, folds, most=max(real, 90))
        ]
        made = list(islice(pairs(faces, np.random.default_rng(77)), real))
        with kept.open("wb") as file:
            np.savez(file, real=np.stack([one.real for one in made]), fake=np.stack([one.fake for one in made[:fake]]))
    with np.load(kept) as held:
        return Material(held["real"], held["fake"][:fake])


def people(folder: Path, folds: Sequence[str], most: int) -> Iterator[tuple[Row, np.ndarray, np.ndarray]]:
    """Yield photographs of people: row, pixels, mesh of the largest face."""
    count = 0
    for row in rows(folder):
        tenth = zlib.crc32((row["group"] or row["file"]).encode()) % 10 == 0
        if row["label"] != "real" or (row["fold"] not in folds if folds else not tenth):
            continue
        pixels = load(folder, row)
        faces = see_faces(
            Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)
        ).faces
        if faces and max(pixels.shape) <= MOST_PX:
            yield row, pixels, faces[0].mesh
            count += 1
            if count == most:
                return


def whole_pictures(folder: Path, folds: Sequence[str], most: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield photographs in which a face was swapped: name, pixels of the file, and the move of the crop."""
    held = list(people(folder, folds, most + 1))
    for (row, pixels, mesh), (_, other, donor) in zip(held, held[1:], strict=False):
        swapped = swap_face(pixels, mesh, other, donor).pixels
        yield row["file"], swapped, chip_move(mesh)
