"""How far pixels can mislead a network of ours, with and without its defences: scores for docs/validation/robustness.md.

    python bench/adversarial.py FOLDER NETWORK WEIGHTS [--name NAME] [--folds B D] [--surrogate WEIGHTS] [--only TASK …]

FOLDER holds the labelled pictures with manifest.csv. WEIGHTS is the state of the network as torch keeps it. Scores under every
attack are kept in out/adversarial/NAME, one file each; what is there is not made again. Pictures are attacked in memory and
never written. Then bench/adversarial_page.py writes the pages.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import adversarial_subjects as subjects
import cv2
import numpy as np
import torch

from veridical.knowledge.steadiness import Population, fitted, population
from veridical.perception.steadiness import scores_of
from veridical.signals.mild_changes import NAMES
from veridical.signals.recompression import recompress
from veridical.training import attack_chains, attacks
from veridical.training.attacks import Score

OUT = Path(__file__).parents[1] / "out/adversarial"
EPS = (1, 2, 4, 8)
STEPS, ADAPTIVE_STEPS, DRAWS = 10, 10, 4
BATCH = 8
PRISTINE = 63  # pairs that say what is usual for a network that is not shipped
EXACT = 2.0  # weight of the score beside the value of the probe, where that is computed exactly
AWARE = 1.0  # weight of the probe in the objective of the attack that knows it
torch.set_num_threads(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("network", choices=sorted(subjects.SUBJECTS))
    parser.add_argument("weights", type=Path)
    parser.add_argument("--folds", nargs="*", default=[], help="folds that the network has not seen")
    parser.add_argument("--surrogate", type=Path, help="state of a network of the same kind that learned from others")
    parser.add_argument("--name", default="", help="of the folder of scores, if not that of the network")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--real", type=int, default=60)
    parser.add_argument("--fake", type=int, default=24)
    given = parser.parse_args()
    work = OUT / (given.name or given.network)
    work.mkdir(parents=True, exist_ok=True)
    subject = subjects.SUBJECTS[given.network](given.weights, bool(given.folds))
    which = subjects.judged_people(given.folds)
    held = subjects.material(given.folder, work / "material.npz", which, given.real, given.fake)
    run = Run(subject, held, given.folder, given.folds, given.surrogate, work)
    for name, attack in run.tasks().items():
        path = work / f"{name}.npz"
        if path.exists() or (given.only and name not in given.only):
            continue
        start = time.process_time()
        found = attack()
        with path.open("wb") as file:
            np.savez(file, **found)
        seconds = time.process_time() - start
        sys.stdout.write(
            f"{name}: {seconds:.0f} s, median score {np.median(found['score']) if len(found['score']) else 0:+.2f}\n"
        )
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Run:
    """What is attacked, and what with."""

    subject: subjects.Subject
    material: subjects.Material
    folder: Path
    folds: Sequence[str]
    surrogate: Path | None
    work: Path

    def tasks(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """Everything that is measured, by name, the most needed first."""
        subject, real, fake = self.subject, self.material.real, self.material.fake
        many, one, score = attacks.many_steps, attacks.one_step, subject.rough
        blind = partial(attacks.many_steps, steps=ADAPTIVE_STEPS, best=False)
        found: dict[str, Callable[[], dict[str, Any]]] = {
            "pristine": self.pristine,
            "clean_real": partial(judged, subject, real), "clean_fake": partial(judged, subject, fake),
            "pgd_4": partial(attacked, subject, fake, 4, many, score), "noise_4": lambda: judged(subject, noisy(fake, 4)),
            "eot_4": lambda: attacked(subject, fake, 4, blind, self.averaged()),
            "aware_4": lambda: attacked(subject, fake, 4, blind, self.aware()),
        }  # fmt: skip
        found |= {f"pgd_{eps}": partial(attacked, subject, fake, eps, many, score) for eps in (8, 2, 1)}
        found |= {f"fgsm_{eps}": partial(attacked, subject, fake, eps, one, score) for eps in EPS}
        found["chain_4"] = partial(self.through_the_file, 4)
        found["patch"] = lambda: patched(subject, fake)
        if self.surrogate is not None:
            net = subjects.SUBJECTS[subject.name](self.surrogate, True)
            found |= {f"transfer_{eps}": partial(attacked, subject, fake, eps, many, net.rough) for eps in (4, 8)}
        found["raise_4"] = partial(attacked, subject, real[: len(fake)], 4, many, score, 1.0)
        for name, change in LAUNDERING.items():
            for label, crops in (("real", real[:48]), ("fake", fake)):
                found[f"launder_{name}_{label}"] = partial(laundered, subject, change, crops)
        found |= {"exact_8": partial(self.exact, 8), "exact_4": partial(self.exact, 4, most=3)}
        found["eot_8"] = lambda: attacked(subject, fake, 8, blind, self.averaged())
        found["aware_8"] = lambda: attacked(subject, fake, 8, blind, self.aware())
        return found

    def averaged(self) -> Score:
        """The objective of an attacker who knows that copies are asked too: their mean."""
        changes = [lambda x: x, *attack_chains.mild(self.subject.side, self.subject.side).values()]
        return attack_chains.expected(self.subject.rough, changes, DRAWS)

    def aware(self) -> Score:
        """The objective of one who knows the probe too: scores of real faces, no lower, and no shift that is unusual."""
        random, usual, score = np.random.default_rng(1), self.usual(), self.subject.rough
        changes = list(attack_chains.mild(self.subject.side, self.subject.side).values())
        with np.load(self.work / "clean_real.npz") as held:
            aim = float(np.median(held["score"]))
        relu = torch.nn.functional.relu

        def whole(pixels: Any) -> Any:
            own = score(pixels)
            above, unusual = relu(own - aim), 0.0
            apart = torch.tensor(np.stack([usual.deviation(float(one)) for one in own.detach()]), dtype=own.dtype)
            expected = torch.tensor(np.stack([usual.usual(float(one)) for one in own.detach()]), dtype=own.dtype)
            for one in random.choice(len(changes), DRAWS, replace=False):
                other = score(changes[int(one)](pixels))
                above = above + relu(other - aim)
                unusual = unusual + relu(((other - own - expected[:, one]) / apart[:, one]).abs() - 0.5)
            return above / (DRAWS + 1) + AWARE * unusual / DRAWS

        return whole

    def exact(self, eps: int, most: int = 6, steps: int = 30) -> dict[str, Any]:
        """The value of the probe itself in the objective, of all copies at each step, with steps that grow smaller."""
        usual, score = self.usual(), self.subject.rough
        ways = list(attack_chains.mild(self.subject.side, self.subject.side).values())
        whitening = torch.tensor(usual.whitening, dtype=torch.float32)
        with np.load(self.work / "clean_real.npz") as held:
            aim = float(np.median(held["score"]))
        found = []
        for crop in self.material.fake[:most]:
            start = tensor(crop[None])
            chance = torch.Generator().manual_seed(0)
            moving = (start + (2 * torch.rand(start.shape, generator=chance) - 1) / 255).clamp(0, 1)
            for step in range(steps):
                moving.requires_grad_()
                own = score(moving)
                others = torch.stack([score(way(moving)) for way in ways], 1)
                expected = torch.tensor(usual.usual(float(own.detach())), dtype=torch.float32)
                apart = whitening @ (others[0] - own - expected)
                size = float(np.interp(float(own.detach()), usual.size[0], usual.size[1]))
                loss = EXACT * torch.nn.functional.relu(own - aim).sum() + apart.square().mean().sqrt() / size
                (gradient,) = torch.autograd.grad(loss, moving)
                rate = max(eps / 4 * (1 - step / steps), 0.25) / 255
                moving = (moving - rate * gradient.sign()).clamp(min=start - eps / 255, max=start + eps / 255)
                moving = moving.clamp(0, 1).detach()
            found.append(crops_of(moving))
        return judged(self.subject, np.concatenate(found))

    def pristine(self) -> dict[str, Any]:
        """Scores of blends and faces of other people, to say what is usual, where the network is not the shipped one."""
        if not self.folds:
            return {"score": np.zeros(0)}
        others = subjects.other_people(self.folds)
        held = subjects.material(self.folder, self.work / "other.npz", others, PRISTINE, PRISTINE)
        found = judged(self.subject, np.concatenate([held.real, held.fake]))
        return {**found, "sources": np.concatenate([held.sources, held.sources[: len(held.fake)]])}

    def usual(self) -> Population:
        """What pristine faces do: the table of the program, or what was seen of other people."""
        with np.load(self.work / "pristine.npz") as held:
            if not len(held["score"]):
                return population(self.subject.name)
            return fitted(NAMES, held["score"], held["changed"], held["sources"], "")

    def through_the_file(self, eps: int, most: int = 12) -> dict[str, Any]:
        """Attack the pixels of whole files through the crop; judged by the installed inference on 8 bits."""
        scores, before = [], []
        for file, pixels, move in subjects.whole_pictures(self.folder, subjects.judged_people(self.folds), most):
            chain = attack_chains.after(
                self.subject.rough, partial(attack_chains.moved, move=move, side=self.subject.side)
            )
            made = crops_of(attacks.many_steps(chain, tensor(pixels[None]), -torch.ones(1), eps=eps / 255))[0]
            assert np.abs(made.astype(int) - pixels).max() <= eps, file
            before.append(self.subject.installed(pixels, move))
            scores.append(self.subject.installed(made, move))
        return {"score": np.array(scores), "before": np.array(before)}


def judged(subject: subjects.Subject, crops: np.ndarray, *, probed: bool = True) -> dict[str, Any]:
    """What the network says of crops and, if probed, of their mild changes."""

    def score(pixels: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.concatenate([subject.score(tensor(part)).numpy() for part in parts(pixels)])

    if not probed:
        return {"score": score(crops)}
    rows = [scores_of(crop, score) for crop in crops]
    return {"score": np.array([own for own, _ in rows]), "changed": np.stack([others for _, others in rows])}


def attacked(
    subject: subjects.Subject,
    crops: np.ndarray,
    eps: int,
    attack: Callable[..., Any],
    score: Score,
    towards: float = -1.0,
) -> dict[str, Any]:
    """What it says of crops that were attacked, after rounding to 8 bits."""
    found = []
    for part in parts(crops):
        pixels = tensor(part)
        moved = attack(score, pixels, torch.full((len(pixels),), towards), eps=eps / 255)
        found.append(crops_of(moved))
        assert np.abs(found[-1].astype(int) - part).max() <= eps
    return judged(subject, np.concatenate(found))


def laundered(
    subject: subjects.Subject, change: Callable[[np.ndarray], np.ndarray], crops: np.ndarray
) -> dict[str, Any]:
    return judged(subject, np.stack([change(np.ascontiguousarray(crop)) for crop in crops]), probed=False)


def patched(subject: subjects.Subject, crops: np.ndarray) -> dict[str, Any]:
    """A square of 1 % learned on one half of the fakes, laid over the other half."""
    half = np.arange(len(crops)) % 2 == 0
    found = attacks.patch(subject.rough, tensor(crops[half]), -torch.ones(int(half.sum())), steps=40)
    return {**judged(subject, crops_of(found.over(tensor(crops[~half])))), "which": np.flatnonzero(~half)}


def noisy(crops: np.ndarray, eps: int) -> np.ndarray:
    """Random signs of the same size: what is not due to the gradient."""
    signs = np.random.default_rng(0).choice((-eps, eps), crops.shape)
    return np.clip(crops + signs, 0, 255).astype(np.uint8)


def resized(crop: np.ndarray, factor: float) -> np.ndarray:
    side = round(len(crop) * factor)
    there = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    return np.asarray(cv2.resize(there, crop.shape[1::-1], interpolation=cv2.INTER_CUBIC))


def grained(crop: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(zlib.crc32(crop.tobytes()))
    return np.clip(crop + random.normal(0, 4, crop.shape), 0, 255).astype(np.uint8)


LAUNDERING: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "jpeg_75": lambda crop: recompress(crop, 75),
    "jpeg_50": lambda crop: recompress(crop, 50),
    "half": lambda crop: resized(crop, 0.5),
    "twice": lambda crop: resized(crop, 2.0),
    "blur_1": lambda crop: cv2.GaussianBlur(crop, (0, 0), 1.0),
    "noise_sigma_4": grained,
    "median_3": lambda crop: cv2.medianBlur(crop, 3),
    "denoised": lambda crop: cv2.fastNlMeansDenoisingColored(crop, None, 4, 4, 5, 11),
    "messenger": lambda crop: recompress(resized(crop, 0.7), 70),
}


def parts(crops: np.ndarray) -> Iterator[np.ndarray]:
    return (crops[first : first + BATCH] for first in range(0, len(crops), BATCH))


def tensor(crops: np.ndarray) -> Any:
    return torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2))).float() / 255


def crops_of(pixels: Any) -> np.ndarray:
    return np.asarray((pixels * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy())


if __name__ == "__main__":
    main()
