"""The yardsticks that train all their weights: MesoNet's architecture from scratch, and EfficientNet-Lite0 from ImageNet.

Both see the whole picture: its middle square, 256 px wide, after a random history. They learn from what the detectors learn
from, fold by fold, and training ends where the tune sources of ``training/pictures.py`` are told apart best. Needs torch.

The first is Meso-4 (Afchar et al., MesoNet, WIFS 2018, arXiv:1809.00888); its schedule is ours.
"""

from __future__ import annotations

import copy
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pictures import LEAST_SIDE
from PIL import Image
from torch import nn

from veridical.benchmark.metrics import auc
from veridical.training import pictures
from veridical.training.folds import alike
from veridical.training.launder import CONDITIONS, centre, condition, launder, scaled
from veridical.training.nets.lite0 import Lite0, load_imagenet

SIDE, DRAWS = 256, ("t0", "t1", "t2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a network is trained: pictures a step, steps, side of the part it sees, highest rate, decay, steps between looks."""

    batch: int
    steps: int
    side: int
    rate: float
    decay: float
    look: int


COURSES = {
    "mesonet": Course(batch=32, steps=600, side=256, rate=2e-3, decay=1e-4, look=50),
    "lite0": Course(batch=24, steps=180, side=224, rate=4e-4, decay=1e-2, look=30),
}


def meso4() -> nn.Module:
    """Return Meso-4 for pictures of 256 px, from 0 to 1; one log-odds each, higher for a fake."""
    layers: list[nn.Module] = []
    for taken, given, size, pool in ((3, 8, 3, 2), (8, 8, 5, 2), (8, 16, 5, 2), (16, 16, 5, 4)):
        layers += [
            nn.Conv2d(taken, given, size, padding=size // 2),
            nn.ReLU(),
            nn.BatchNorm2d(given),
            nn.MaxPool2d(pool),
        ]
    wide = 16 * (SIDE // 32) ** 2
    head = [nn.Flatten(), nn.Dropout(0.5), nn.Linear(wide, 16), nn.LeakyReLU(0.1), nn.Dropout(0.5), nn.Linear(16, 1)]
    return nn.Sequential(*layers, *head, nn.Flatten(0))


def network(name: str, weights: Path | None) -> nn.Module:
    if name == "mesonet":
        return meso4()
    if weights is None:
        raise SystemExit("--weights must name the published weights of EfficientNet-Lite0")
    net = Lite0()
    load_imagenet(net, weights)
    return net


def squares(folder: Path, rows: Sequence[pictures.Row], name: str, work: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle squares of all pictures in order, shape (n, 256, 256, 3), and which were large enough."""
    path = work / f"squares/{name}.npy"
    seen_path = path.with_suffix(".seen.npy")
    if not seen_path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = np.lib.format.open_memmap(path, "w+", np.uint8, (len(rows), SIDE, SIDE, 3))
        seen = np.zeros(len(rows), bool)
        for number, row in enumerate(rows):
            picture = pictures.load(folder, row)
            if name in CONDITIONS:
                shown = condition(picture, name, row)
            else:
                seed = [zlib.crc32(row["file"].encode()), zlib.crc32(name.encode())]
                shown = launder(picture, np.random.default_rng(seed), profiled=0)
            if shown is not None and min(shown.shape[:2]) >= LEAST_SIDE:
                kept[number], seen[number] = scaled(centre(shown), SIDE, SIDE, Image.Resampling.BICUBIC), True
        kept.flush()
        np.save(seen_path, seen)
    return np.load(path, mmap_mode="r"), np.load(seen_path)


def judged(
    name: str, folder: Path, rows: Sequence[pictures.Row], folds: Sequence[str], work: Path, weights: Path | None
) -> Iterator[tuple[str, str, str, float]]:
    """Yield the log-odds of each picture of some folds under each condition by a network that has not seen its fold."""
    torch.set_num_threads(1)
    number = {row["file"]: n for n, row in enumerate(rows)}
    draws = [squares(folder, rows, one, work) for one in DRAWS]
    shown = {one: squares(folder, rows, one, work) for one in CONDITIONS}
    for held in folds:
        parts = pictures.split(rows, held)
        net = trained(COURSES[name], network(name, weights), draws, rows, *(
            [number[row["file"]] for row in part] for part in (parts.train, parts.tune)
        ))  # fmt: skip
        own = np.array([number[row["file"]] for row in parts.test])
        for one, (kept, seen) in shown.items():
            there = own[seen[own]]
            for n, value in zip(there, odds(net, kept, there, COURSES[name].side), strict=True):
                yield one, rows[n]["file"], name, float(value)


def trained(
    course: Course, net: nn.Module, draws: Sequence[tuple[np.ndarray, np.ndarray]], rows: Sequence[pictures.Row],
    train: Sequence[int], tune: Sequence[int],
) -> nn.Module:  # fmt: skip
    """Return the network after as many steps as told the tune sources apart best; the same bits at every run."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    labels = np.array([int(row["label"] == "fake") for row in rows])
    weights = alike([(rows[n]["source"], int(labels[n])) for n in train])
    net = net.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=course.rate, weight_decay=course.decay)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, course.steps, pct_start=0.2)
    best, kept = -1.0, copy.deepcopy(net)
    for step in range(1, course.steps + 1):
        chosen = random.choice(train, course.batch, p=weights / weights.sum())
        batch = [_part(_drawn(draws, n, random), course.side, random) for n in chosen]
        net.train()
        with torch.autocast("cpu", torch.bfloat16):
            found = net(_tensor(np.stack(batch)))
        wanted = torch.from_numpy(labels[chosen]).float()
        loss = nn.functional.binary_cross_entropy_with_logits(found.float(), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rates.step()
        if step % course.look == 0:
            there = np.array([n for n in tune if draws[0][1][n]])
            reached = auc(odds(net, draws[0][0], there, course.side), labels[there])
            sys.stdout.write(f"step {step}: loss {loss.item():.3f}, tune AUC {reached:.3f}\n")
            sys.stdout.flush()
            if reached >= best:
                best, kept = reached, copy.deepcopy(net)
    return kept


def _drawn(draws: Sequence[tuple[np.ndarray, np.ndarray]], number: int, random: np.random.Generator) -> np.ndarray:
    large = [kept for kept, seen in draws if seen[number]]
    return large[int(random.integers(len(large)))][number] if large else draws[0][0][number]


def _part(square: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    top, left = (int(n) for n in random.integers(0, SIDE - side + 1, 2))
    part = square[top : top + side, left : left + side]
    return np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part)


def _tensor(batch: np.ndarray) -> torch.Tensor:
    found = torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255
    return found.contiguous(memory_format=torch.channels_last)


def odds(net: Callable[[torch.Tensor], torch.Tensor], kept: np.ndarray, numbers: np.ndarray, side: int) -> np.ndarray:
    """Return the log-odds of the middle of squares, shape (n,)."""
    edge = (SIDE - side) // 2
    net.eval()  # type: ignore[attr-defined]
    found = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(numbers), 32):
            batch = kept[np.sort(numbers)[start : start + 32], edge : edge + side, edge : edge + side]
            found.append(net(_tensor(np.ascontiguousarray(batch))).float().numpy())
    order = np.argsort(np.argsort(numbers))
    return np.concatenate(found)[order]
