"""Learns how the scores of the detectors of generated pictures are put together (``learned.ensemble``).

    veridical train ensemble PICTURES SCORES OUT [--members NAME ...]

PICTURES holds ``manifest.csv``; SCORES holds, of each member, ``NAME.csv`` (condition, file, statistic, value), each value
from a network that has not seen the fold of the file. The first statistic of a file is the member's. Written to OUT:
``ensemble.json`` for ``knowledge``, the card, and ``scores.csv`` with the fused score of each picture by a table that was made,
and weighed, without its fold, for all members and for all but each. The networks that scored the other folds had that fold
among what they learned from, so that it is not quite unseen.

Every score is brought to robust standard deviations of real pictures. A member is worth the distance between fakes and real
pictures over their variance, and never less than nothing; both labels count alike, a source by the root of its size. The
weights are drawn towards equal ones: how far is decided by leaving out one fold after the other, and equal weights stay
unless others are clearly better. A last factor brings the sum to log-odds. A score that is missing adds nothing.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import UsageError
from ...knowledge.ensemble import Ensemble, Member, to_json
from .. import cards
from ..figures import auc
from ..folds import alike
from ..pictures import FOLDS, SYNTHESIS, Row, rows
from ..recipe import Tell, as_script

MEMBERS = ("image_net", "neuron_coverage", "embedding_length", "locality_autoencoder")
"""Not face_net: it was taught that a generated face is nothing pasted, and scores it lower than a real one."""
TRUSTS = (0.0, 0.25, 0.5, 0.75, 1.0)
CLEARLY = 0.01
"""AUC by which weights must be better than equal ones, on folds left out, to be taken."""
_LEAST_SPREAD = 1e-9
_LEAST_LEFT = 2


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of pictures under conditions, n of them.

    Parameters
    ----------
    keys
        Condition and file of each.
    values
        shape (n, members): NaN where a member gave none.
    labels, sources, folds
        shape (n,): 1 for fake; names.
    """

    members: tuple[str, ...]
    keys: Sequence[tuple[str, str]]
    values: np.ndarray
    labels: np.ndarray
    sources: np.ndarray
    folds: np.ndarray

    def where(self, kept: np.ndarray) -> Scores:
        """Return some of them."""
        return replace(
            self, keys=[key for key, one in zip(self.keys, kept, strict=True) if one], values=self.values[kept],
            labels=self.labels[kept], sources=self.sources[kept], folds=self.folds[kept],
        )  # fmt: skip

    def weights(self) -> np.ndarray:
        """Return a weight for each, shape (n,): both labels count alike, a source by the root of its size."""
        return alike(list(zip(self.sources.tolist(), self.labels.tolist(), strict=True)))


def read(folder: Path, names: Sequence[str], listed: Sequence[Row]) -> Scores:
    """Read the scores of members; raises UsageError if one has handed in none."""
    by_file = {row["file"]: row for row in listed}
    found: dict[tuple[str, str], dict[str, float]] = {}
    for name in names:
        path = folder / f"{name}.csv"
        if not path.is_file():
            raise UsageError(f"{folder} holds no {name}.csv with scores")
        with path.open(newline="", encoding="utf-8") as file:
            lines = [line for line in csv.DictReader(file) if line["value"] and line["file"] in by_file]
        for line in lines:
            if line["statistic"] == lines[0]["statistic"]:
                found.setdefault((line["condition"], line["file"]), {})[name] = float(line["value"])
    keys = sorted(found)
    own = [by_file[file] for _, file in keys]
    values = np.array([[found[key].get(name, np.nan) for name in names] for key in keys]).reshape(-1, len(names))
    return Scores(
        tuple(names), keys, np.where(np.isfinite(values), values, np.nan),
        np.array([int(row["label"] == "fake") for row in own]), np.array([row["source"] for row in own], dtype=str),
        np.array([row["fold"] for row in own], dtype=str),
    )  # fmt: skip


def fit(scores: Scores, trust: float) -> Ensemble:
    """Learn an ensemble from scores that were held out.

    Parameters
    ----------
    trust
        How far the weights follow what each member is worth, 0 to 1.
    """
    found = [_member(scores, number) for number in range(len(scores.members))]
    worth = [one.slope for one in found if one is not None]
    usual = float(np.mean(worth)) if worth else 0.0
    members = [
        replace(one, slope=(1 - trust) * usual + trust * one.slope)
        for one in found
        if one is not None
    ]  # fmt: skip
    raw = Ensemble(members=tuple(members), pictures=_counted(scores), trust=trust)
    factor = _slope(fused(raw, scores), scores.labels, scores.weights())[0]
    return replace(raw, members=tuple(replace(one, slope=factor * one.slope) for one in members))


def _member(scores: Scores, number: int) -> Member | None:
    """Return what one member is worth alone; None if it has not scored both labels."""
    own = scores.where(np.isfinite(scores.values[:, number]))
    if len({*own.labels.tolist()}) < 2:
        return None
    values, weights = own.values[:, number], own.weights()
    real = own.labels == 0
    low, middle, high = _quantiles(values[real], weights[real], (0.16, 0.5, 0.84))
    raw = Member(
        name=scores.members[number], middle=middle, spread=max((high - low) / 2, _LEAST_SPREAD), border=0.0, slope=0.0
    )
    slope, border = _slope(np.array([raw.standardised(value) for value in values]), own.labels, weights)
    return replace(raw, slope=slope, border=border)


def _slope(values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return the log-odds a unit is worth if both labels are normal with one variance, at least 0, and where it is 0."""
    means = [float(np.average(values[labels == one], weights=weights[labels == one])) for one in (0, 1)]
    apart = values - np.where(labels == 1, means[1], means[0])
    variance = float(np.average(apart**2, weights=weights))
    return max(means[1] - means[0], 0.0) / max(variance, _LEAST_SPREAD), (means[0] + means[1]) / 2


def _quantiles(values: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> list[float]:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return [float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)]) for share in shares]


def _counted(scores: Scores) -> tuple[int, int]:
    labels = dict(zip((file for _, file in scores.keys), scores.labels.tolist(), strict=True))
    return len(labels) - sum(labels.values()), sum(labels.values())


def fused(ensemble: Ensemble, scores: Scores) -> np.ndarray:
    """Return the fused log-odds of scores, shape (n,); 0 where all members are missing."""
    return np.array(
        [sum(ensemble.parts(dict(zip(scores.members, row.tolist(), strict=True))).values()) for row in scores.values],
        dtype=float,
    )  # fmt: skip


def worth(scores: Scores, trust: float) -> float:
    """Return the mean AUC over folds of synthesis and conditions, each fold by a table learned from the others."""
    each = []
    for held in SYNTHESIS:
        there = scores.folds == held
        if there.any() and len({*scores.labels[~there].tolist()}) == 2:
            own = scores.where(there)
            value = fused(fit(scores.where(~there), trust), own)
            names = np.array([condition for condition, _ in own.keys])
            each += [auc(own.labels[names == one] == 1, value[names == one]) for one in dict.fromkeys(names.tolist())]
    known = [one for one in each if not math.isnan(one)]
    return float(np.mean(known)) if known else math.nan


def trusted(scores: Scores) -> tuple[float, dict[float, float]]:
    """Return how far weights are to be trusted, and the AUC on folds left out for each choice."""
    found = {trust: worth(scores, trust) for trust in TRUSTS}
    best = max(found, key=lambda trust: found[trust])
    return (best if found[best] >= found[0.0] + CLEARLY else 0.0), found


def held_out(scores: Scores) -> np.ndarray:
    """Return the fused log-odds of each, shape (n,), by a table that was made and weighed without its fold."""
    values = np.full(len(scores.keys), np.nan)
    for held in FOLDS:
        there = scores.folds == held
        if there.any() and not there.all():
            rest = scores.where(~there)
            values[there] = fused(fit(rest, trusted(rest)[0]), scores.where(there))
    return values


def without(scores: Scores, name: str) -> Scores:
    """Return the scores of all members but one, of what the others have judged."""
    number = scores.members.index(name)
    left = replace(
        scores, members=tuple(one for one in scores.members if one != name), values=np.delete(scores.values, number, 1)
    )  # fmt: skip
    return left.where(np.isfinite(left.values).any(1))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("pictures", type=Path, help="folder with manifest.csv")
    parser.add_argument("scores", type=Path, help="folder with the scores of each member")
    parser.add_argument("out", type=Path, help="gets the table, the scores of the ensemble and the card")
    parser.add_argument("--members", nargs="+", default=list(MEMBERS), help=f"(default: {' '.join(MEMBERS)})")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Learn the table and judge each fold by one that was made without it."""
    listed = rows(given.pictures)
    scores = read(given.scores, given.members, listed)
    trust, found = trusted(scores)
    made = fit(scores, trust)
    given.out.mkdir(parents=True, exist_ok=True)
    table, judged = given.out / "ensemble.json", given.out / "scores.csv"
    table.write_text(to_json(made), encoding="utf-8")
    ways = {"ensemble": scores}
    if len(scores.members) > _LEAST_LEFT:
        ways |= {f"ensemble but {name}": without(scores, name) for name in scores.members}
    with judged.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("condition", "file", "statistic", "value"))
        for number, (way, own) in enumerate(ways.items()):
            values = zip(own.keys, held_out(own), strict=True)
            writer.writerows((*key, way, round(float(value), 5)) for key, value in values if np.isfinite(value))
            if tell is not None:
                tell(way, number + 1, len(ways))
    return cards.Made(
        folder=given.out, files=[table, judged], manifests=[given.pictures / "manifest.csv"],
        data=f"Scores held out of {made.pictures[0]} real and {made.pictures[1]} fake pictures: {', '.join(scores.members)}.",
        settings={"trust": trust}, parts=list(_parts(made, found, listed)),
    )  # fmt: skip


def _parts(made: Ensemble, found: Mapping[float, float], listed: Sequence[Row]) -> Iterator[cards.Part]:
    figures = {f"mean AUC of folds left out, trust {trust:g}": reached for trust, reached in found.items()}
    yield cards.Part(name="How far weights are trusted", rows={"weighed with": listed}, figures=figures)
    for one in made.members:
        numbers = {name: getattr(one, name) for name in ("middle", "spread", "border", "slope")}
        yield cards.Part(name=f"Member {one.name}", figures=numbers)


if __name__ == "__main__":
    as_script("ensemble")
