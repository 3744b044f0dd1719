"""Report files: a page and the same as JSON under one name that no earlier report has."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from ..errors import UsageError

LONGEST_NAME = 200
"""Bytes of the exhibit's name that are kept: file systems allow 255 with what is added."""


def check(folder: Path) -> None:
    """Make the folder and write to it for a moment; raises UsageError if that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"cannot write to {folder} ({error.strerror}); choose another folder with --out") from None


def stem_of(name: str, sha256: str) -> str:
    """Return what the names of an exhibit's reports begin with: its own name, cut and printable, and its hash."""
    kept = "".join(letter if letter.isprintable() else "_" for letter in name)
    while len(os.fsencode(kept)) > LONGEST_NAME:
        kept = kept[:-1]
    return f"{kept}.{sha256[:8]}"


def write(folder: Path, stem: str, *, page: str, data: str) -> Path:
    """Write page and data beside each other and return where the page lies; earlier reports stay as they are.

    Raises
    ------
    OSError
        If they cannot be written; nothing is left behind then.
    """
    for number in count(1):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}.report.html"
        try:
            _both({path: page, path.with_suffix(".json"): data})
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")


def _both(texts: dict[Path, str]) -> None:
    with ExitStack() as undo:
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                undo.callback(path.unlink, missing_ok=True)
                file.write(text)
        undo.pop_all()
