"""Where the raw values of pristine media lie, by examination and condition: what a value is read against.

``populations.json`` is generated (``make populations``) from labelled media and never edited. A population is no calibration:
it says how unusual a value is among pristine files, not how likely such a value is in a fake, and it weighs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DeclarationError
from ..finding import Scalar

FILE = Path(__file__).parent / "populations.json"
FORMAT = 1
FEWEST = 40
"""Pristine files below which a condition has no population of its own."""
FEWEST_SOURCES = 2
"""What is usual in one collection may be what that collection did to its files."""
BINS = ("JPEG below 80", "JPEG 80 to 92", "JPEG above 92", "not JPEG")
ALL = "all"
_WORDS = {
    BINS[0]: "JPEG files of quality below 80", BINS[1]: "JPEG files of quality 80 to 92",
    BINS[2]: "JPEG files of quality above 92", BINS[3]: "files that are not JPEG", ALL: "files of any quality",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pristine:
    """Values of pristine files under one condition: 101 quantiles, and how many files of how many collections."""

    quantiles: tuple[float, ...]
    files: int
    sources: int
    condition: str


def bin_of(format: str, quality: Scalar) -> str:
    """Return the condition of a still image: its format and JPEG quality."""
    if format != "jpeg" or not isinstance(quality, int | float):
        return BINS[3]
    return BINS[0] if quality < 80 else BINS[1] if quality <= 92 else BINS[2]


def of(id: str, settings: Mapping[str, Any], condition: str) -> Pristine | None:
    """Return the population of an examination under its settings, in the condition if it has enough, else in all."""
    held = _table().get(id)
    if held is None or held["settings"] != dict(settings):
        return None
    for name in (condition, ALL):
        one = held["conditions"].get(name)
        if one is not None and (one["sources"] >= FEWEST_SOURCES or name == ALL):
            return Pristine(
                quantiles=tuple(one["quantiles"]), files=one["files"], sources=one["sources"], condition=_WORDS[name]
            )
    return None


def summarise(values: Iterable[tuple[float, str, str]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Make the entry of one examination from its values on pristine files, each with the file's condition and source."""
    rows = list(values)
    conditions = {}
    for name in (*BINS, ALL):
        chosen = [(value, source) for value, bin_, source in rows if name in (bin_, ALL)]
        sources = {source for _, source in chosen}
        if len(chosen) >= FEWEST and (len(sources) >= FEWEST_SOURCES or name == ALL):
            quantiles = np.quantile([value for value, _ in chosen], np.linspace(0, 1, 101))
            conditions[name] = {
                "quantiles": [float(f"{q:.5g}") for q in quantiles], "files": len(chosen),
                "sources": len(sources),
            }  # fmt: skip
    return {"settings": dict(settings), "conditions": conditions}


@cache
def _table() -> Mapping[str, Any]:
    if not FILE.exists():
        return {}
    try:
        plain = json.loads(FILE.read_text("utf-8"))
        if plain["format"] != FORMAT:
            raise ValueError(f"format {plain['format']}")
        return dict(plain["populations"])
    except (ValueError, KeyError, TypeError) as error:
        raise DeclarationError(f"{FILE} is not a table of populations: {error!r}") from error
