"""Working copies: what is examined, so that the original is read once and never again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import CaseDamaged, NotMedia
from ..media.sniff import sniff
from . import durable
from .ledger import Exhibit

FOLDER = "media"
_LONGEST_NAME = 150
_DRAFT = durable.DRAFT + "exhibit"


def take(folder: Path, source: Path, number: int) -> dict[str, Any]:
    """Copy a file into a draft and return what an entry says of it; ``place`` makes it a working copy.

    Raises
    ------
    NotMedia
        If it cannot be read, or not be copied.
    MediaChanged
        If it changed while it was copied.
    """
    draft = folder / FOLDER / _DRAFT
    draft.unlink(missing_ok=True)
    try:
        found = durable.copy(source, draft)
    except OSError as error:
        problem = f"the file cannot be copied into the case ({error.strerror})"
        raise NotMedia(source, problem, "Check its permissions, and the room on the disk of the case") from None
    return {
        "exhibit": number, "name": source.name, "path": str(source.resolve()), "bytes": found.bytes, "sha256": found.sha256,
        "sha512": found.sha512, "modified": found.modified, "format": _format(draft),
        "copy": f"{FOLDER}/{number:04d}-{_safe(source.name)}",
    }  # fmt: skip


def place(folder: Path, copy: str) -> None:
    """Make the draft a working copy."""
    path = folder / copy
    (folder / FOLDER / _DRAFT).replace(path)
    durable.sync(path.parent)


def drop(folder: Path) -> None:
    """Remove the draft: the case has this content already."""
    (folder / FOLDER / _DRAFT).unlink()


def verified(folder: Path, exhibit: Exhibit) -> dict[str, Any]:
    """Return the hashes that a working copy has now.

    Raises
    ------
    CaseDamaged
        If they are not those of the original, or it is missing.
    """
    path = folder / exhibit.copy
    try:
        if path.is_symlink() or not path.is_file():
            raise FileNotFoundError(None, "there is no such file")
        now = durable.hashes(path)
    except OSError as error:
        raise CaseDamaged(
            f"exhibit {exhibit.number}: its working copy {path} cannot be read ({error.strerror})"
        ) from None
    if (now.bytes, now.sha256, now.sha512) != (exhibit.bytes, exhibit.sha256, exhibit.sha512):
        raise CaseDamaged(
            f"exhibit {exhibit.number}: its working copy {path} was changed: it has not the hashes of the original"
        )
    return {"exhibit": exhibit.number, "sha256": now.sha256, "sha512": now.sha512}


def _format(path: Path) -> str:
    try:
        return sniff(path)[0]
    except NotMedia:
        return ""


def _safe(name: str) -> str:
    kept = "".join(one if one.isprintable() and one not in '/\\:*?"<>|' else "_" for one in name)
    stem, dot, suffix = kept.rpartition(".")
    while len(kept.encode()) > _LONGEST_NAME:
        stem = stem[:-1] if dot else ""
        kept = f"{stem}{dot}{suffix}" if stem else kept[:-1]
    return kept
