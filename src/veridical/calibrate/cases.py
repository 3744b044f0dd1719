"""What a fusion is fitted on: what several examinations measured in each labelled file, as a matrix."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..benchmark.rows import Label
from ..benchmark.splits import members
from ..errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One labelled file under one condition.

    Parameters
    ----------
    file
        Its name; the same under every condition.
    category
        The attack category of a fake, "real" else.
    source
        Collection that the file comes from.
    group
        Person, clip or speaker, or several joined by " + "; the file's name if none is known.
    condition
        What the file went through.
    values
        What was measured, by id of examination; what was not is left out.
    quality
        The quality vector of the file, without what it does not have.
    """

    file: str
    label: Label
    category: str
    source: str
    group: str
    condition: str
    values: Mapping[str, float]
    quality: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cases as arrays: ``values`` (n, ids) with NaN for what is missing, ``labels`` (n,) 1 for a fake, 0 for a real file."""

    ids: tuple[str, ...]
    values: np.ndarray
    labels: np.ndarray
    cases: tuple[Case, ...]

    def __len__(self) -> int:
        return len(self.cases)

    @property
    def sources(self) -> np.ndarray:
        """The source of each case, shape (n,)."""
        return np.array([one.source for one in self.cases], dtype=object)

    def only(self, kept: np.ndarray) -> Matrix:
        """Return some of the cases."""
        cases = tuple(one for one, keep in zip(self.cases, kept, strict=True) if keep)
        return Matrix(self.ids, self.values[kept], self.labels[kept], cases)

    def without(self, source: str) -> Matrix:
        """Return the cases of all other sources that share no person, clip or speaker with this one."""
        barred = {name for one in self.cases if one.source == source for name in members(one.group)}
        kept = [one.source != source and barred.isdisjoint(members(one.group)) for one in self.cases]
        return self.only(np.array(kept, dtype=bool))


def matrix(cases: Sequence[Case], ids: Sequence[str]) -> Matrix:
    """Return cases as arrays, those left out in which none of the ids was measured.

    Raises
    ------
    UsageError
        If a label is missing among them.
    """
    kept = tuple(one for one in cases if any(math.isfinite(one.values.get(id, math.nan)) for id in ids))
    labels = np.array([one.label == "fake" for one in kept], dtype=np.int64)
    if not 0 < labels.sum() < len(labels):
        raise UsageError(
            f"{labels.sum()} fake and {len(labels) - labels.sum()} real cases in which {', '.join(ids)} measured something: "
            "a fusion needs both labels"
        )
    values = np.array([[one.values.get(id, math.nan) for id in ids] for one in kept], dtype=np.float64)
    return Matrix(tuple(ids), np.where(np.isfinite(values), values, np.nan), labels, kept)


def by_source(given: Matrix, drawn: Mapping[str, int] | None = None) -> np.ndarray:
    """Return how much each case counts in a fit, shape (n,), half in sum for each label.

    A source counts by the root of its size, lest one outweighs all others.

    Parameters
    ----------
    drawn
        How often each source was drawn by a bootstrap; once each if None.
    """
    names = np.array([f"{label} {one.source}" for label, one in zip(given.labels, given.cases, strict=True)])
    _, number, size = np.unique(names, return_inverse=True, return_counts=True)
    weight = size[number] ** -0.5
    if drawn is not None:
        weight = weight * np.array([drawn.get(one.source, 0) for one in given.cases])
    for label in (0, 1):
        total = weight[given.labels == label].sum()
        weight[given.labels == label] /= 2 * total if total else 1
    return np.asarray(weight)


def by_group(given: Matrix) -> np.ndarray:
    """Return how many independent cases each case stands for, shape (n,): a person, clip or speaker counts once a label."""
    names = np.array(
        [f"{label} {one.source} {one.group}" for label, one in zip(given.labels, given.cases, strict=True)]
    )
    _, number, size = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / size[number])
