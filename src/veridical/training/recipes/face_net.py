"""Trains the network of ``learned.face_net`` and ``spatial.blend_boundary`` on blends of real faces beside the faces.

    veridical train face_net PICTURES FOLDER --weights WEIGHTS [--folds A C] [--seed N] [--adversarial LEVELS]

PICTURES is the folder of labelled pictures with manifest.csv; WEIGHTS the file of EfficientNet-Lite0 (see
`veridical.training.nets.lite0`); FOLDER gets checkpoint and log, and the network as face_net.onnx. Pairs of a face and its
blend are made once (`gather`, `pool`); a step sees parts of some pairs, now and then whole ones. The maps learn by
cross-entropy and overlap (Dice); the score by cross-entropy, by the order within each pair, and by not exceeding the mask. With
LEVELS every second batch or so is attacked first, by so many of 255 levels (`hardened`).
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ...media.image import Image
from ...perception.faces import see_faces
from ...signals.face_chips import face_chip
from .. import export
from ..attacks import against
from ..blend_masks import boundary
from ..cards import Made, Part
from ..loop import LOG, Fitted, Settings, Tell, fit, installed, seeded
from ..pictures import load, rows
from ..pseudo_fakes import BEYOND, MAP_SIDE, SIDE, FaceChip, pairs
from ..recipe import Tell as ToldOf
from ..recipe import as_script

NEEDS = ("torch", "onnx")
STEPS = 520
PAIRS, PART, WHOLE = 6, 192, 0.15
"""Pairs a step; side of the parts that are shown; share of the steps that show whole chips instead."""
POOL, TUNE = 3000, 40
_LARGEST, _LEAST = 512, 160
RATE = 2e-3
_ENCODER, _DECAY, _CLIP = 0.4, 0.02, 2.0
_BOUNDARY, _MASK, _DICE, _RANKED, _BOUNDED = 5.0, 2.0, 0.5, 0.5, 0.5
_SEEN = 0.3
_PITCH = SIDE // MAP_SIDE


@dataclass(frozen=True, slots=True)
class Pool:
    """Pairs ready to learn from: real and fake (n, 256, 256, 3), masks (n, 64, 64), all uint8."""

    real: np.ndarray
    fake: np.ndarray
    mask: np.ndarray

    def __len__(self) -> int:
        return len(self.mask)


def gather(folder: Path, *, folds: Sequence[str] = "ABCD", made: bool = True) -> list[FaceChip]:
    """Return the largest face of each picture, with much around it, at nearly its own size.

    Parameters
    ----------
    made
        Take synthesised faces too: they are no blends, and a blend of two of them is one. Edited faces are never taken.
    """
    found = []
    for row in rows(folder):
        if row["fold"] not in folds or (row["label"] == "fake" and (not made or row["category"] == "editing")):
            continue
        pixels = load(folder, row)
        faces = see_faces(
            Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)
        ).faces
        if faces:
            found.append(chip(pixels, faces[0].mesh, row["group"] or row["file"]))
    return found


def chip(pixels: np.ndarray, mesh: np.ndarray, person: str) -> FaceChip:
    """Cut a face out for blending: 160 to 512 pixels wide, enlarged only where it would be smaller."""
    scale = face_chip(pixels, mesh, side=_LARGEST, beyond=BEYOND).scale
    cut = face_chip(
        pixels, mesh, side=int(np.clip(round(_LARGEST / max(scale, 1e-6)), _LEAST, _LARGEST)), beyond=BEYOND
    )
    return FaceChip(cut.pixels, cut.points(mesh), person)


def shared_out(faces: Sequence[FaceChip]) -> tuple[list[FaceChip], list[FaceChip]]:
    """Return the faces to learn from, and one person in ten to end training by."""
    tenth = [zlib.crc32(face.person.encode()) % 10 == 0 for face in faces]
    learn, tune = ([face for face, held in zip(faces, tenth, strict=True) if held == which] for which in (False, True))
    return learn, tune


def pool(faces: Sequence[FaceChip], count: int, seed: int) -> Pool:
    """Make pairs of faces."""
    found = list(islice(pairs(faces, np.random.default_rng(seed)), count))
    return Pool(
        np.stack([one.real for one in found]), np.stack([one.fake for one in found]),
        np.stack([np.rint(one.mask * 255).astype(np.uint8) for one in found]),
    )  # fmt: skip


def batch(material: Pool, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures (2 n, side, side, 3), uint8, a real one before its fake, and the masks (n, side / 4, side / 4), 0 to 1.

    Both of a pair show the same part.
    """
    side = SIDE if random.random() < WHOLE else PART
    pictures, masks = [], []
    for number in random.choice(len(material), min(PAIRS, len(material)), replace=False):
        top, left = (int(n) * _PITCH for n in random.integers(0, (SIDE - side) // _PITCH + 1, 2))
        cut = slice(top, top + side), slice(left, left + side)
        small = tuple(slice(one.start // _PITCH, one.stop // _PITCH) for one in cut)
        pictures += [material.real[number][cut], material.fake[number][cut]]
        masks.append(material.mask[number][small])
    return np.stack(pictures), np.stack(masks).astype(np.float32) / 255


def train(
    material: Pool, tune: Pool, folder: Path, *, weights: Path | None = None, start: Any = None, steps: int = STEPS,
    rate: float = RATE, seed: int = 0, adversarial: int = 0, bf16: bool = True, tell: Tell | None = None,
) -> Fitted:  # fmt: skip
    """Train a network; of the looks at ``tune`` the best is kept.

    Parameters
    ----------
    folder
        Gets checkpoint and log (see `veridical.training.loop.fit`).
    weights
        Weights of EfficientNet-Lite0 to start from; without, from chance.
    start
        The state of a trained network to go on from, instead.
    adversarial
        Levels, of 255, by which pictures are attacked while it learns; 0 for none.
    """
    seeded(seed)
    from ..nets.lite0 import load_imagenet
    from ..nets.seam_net import SeamNet

    net = SeamNet(frozen=weights is not None or start is not None)
    if start is not None:
        net.load_state_dict(start)
    elif weights is not None:
        load_imagenet(net.encoder, weights)
    net = net.to(memory_format=installed().channels_last)
    free = [(name, one) for name, one in net.named_parameters() if one.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [one for name, one in free if name.startswith("encoder.")], "scale": _ENCODER},
        {"params": [one for name, one in free if not name.startswith("encoder.")]},
    ]
    settings = Settings(
        steps=steps, seed=seed, rate=rate, decay=_DECAY, clip=_CLIP, tune_every=max(steps // 4, 1), bf16=bf16,
        what=f"adversarial {adversarial}" if adversarial else "",
    )  # fmt: skip
    aim = partial(hardened, levels=adversarial) if adversarial else loss
    return fit(
        net, partial(batch, material), aim, folder, settings, tune=partial(order, material=tune), groups=groups, tell=tell
    )  # fmt: skip


def order(net: Any, material: Pool) -> float:
    """Return how often a fake of the pool has a higher score than a real face of it (the area under the curve)."""
    scores = np.array([judged(net, one)[2] for one in (material.real, material.fake)])
    return float((scores[1][:, None] > scores[0]).mean() + 0.5 * (scores[1][:, None] == scores[0]).mean())


def judged(net: Any, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return boundaries and masks (n, 64, 64) and scores (n,) of chips (n, 256, 256, 3), uint8."""
    torch, found = installed(), []
    net.eval()
    with torch.no_grad():
        for first in range(0, len(chips), 16):
            found.append([one.numpy() for one in net(_tensor(np.asarray(chips[first : first + 16])))])
    boundaries, masks, scores = (np.concatenate(one) for one in zip(*found, strict=True))
    return boundaries, masks, scores


def write(net: Any, path: Path, faces: np.ndarray) -> float:
    """Write a network as ONNX, and return the greatest difference of what it says of chips, (2, 256, 256, 3), uint8.

    Input ``faces`` (n, 3, 256, 256), R, G, B from 0 to 1; outputs ``boundary`` and ``mask`` (n, 64, 64) and ``score`` (n,).
    """
    net = net.to(memory_format=installed().contiguous_format)
    outputs = ("boundary", "mask", "score")
    return export.write(net, path, [_tensor(faces).contiguous()], inputs=("faces",), outputs=outputs, half=True)


def loss(net: Any, drawn: tuple[np.ndarray, np.ndarray]) -> Any:
    """Return the loss of a network on a batch (see `batch`)."""
    return _loss(net, _tensor(drawn[0]), drawn[1])


def hardened(net: Any, drawn: tuple[np.ndarray, np.ndarray], *, levels: int) -> Any:
    """Return the loss on a batch; every second one, as chance has it, is attacked first by so many levels of 255."""
    pictures, masks = drawn
    planes, chance = _tensor(pictures), zlib.crc32(pictures.tobytes())
    if chance % 2:
        planes = against(lambda moving: _loss(net, moving, masks), planes, eps=levels / 255, seed=chance)
    return _loss(net, planes, masks)


def _loss(net: Any, pictures: Any, masks: np.ndarray) -> Any:
    torch = installed()
    functional = torch.nn.functional
    edges, inside, score = (one.float() for one in net.logits(pictures))
    wanted = torch.zeros(len(pictures), 2, *masks.shape[1:])
    wanted[1::2, 0], wanted[1::2, 1] = torch.from_numpy(boundary(masks)), torch.from_numpy(masks)
    total = 0.0
    for number, (one, weight) in enumerate(((edges, _BOUNDARY), (inside, _MASK))):
        total = total + weight * functional.binary_cross_entropy_with_logits(one, wanted[:, number])
        shown, sought = one[1::2].sigmoid(), wanted[1::2, number]
        dice = (2 * (shown * sought).sum((1, 2)) + 1) / (shown.sum((1, 2)) + sought.sum((1, 2)) + 1)
        total = total + _DICE * (1 - dice).mean()
    # A part that shows nothing of the blend is no fake.
    seen = (wanted[1::2, 1].amax((1, 2)) > _SEEN).float()
    labels = torch.stack([torch.zeros_like(seen), torch.ones_like(seen)], 1).flatten()
    counted = torch.stack([torch.ones_like(seen), seen], 1).flatten()
    total = total + (functional.binary_cross_entropy_with_logits(score, labels, reduction="none") * counted).mean()
    total = total + _RANKED * (functional.softplus(score[0::2] - score[1::2]) * seen).mean()
    most = inside.sigmoid().flatten(1).topk(max(inside[0].numel() // 33, 1), dim=1).values.mean(1)
    return total + _BOUNDED * functional.relu(score.sigmoid() - most).mean()


def _tensor(pictures: np.ndarray) -> Any:
    torch = installed()
    planes = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
    return (planes.float() / 255).contiguous(memory_format=torch.channels_last)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("pictures", type=Path, help="folder of labelled pictures with manifest.csv")
    parser.add_argument("folder", type=Path, help="gets the network, its checkpoint and its log")
    parser.add_argument("--weights", type=Path, help="published weights of EfficientNet-Lite0 to begin with")
    parser.add_argument("--folds", nargs="*", default=list("ABCD"), help="folds to learn from")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pairs", type=int, default=POOL, help="pairs of a face and its blend")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--adversarial", type=int, default=0, metavar="LEVELS", help="attack batches by so many of 255 levels"
    )


def run(given: argparse.Namespace, tell: ToldOf | None = None) -> Made:
    """Gather, make pairs, train and write the network."""
    told = tell or (lambda what, done, of: None)
    told("faces", 0, 1)
    learn, tune = shared_out(gather(given.pictures, folds=given.folds))
    told("pairs", 0, 1)
    material, held = pool(learn, given.pairs, given.seed), pool(tune, TUNE, given.seed + 1)
    found = train(
        material, held, given.folder, weights=given.weights, steps=given.steps, seed=given.seed,
        adversarial=given.adversarial, tell=lambda tick: told("steps", tick.step, tick.steps),
    )  # fmt: skip
    path = given.folder / "face_net.onnx"
    apart = write(found.net, path, held.fake[:2])
    figures = {
        "order on the tune part": float(found.figure or 0),
        "ONNX differs by": apart,
        "kept step": float(found.step),
    }
    return Made(
        given.folder, [path], seed=given.seed, manifests=[given.pictures / "manifest.csv"],
        data=f"Blends of {len(learn)} faces of the folds {' '.join(given.folds)}; {len(tune)} faces ended training.",
        parts=[Part("Network", path, log=given.folder / LOG, figures=figures)],
    )  # fmt: skip


if __name__ == "__main__":
    as_script("face_net")
