"""Manifests: a CSV with a row a file. Columns of the same meaning go by several names."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from typing import cast

from ..catalogue import CATEGORIES
from ..errors import UsageError
from .rows import Item, Label

_GENERATOR = ("generator", "method", "system")
_GROUP = ("group", "identity", "speaker")
_LOW_TRUST = "label of low trust"
_COMPOSITE = "side-by-side composite, not cropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to take, and whether to compare files with their hashes; see ``layouts.load``."""

    low_trust: bool
    composites: bool
    verify: bool


def has_labels(manifest: Path) -> bool:
    """Tell whether a manifest says what is real and what is fake."""
    return "label" in (_rows(manifest)[:1] or [{}])[0]


def count(manifest: Path) -> int:
    """Return the number of files in a manifest."""
    return len(_rows(manifest))


def read(manifest: Path, options: Options, excluded: Counter[str]) -> list[Item]:
    """Return the items of a manifest, counting in ``excluded`` what is left out; raises UsageError for odd rows."""
    rows = _rows(manifest)
    _demand_columns(manifest, rows)
    items = []
    for number, row in enumerate(rows, start=2):
        reason = _unwanted(row, options)
        if reason:
            excluded[reason] += 1
            continue
        item = _item(manifest, number, row)
        if options.verify and row.get("sha256"):
            _verify(item.path, row["sha256"])
        items.append(item)
    return items


def groups(table: Path) -> dict[str, str]:
    """Read a CSV with the columns file and group: the group of each file name.

    Raises
    ------
    UsageError
        If it cannot be read, lacks a column, or names a file twice.
    """
    rows = _rows(table)
    if not rows or {"file", "group"} - set(rows[0]):
        raise UsageError(f"{table} has no rows or lacks the columns file and group")
    named = {row["file"]: row["group"] for row in rows}
    if len(named) < len(rows):
        raise UsageError(f"{table} names a file twice; each belongs to one group")
    return named


def _rows(manifest: Path) -> list[dict[str, str]]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            return [{key: (value or "").strip() for key, value in row.items() if key} for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{manifest} cannot be read as a CSV in UTF-8 ({error})") from None


def _demand_columns(manifest: Path, rows: Sequence[Mapping[str, str]]) -> None:
    columns = rows[0] if rows else {}
    if "label" not in columns and "device" in columns:
        raise UsageError(
            f"{manifest} lists photographs by camera, not labelled real or fake: it serves camera fingerprints, "
            "and there is nothing in it to tell apart"
        )
    missing = {"file", "label"} - set(columns)
    if missing:
        raise UsageError(
            f"{manifest} has no rows or lacks the column {', '.join(sorted(missing))}; it needs file and label"
        )


def _unwanted(row: Mapping[str, str], options: Options) -> str:
    if row.get("label_trust") == "low" and not options.low_trust:
        return _LOW_TRUST
    if row.get("layout", "").startswith("side-by-side composite") and not options.composites:
        return _COMPOSITE
    return ""


def _item(manifest: Path, number: int, row: Mapping[str, str]) -> Item:
    label = row["label"]
    if label not in ("real", "fake"):
        raise UsageError(f"{manifest}, line {number}: the label is {label!r}; it must be real or fake")
    file = Path(row["file"])
    fake = label == "fake"
    return Item(
        path=Path(normpath(manifest.parent.absolute() / file)), label=cast(Label, label),
        category=_category(manifest, number, row) if fake else "real", generator=_first(row, _GENERATOR) if fake else "",
        source=row.get("source") or manifest.absolute().parent.name, group=_first(row, _GROUP) or file.as_posix(),
    )  # fmt: skip


def _category(manifest: Path, number: int, row: Mapping[str, str]) -> str:
    category = row.get("category") or (_category_of_voice(row["system"]) if row.get("system") else "")
    if category not in CATEGORIES:
        known = ", ".join(CATEGORIES)
        raise UsageError(
            f"{manifest}, line {number}: the category of a fake is {category!r}; it must be one of: {known}"
        )
    return category


def _category_of_voice(system: str) -> str:
    """Voice conversion ("…VC") puts one voice in the place of another; all other systems make speech from nothing."""
    return "replacement" if "VC" in system else "synthesis"


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _verify(path: Path, sha256: str) -> None:
    if not path.is_file():
        return  # reported with all other missing files
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != sha256.lower():
        raise UsageError(f"{path} is not the file that was listed (SHA-256 {actual[:12]}…, listed {sha256[:12]}…)")
