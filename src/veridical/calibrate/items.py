"""What a calibration is fitted on: values of labelled files, each with where it comes from and the state of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..benchmark.rows import Label
from ..errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The value that an examination gave to one labelled file.

    Parameters
    ----------
    value
        The statistic, higher for a fake.
    source
        Collection that the file comes from.
    group
        Person, clip or speaker, or several joined by " + ": files of one group are not independent of each other.
    generator
        What made a fake; "" for a real file.
    sha256
        Of the file as it was examined; "" if it is not known.
    quality
        The quality vector of the file: numbers by name; what it does not have is left out.
    cross_fitted
        True if the value comes from a network that was fitted without this file's source and group.
    """

    value: float
    label: Label
    source: str
    group: str
    generator: str = ""
    sha256: str = ""
    quality: Mapping[str, float] = field(default_factory=dict)
    cross_fitted: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Scored files, column by column: each an array [shape=(n,)]; ``labels`` holds 1 for a fake, ``weights`` 1 a group."""

    values: np.ndarray
    labels: np.ndarray
    sources: np.ndarray
    groups: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def only(self, kept: np.ndarray) -> Columns:
        """Return some of the files, weighed anew."""
        return _columns(self.values[kept], self.labels[kept], self.sources[kept], self.groups[kept])

    def count(self, label: int) -> int:
        """Return how many groups have files of a label: what there is in independent examples of it."""
        return len(np.unique(self.groups[self.labels == label]))


def columns(items: Sequence[Scored]) -> Columns:
    """Return items column by column.

    Raises
    ------
    UsageError
        If a value is not a finite number, or a label is missing.
    """
    values = np.array([one.value for one in items], dtype=np.float64)
    labels = np.array([one.label == "fake" for one in items], dtype=np.int64)
    if not np.isfinite(values).all():
        raise UsageError(f"{(~np.isfinite(values)).sum()} values are not finite: leave out what was not measured")
    if not 0 < labels.sum() < len(labels):
        raise UsageError(
            f"{labels.sum()} fake and {len(labels) - labels.sum()} real files: a calibration needs both labels"
        )
    sources, groups = (np.array([getattr(one, name) for one in items], dtype=object) for name in ("source", "group"))
    return _columns(values, labels, sources, groups)


def _columns(values: np.ndarray, labels: np.ndarray, sources: np.ndarray, groups: np.ndarray) -> Columns:
    """Weigh each file by one over the number of files of its label in its group: a group counts once for a label."""
    names = np.array([f"{label} {group}" for label, group in zip(labels, groups, strict=True)])
    _, number, size = np.unique(names, return_inverse=True, return_counts=True)
    return Columns(values, labels, sources, groups, 1.0 / size[number])
