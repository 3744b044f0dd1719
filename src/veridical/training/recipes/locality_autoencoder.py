"""Trains the autoencoder of ``learned.locality_autoencoder``, which asks for the masks of few fakes, and writes it as ONNX.

    veridical train locality_autoencoder FOLDER CACHE NETWORK.onnx [--without FOLD] [--steps N] [--seed N]

FOLDER holds the labelled pictures and ``manifest.csv``; CACHE keeps the faces. The network learns from pairs of a face and its
blend, which share everything but the blend, and from generated faces beside real ones, all after random histories. Masks of
blends are known, but used only where they were asked for: after a third, half and two thirds of the steps, the network says
which it needs (`veridical.training.active_masks`), three in a hundred in all. Steps are fixed: nothing ends training early.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...errors import UsageError
from .. import cards, export
from ..active_masks import choose, expected_area, need
from ..face_views import KeptFace, kept_faces
from ..launder import history
from ..loop import installed, seeded
from ..pictures import rows
from ..pseudo_fakes import FaceChip, Pair, pairs
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

STEPS, WIDTH = 300, 16
PAIRS, OTHERS, ASKED = 10, 6, 3
"""Pairs a step; generated faces a step, and as many real ones; pairs a step whose masks were asked for."""
EACH, HISTORIES = 4, 2
"""Blends of each real face, on average; histories of each generated face."""
SHARE = 0.03
"""Share of the blends whose masks are asked for."""
_ROUNDS, _CANDIDATES = (1 / 3, 1 / 2, 2 / 3), 600
_SIDE, _PLACES = 128, 16
_RATE, _DECAY, _CLIP, _RANKED, _ATTENTION = 3e-3, 0.02, 2.0, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Material:
    """What is learned from.

    Parameters
    ----------
    real, fake
        shape (n, 128, 128, 3), uint8: faces and their blends.
    masks
        shape (n, 16, 16), float32: share of the pasted face at each place.
    whole
        shape (m, 128, 128, 3), uint8: generated faces.
    folds, whole_folds
        shape (n,) and (m,): folds of both, which count by the root of their number.
    """

    real: np.ndarray
    fake: np.ndarray
    masks: np.ndarray
    whole: np.ndarray
    folds: np.ndarray
    whole_folds: np.ndarray


@dataclass(frozen=True, slots=True)
class Trained:
    """A network, and the numbers of the blends whose masks it was given."""

    net: Any
    asked: np.ndarray


def gather(faces: Sequence[KeptFace], seed: int = 0) -> Material:
    """Make pairs of the real faces of each fold, and histories of its generated ones."""
    by_fold: dict[str, list[KeptFace]] = defaultdict(list)
    for face in faces:
        by_fold[face.row["fold"]].append(face)
    found: list[tuple[str, Pair]] = []
    whole: list[tuple[str, np.ndarray]] = []
    for number, (fold, own) in enumerate(sorted(by_fold.items())):
        random = np.random.default_rng([seed, number])
        real = [FaceChip(one.pixels, one.mesh, one.row["file"]) for one in own if one.row["label"] == "real"]
        if real:
            made = pairs(real, random)
            found += [(fold, next(made)) for _ in range(EACH * len(real))]
        generated = [one for one in own if one.row["label"] == "fake"] * HISTORIES
        whole += [(fold, _alone(one, random)) for one in generated]
    if not found or not whole:
        raise UsageError("there must be real faces to blend, and generated ones")
    return Material(
        np.stack([_small(pair.real) for _, pair in found]), np.stack([_small(pair.fake) for _, pair in found]),
        np.stack([cv2.resize(pair.mask, (_PLACES, _PLACES), interpolation=cv2.INTER_AREA) for _, pair in found]),
        np.stack([one for _, one in whole]), np.array([fold for fold, _ in found]), np.array([fold for fold, _ in whole]),
    )  # fmt: skip


def _alone(face: KeptFace, random: np.random.Generator) -> np.ndarray:
    """Return a generated face as a pair would show it: sized, after a history, about as much of it, perhaps mirrored."""
    side = min(len(face.pixels), int(np.exp(random.uniform(np.log(190), np.log(420)))))
    sized = cv2.resize(face.pixels, (side, side), interpolation=cv2.INTER_AREA)
    shown = history(sized.shape[:2], random).applied(sized)
    inset = round(len(shown) * random.uniform(0.04, 0.14))
    part = shown[inset:-inset, inset:-inset]
    return _small(part[:, ::-1] if random.random() < 0.5 else part)


def _small(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))


def train(
    material: Material,
    *,
    steps: int = STEPS,
    seed: int = 0,
    share: float = SHARE,
    bf16: bool = True,
    tell: Tell | None = None,
) -> Trained:
    """Train a network and return it, ready to judge; raises NotInstalled without torch."""
    torch = installed()
    seeded(seed)
    torch.set_num_threads(1)  # the same bits at every run
    from ..nets.locality_autoencoder import Network

    random = np.random.default_rng(seed)
    net = Network(width=WIDTH).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    course = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, steps, pct_start=0.15)
    rounds = [int(steps * part) for part in _ROUNDS]
    asked = np.zeros(0, np.int64)
    for step in range(steps):
        if step in rounds:
            asked = _more(net, material, asked, -(-round(share * len(material.fake)) // len(rounds)), random)
        pictures, fake, masks = batch(material, asked, random)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            losses = net.losses(_planes(torch, pictures), torch.from_numpy(fake), torch.from_numpy(masks))
        odds = (losses.active[:, 1] - losses.active[:, 0]).float()
        ranked = torch.nn.functional.softplus(2 * (odds[:PAIRS] - odds[PAIRS : 2 * PAIRS])).mean()
        optimiser.zero_grad()
        (losses.weighed(_ATTENTION) + _RANKED * ranked).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), _CLIP)
        optimiser.step()
        course.step()
        if tell is not None:
            tell("steps", step + 1, steps)
    return Trained(net.eval(), asked)


def batch(
    material: Material, asked: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Draw faces: PAIRS real ones, their blends in the same order, other real ones, generated ones.

    Returns pictures (32, 128, 128, 3), whether each is fake (32,), and masks (32, 16, 16), NaN where none was asked for.
    """
    weights, whole_weights = _weights(material.folds), _weights(material.whole_folds)
    first = random.choice(len(material.fake), PAIRS, p=weights)
    if len(asked):
        first[:ASKED] = random.choice(asked, ASKED)
    generated = random.choice(len(material.whole), OTHERS, p=whole_weights)
    others = random.choice(len(material.real), OTHERS, p=weights)
    pictures = [material.real[first], material.fake[first], material.real[others], material.whole[generated]]
    fake = np.repeat([False, True, False, True], [PAIRS, PAIRS, OTHERS, OTHERS])
    masks = np.full((len(fake), _PLACES, _PLACES), np.nan, np.float32)
    known = np.isin(first, asked)
    masks[PAIRS : 2 * PAIRS][known] = material.masks[first[known]]
    return np.concatenate(pictures), fake, masks


def judged(net: Any, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a network says of faces (n, 128, 128, 3): fake less real half, (n,), and maps, (n, 16, 16)."""
    torch = installed()
    odds, maps = [], []
    with torch.no_grad():
        for start in range(0, len(faces), 64):
            active, seen = net(_planes(torch, faces[start : start + 64]))
            odds.append((active[:, 1] - active[:, 0]).numpy())
            maps.append(seen.numpy())
    return np.concatenate(odds), np.concatenate(maps)


def _more(net: Any, material: Material, asked: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Ask for more masks, of blends that chance puts before the network; return all that were asked for."""
    candidates = random.choice(len(material.fake), min(_CANDIDATES, len(material.fake)), replace=False)
    candidates = np.setdiff1d(candidates, asked)
    odds, maps = judged(net.eval(), material.fake[candidates])
    net.train()
    return np.concatenate([asked, candidates[choose(need(odds, maps, expected_area(_PLACES)), count)]])


def _weights(folds: np.ndarray) -> np.ndarray:
    _, number, counts = np.unique(folds, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[number])
    return np.asarray(weights / weights.sum())


def _planes(torch: Any, pictures: np.ndarray) -> Any:
    planes = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float() / 255
    return planes.to(memory_format=torch.channels_last)


def write(net: Any, path: Path, example: np.ndarray) -> float:
    """Write a network as ONNX, ``faces`` to ``activity`` and ``attention``, and return how far it is off torch."""
    torch = installed()
    planes = _planes(torch, example).contiguous()
    return export.write(net, path, [planes], inputs=["faces"], outputs=["activity", "attention"], half=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("folder", type=there_folder, help="folder of the labelled pictures, with manifest.csv")
    parser.add_argument("cache", type=Path, help="keeps faces; what is there is not looked for again")
    parser.add_argument("network", type=Path, help="ONNX file to write; the card goes beside it")
    parser.add_argument("--without", metavar="FOLD", help="fold to leave out")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)


NEEDS = ("torch", "onnx")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Train and write the network."""
    listed = [row for row in rows(given.folder) if row["fold"] != given.without]
    material = gather(list(kept_faces(given.folder, listed, given.cache)), given.seed)
    trained = train(material, steps=given.steps, seed=given.seed, tell=tell)
    off = write(trained.net, given.network, material.real[:4])
    return cards.Made(
        given.network.parent, [given.network], seed=given.seed, manifests=[given.folder / "manifest.csv"],
        data=f"{len(material.real)} pairs of a face and its blend, {len(material.whole)} views of generated faces; masks of "
        f"{len(trained.asked)} blends were asked for; fold left out: {given.without or 'none'}.",
        settings={"steps": given.steps, "width": WIDTH, "largest difference of the ONNX file": f"{off:.1e}"},
    )  # fmt: skip


if __name__ == "__main__":
    as_script("locality_autoencoder")
