"""What a killed command leaves behind: drafts, and files that were written before the entry that would have named them.

They were never accepted. The next command that writes names them in the log, with their hashes, and removes them. Files of
other names are not its own: ``verify`` reports them, nothing removes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import durable, reports, working
from .ledger import Ledger

_REPORT = re.compile(r"[0-9a-f]{64}\.json\.gz")


def find(folder: Path, known: Ledger) -> list[str]:
    """Return the paths, relative to the case, of what was left."""
    named = {one.copy for one in known.exhibits} | {one.stored for one in known.examined}
    next_ = f"{len(known.exhibits) + 1:04d}-"
    left = [path.name for path in _files(folder) if path.name.startswith(durable.DRAFT)]
    for path in _files(folder / working.FOLDER):
        unnamed = path.name.startswith(next_) and not durable.is_writable(path)
        if path.name.startswith(durable.DRAFT) or unnamed:
            left.append(f"{working.FOLDER}/{path.name}")
    for path in _files(folder / reports.FOLDER):
        if path.name.startswith(durable.DRAFT) or _REPORT.fullmatch(path.name):
            left.append(f"{reports.FOLDER}/{path.name}")
    return sorted(set(left) - named)


def described(folder: Path, name: str) -> dict[str, Any]:
    """Return name, size and hash of a file, for the log."""
    found = durable.hashes(folder / name)
    return {"name": name, "bytes": found.bytes, "sha256": found.sha256}


def remove(folder: Path, names: Sequence[str]) -> None:
    """Remove files of the case."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()] if folder.is_dir() else []
