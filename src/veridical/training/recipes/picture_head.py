"""Makes the linear head on encodings of whole pictures that ``learned.image_net`` uses beside its network of native pixels.

    veridical train picture_head PICTURES OUT [--fold A B C D none] [--draws 2]

PICTURES holds ``manifest.csv`` (file, label, source, generator, group) and the pictures. Each picture is encoded by CLIP after
random histories, to learn from, and under the test conditions, to judge with; OUT keeps the encodings. For each fold that is
kept back, a head is learned from the others and judges that fold: OUT/scores.csv. With ``none`` it is learned from all:
OUT/picture_head.npz.

For each part of the encoding the direction is the difference of the means of generated and real pictures (all sources by the
root of their size), relative to how far pictures of one source differ and, counted twenty times, how far sources of one label
differ: what tells collections apart is not what tells generated pictures from real ones.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np

from ...models import store
from ...models.catalogue import get
from ...perception.picture_encoding import BLOCKS, MODELS, encoded
from .. import cards, launder, pictures
from ..picture_runs import NONE, worth
from ..pictures import FOLDS, SYNTHESIS, Row
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

NEEDS = ("sklearn",)
TABLE = "picture_head.npz"
STATISTIC = "picture_head"
SHRUNK, BETWEEN, KEPT = 3.0, 20.0, 200
"""Share of the mean variance added to each direction; weight of differences between sources; principal directions kept."""
_LEAST_PX = 90


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("pictures", type=there_folder, help="folder with manifest.csv and the pictures")
    parser.add_argument("out", type=Path, help="gets encodings, the table, scores and the card")
    parser.add_argument(
        "--fold", nargs="+", choices=[*FOLDS, NONE], default=[*FOLDS, NONE],
        help="folds to keep back, one head each; 'none' learns from all (default: all of these in turn)",
    )  # fmt: skip
    parser.add_argument("--draws", type=int, default=2, help="random histories of each picture (default: 2)")
    parser.add_argument("--seed", type=int, default=0)


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Encode, learn and judge."""
    for name in MODELS:
        store.path(name)  # said now rather than after the pictures are read
    rows = pictures.rows(given.pictures)
    given.out.mkdir(parents=True, exist_ok=True)
    ways = [f"history {given.seed + n}" for n in range(given.draws)]
    judging = launder.CONDITIONS if set(given.fold) - {NONE} else ()
    shown = {way: _encodings(given, rows, way, tell) for way in (*ways, *judging)}
    learned = np.concatenate([shown[way] for way in ways])
    of = np.tile(np.arange(len(rows)), len(ways))
    scores: list[tuple[str, str, str, float]] = []
    parts = []
    for fold in (one for one in given.fold if one != NONE):
        own = np.array([row["fold"] != fold for row in rows])[of] & np.isfinite(learned[:, 0])
        weights, offset = head(learned[own], [rows[n] for n in of[own]])
        judged = [n for n, row in enumerate(rows) if row["fold"] == fold]
        said = [
            (condition, rows[n]["file"], STATISTIC, round(float(shown[condition][n] @ weights + offset), 5))
            for condition in launder.CONDITIONS
            for n in judged
            if np.isfinite(shown[condition][n, 0])
        ]
        scores += said
        held = {"learned from": [row for row in rows if row["fold"] != fold], "judged": [rows[n] for n in judged]}
        parts.append(cards.Part(name=f"Fold {fold} kept back", figures=worth(said, held["judged"]), rows=held))
    path = given.out / "scores.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("condition", "file", "statistic", "value"), *scores])
    held_back = [row for row in rows if row["fold"] in given.fold and row["fold"] in SYNTHESIS]
    if scores:
        parts.append(cards.Part(name=f"Folds {', '.join(SYNTHESIS)} together", figures=worth(scores, held_back)))
    made = [path]
    if NONE in given.fold:
        made.append(given.out / TABLE)
        well = np.isfinite(learned[:, 0])
        _write(made[-1], learned[well], [rows[n] for n in of[well]], rows)
    return cards.Made(
        folder=given.out, files=made, seed=given.seed, manifests=[given.pictures / "manifest.csv"], parts=parts,
        data="Encodings of whole pictures after random histories. The figures are AUC of the head's log-odds, not calibrated.",
        settings={"parts": ", ".join(BLOCKS), "shrunk": SHRUNK, "between sources": BETWEEN, "directions kept": KEPT},
    )  # fmt: skip


def head(encodings: np.ndarray, rows: Sequence[Row]) -> tuple[np.ndarray, float]:
    """Return weights (d,) and the offset of a head learned from encodings (n, d) of rows, which hold label and source.

    The scores of the parts are brought to a spread of 1 within real sources and added; the log-odds of that sum are those of
    a logistic regression with two numbers, both labels counted alike.
    """
    fake = np.array([row["label"] == "fake" for row in rows])
    source = np.array([row["source"] for row in rows])
    weights, offset = [], 0.0
    for part in np.split(encodings.astype(np.float64), np.cumsum(list(BLOCKS.values()))[:-1], axis=1):
        along, start = direction(part, fake, source)
        weights.append(along)
        offset += start
    together = np.concatenate(weights)
    said = encodings @ together + offset
    model = import_module("sklearn.linear_model").LogisticRegression(class_weight="balanced", C=1e3)
    odds = model.fit(said[:, None], fake)
    slope = float(odds.coef_[0, 0])
    return together * slope, offset * slope + float(odds.intercept_[0])


def direction(part: np.ndarray, fake: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the direction (d,) in which generated pictures part from real ones whatever the source, and its offset."""
    middle, spread = part.mean(0), part.std(0) + 1e-3
    scaled = (part - middle) / spread
    axes = np.linalg.eigh(scaled.T @ scaled)[1][:, -KEPT:]
    inner = scaled @ axes
    means, scatter = {}, np.zeros((inner.shape[1],) * 2)
    for label in (False, True):
        groups = {name: inner[(fake == label) & (source == name)] for name in sorted(set(source[fake == label]))}
        weight = np.array([len(one) ** 0.5 for one in groups.values()])
        weight /= weight.sum()
        centres = np.array([one.mean(0) for one in groups.values()])
        means[label] = weight @ centres
        for share, one, centre in zip(weight, groups.values(), centres, strict=True):
            scatter += 0.5 * share * (one - centre).T @ (one - centre) / len(one)
        apart = centres - means[label]
        scatter += 0.5 * BETWEEN * (apart * weight[:, None]).T @ apart
    scatter += SHRUNK * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    found = np.linalg.solve(scatter, means[True] - means[False])
    found /= np.sqrt(found @ scatter @ found)
    along = axes @ found / spread
    return along, -float(middle @ along) - float((means[True] + means[False]) @ found / 2)


def _encodings(given: argparse.Namespace, rows: Sequence[Row], way: str, tell: Tell | None) -> np.ndarray:
    """Return the encodings of all pictures in one way, shape (n, d), NaN where a condition has none.

    The folder keeps them, under a name that changes with the manifest and the network.
    """
    made_of = cards.sha256(given.pictures / "manifest.csv") + get(MODELS[0]).sha256
    path = given.out / f"encodings_{way.replace(' ', '_')}_{zlib.crc32(made_of.encode()):08x}.npy"
    if path.exists():
        return np.asarray(np.load(path))
    found = np.full((len(rows), sum(BLOCKS.values())), np.nan, np.float32)
    for n, row in enumerate(rows):
        shown = _shown(pictures.load(given.pictures, row), row, way)
        if shown is not None and min(shown.shape[:2]) >= _LEAST_PX:
            found[n] = encoded(shown)
        if tell is not None:
            tell(way, n + 1, len(rows))
    np.save(path, found)
    return found


def _shown(picture: np.ndarray, row: Mapping[str, str], way: str) -> np.ndarray | None:
    if way in launder.CONDITIONS:
        return launder.condition(picture, way, row)
    seed = [int(way.split()[1]), *row["file"].encode()]
    return launder.launder(picture, np.random.default_rng(seed))


def _write(path: Path, encodings: np.ndarray, learned: Sequence[Row], rows: Sequence[Row]) -> None:
    weights, offset = head(encodings, learned)
    fake = sum(row["label"] == "fake" for row in rows)
    np.savez(
        path, weights=weights.astype(np.float32), offset=np.float64(offset), pictures=np.array([len(rows) - fake, fake]),
        sources=np.int64(len({row["source"] for row in rows})),
    )  # fmt: skip


if __name__ == "__main__":
    as_script("picture_head")
