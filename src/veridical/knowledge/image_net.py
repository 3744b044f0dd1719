"""Where real photographs and pictures of known generators lie among the features of the network of ``learned.image_net``.

Written by ``training/recipes/image_net.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

SPREADS = 1.0, 2.5
"""Spread of both halves among real pictures of folds that were kept back: pixels, encoding of the whole picture."""
REAL = "real photographs"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GeneratorClouds:
    """Kinds of pictures among the features.

    Parameters
    ----------
    names
        Kinds, one of them `REAL`.
    means
        shape (kinds, d), float32: their means, where the spread within kinds is 1 in all directions.
    middle, axes
        shapes (d,) and (d, d), float32: a point there is (features - middle) @ axes.
    gates
        shape (kinds,), float32: distance from its mean below which 95 % of the pictures of a kind lay.
    counts
        Pictures of each kind that it was made from.
    """

    names: tuple[str, ...]
    means: np.ndarray
    middle: np.ndarray
    axes: np.ndarray
    gates: np.ndarray
    counts: tuple[int, ...]

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Return how far features (d,) lie from the mean of each kind, in standard deviations within kinds: (kinds,)."""
        point = (np.asarray(features, np.float64) - self.middle) @ self.axes
        return np.asarray(np.linalg.norm(self.means - point, axis=1))

    def nearest_generator(self, distances: np.ndarray) -> str:
        """Return the nearest kind if it is a generator and within its gate, else `UNKNOWN`."""
        first = int(np.argmin(distances))
        if self.names[first] == REAL or distances[first] > self.gates[first]:
            return UNKNOWN
        return self.names[first]


@cache
def generator_clouds() -> GeneratorClouds:
    """Return the table that comes with the program."""
    with (files(__package__) / "image_net.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
        table = {name: kept[name] for name in kept.files}
    return GeneratorClouds(
        names=tuple(str(name) for name in table["names"]), means=table["means"].astype(np.float64),
        middle=table["middle"].astype(np.float64), axes=table["axes"].astype(np.float64),
        gates=table["gates"].astype(np.float64), counts=tuple(int(count) for count in table["counts"]),
    )  # fmt: skip


def fused(pixels: float, whole: float | None) -> float:
    """Return what both halves say together, in units of their spread among real pictures; the pixels alone count fully.

    Parameters
    ----------
    pixels
        Log-odds of the network of native pixels.
    whole
        Log-odds of the head on the encoding of the whole picture; None where there is none.
    """
    told = pixels / SPREADS[0]
    return told if whole is None else (told + whole / SPREADS[1]) / 2
