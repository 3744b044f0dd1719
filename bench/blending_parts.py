"""Measures masks on blends of parts of a face, of people that were held back: what cannot be known from where faces lie.

    python bench/blending_parts.py PICTURES --nets AC=FIRST BD=SECOND [--pairs N]

Pairs are made of faces of the folds that a network has not seen (`veridical.training.pseudo_fakes`); the kinds of masks are
those of the training, the faces are not. *Within* are figures on the cells alone where at least one mask in ten lies.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from blending import _session

from veridical.benchmark.localisation import pixel_auc
from veridical.benchmark.metrics import auc
from veridical.training.pseudo_fakes import pairs
from veridical.training.recipes.face_net import gather


def measure(made: list[tuple[np.ndarray, np.ndarray, np.ndarray]], network: Path) -> dict[str, float]:
    """Return figures of a network on real faces, fakes, each (256, 256, 3), uint8, and masks (64, 64), 0 to 1."""
    session = _session(network)
    scores, heats, truths = [], [], []
    for real, fake, mask in made:
        for picture in (real, fake):
            planes = np.ascontiguousarray(picture.transpose(2, 0, 1)[None]).astype(np.float32) / 255
            _, heat, score = session.run(None, {"faces": planes})
            scores.append(float(score[0]))
        truth = mask > 0.5
        if truth.any():
            heats.append(heat[0])
            truths.append(truth)
    usual = np.mean(truths, axis=0)
    everywhere, within = np.ones(usual.shape, bool), usual > 0.1
    return {
        "pairs": len(made), "AUC": auc(scores, [0, 1] * len(made)),
        "mask": _mean(heats, truths, everywhere), "usual place": _mean([usual] * len(truths), truths, everywhere),
        "mask within": _mean(heats, truths, within), "usual place within": _mean([usual] * len(truths), truths, within),
    }  # fmt: skip


def _mean(heats: list[np.ndarray], truths: list[np.ndarray], where: np.ndarray) -> float:
    both = [(heat[where], truth[where]) for heat, truth in zip(heats, truths, strict=True)]
    return float(np.mean([pixel_auc(heat, truth) for heat, truth in both if truth.any() and not truth.all()]))


def main() -> None:
    """Make pairs of the other half, and print a line for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--nets", nargs="+", required=True)
    parser.add_argument("--pairs", type=int, default=160)
    given = parser.parse_args()
    for folds, path in (text.split("=", 1) for text in given.nets):
        faces = gather(given.pictures, folds=[fold for fold in "ABCD" if fold not in folds])
        made = [(one.real, one.fake, one.mask) for one in islice(pairs(faces, np.random.default_rng(5)), given.pairs)]
        sys.stdout.write(f"{folds}: {measure(made, Path(path))}\n")


if __name__ == "__main__":
    main()
