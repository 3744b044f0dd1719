"""Enrolled persons: how the movements of this user's known people go together, learned from authentic clips of them.

One folder a person: ``person.json``, ``profile.npy`` and ``supports.npy``. These are biometric data: they are made only by an
explicit enrolment, nothing of the clips themselves is kept but their SHA-256, and nothing leaves this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .enrolled import Shelf
from .errors import UsageError
from .signals.behaviour import Windows
from .signals.one_class import OneClass, fit

LEAST_S = 30.0
"""Seconds of footage that an enrolment needs; the published work used an hour or more of each person."""
WINDOW_S, STEP_S = 10.0, 1 / 6
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 4.0, 60.0
_NU = 0.1
# At the usual 1 / (size · variance) the windows of other people lie so far away that all get one and the same value.
_GAMMA = 0.1
# A person's own correlations vary by at least the sampling error of a correlation over some hundred independent frames.
_LEAST_SCALE = 0.1
_MOST_WINDOWS = 1500
_FOLDS = 5
_SHELF = Shelf(setting="persons", kind="person", how="veridical enrol person NAME CLIP…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What a clip shows of the person: its SHA-256, the seconds in which the face is seen, and its windows."""

    sha256: str
    seen_s: float
    windows: Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An enrolled person.

    Parameters
    ----------
    window_s, step_s
        Length and distance of windows, seconds.
    seconds, windows
        Footage that the windows cover, and how many were learned from.
    own
        5th, 50th and 95th percentile of the values of the person's own windows, each judged by a model that was made without
        its clip (or its half, if there is one clip); empty if there is too little for that.
    clips
        SHA-256 of each clip.
    sha256
        Hash of each array file, by name.
    """

    name: str
    window_s: float
    step_s: float
    seconds: float
    windows: int
    own: tuple[float, ...]
    clips: tuple[str, ...]
    gamma: float
    offset: float
    length: float
    sha256: dict[str, str]
    made: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The model of a person: ``mean`` and ``scale`` of each correlation, shape (k,), and the region where theirs lie."""

    mean: np.ndarray
    scale: np.ndarray
    region: OneClass

    def values(self, features: np.ndarray) -> np.ndarray:
        """Return for each window, features (m, k), how far it lies outside the region: minus its signed distance, −1 to 1."""
        return -self.region.distances((features - self.mean) / self.scale)


def folder() -> Path:
    """Return where persons are kept."""
    return _SHELF.folder()


def names() -> tuple[str, ...]:
    """Return the names of all enrolled persons, damaged ones too."""
    return _SHELF.names()


def listed() -> tuple[Person, ...]:
    """Return all enrolled persons by name; raises UsageError if one of them is damaged."""
    return tuple(load(name) for name in names())


def load(name: str) -> Person:
    """Return an enrolled person; raises UsageError if there is none of that name, or it is damaged."""
    return _SHELF.load(name, _parsed)


def legible() -> tuple[list[Person], tuple[str, ...]]:
    """Return the persons that can be read, and a sentence for each other one; raises NotInstalled if there is none."""
    return _SHELF.legible(load)


def remove(name: str) -> None:
    """Remove an enrolled person; raises UsageError if there is none of that name."""
    _SHELF.remove(name)


def free(name: str, *, replace: bool = False) -> None:
    """Raise UsageError if a name is unfit, or taken and not to be replaced."""
    _SHELF.free(name, replace=replace)


def behaviour(person: Person) -> Behaviour:
    """Return the model of an enrolled person; raises UsageError if one of its files is not the one made."""
    profile, supports = (
        _SHELF.array(person.name, what, person.sha256[what]).astype(np.float64) for what in ("profile", "supports")
    )
    region = OneClass(
        gamma=person.gamma, supports=supports[:, :-1], weights=supports[:, -1], offset=person.offset, length=person.length
    )  # fmt: skip
    return Behaviour(mean=profile[0], scale=profile[1], region=region)


def learn(features: np.ndarray) -> Behaviour:
    """Learn a model from windows: features (m, k), at least two."""
    if len(features) > _MOST_WINDOWS:
        features = features[np.linspace(0, len(features) - 1, _MOST_WINDOWS).round().astype(int)]
    mean, scale = features.mean(0), np.maximum(features.std(0), _LEAST_SCALE)
    return Behaviour(
        mean=mean, scale=scale, region=fit((features - mean) / scale, nu=_NU, gamma=_GAMMA / features.shape[1])
    )


def enrol(
    name: str, footage: Sequence[Footage], *, window_s: float = WINDOW_S, step_s: float = STEP_S, replace: bool = False
) -> Person:
    """Learn how a person behaves from clips of them, and keep it.

    Parameters
    ----------
    footage
        What each clip shows, with windows of ``window_s`` every ``step_s`` seconds.
    replace
        True replaces an enrolled person of that name.

    Raises
    ------
    UsageError
        If the name is taken or unfit, a clip was given twice, or there is too little footage.
    """
    free(name, replace=replace)
    clips = [one.sha256 for one in footage]
    if len(set(clips)) < len(clips):
        raise UsageError("the same clip was given twice; give each once")
    seconds = sum(covered_s(one.windows) for one in footage)
    if seconds < LEAST_S:
        seen = sum(one.seen_s for one in footage)
        raise UsageError(
            f"the face is seen for {seen:.0f} s, {seconds:.0f} s of it in windows of {window_s:g} s without a gap; "
            f"{LEAST_S:g} s are needed to enrol a person, an hour is better: give more clips, or longer ones"
        )
    features = np.concatenate([one.windows.features for one in footage])
    model = learn(features)
    region = model.region
    person = Person(
        name=name, window_s=float(window_s), step_s=float(step_s), seconds=round(seconds, 2), windows=len(features),
        own=_own(footage), clips=tuple(clips), gamma=region.gamma, offset=region.offset, length=region.length, sha256={},
        made=datetime.now(UTC).isoformat(timespec="seconds"), version=__version__,
    )  # fmt: skip
    arrays = {
        "profile": np.stack([model.mean, model.scale]), "supports": np.column_stack([region.supports, region.weights])
    }  # fmt: skip
    _SHELF.keep(name, arrays, lambda hashes: asdict(person) | {"sha256": hashes})
    return load(name)


def covered_s(windows: Windows) -> float:
    """Return the seconds that windows cover, overlaps counted once."""
    total, reached = 0.0, -np.inf
    for start, end in zip(windows.starts_s, windows.ends_s, strict=True):
        total += max(float(end - max(start, reached)), 0.0)
        reached = max(reached, end)
    return total


def _own(footage: Sequence[Footage]) -> tuple[float, ...]:
    """Judge the person's own windows by models made without their clip; empty if there is too little to leave any out."""
    seen = [one.windows for one in footage if len(one.windows)]
    found = []
    for others, own in _folds(seen) if len(seen) > 1 else _halves(seen[0]):
        if len(others) >= 2 and len(own):
            found.append(learn(others).values(own))
    return tuple(np.percentile(np.concatenate(found), (5, 50, 95)).tolist()) if found else ()


def _folds(seen: Sequence[Windows]) -> list[tuple[np.ndarray, np.ndarray]]:
    count = min(_FOLDS, len(seen))
    parts = [np.concatenate([one.features for one in seen[first::count]]) for first in range(count)]
    return [(np.concatenate([*parts[:i], *parts[i + 1 :]]), parts[i]) for i in range(count)]


def _halves(windows: Windows) -> list[tuple[np.ndarray, np.ndarray]]:
    middle = (windows.starts_s[0] + windows.ends_s[-1]) / 2
    first, second = (windows.features[part] for part in (windows.ends_s <= middle, windows.starts_s >= middle))
    return [(first, second), (second, first)]


def _parsed(plain: dict[str, Any]) -> Person:
    person = Person(**{**plain, "clips": tuple(plain["clips"]), "own": tuple(plain["own"])})
    if {"profile", "supports"} - set(person.sha256):
        raise ValueError("a hash is missing")
    return person
