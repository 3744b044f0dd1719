"""The attack category that the findings resemble: reenactment, replacement, editing, synthesis, or none of these.

A category is named only where the findings together support the first proposition; else it is "none of these". Among the
categories that the model learned for this kind of file, the likeliest under equal priors is named, by a small multinomial
regression on standardised findings. A category of which there was too little to learn from is never named, and that is said,
with how often each was named rightly on sources left out.

References
----------
- Hosmer, Lemeshow and Sturdivant, Applied Logistic Regression, 3rd edition, 2013, chapter 8 (multinomial regression).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .fusion import FusionTable, Member

CATEGORIES = ("reenactment", "replacement", "editing", "synthesis")
NONE = "none of these"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The category that is named.

    Parameters
    ----------
    learned
        Categories that can be named for this kind of file.
    never
        Those that cannot, with the reason.
    confusion
        Of held-out media: counts by true category ("real" for real files) and by what was named.
    """

    category: str
    learned: tuple[str, ...]
    never: Mapping[str, str]
    confusion: Mapping[str, Mapping[str, int]]

    def counted(self, true: str, named: str) -> tuple[int, int]:
        """Return how many held-out files of a true category were so named, and how many there were."""
        row = self.confusion.get(true, {})
        return int(row.get(named, 0)), int(sum(row.values()))


def named(values: Mapping[str, float], supports_first: bool, table: FusionTable) -> Named | None:
    """Name a category, or return None if the fused model names none.

    Parameters
    ----------
    values
        What was measured, by id of examination; what is missing adds nothing.
    supports_first
        True if all findings together support the first proposition.
    """
    plain = table.category
    if not plain:
        return None
    learned = tuple(plain["learned"])
    choice = NONE
    if supports_first and learned:
        choice = learned[int(np.argmax(log_odds(values, plain)))]
    return Named(category=choice, learned=learned, never=dict(plain["never"]), confusion=dict(plain["confusion"]))


def log_odds(values: Mapping[str, float], plain: Mapping[str, Any]) -> np.ndarray:
    """Return one number for each learned category, shape (categories,); the largest is the likeliest at equal priors."""
    given = inputs(values, [Member(**one) for one in plain["members"]])
    return np.asarray(
        np.asarray(plain["offsets"]) + np.asarray(plain["slopes"]).reshape(len(plain["learned"]), -1) @ given
    )


def inputs(values: Mapping[str, float], members: list[Member]) -> np.ndarray:
    """Return the standardised values of the members, 0 where one is missing, shape (members,)."""
    there = [values.get(one.id, math.nan) for one in members]
    return np.array([
        one.standardised(value) if math.isfinite(value) else 0.0 for one, value in zip(members, there, strict=True)
    ])  # fmt: skip
