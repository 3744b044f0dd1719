"""How well the network for blends tells swapped faces, by methods it was not trained on, from untouched ones, and where.

    python bench/blending.py make PICTURES TESTED
    python bench/blending.py judge TESTED --nets AC=FIRST BD=SECOND
    python bench/blending.py held TESTED NETWORK
    python bench/blending.py page TESTED PAGE

PICTURES is the folder of labelled pictures. The largest face of real pictures is replaced by that of another person with a like
pose, by one method each; the folder TESTED gets the chips of all faces in all conditions (made.csv, chips.npy, truth.npy).
FIRST
was trained on the folds A and C and judges B and D, SECOND the other way round (swaps.csv); page writes the tables.
held judges the swaps of the tenth of the faces that no network learned from, of all sources, with the shipped network.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from blending_swaps import KINDS, Both
from PIL import Image as Pillow

from veridical.benchmark.metrics import auc
from veridical.lab.swap import eye_distance, swap_face
from veridical.media.image import Image
from veridical.perception.faces import see_faces
from veridical.signals.chip_maps import highest
from veridical.signals.face_chips import SIDE, chip_move, face_chip
from veridical.signals.face_crops import moved
from veridical.training.launder import COMMON_SIDE, CONDITIONS, condition
from veridical.training.pictures import load, rows

NEAREST = 12
MOST = 60  # real pictures of one source whose face is swapped
BINS = 64
SELF_EVERY = 4
MADE = (
    "condition", "file", "source", "fold", "label", "kind", "face", "donor", "interocular", "bytes", "sharpness"
)  # fmt: skip
JUDGED = (*MADE, "score", "boundary", "mask", "pixel_auc", "inside", "outside")


@dataclass(frozen=True, slots=True)
class Target:
    """A picture, the meshes of its largest faces, and whether the largest is swapped."""

    row: dict[str, str]
    meshes: list[np.ndarray]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A picture with a swap: its pixels, the donor's share of each pixel, how it was made, and of whom."""

    pixels: np.ndarray
    alpha: np.ndarray
    kind: str
    donor: str


SELF = "own face back"


def make(folder: Path, out: Path, known: Path | None) -> None:
    """Make all swaps, and keep the chips of all faces in all conditions."""
    out.mkdir(parents=True, exist_ok=True)
    targets = list(_targets(folder, known))
    chips, truths = [], []
    with (out / "made.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, MADE)
        writer.writeheader()
        for number, target in enumerate(targets):
            for line, chip, truth in _shown(folder, target, targets, number):
                writer.writerow(line)
                chips.append(chip)
                truths.append(truth)
            if number % 50 == 0:
                print(f"{number} of {len(targets)}", flush=True)
    np.save(out / "chips.npy", np.stack(chips))
    np.save(out / "truth.npy", np.stack(truths))


def judge(out: Path, nets: dict[str, Path]) -> None:
    """Judge all chips, each with the network that saw nothing of its fold."""
    sessions = {folds: _session(path) for folds, path in nets.items()}
    chips, truths = (np.load(out / name, mmap_mode="r") for name in ("chips.npy", "truth.npy"))
    lines = list(csv.DictReader((out / "made.csv").open(newline="")))
    with (out / "swaps.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, JUDGED)
        writer.writeheader()
        for line, chip, truth in zip(lines, chips, truths, strict=True):
            session = next(one for folds, one in sessions.items() if line["fold"] not in folds)
            planes = np.ascontiguousarray(chip.transpose(2, 0, 1)[None]).astype(np.float32) / 255
            edge, mask, score = (one[0] for one in session.run(None, {"faces": planes}))
            found: dict[str, object] = {"score": float(score), "boundary": highest(edge), "mask": highest(mask)}
            inside = truth > 127
            if line["kind"] in KINDS:
                found["pixel_auc"] = _pixel_auc(mask, inside)
                for field, part in (("inside", mask[inside]), ("outside", mask[~inside])):
                    found[field] = " ".join(map(str, np.histogram(part, BINS, (0, 1))[0]))
            writer.writerow({**line, **found})


def held(out: Path, network: Path) -> None:
    """Print the AUC of a network that learned from all sources, on faces of them that only ended its training."""
    session, chips = _session(network), np.load(out / "chips.npy", mmap_mode="r")
    lines = list(csv.DictReader((out / "made.csv").open(newline="")))
    found: dict[str, list[tuple[int, float, float]]] = {name: [] for name in CONDITIONS}
    for line, chip in zip(lines, chips, strict=True):
        known = line["kind"] in KINDS or line["kind"] == "as it is"
        if zlib.crc32(line["file"].encode()) % 10 or line["label"] != "real" or line["face"] != "0" or not known:
            continue
        planes = np.ascontiguousarray(chip.transpose(2, 0, 1)[None]).astype(np.float32) / 255
        edge, _, score = session.run(None, {"faces": planes})
        found[line["condition"]].append((int(line["kind"] in KINDS), float(score[0]), highest(edge[0])))
    for name, rows_ in found.items():
        labels, scores, edges = map(np.array, zip(*rows_, strict=True))
        swapped = int(labels.sum())
        print(f"{name}: {swapped} / {len(labels) - swapped}, {auc(scores, labels):.2f} / {auc(edges, labels):.2f}")


def _shown(
    folder: Path, target: Target, targets: list[Target], number: int
) -> Iterator[tuple[dict[str, object], np.ndarray, np.ndarray]]:
    """Give a line of facts, the chip, and the donor's share in it (64, 64), uint8, of each face as each condition shows it."""
    pixels = load(folder, target.row)
    nothing = np.zeros(pixels.shape[:2], np.float32)
    shown = [(pixels, nothing, "as it is", "", index) for index in range(len(target.meshes))]
    if target.chosen:
        made = _swapped(folder, pixels, target, targets, number)
        if made is not None:
            shown.append((made.pixels, made.alpha, made.kind, made.donor, 0))
        if number % SELF_EVERY == 0:
            mesh = target.meshes[0]
            own = swap_face(pixels, mesh, pixels, mesh)
            shown.append((own.pixels, own.alpha, SELF, "", 0))
    for name in CONDITIONS:
        for picture, alpha, kind, donor, index in shown:
            seen = condition(picture, name, target.row)
            if seen is None:
                continue
            mesh = _mesh(target.meshes[index], pixels.shape, name)
            chip = face_chip(seen, mesh).pixels
            line: dict[str, object] = {
                "condition": name, "file": target.row["file"], "source": target.row["source"], "fold": target.row["fold"],
                "label": target.row["label"], "kind": kind, "face": index, "donor": donor,
                "interocular": round(eye_distance(mesh), 1), "bytes": _bytes(seen),
                "sharpness": round(float(cv2.Laplacian(chip, cv2.CV_32F).var()), 2),
            }  # fmt: skip
            yield line, chip, _chip_alpha(alpha, target.meshes[index])


def _swapped(folder: Path, pixels: np.ndarray, target: Target, targets: list[Target], number: int) -> Made | None:
    """Swap the largest face with that of one of the twelve real faces of other groups, of the same half, most like in pose."""
    random = np.random.default_rng(zlib.crc32(target.row["file"].encode()))
    half = "AC" if target.row["fold"] in "AC" else "BD"
    shape = _shape(target.meshes[0])
    others = [
        one for one in targets
        if one.row["fold"] in half and one.row["label"] == "real" and one.row["file"] != target.row["file"]
        and (not one.row["group"] or one.row["group"] != target.row["group"])
    ]  # fmt: skip
    others.sort(key=lambda one: float(np.abs(_shape(one.meshes[0]) - shape).mean()))
    donor = others[int(random.integers(NEAREST))]
    kind = list(KINDS)[number % len(KINDS)]
    try:
        made, alpha = KINDS[kind](Both(pixels, target.meshes[0], load(folder, donor.row), donor.meshes[0]), random)
    except (cv2.error, ValueError) as error:
        print(f"{target.row['file']}, {kind}: {error}", flush=True)
        return None
    return Made(made, alpha, kind, donor.row["file"])


def _targets(folder: Path, known: Path | None) -> Iterator[Target]:
    """Give the pictures with faces; ``known`` is a file of meshes by name of file, so that faces are found only once."""
    meshes = np.load(known, allow_pickle=True) if known else {}
    count: Counter[str] = Counter()
    for row in rows(folder):
        if known:
            found = [mesh.astype(np.float64) for mesh, *_ in meshes.get(row["file"], [])]
        else:
            image = Image(
                pixels=load(folder, row), format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None,
                jpeg=None,
            )  # fmt: skip
            found = [face.mesh[:, :2].astype(np.float64) for face in see_faces(image).faces[:3]]
        if found:
            count[row["source"]] += row["label"] == "real"
            yield Target(dict(row), found, row["label"] == "real" and count[row["source"]] <= MOST)


def _mesh(mesh: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return a mesh in the pixels of a condition (see `veridical.training.launder.condition`)."""
    height, width = shape[:2]
    if name == "half":
        return (mesh + 0.5) * (width // 2 / width, height // 2 / height) - 0.5
    if name == "common":
        side = min(height, width)
        return (mesh - ((width - side) // 2, (height - side) // 2) + 0.5) * (COMMON_SIDE / side) - 0.5
    return mesh


def _chip_alpha(alpha: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    plane = np.repeat(np.rint(alpha * 255).astype(np.uint8)[:, :, None], 3, 2)
    grown = moved(plane, chip_move(mesh), SIDE, (0, 0, 0))[:, :, 0]
    return np.asarray(cv2.resize(grown, (SIDE // 4, SIDE // 4), interpolation=cv2.INTER_AREA))


def _pixel_auc(mask: np.ndarray, truth: np.ndarray) -> float:
    if truth.all() or not truth.any():
        return float("nan")
    order = np.concatenate([mask[truth], mask[~truth]]).argsort(kind="stable").argsort(kind="stable")
    inside = int(truth.sum())
    return float((order[:inside].sum() - inside * (inside - 1) / 2) / (inside * (~truth).sum()))


def _shape(mesh: np.ndarray) -> np.ndarray:
    points = mesh[::6] - mesh.mean(0)
    return np.asarray(points / np.sqrt((points**2).sum(1).mean()))


def _bytes(picture: np.ndarray) -> int:
    buffer = io.BytesIO()
    Pillow.fromarray(picture).save(buffer, "JPEG", quality=90)
    return len(buffer.getvalue())


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Judge, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("make")
    one.add_argument("pictures", type=Path)
    one.add_argument("tested", type=Path)
    one.add_argument("--meshes", type=Path)
    two = commands.add_parser("judge")
    two.add_argument("tested", type=Path)
    two.add_argument("--nets", nargs="+", required=True)
    four = commands.add_parser("held")
    four.add_argument("tested", type=Path)
    four.add_argument("network", type=Path)
    three = commands.add_parser("page")
    three.add_argument("tested", type=Path)
    three.add_argument("page", type=Path)
    given = parser.parse_args()
    if given.command == "make":
        make(given.pictures, given.tested, given.meshes)
    elif given.command == "judge":
        judge(given.tested, {name: Path(path) for name, path in (text.split("=", 1) for text in given.nets)})
    elif given.command == "held":
        held(given.tested, given.network)
    else:
        from blending_page import write

        write(given.tested, given.page)


if __name__ == "__main__":
    sys.exit(main())
