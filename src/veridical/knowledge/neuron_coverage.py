"""How the layers of the face network answer to pristine faces, from ``training/recipes/neuron_coverage.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

LAYERS = 29


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NeuronNorms:
    """What pristine faces of the training pictures gave, and the direction in which generated ones part from them.

    Parameters
    ----------
    thresholds
        shape (29,): the mean answer of each layer.
    coverage_band, unevenness_band
        shape (3, 29): what one in twenty pristine faces lies below, the median, what one in twenty lies above.
    lengths
        shape (2, 101): lengths of the descriptor that 0 to 100 % of pristine, then of generated faces lie below.
    length_middle, length_spread
        Mean and standard deviation of the logarithm of that length, over pristine faces.
    middle, spread
        shape (58,): of the terms (see `terms`) of pristine faces.
    weights
        shape (58,): weights of the terms, middle and spread taken off; pristine faces have mean 0 and standard deviation 1.
    faces
        Pristine and generated faces that it was made from.
    """

    thresholds: np.ndarray
    coverage_band: np.ndarray
    unevenness_band: np.ndarray
    lengths: np.ndarray
    length_middle: float
    length_spread: float
    middle: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    faces: tuple[int, int]

    def shares(self, coverage: np.ndarray, unevenness: np.ndarray) -> np.ndarray:
        """Return what each layer adds to the value of faces, shape (…, 29); the arguments have that shape too."""
        apart = (terms(coverage, unevenness) - self.middle) / self.spread * self.weights
        return np.asarray(apart.reshape(*apart.shape[:-1], 2, LAYERS).sum(-2))

    def length_value(self, embedding: np.ndarray) -> float:
        """Return by how many standard deviations of pristine faces a descriptor, shape (128,), is longer than theirs."""
        length = max(float(np.linalg.norm(np.asarray(embedding, np.float64))), 1e-9)
        return (float(np.log(length)) - self.length_middle) / self.length_spread


def terms(coverage: np.ndarray, unevenness: np.ndarray) -> np.ndarray:
    """Return the terms of faces, shape (…, 58): log-odds of the coverage of each layer, then logarithms of its unevenness."""
    share = np.clip(np.asarray(coverage, np.float64), 1e-3, 1 - 1e-3)
    uneven = np.log(np.maximum(np.asarray(unevenness, np.float64), 1e-3))
    return np.concatenate([np.log(share / (1 - share)), uneven], axis=-1)


@cache
def neuron_norms() -> NeuronNorms:
    """Return the numbers that come with the program."""
    with (files(__package__) / "neuron_coverage.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
        number = {name: kept[name].astype(np.float64) for name in kept.files}
    pristine, generated = (int(one) for one in number.pop("faces"))
    lengths = {name: float(number.pop(name)) for name in ("length_middle", "length_spread")}
    return NeuronNorms(faces=(pristine, generated), **lengths, **number)  # type: ignore[arg-type]
