"""Networks that judge whole pictures, trained on the folds of `pictures`: one for each fold that is kept back.

Every picture is prepared once, as a square of one size, in all the ways it is shown in: after random histories to learn from,
and under the test conditions to judge with. What the folder of squares holds is not made again, so that folds and recipes share
it. The scores are those of the exported files.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from . import cards, export, launder, pictures
from .figures import auc
from .folds import alike
from .loop import LOG, Settings, Tick, fit, installed, seeded
from .pictures import FOLDS, SYNTHESIS, Row, Split
from .recipe import Tell
from .recipe import folder as there_folder
from .squares import Squares

NONE = "none"
"""Stands for no fold kept back: the network learns from all."""
MARGIN = 8 / 7
"""A square is so much larger than what the network sees, for crops to be drawn from."""
_SCORED = ("condition", "file", "statistic", "value")
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A network, and how it is trained when nothing is said.

    Parameters
    ----------
    make
        Makes the torch module, from pictures (B, 3, side, side), 0 to 1, to log-odds (B,).
    side
        Pixels of a side that it sees.
    cropped
        Whether it sees squares cut out of larger ones.
    """

    name: str
    make: Callable[[], Any]
    side: int
    cropped: bool
    settings: Settings
    batch: int
    notes: Mapping[str, object] = field(default_factory=dict)

    @property
    def stored(self) -> int:
        """Pixels of a side of the squares that are prepared."""
        return round(self.side * MARGIN) if self.cropped else self.side


def add_arguments(parser: argparse.ArgumentParser, *, steps: int, batch: int, rate: float) -> None:
    """Add what all recipes on pictures take."""
    parser.add_argument("pictures", type=there_folder, help="folder with manifest.csv and the pictures")
    parser.add_argument("out", type=Path, help="gets networks, logs, scores and the card")
    parser.add_argument("--squares", type=Path, help="keeps prepared pictures (default: OUT/squares)")
    parser.add_argument(
        "--fold", nargs="+", choices=[*FOLDS, NONE], default=list(FOLDS),
        help="folds to keep back, one network each; 'none' learns from all (default: each fold in turn)",
    )  # fmt: skip
    parser.add_argument("--without-tune", action="store_true", help="learn from the tune sources too, for all steps")
    parser.add_argument("--draws", type=int, default=2, help="random histories of each picture (default: 2)")
    parser.add_argument("--steps", type=int, default=steps, help=f"steps of training at most (default: {steps})")
    parser.add_argument("--batch", type=int, default=batch, help=f"pictures a step (default: {batch})")
    parser.add_argument("--rate", type=float, default=rate, help=f"learning rate (default: {rate})")
    parser.add_argument(
        "--tune-every", type=int, default=100, help="steps between looks at the tune part (default: 100)"
    )
    parser.add_argument(
        "--patience", type=int, default=5, help="looks without a better figure that end it (default: 5)"
    )
    parser.add_argument("--budget-s", type=float, default=math.inf, help="end each network after so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bf16", action="store_true", help="compute in bfloat16")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget what another run left")


def settings_of(given: argparse.Namespace) -> Settings:
    """Return how to train, as the command line says."""
    return Settings(
        steps=given.steps, seed=given.seed, rate=given.rate, tune_every=given.tune_every, patience=given.patience,
        bf16=given.bf16, threads=given.threads, budget_s=given.budget_s,
        what=f"{given.batch} pictures a step, {given.draws} draws",
    )  # fmt: skip


def run(given: argparse.Namespace, stick: Yardstick, tell: Tell | None = None) -> cards.Made:
    """Train a network for each fold that is kept back, export it, and judge that fold with it."""
    rows = pictures.rows(given.pictures)
    seen = Squares(given.pictures, given.squares or given.out / "squares", rows, stick.stored, tell)
    parts, files = [], []
    scores: list[tuple[str, str, str, float]] = []
    for fold in given.fold:
        split = pictures.split(rows, None if fold == NONE else fold, tune=() if given.without_tune else pictures.TUNE)
        own = given.out / fold
        network, difference = trained(own, seen, split, stick, given, tell)
        judged = list(scored(network, seen, split.test, stick))
        scores += judged
        figures = {"difference of the file from torch": difference, **worth(judged, split.test)}
        parts.append(
            cards.Part(
                name=f"Fold {fold} kept back" if fold != NONE else "No fold kept back",
                network=network,
                rows={"learned from": split.train, "ended training": split.tune, "judged": split.test},
                log=own / LOG,
                figures=figures,
            )  # fmt: skip
        )
        files.append(network)
    path = given.out / "scores.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([_SCORED, *scores])
    held = [row for row in rows if row["fold"] in given.fold and row["fold"] in SYNTHESIS]
    parts.append(cards.Part(name=f"Folds {', '.join(SYNTHESIS)} together", figures=worth(scores, held)))
    return cards.Made(
        folder=given.out, files=[*files, path], seed=given.seed, manifests=[given.pictures / "manifest.csv"], parts=parts,
        data="Labelled pictures; whole sources are kept back together, and so are generators and groups. Both labels went "
        "through random histories of the same kinds. The figures are AUC of log-odds, not calibrated.",
        settings={"steps at most": given.steps, "pictures a step": given.batch, "learning rate": given.rate, **stick.notes},
    )  # fmt: skip


def trained(
    out: Path, seen: Squares, split: Split, stick: Yardstick, given: argparse.Namespace, tell: Tell | None
) -> tuple[Path, float]:
    """Train one network and return its file and how far that is from torch."""
    ways = [f"laundered_{n}" for n in range(given.draws)]
    pool = [(row, seen.of(way)) for way in ways for row in split.train]
    if len({row["label"] for row, _ in pool}) < 2:
        raise UsageError("what is left to learn from holds one label alone")
    chance = alike([(row["source"], int(row["label"] == "fake")) for row, _ in pool])
    chance = chance / chance.sum()
    torch = installed()

    def batch(random: np.random.Generator) -> tuple[Any, Any]:
        chosen = random.choice(len(pool), given.batch, p=chance)
        shown = [changed(pool[i][1].get(pool[i][0]), stick, random) for i in chosen]
        fake = [float(pool[i][0]["label"] == "fake") for i in chosen]
        return tensor(np.stack(shown)), torch.tensor(fake)

    def loss(net: Any, drawn: tuple[Any, Any]) -> Any:
        return torch.nn.functional.binary_cross_entropy_with_logits(net(drawn[0]).float(), drawn[1])

    def tune(net: Any) -> float:
        asked = [(row, seen.of(way)) for way in ways for row in split.tune]
        odds = judge(lambda shown: net(tensor(shown)).float().numpy(), [way.get(row) for row, way in asked], stick)
        return auc([row["label"] == "fake" for row, _ in asked], odds)

    def told(tick: Tick) -> None:
        if tell is not None:
            tell(f"{out.name}: loss {tick.loss:.3f}", tick.step, tick.steps)

    seeded(given.seed)
    fitted = fit(
        stick.make(), batch, loss, out, stick.settings, tune=tune if split.tune else None, restart=given.restart,
        tell=told,
    )  # fmt: skip
    path = out / f"{stick.name}.onnx"
    example = tensor(np.stack([centred(seen.of(ways[0]).get(row), stick.side) for row in split.train[:2]]))
    return path, export.write(fitted.net, path, [example], inputs=["pictures"], outputs=["log_odds"])


def scored(
    network: Path, seen: Squares, rows: Sequence[Row], stick: Yardstick
) -> Iterator[tuple[str, str, str, float]]:
    """Yield (condition, file, statistic, value) of pictures under all conditions, by an exported network."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    for condition in launder.CONDITIONS if rows else ():
        way = seen.of(condition)
        there = [row for row in rows if way.holds(row)]
        odds = judge(
            lambda shown: session.run(None, {"pictures": scaled(shown)})[0], [way.get(row) for row in there], stick
        )
        for row, value in zip(there, odds, strict=True):
            yield condition, row["file"], stick.name, round(float(value), 5)


def worth(scores: Sequence[tuple[str, str, str, float]], rows: Sequence[Row]) -> dict[str, float]:
    """Return the AUC of some rows under each condition that judged both labels."""
    fake = {row["file"]: row["label"] == "fake" for row in rows}
    found = {}
    for condition in launder.CONDITIONS:
        own = [(fake[file], value) for name, file, _, value in scores if name == condition and file in fake]
        value = auc([label for label, _ in own], [score for _, score in own])
        if not math.isnan(value):
            found[f"AUC, {condition}, {len(own)} pictures"] = value
    return found


def judge(net: Callable[[np.ndarray], np.ndarray], squares: Sequence[np.ndarray], stick: Yardstick) -> np.ndarray:
    """Return what a network says of the middle of squares, shape (n,)."""
    found = [
        net(np.stack([centred(one, stick.side) for one in squares[i : i + _AT_ONCE]]))
        for i in range(0, len(squares), _AT_ONCE)
    ]
    return np.concatenate(found) if found else np.zeros(0)


def changed(square: np.ndarray, stick: Yardstick, random: np.random.Generator) -> np.ndarray:
    """Return a crop by chance if the network sees crops, mirrored as often as not."""
    top, left = (int(n) for n in random.integers(0, len(square) - stick.side + 1, 2))
    cut = square[top : top + stick.side, left : left + stick.side]
    return cut[:, ::-1] if random.random() < 0.5 else cut


def centred(square: np.ndarray, side: int) -> np.ndarray:
    """Cut out the middle."""
    return launder.centre(square, side)


def scaled(shown: np.ndarray) -> np.ndarray:
    """Return (n, 3, side, side), 0 to 1, float32, of pictures (n, side, side, 3), uint8."""
    return np.ascontiguousarray(shown.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def tensor(shown: np.ndarray) -> Any:
    """Return `scaled` pictures as a tensor."""
    return installed().from_numpy(scaled(shown))
