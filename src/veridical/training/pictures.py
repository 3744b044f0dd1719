"""The one split of the shared pictures: whole sources are left out together, and with them their generators.

A fold is judged by what was learned from the three others. Within these, the sources of ``TUNE`` decide when training ends and
teach nothing else; each of them holds both labels, so that the tune figure is no figure about sources.
"""

from __future__ import annotations

import csv
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import UsageError

FOLDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "A": {
        "fake": ("fakefaces", "seeprettyface", "roeishc", "seegma", "kurlyto"),
        "real": ("ffhq", "seegma", "kurlyto"),
    },
    "B": {"fake": ("sd14",), "real": ("webportraits", "utkface")},
    "C": {"fake": ("nanobanana", "laboratoriet", "dexer1"), "real": ("laboratoriet", "dexer1", "unsplash")},
    "D": {"fake": ("attgan",), "real": ("lfwgray", "attgan")},
}
"""Sources by fold and label: the StyleGAN family, Stable Diffusion, modern diffusion, and edited faces."""
SYNTHESIS = ("A", "B", "C")
"""The folds whose fakes were made as a whole; those of D are edits."""
TUNE = ("kurlyto", "laboratoriet", "dexer1")
"""Sources with both labels whose generators no other source shares."""
MOST: Mapping[tuple[str, str], int] = {("utkface", "real"): 130, ("attgan", "fake"): 42}
"""The most rows taken of a source and label, lest one outweighs all others."""
_APART = ("source", "generator", "group")

Row = Mapping[str, str]
"""A row of the manifest (file, label, source, generator, group, …) and its ``fold``."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from, to end training by, and to judge with; they share no source, generator or group."""

    train: Sequence[Row]
    tune: Sequence[Row]
    test: Sequence[Row]


def fold_of(row: Row) -> str:
    """Return the fold of a row: the one it names itself, or that of its source and label; raises UsageError if it has none."""
    if named := row.get("fold"):
        if named not in FOLDS:
            raise UsageError(f"{row.get('file', 'a row')}: no fold {named}; there are {', '.join(FOLDS)}")
        return named
    for name, sources in FOLDS.items():
        if row["source"] in sources.get(row["label"], ()):
            return name
    raise UsageError(
        f"{row.get('file', 'a row')}: no fold holds the {row['label']} pictures of {row['source']}; "
        f"say in a column fold of the manifest to which they belong ({', '.join(FOLDS)})"
    )


def rows(folder: Path) -> list[Row]:
    """Return the rows of ``manifest.csv`` with their folds, in an order that looks random and never changes.

    Of sources with many pictures the first in that order are taken (`MOST`). Raises UsageError if there is no manifest.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        raise UsageError(f"{folder} holds no manifest.csv; name the folder of the labelled pictures")
    found: list[Row] = []
    count: Counter[tuple[str, str]] = Counter()
    with path.open(newline="", encoding="utf-8") as file:
        listed = sorted(csv.DictReader(file), key=lambda row: zlib.crc32(row["file"].encode()))
    for row in listed:
        kind = row["source"], row["label"]
        count[kind] += 1
        if count[kind] <= MOST.get(kind, len(listed)):
            found.append({**row, "fold": fold_of(row)})
    return found


def split(given: Sequence[Row], test: str | None, *, tune: Sequence[str] = TUNE) -> Split:
    """Share rows out: the fold ``test``, of the others the sources ``tune``, and what is left to learn from.

    Parameters
    ----------
    test
        A fold, or None to keep none back: for the network that is shipped.
    tune
        Sources that end training. Those of the fold that is kept back are no part of it; with none, all is learned from.

    Raises
    ------
    UsageError
        If there is no such fold, or the parts share a source, a generator or a group.
    """
    if test is not None and test not in FOLDS:
        raise UsageError(f"no fold {test}; there are {', '.join(FOLDS)}")
    kept = [row for row in given if row["fold"] != test]
    found = Split(
        train=[row for row in kept if row["source"] not in tune],
        tune=[row for row in kept if row["source"] in tune],
        test=[row for row in given if row["fold"] == test],
    )
    check_apart(train=found.train, tune=found.tune, test=found.test)
    return found


def check_apart(**parts: Sequence[Row]) -> None:
    """Raise UsageError, with examples, if two parts share a source, a generator or a group; empty fields are not compared."""
    names = list(parts)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            for field in _APART:
                shared = _held(parts[one], field) & _held(parts[other], field)
                if shared:
                    listed = ", ".join(sorted(shared)[:3])
                    raise UsageError(f"{one} and {other} share {len(shared)} of field {field}: {listed}")


def _held(part: Sequence[Row], field: str) -> set[str]:
    return {row[field] for row in part} - {""}


def load(folder: Path, row: Row) -> np.ndarray:
    """Return the picture of a row, shape (height, width, 3), RGB, uint8."""
    with Image.open(folder / row["file"]) as picture:
        return np.asarray(picture.convert("RGB"))
