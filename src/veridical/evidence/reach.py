"""Which files a calibration speaks of: those whose quality lies near that of files it was fitted on.

A quality vector is standardised by its median and spread in the calibration set; the distance to the third nearest file of the
set must not exceed the 99th percentile of what the files of the set have among themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

NEAREST = 3
"""The neighbour to which the distance counts."""
ABSENT = -1000.0
"""Where a number stands that a file does not have: away from all that have it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Points of the calibration set in the space of qualities, and how far from them a file may lie.

    Parameters
    ----------
    names
        Numbers of the quality vector [length d].
    logs
        Which of them are taken as log10 (1 + |value|) [shape=(d,)].
    centre, scale
        Median and spread of each in the calibration set [shape=(d,)].
    points
        shape (k, d): standardised qualities of files.
    reach
        Largest distance to the third nearest point.
    """

    names: tuple[str, ...]
    logs: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    points: np.ndarray
    reach: float

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Reach:
        """Return what a table holds; raises ValueError if it does not fit together."""
        names = tuple(str(name) for name in plain["names"])
        found = cls(
            names, np.array(plain["logs"], bool), np.array(plain["centre"], float), np.array(plain["scale"], float),
            np.array(plain["points"], float).reshape(-1, len(names)), float(plain["reach"]),
        )  # fmt: skip
        lengths = {len(names), len(found.logs), len(found.centre), len(found.scale)}
        sound = len(lengths) == 1 and len(found.points) >= NEAREST and (found.scale > 0).all() and found.reach > 0
        if not (sound and np.isfinite(found.points).all()):
            raise ValueError("the quality of the calibration set is not whole")
        return found

    def standardised(self, quality: Mapping[str, float]) -> np.ndarray:
        """Return a quality vector in the space of the points [shape=(d,)]."""
        return np.asarray(standardised([quality], self.names, self.logs, self.centre, self.scale)[0])

    def distance(self, quality: Mapping[str, float]) -> float:
        """Return the distance of a quality to the third nearest point."""
        apart = np.sqrt(((self.points - self.standardised(quality)) ** 2).sum(1))
        return float(np.partition(apart, NEAREST - 1)[NEAREST - 1])

    def unlike(self, quality: Mapping[str, float]) -> str:
        """Return why a file is out of reach, naming what it is most unlike in; empty if it is within."""
        if self.distance(quality) <= self.reach:
            return ""
        here = self.standardised(quality)
        nearest = self.points[np.argmin(((self.points - here) ** 2).sum(1))]
        name = self.names[int(np.argmax(np.abs(nearest - here)))]
        value = quality.get(name)
        said = "none" if value is None else f"{value:.4g}"
        return f"the file is unlike all files of the calibration, most of all in {name.replace('_', ' ')} ({said})"


def standardised(
    qualities: Sequence[Mapping[str, float]],
    names: Sequence[str],
    logs: np.ndarray,
    centre: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """Return quality vectors standardised [shape=(n, d)]; what is missing stands apart from all that is there."""
    raw = np.array([[quality.get(name, np.nan) for name in names] for quality in qualities], float).reshape(
        -1, len(names)
    )
    taken = np.where(logs, np.log10(1 + np.abs(raw)), raw)
    return np.asarray(np.where(np.isnan(taken), ABSENT, (taken - centre) / scale))
