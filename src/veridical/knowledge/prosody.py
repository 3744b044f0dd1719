"""How people speak, in the numbers of ``signals/speaking.py``: statistics of bona fide recordings, by ``bench/prosody.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True, slots=True)
class SpeakingReference:
    """Bona fide recordings, each number of shape (12,), float64: ``scale`` is a robust standard deviation.

    ``low`` and ``high`` hold nine in ten recordings between them. ``spread`` is the standard deviation that the sum of the
    standardised numbers, with the signs of evenness, has among them. ``recordings`` and ``speakers`` are counts.
    """

    median: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    spread: float
    recordings: int
    speakers: int


@cache
def speaking_reference() -> SpeakingReference:
    """Return the statistics that come with the program."""
    with (files(__package__) / "prosody.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
        arrays = {name: kept[name].astype(np.float64) for name in ("median", "scale", "low", "high")}
        return SpeakingReference(
            **arrays,
            spread=float(kept["spread"]),
            recordings=int(kept["recordings"]),
            speakers=int(kept["speakers"]),
        )
