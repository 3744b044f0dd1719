"""What photographs and known generators look like to the examinations of traces: means, spreads and radii by condition.

The table ``references.npz`` is made by ``python -m veridical.benchmark.references`` from the vectors of finished runs,
and by nothing else; ``made_from`` holds the hashes of those runs. It holds no picture and no vector of a single picture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

TABLE = "references.npz"
PHOTOGRAPHS = "photographs"
FEATURES: Mapping[str, str] = {
    "block frequencies": "spatial.dct_frequencies", "neighbour prediction": "spatial.convolutional_trace",
    "radial spectrum": "spatial.radial_spectrum", "colours": "spatial.colour_statistics",
}  # fmt: skip
TRACES = ("block frequencies", "neighbour prediction", "radial spectrum")
"""The features by which generators are told apart; colours belong to the scene."""
FITTED = ("spatial.generator_attribution",)
"""Examinations whose value rests on this table: on the media that it was made from it is no measure of them."""
SMALL = "small JPEG"
CONDITIONS = ("JPEG below 80", "JPEG 80 to 92", "JPEG above 92", "not JPEG", SMALL)
"""``SMALL`` is measured on pictures scaled down to 256 pixels and saved as JPEG of quality 60 to 95, all in the same way."""
_SMALL_SIDE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pictures of one making in one condition.

    Parameters
    ----------
    name
        The generator, or "photographs" and where they come from.
    real
        True for photographs.
    mean, spread
        shape (k,), float32, by feature: mean and standard deviation of the vectors.
    radius
        Distance within which nine in ten of its own pictures lie, each measured from the mean of the others; root mean
        square over the features of ``TRACES``. None where these are not all there.
    """

    name: str
    real: bool
    source: str
    count: int
    mean: Mapping[str, np.ndarray]
    spread: Mapping[str, np.ndarray]
    radius: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """All that is known of one condition.

    Parameters
    ----------
    photographs
        Photographs of all sources together.
    low, median, high
        shape (k,), by feature: tenth, fiftieth and ninetieth percentile of the photographs.
    groups
        Each source of photographs, then each generator.
    whitening
        shape (k, k), by feature: turns differences of vectors into standard units of the spread within groups.
    sources
        Where the photographs come from, with how many of each.
    """

    condition: str
    photographs: Group
    low: Mapping[str, np.ndarray]
    median: Mapping[str, np.ndarray]
    high: Mapping[str, np.ndarray]
    groups: tuple[Group, ...]
    whitening: Mapping[str, np.ndarray]
    sources: Mapping[str, int]

    @property
    def generators(self) -> tuple[Group, ...]:
        """The groups that are no photographs."""
        return tuple(group for group in self.groups if not group.real)

    def distance(self, group: Group, vectors: Mapping[str, np.ndarray]) -> float:
        """Return how far vectors lie from the mean of a group, root mean square in standard units.

        Features that the group or the table does not have are left out.
        """
        known = [name for name in vectors if name in self.whitening and name in group.mean]
        parts = [np.mean((self.whitening[name] @ (vectors[name] - group.mean[name])) ** 2) for name in known]
        return float(np.sqrt(np.mean(parts)))


def nearest(known: Reference, vectors: Mapping[str, np.ndarray]) -> tuple[tuple[Group, float], ...]:
    """Return the groups that have these features with their distances, nearest first."""
    fit = [group for group in known.groups if all(name in group.mean and name in known.whitening for name in vectors)]
    return tuple(sorted(((group, known.distance(group, vectors)) for group in fit), key=lambda pair: pair[1]))


def condition_of(quality: int | None, width: int, height: int) -> str:
    """Return the condition of a picture with this JPEG quality (None: not JPEG) and size in pixels."""
    if quality is None:
        return CONDITIONS[3]
    if min(width, height) < _SMALL_SIDE:
        return SMALL
    return CONDITIONS[0] if quality < 80 else CONDITIONS[1] if quality <= 92 else CONDITIONS[2]


def reference(condition: str, feature: str) -> Reference | None:
    """Return what is known of a condition; None if the photographs there have no such feature."""
    found = _load()[1].get(condition)
    return found if found is not None and feature in found.photographs.mean else None


def made_from() -> Mapping[str, Any]:
    """Return what the table was made from: hashes of the runs, and the counts."""
    return _load()[0]


@cache
def _load() -> tuple[Mapping[str, Any], Mapping[str, Reference]]:
    place = files(__package__) / TABLE
    if not place.is_file():
        return {}, {}
    with place.open("rb") as file, np.load(file, allow_pickle=False) as table:
        arrays = {name: table[name].astype(np.float32) for name in table.files if name != "about"}
        about = json.loads(bytes(table["about"]).decode())
    return about["made_from"], {one["condition"]: _reference(one, arrays) for one in about["conditions"]}


def _reference(plain: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Reference:
    def by_feature(place: str) -> dict[str, np.ndarray]:
        names = {name: f"{plain['condition']}/{place}/{name}" for name in FEATURES}
        return {name: arrays[key] for name, key in names.items() if key in arrays}

    def group(one: Mapping[str, Any]) -> Group:
        place = one["place"]
        return Group(
            name=one["name"], real=one["real"], source=one["source"], count=one["count"], radius=one["radius"],
            mean=by_feature(f"{place}/mean"), spread=by_feature(f"{place}/spread"),
        )  # fmt: skip

    low, median, high, whitening = (by_feature(part) for part in ("low", "median", "high", "whitening"))
    return Reference(
        condition=plain["condition"], photographs=group(plain["photographs"]), low=low, median=median, high=high,
        groups=tuple(group(one) for one in plain["groups"]), whitening=whitening, sources=plain["sources"],
    )  # fmt: skip
