"""How far pixels can mislead the pixel half of learned.image_net, and whether a probe as that of face_net would see it.

    python bench/adversarial_pictures.py PICTURES WEIGHTS FOLD NAME [--surrogate WEIGHTS] [--only TASK …]
    python bench/adversarial_pictures.py --tables NAME

PICTURES holds the labelled pictures with manifest.csv; WEIGHTS is the state of a PixelNet that has not seen FOLD. Every picture
is judged after JPEG 75 by the mean over at most four tiles, as the recipe judges. Attacks run on the tiles, in memory; scores
alone are kept, in out/adversarial/NAME. The tables are printed, for docs/validation/robustness.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import adversarial_page as page
import numpy as np
import torch
from adversarial import LAUNDERING, OUT, crops_of, noisy, tensor

from veridical.knowledge.steadiness import Population, fitted
from veridical.signals.mild_changes import NAMES, changed
from veridical.signals.picture_tiles import SIDE, chosen
from veridical.training import attack_chains, attacks
from veridical.training.attacks import Score
from veridical.training.launder import condition
from veridical.training.nets.pixel_net import PixelNet
from veridical.training.pictures import Row, load, rows

MOST_TILES, BATCH = 4, 16
REAL, FAKE, PRISTINE = 40, 20, 60
LAUNDERED = ("jpeg_75", "jpeg_50", "half", "blur_1", "noise_sigma_4", "denoised")
UNHARMED = ("half", "noise_sigma_4", "denoised")  # after which real pictures are asked by the probe too
OFF_GRID = (3, 5)  # rows and columns cut off, so that a second JPEG does not meet the grid of the first
AIMED, AIMED_STEPS, AIM = 3, 12, 2.0  # pictures, steps, and weight of the score beside the probe
torch.set_num_threads(1)


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles of pictures, shape (n, side, side, 3), uint8; the picture that each is of, and the source of each picture."""

    pixels: np.ndarray
    owner: np.ndarray
    sources: np.ndarray

    def first(self, pictures: int) -> Tiles:
        some = self.owner < pictures
        return Tiles(self.pixels[some], self.owner[some], self.sources[:pictures])

    def per_picture(self, values: np.ndarray) -> np.ndarray:
        return np.stack([values[self.owner == n].mean(0) for n in range(len(self.sources))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", metavar="NAME")
    parser.add_argument("given", nargs="*", metavar="PICTURES WEIGHTS FOLD NAME")
    parser.add_argument("--surrogate", type=Path, help="state of a PixelNet that has not seen another fold")
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    if given.tables:
        sys.stdout.write("\n".join(tables(given.tables)) + "\n")
        return
    folder, weights, fold, name = given.given
    work = OUT / name
    work.mkdir(parents=True, exist_ok=True)
    for task, found in tasks(Path(folder), score_of(Path(weights)), fold, given.surrogate, work).items():
        path, start = work / f"{task}.npz", time.process_time()
        if path.exists() or (given.only and task not in given.only):
            continue
        scores = found()
        with path.open("wb") as file:
            np.savez(file, **scores)
        sys.stdout.write(f"{task}: {time.process_time() - start:.0f} s, median {np.median(scores['score']):+.2f}\n")
        sys.stdout.flush()


def tasks(
    folder: Path, score: Score, fold: str, surrogate: Path | None, work: Path
) -> dict[str, Callable[[], dict[str, Any]]]:
    """Everything that is measured, by name, the most needed first."""
    own = [row for row in rows(folder) if row["fold"] == fold]
    real = of_each_source([row for row in own if row["label"] == "real"], REAL + PRISTINE)
    fakes = of_each_source([row for row in own if row["label"] == "fake"], FAKE)
    fake = seen(folder, fakes)
    many, one = partial(attacked, score, fake, attacks.many_steps), partial(attacked, score, fake, attacks.one_step)
    found: dict[str, Callable[[], dict[str, Any]]] = {
        "clean_real": lambda: judged(score, seen(folder, real[:REAL])),
        "clean_fake": partial(judged, score, fake),
        "pristine": lambda: judged(score, seen(folder, real[REAL:])),
        "pgd_4": partial(many, score, 4),
        "noise_4": lambda: judged(score, Tiles(noisy(fake.pixels, 4), fake.owner, fake.sources)),
        "pgd_1": partial(many, score, 1),
        "fgsm_4": partial(one, score, 4),
    }
    if surrogate is not None:
        found["transfer_4"] = lambda: many(score_of(surrogate), 4)
    for name in LAUNDERED:
        for label, which in (("real", real[:REAL]), ("fake", fakes)):
            found[f"launder_{name}_{label}"] = partial(laundered, score, folder, which, LAUNDERING[name])
    found |= {f"fgsm_{eps}": partial(one, score, eps) for eps in (1, 8)}
    found |= {f"pgd_{eps}": partial(many, score, eps) for eps in (2, 8)}
    found["saved_4"] = partial(many, score, 4, change=LAUNDERING["jpeg_75"])
    unharmed = real[: REAL // 2]
    found["merely_native"] = lambda: judged(score, seen(folder, unharmed, shown_as="native"))
    found |= {f"merely_{name}": partial(merely, score, folder, unharmed, LAUNDERING[name]) for name in UNHARMED}
    found["exact_4"] = lambda: aimed(score, fake.first(AIMED), work, 4)
    return found


def score_of(weights: Path) -> Score:
    """Return the log-odds of tiles, 0 to 1, by a network whose state was kept."""
    net = PixelNet()
    net.load_state_dict(torch.load(weights, weights_only=True))
    net = net.to(memory_format=torch.channels_last).eval().requires_grad_(False)
    return lambda pixels: net((255 * pixels).contiguous(memory_format=torch.channels_last))[0]


def of_each_source(given: Sequence[Row], most: int) -> list[Row]:
    """Return rows such that any first part of them holds about as many of each source."""
    number: Counter[str] = Counter()
    ranked = []
    for place, row in zip(count(), given, strict=False):
        ranked.append((number[row["source"]], place, row))
        number[row["source"]] += 1
    return [row for *_, row in sorted(ranked, key=lambda one: one[:2])][:most]


def seen(
    folder: Path,
    which: Sequence[Row],
    change: Callable[[np.ndarray], np.ndarray] | None = None,
    shown_as: str = "jpeg_75",
) -> Tiles:
    """Return the tiles of pictures after JPEG 75, or another condition, and, where one is given, a change of the whole."""
    pixels, owner = [], []
    for n, row in enumerate(which):
        shown = condition(load(folder, row), shown_as, row)
        assert shown is not None
        if change is not None:
            shown = change(np.ascontiguousarray(shown[OFF_GRID[0] :, OFF_GRID[1] :]))
        tiles = chosen(shown, MOST_TILES)[1]
        pixels.append(tiles)
        owner += [n] * len(tiles)
    return Tiles(np.concatenate(pixels), np.array(owner), np.array([row["source"] for row in which]))


def judged(score: Score, tiles: Tiles, *, probed: bool = True) -> dict[str, Any]:
    """Return log-odds of pictures and, if probed, those of the mild changes of their tiles."""
    found = {"score": tiles.per_picture(log_odds(score, tiles.pixels)), "sources": tiles.sources}
    if probed:
        copies = [changed(tile) for tile in tiles.pixels]
        others = np.stack([log_odds(score, np.stack([one[name] for one in copies])) for name in NAMES], 1)
        found["changed"] = tiles.per_picture(others)
    return found


def log_odds(score: Score, pixels: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        parts = [score(tensor(pixels[n : n + BATCH])).numpy() for n in range(0, len(pixels), BATCH)]
    return np.concatenate(parts).astype(np.float64)


def attacked(
    score: Score, tiles: Tiles, attack: Callable[..., Any], known: Score, eps: int,
    change: Callable[[np.ndarray], np.ndarray] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Judge tiles that were moved, with gradients of ``known``, to look real, rounded to 8 bits and, if so told, changed."""
    found = []
    for n in range(0, len(tiles.pixels), BATCH):
        pixels = tensor(tiles.pixels[n : n + BATCH])
        found.append(crops_of(attack(known, pixels, -torch.ones(len(pixels)), eps=eps / 255)))
    moved = np.concatenate(found)
    assert np.abs(moved.astype(int) - tiles.pixels).max() <= eps
    if change is not None:
        moved = np.stack([change(np.ascontiguousarray(tile)) for tile in moved])
    return judged(score, Tiles(moved, tiles.owner, tiles.sources))


def laundered(
    score: Score, folder: Path, which: Sequence[Row], change: Callable[[np.ndarray], np.ndarray]
) -> dict[str, Any]:
    return judged(score, seen(folder, which, change), probed=False)


def merely(
    score: Score, folder: Path, which: Sequence[Row], change: Callable[[np.ndarray], np.ndarray]
) -> dict[str, Any]:
    """Judge pictures that nobody attacked after a change, with the probe: are they flagged?"""
    return judged(score, seen(folder, which, change))


def aimed(score: Score, tiles: Tiles, work: Path, eps: int) -> dict[str, Any]:
    """Judge pictures whose score and whose value of the probe were lowered together, with all copies at each step."""
    usual, aim = population(work), float(np.median(kept(work / "clean_real.npz")["score"]))
    whitening = torch.tensor(usual.whitening, dtype=torch.float32)
    ways, found = list(attack_chains.mild(SIDE, SIDE).values()), []
    for n in range(len(tiles.sources)):
        start = tensor(tiles.pixels[tiles.owner == n])
        moving = start
        for step in range(AIMED_STEPS):
            moving = moving.clone().requires_grad_()
            own = score(moving).mean()
            others = torch.stack([score(way(moving)).mean() for way in ways])
            expected = torch.tensor(usual.usual(float(own.detach())), dtype=torch.float32)
            size = float(np.interp(float(own.detach()), usual.size[0], usual.size[1]))
            probe = (whitening @ (others - own - expected)).square().mean().sqrt() / size
            (gradient,) = torch.autograd.grad(AIM * torch.nn.functional.relu(own - aim) + probe, moving)
            rate = max(eps / 4 * (1 - step / AIMED_STEPS), 0.25) / 255
            moving = (moving - rate * gradient.sign()).clamp(min=start - eps / 255, max=start + eps / 255)
            moving = moving.clamp(0, 1).detach()
        found.append(crops_of(moving))
    return judged(score, Tiles(np.concatenate(found), tiles.owner, tiles.sources))


def kept(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as held:
        return {name: held[name] for name in held.files}


def population(work: Path) -> Population:
    held = kept(work / "pristine.npz")
    return fitted(NAMES, held["score"], held["changed"], held["sources"], "")


def tables(name: str) -> list[str]:
    """Return the tables of what was measured: attacks with the probe of face_net's kind, the simple probe, and laundering."""
    held = page.results(name, name)
    pristine = kept(OUT / name / "pristine.npz")
    shifts, sources = pristine["changed"] - pristine["score"][:, None], pristine["sources"]

    def shift(of: np.ndarray, known: np.ndarray) -> np.ndarray:
        return np.asarray(((of - known.mean(0)) / known.std(0)).mean(1))

    of_others = np.concatenate(
        [shift(shifts[sources == one], shifts[sources != one]) for one in sorted(set(sources.tolist()))]
    )
    ends = [np.quantile(values, 1 - page.ALARMS) for values in (of_others, shift(shifts, shifts))]
    lines = [*page._COLUMNS, *page.rows(held), "", *page.alarms(held), ""]
    lines += ["| attack | probe | mean shift, median | flagged | threshold of same sources |", "|---|---|---|---|---|"]
    own = {task: f"real, {task[7:].replace('_', ' ')}" for task in held.attacks if task.startswith("merely_")}
    for task, words in {"clean_real": "real", **own, **page.WORDS}.items():
        one = held.attacks.get(task)
        if one is not None and one.changed is not None:
            values = shift(one.changed - one.score[:, None], shifts)
            shares = " | ".join(page.share(values > end) for end in ends)
            lines.append(f"| {words} | {page.share(held.flagged(one))} | {np.median(values):+.1f} | {shares} |")
    lines = [line.replace("faces", "pictures").replace("30 steps", f"{AIMED_STEPS} steps") for line in lines]
    return [*lines, "", *(line.replace("faces", "pictures") for line in page.laundering(held))]


if __name__ == "__main__":
    main()
