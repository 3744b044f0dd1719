"""How the scores of our networks move under mild changes in pristine pictures, from ``training/recipes/steadiness.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

_BINS = 5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Population:
    """What pristine pictures do: the shifts of the score under k changes, as a line over the score itself.

    Parameters
    ----------
    names
        The changes.
    level, slope
        shape (k,): expected shift = level + slope · score, of scores within ``scores``.
    spread
        shape (k,): standard deviation of the shifts around that line.
    whitening
        shape (k, k): makes shifts, less the line, uncorrelated and of spread 1.
    size
        shape (2, m): scores, and how much larger or smaller than that the shifts are there: faces of which the network is sure
        shift less.
    scores
        Range of scores it was learned from; a score beyond is taken for the end.
    tail
        shape (2, m): shares, and the values that this share of other pristine pictures stays below.
    pictures, sources
        How many it was learned from.
    network
        SHA-256 of the network's file.
    """

    names: tuple[str, ...]
    level: np.ndarray
    slope: np.ndarray
    spread: np.ndarray
    whitening: np.ndarray
    size: np.ndarray
    scores: tuple[float, float]
    tail: np.ndarray
    pictures: int
    sources: int
    network: str

    def usual(self, score: float) -> np.ndarray:
        """Return the expected shifts of a pristine picture of this score, shape (k,)."""
        return np.asarray(self.level + self.slope * np.clip(score, *self.scores))

    def deviation(self, score: float) -> np.ndarray:
        """Return the standard deviation of the shifts of pristine pictures of this score, shape (k,)."""
        return np.asarray(self.spread * np.interp(score, self.size[0], self.size[1]))

    def standardised(self, score: float, changed: np.ndarray) -> np.ndarray:
        """Return how far each shift lies from the expected one, in standard deviations: shape (k,)."""
        return np.asarray((changed - score - self.usual(score)) / self.deviation(score))

    def unsteadiness(self, score: float, changed: np.ndarray) -> float:
        """Return the root mean square of the shifts less the expected ones, whitened: about 1 for a pristine picture."""
        whole = np.sqrt(np.mean((self.whitening @ (changed - score - self.usual(score))) ** 2))
        return float(whole / np.interp(score, self.size[0], self.size[1]))

    def below(self, share: float) -> float:
        """Return the value that this share of pristine pictures stays below."""
        return float(np.interp(share, self.tail[0], self.tail[1]))


def fitted(
    names: tuple[str, ...], scores: np.ndarray, changed: np.ndarray, sources: np.ndarray, network: str, *, shrink: float = 0.1
) -> Population:  # fmt: skip
    """Learn the population from pristine pictures, each of whose sources is judged by the others for the tail.

    Parameters
    ----------
    scores, changed
        shapes (n,) and (n, k).
    sources
        shape (n,): names.
    shrink
        Share of the correlations that is left out.
    """
    kinds = sorted(set(sources.tolist()))
    values = np.concatenate(
        [_values(_one(names, scores[sources != s], changed[sources != s], shrink), scores[sources == s], changed[sources == s])
         for s in kinds]
    )  # fmt: skip
    shares = np.array([0.5, 0.75, 0.9, 0.95, 0.975, 0.99])
    whole = _one(names, scores, changed, shrink)
    return Population(
        names=names, level=whole.level, slope=whole.slope, spread=whole.spread, whitening=whole.whitening,
        size=whole.size, scores=whole.scores, tail=np.stack([shares, np.quantile(values, shares)]), pictures=len(scores),
        sources=len(kinds), network=network,
    )  # fmt: skip


def _one(names: tuple[str, ...], scores: np.ndarray, changed: np.ndarray, shrink: float) -> Population:
    ends = float(np.quantile(scores, 0.01)), float(np.quantile(scores, 0.99))
    shifts = changed - scores[:, None]
    regressors = np.stack([np.ones(len(scores)), np.clip(scores, *ends)], 1)
    line = np.linalg.lstsq(regressors, shifts, rcond=None)[0]
    rest = shifts - regressors @ line
    spread = np.maximum(rest.std(0), 1e-6)
    correlation = (1 - shrink) * np.corrcoef(rest.T) + shrink * np.eye(len(spread))
    eigen, axes = np.linalg.eigh(correlation)
    whitening = (axes / np.sqrt(eigen)) @ axes.T / spread
    bins = np.array_split(np.argsort(scores), _BINS)
    squares = ((rest @ whitening.T) ** 2).mean(1)
    size = np.array([[scores[one].mean(), np.sqrt(squares[one].mean())] for one in bins]).T
    return Population(
        names=names, level=line[0], slope=line[1], spread=spread, whitening=whitening, size=size, scores=ends,
        tail=np.zeros((2, 1)), pictures=0, sources=0, network="",
    )  # fmt: skip


def _values(population: Population, scores: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return np.array([population.unsteadiness(float(s), c) for s, c in zip(scores, changed, strict=True)])


def arrays(population: Population) -> dict[str, np.ndarray]:
    """Return what is stored of a population."""
    return {
        "names": np.array(population.names), "level": population.level, "slope": population.slope,
        "spread": population.spread, "whitening": population.whitening, "size": population.size,
        "scores": np.array(population.scores),
        "tail": population.tail, "counts": np.array([population.pictures, population.sources]),
        "network": np.array(population.network),
    }  # fmt: skip


@cache
def population(network: str) -> Population:
    """Return the population of a network that comes with the program, by the name of its file without the ending."""
    with as_file(files(__package__) / f"steadiness_{network}.npz") as path:
        return loaded(path)


def loaded(path: Path) -> Population:
    """Return a population that was stored with `arrays`."""
    with np.load(path, allow_pickle=False) as kept:
        held = {name: kept[name] for name in kept.files}
    return Population(
        names=tuple(str(name) for name in held["names"]), level=held["level"], slope=held["slope"], spread=held["spread"],
        whitening=held["whitening"], size=held["size"], scores=(float(held["scores"][0]), float(held["scores"][1])),
        tail=held["tail"],
        pictures=int(held["counts"][0]), sources=int(held["counts"][1]), network=str(held["network"]),
    )  # fmt: skip
