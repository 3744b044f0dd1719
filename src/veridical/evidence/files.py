"""The data files of veridical that weigh and place values, and their hashes: a run is done again with these or differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..settings import text

FOLDER = Path(__file__).parent
OWN_SCALE = "scales/own.json"
"""Stands for the file that the setting ``scale`` names, whatever that is called."""
_SHARED = ("*.json", "scales/*.json", "tables/unfit.json")


def used(ids: Iterable[str], kind: str, folder: Path = FOLDER) -> dict[str, Path]:
    """Return the data files that weigh these examinations of one kind of exhibit.

    Parameters
    ----------
    ids
        Ids of the examinations that are asked.
    kind
        "image", "video", "audio", or "" for a file that could not be opened.

    Returns
    -------
    Name relative to the folder of evidence → file, in the order of the names: the calibration table of each examination
    that has one (the user's own before the one that comes with the program), the fused models of the kind, and what serves
    all of them (populations, verbal scale, groups).
    """
    wanted = {f"tables/{id}.json" for id in ids}
    found = {path.relative_to(folder).as_posix(): path for part in _SHARED for path in folder.glob(part)}
    for path in folder.glob("tables/*.json"):
        name = f"tables/{path.name}"
        if name in wanted or (kind and path.name.startswith(f"fusion.{kind}.")):
            found[name] = path
    own = {name: Path(text("tables"), Path(name).name) for name in wanted if text("tables")}
    own |= {OWN_SCALE: Path(text("scale"))} if text("scale") else {}
    found |= {name: path for name, path in own.items() if path.is_file()}
    return dict(sorted(found.items()))


def hashes(ids: Iterable[str], kind: str) -> Mapping[str, str]:
    """Return name → SHA-256 of the data files that weigh these examinations of one kind of exhibit."""
    return {name: _sha256(path) for name, path in used(ids, kind).items()}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
