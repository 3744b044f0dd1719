"""Say what the anomaly examinations of faces are worth on sources and generators that they have not seen.

    python bench/anomaly.py faces FOLDER       # what the layers of the face network answer, and chips, under each condition
    python bench/anomaly.py swaps FOLDER       # the same for real faces and swaps of them
    python bench/anomaly.py grey FOLDER        # lengths of the descriptors in colour and without
    python bench/anomaly.py locality FOLDER    # trains the autoencoder four times, each time without one fold
    python bench/anomaly.py page FOLDER        # scores into out/pictures/scores, docs/validation/anomaly.md

FOLDER holds the labelled pictures and manifest.csv; everything is kept under ``out/anomaly``. The folds are those of
``training/pictures.py``. A face is looked for once, in the picture as it is, and followed through the conditions.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from veridical.errors import UsageError
from veridical.lab.swap import swap_face
from veridical.perception.face_layers import layers_of
from veridical.signals import layer_statistics
from veridical.signals.face_chips import face_chip
from veridical.signals.face_crops import face_crop
from veridical.training import pictures
from veridical.training.face_views import KeptFace, conditioned, kept_faces
from veridical.training.launder import CONDITIONS, condition
from veridical.training.recipes import locality_autoencoder, neuron_coverage

WORK = Path("out/anomaly")
FOLDS = ("", *pictures.FOLDS)
"""Folds that are left out, the first for none."""
MOST = 60
"""Real faces of a fold that swaps are made of."""
_CHIP, _PLACES = 128, 16


class Seen:
    """Rows of numbers, kept in one file."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def add(self, face: KeptFace, kind: str, view: str, crop: np.ndarray, at: np.ndarray, **more: object) -> None:
        descriptor, layers = layers_of(crop)
        self.rows.append({
            "name": face.row["file"], "fold": face.row["fold"], "source": face.row["source"], "kind": kind, "view": view,
            "coverage": np.stack([layer_statistics.coverage(layers, one) for one in at]),
            "unevenness": layer_statistics.unevenness(layers), "embedding": descriptor, **more,
        })  # fmt: skip

    def write(self, name: str, **more: np.ndarray) -> None:
        WORK.mkdir(parents=True, exist_ok=True)
        np.savez(WORK / name, **{key: np.array([row[key] for row in self.rows]) for key in self.rows[0]}, **more)


def faces(folder: Path) -> None:
    """Show every face to the networks, under each condition and after the histories that are learned from."""
    kept = list(kept_faces(folder, pictures.rows(folder), WORK / "kept"))
    own = neuron_coverage.thresholds(kept)
    at = np.stack([np.concatenate([one for fold, one in own.items() if fold != left]).mean(0) for left in FOLDS])
    seen = Seen()
    for face in kept:
        pixels = pictures.load(folder, face.row)
        for draw in range(neuron_coverage.HISTORIES):
            crop, blank = neuron_coverage.laundered(face, draw), np.zeros((_CHIP, _CHIP, 3), np.uint8)
            seen.add(face, face.row["label"], f"history {draw}", crop, at, chip=blank)
        for name, picture, mesh in _shown(face, pixels, face.native):
            chip = face_chip(picture, mesh, side=_CHIP).pixels
            seen.add(face, face.row["label"], name, face_crop(picture, mesh, blank=False), at, chip=chip)
    seen.write("faces.npz", thresholds=at)


def swaps(folder: Path) -> None:
    """Make swaps of real faces of one fold by triangles of the mesh, which no network here was trained with."""
    at, seen = np.load(WORK / "faces.npz")["thresholds"], Seen()
    listed = [row for row in pictures.rows(folder) if row["label"] == "real"]
    kept = list(kept_faces(folder, listed, WORK / "kept"))
    for fold in pictures.FOLDS:
        own = [face for face in kept if face.row["fold"] == fold][:MOST]
        shapes = np.stack([_shape(face.mesh) for face in own])
        for number, face in enumerate(own):
            far = np.abs(shapes - shapes[number]).mean(1)
            far[number] = np.inf
            donor = own[int(np.argsort(far)[zlib.crc32(face.row["file"].encode()) % 5])]
            try:
                swap = swap_face(face.pixels, face.mesh, donor.pixels, donor.mesh)
            except UsageError:
                continue
            alpha = face_chip(
                np.repeat(np.rint(swap.alpha * 255).astype(np.uint8)[:, :, None], 3, 2), face.mesh, side=_CHIP
            )
            mask = cv2.resize(alpha.pixels[:, :, 0] / 255, (_PLACES, _PLACES), interpolation=cv2.INTER_AREA)
            for kind, pixels in (("real", face.pixels), ("swap", swap.pixels)):
                for name, picture, mesh in _shown(face, pixels, face.mesh):
                    chip = face_chip(picture, mesh, side=_CHIP).pixels
                    crop = face_crop(picture, mesh, blank=False)
                    seen.add(face, kind, name, crop, at, chip=chip, mask=mask.astype(np.float32))
    seen.write("swaps.npz")


def grey(folder: Path) -> None:
    """Measure descriptors of all faces in colour and in grey: how much of their length is colour."""
    found: list[tuple[str, float, float]] = []
    for face in kept_faces(folder, pictures.rows(folder), WORK / "kept"):
        crop = face_crop(face.pixels, face.mesh, blank=False)
        plain = cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        found.append((face.row["file"], *(float(np.linalg.norm(layers_of(one)[0])) for one in (crop, plain))))
    names, colour, without = zip(*found, strict=True)
    np.savez(WORK / "grey.npz", name=np.array(names), colour=np.array(colour), grey=np.array(without))


def locality(folder: Path) -> None:
    """Train without each fold, and judge the faces and swaps of that fold."""
    kept = list(kept_faces(folder, pictures.rows(folder), WORK / "kept"))
    for left in pictures.FOLDS:
        material = locality_autoencoder.gather([face for face in kept if face.row["fold"] != left])
        judge(left, locality_autoencoder.train(material).net)


def judge(left: str, net: object) -> None:
    """Keep what a network says of the fold that it was trained without."""
    for name in ("faces", "swaps"):
        with np.load(WORK / f"{name}.npz") as held:
            mine = (held["fold"] == left) & ~np.char.startswith(held["view"], "history")
            odds, maps = locality_autoencoder.judged(net, held["chip"][mine])
            np.savez(WORK / f"locality_{name}_{left}.npz", which=np.flatnonzero(mine), odds=odds, maps=maps)


def _shown(face: KeptFace, pixels: np.ndarray, mesh: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for name in CONDITIONS:
        picture = condition(pixels, name, face.row)
        if picture is not None:
            yield name, picture, conditioned(mesh, pixels.shape, name)


def _shape(mesh: np.ndarray) -> np.ndarray:
    points = mesh - mesh.mean(0)
    return np.asarray((points / np.sqrt((points**2).sum(1).mean())).ravel())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("faces", "swaps", "grey", "locality", "page"))
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if given.step == "page":
        from anomaly_page import page

        page(given.folder, WORK)
    else:
        {"faces": faces, "swaps": swaps, "grey": grey, "locality": locality}[given.step](given.folder)


if __name__ == "__main__":
    main()
