"""How the scores of several detectors of generated pictures are put together, learned by ``training/recipes/ensemble.py``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FARTHEST = 3.0
"""Robust standard deviations of real pictures beyond which a score hardly counts more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """How the score of one detector enters.

    Parameters
    ----------
    name
        The examination whose value it is, without its group.
    middle, spread
        Median and robust standard deviation of its values of real pictures.
    border
        The standardised value that speaks for neither side.
    slope
        How much of a log-odds each standard deviation is worth; 0 if it adds nothing.
    """

    name: str
    middle: float
    spread: float
    border: float
    slope: float

    def standardised(self, value: float) -> float:
        """Return a value in standard deviations of real pictures, bounded smoothly so that no detector decides alone."""
        return FARTHEST * math.tanh((value - self.middle) / self.spread / FARTHEST)

    def log_odds(self, value: float) -> float:
        """Return what a value adds to the fused log-odds."""
        return self.slope * (self.standardised(value) - self.border)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Detectors and how they are weighed.

    Parameters
    ----------
    pictures
        Real and fake pictures whose scores it was learned from, each by networks that had not seen its fold.
    trust
        How far the weights follow what each detector was worth, from 0 (all alike) to 1.
    """

    members: tuple[Member, ...]
    pictures: tuple[int, int]
    trust: float

    def parts(self, values: Mapping[str, float | None]) -> dict[str, float]:
        """Return the log-odds that each detector at hand adds, by name.

        Parameters
        ----------
        values
            What the detectors measured; one that is not there, None or no finite number is missing and adds nothing.
        """
        found: dict[str, float] = {}
        for member in self.members:
            value = values.get(member.name)
            if value is not None and math.isfinite(value):
                found[member.name] = member.log_odds(value)
        return found


def to_json(ensemble: Ensemble) -> str:
    """Return an ensemble as it is kept beside this module."""
    members = [{name: getattr(one, name) for name in Member.__slots__} for one in ensemble.members]
    kept = {"members": members, "pictures": list(ensemble.pictures), "trust": ensemble.trust}
    return json.dumps(kept, indent=1) + "\n"


def from_json(text: str) -> Ensemble:
    """Return the ensemble that `to_json` wrote."""
    kept = json.loads(text)
    real, fake = kept["pictures"]
    return Ensemble(members=tuple(Member(**one) for one in kept["members"]), pictures=(real, fake), trust=kept["trust"])


@cache
def ensemble() -> Ensemble:
    """Return the one that comes with the program."""
    return from_json((files(__package__) / "ensemble.json").read_text(encoding="utf-8"))
