"""Labelled media on disk, as items: manifests, and the folder layouts in which public collections are handed out.

A file that is listed but missing is an error, never a smaller benchmark. What is left out on purpose is counted by reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import UsageError
from . import _collections as collections
from . import _manifests as manifests
from .rows import Item

MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Items of one or more labelled folders.

    ``root`` is the folder that the paths of rows are relative to; ``excluded`` counts the files that were left out, by
    reason.
    """

    root: Path
    layout: str
    items: tuple[Item, ...]
    excluded: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Layout:
    fits: Callable[[Path], bool]
    read: Callable[[Path], list[Item]]


LAYOUTS: Mapping[str, _Layout] = {
    "faceforensics": _Layout(collections.is_faceforensics, collections.faceforensics),
    "celeb-df": _Layout(collections.is_celeb_df, collections.celeb_df),
    "dfdc": _Layout(collections.is_dfdc, collections.dfdc),
    "asvspoof": _Layout(collections.is_asvspoof, collections.asvspoof),
    "df40": _Layout(collections.is_df40, collections.df40),
}
NAMES = ("auto", "manifest", *LAYOUTS)


def read(path: Path, *, layout: str = "auto") -> tuple[Item, ...]:
    """Return the items of a manifest or a folder; see ``load``."""
    return load(path, layout=layout).items


def load(
    path: Path, *, layout: str = "auto", low_trust: bool = False, composites: bool = False, verify: bool = False,
    groups: Path | None = None,
) -> Collection:  # fmt: skip
    """Read labelled media.

    Parameters
    ----------
    path
        A manifest (CSV with the columns file and label at least), a folder that holds ``manifest.csv``, a folder of
        such folders, or a collection in a layout of ``LAYOUTS``.
    layout
        One of ``NAMES``; "auto" recognises it.
    low_trust
        True takes files whose label is of low trust (column label_trust).
    composites
        True takes side-by-side composites (column layout), which show real and made faces in one picture.
    verify
        True compares every file with the column sha256.
    groups
        A CSV with the columns file (its name) and group: who is shown or heard in it. Files that are not listed keep the
        group that the collection gives them.

    Raises
    ------
    UsageError
        If there is no such layout, a file is missing or not the one that was listed, or a label cannot be understood.
    """
    if layout not in NAMES:
        raise UsageError(f"there is no layout {layout!r}; known: {', '.join(NAMES)}")
    if not path.exists():
        raise UsageError(f"there is no {path}; name a manifest or a folder of labelled media")
    name = _recognise(path) if layout == "auto" else layout
    excluded: Counter[str] = Counter()
    if name == "manifest":
        options = manifests.Options(low_trust=low_trust, composites=composites, verify=verify)
        items = [item for file in _manifests_of(path, excluded) for item in manifests.read(file, options, excluded)]
    else:
        items = LAYOUTS[name].read(path)
    if not items:
        raise UsageError(f"{path} holds no labelled media in the layout {name!r}; see: veridical benchmark --help")
    _demand_files(items)
    if groups is not None:
        items = _grouped(items, manifests.groups(groups), groups)
    return Collection(root=_root(path), layout=name, items=tuple(items), excluded=dict(sorted(excluded.items())))


def _grouped(items: list[Item], named: Mapping[str, str], groups: Path) -> list[Item]:
    if not any(item.path.name in named for item in items):
        raise UsageError(f"{groups} names no file of these media; its column file holds the names of files")
    return [replace(item, group=named.get(item.path.name, item.group)) for item in items]


def _root(path: Path) -> Path:
    return path.absolute() if path.is_dir() else path.absolute().parent


def _recognise(path: Path) -> str:
    if path.suffix.lower() == ".csv" or any(path.glob(MANIFEST)) or any(path.glob(f"*/{MANIFEST}")):
        return "manifest"
    for name, layout in LAYOUTS.items():
        if layout.fits(path):
            return name
    raise UsageError(
        f"{path} holds no {MANIFEST} and is in no layout that is known ({', '.join(LAYOUTS)}); "
        f"write a {MANIFEST} with the columns file, label, category, generator, source, group"
    )


def _manifests_of(path: Path, excluded: Counter[str]) -> list[Path]:
    """Return the manifests of a path; in a folder of folders, those without labels are left out and counted."""
    if path.is_file():
        return [path]
    if (path / MANIFEST).exists():
        return [path / MANIFEST]
    found = sorted(path.glob(f"*/{MANIFEST}"))
    for file in found:
        if not manifests.has_labels(file):
            excluded[f"{file.parent.name}: not labelled real or fake"] += manifests.count(file)
    return [file for file in found if manifests.has_labels(file)]


def _demand_files(items: list[Item]) -> None:
    missing = [item.path for item in items if not item.path.is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UsageError(f"{missing[0]} is listed but missing{more}; fetch what is missing, or take it off the list")
    seen: set[Path] = set()
    for item in items:
        if item.path in seen:
            raise UsageError(f"{item.path} is listed twice; each file may have one label")
        seen.add(item.path)
