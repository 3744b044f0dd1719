"""What the cepstra of bona fide and of synthetic speech are like, made by ``training/recipes/cepstral.py``.

The table ``cepstral.npz`` holds two mixtures, a weighing of ratios and some statistics. No sound can be made from it. See
``docs/models/cepstral.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

TABLE = "cepstral.npz"


Densities = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class CepstralTable:
    """What windows of speech are compared with.

    Parameters
    ----------
    real, synthetic
        Weights (k,), means (k, 60) and variances (k, 60) of two mixtures, float64.
    envelope
        Mean and standard deviation of the mean log-likelihood ratio of bona fide windows, sources counting alike.
    course, course_offset
        shape (40,) and a number: how ratios are weighed, and what is taken away, so that bona fide windows have mean 0 and
        standard deviation 1.
    low, middle, high
        One in ten bona fide recordings lies below ``low``, half below ``middle``, nine in ten below ``high``, each judged
        by a table that was made of other sources.
    real_recordings, synthetic_recordings
        How many the table is made of.
    """

    real: Densities
    synthetic: Densities
    envelope: tuple[float, float]
    course: np.ndarray
    course_offset: float
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    real_recordings: int = 0
    synthetic_recordings: int = 0


@cache
def cepstral_table() -> CepstralTable:
    """Return the table that comes with the program."""
    with (files(__package__) / TABLE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
        real, synthetic = (
            (numbers[:, 0], numbers[:, 1:61], numbers[:, 61:])
            for numbers in (kept[name].astype(np.float64) for name in ("real", "synthetic"))
        )
        course, envelope = kept["course"].astype(np.float64), kept["envelope"]
        low, middle, high = (float(number) for number in kept["bona_fide"])
        counts = [int(number) for number in kept["recordings"]]
    return CepstralTable(
        real,
        synthetic,
        (float(envelope[0]), float(envelope[1])),
        course[:40],
        float(course[40]),
        low,
        middle,
        high,
        *counts,
    )
