"""Reports of a case: the JSON text, compressed, in a file that is named by the SHA-256 of the text."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from ..errors import CaseDamaged
from . import durable

FOLDER = "reports"
SUFFIX = ".json.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a report lies, relative to the case, its size and hash as text, and those of the file."""

    stored: str
    sha256: str
    bytes: int
    stored_sha256: str
    stored_bytes: int


def store(folder: Path, text: str) -> Stored:
    """Write a report durably and return where it lies; raises OSError if it cannot be written."""
    plain = text.encode()
    packed = gzip.compress(plain, mtime=0)
    sha256 = hashlib.sha256(plain).hexdigest()
    name = f"{FOLDER}/{sha256}{SUFFIX}"
    durable.write(folder / name, packed)
    return Stored(
        stored=name,
        sha256=sha256,
        bytes=len(plain),
        stored_sha256=hashlib.sha256(packed).hexdigest(),
        stored_bytes=len(packed),
    )


def load(folder: Path, name: str, sha256: str, stored_sha256: str) -> str:
    """Read a report.

    Raises
    ------
    CaseDamaged
        If it is missing or not what was stored.
    """
    path = folder / name
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise CaseDamaged(f"{path} cannot be read ({error.strerror})") from None
    if hashlib.sha256(packed).hexdigest() != stored_sha256:
        raise CaseDamaged(f"{path} was changed: it has not the hash that the log names")
    try:
        plain = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        raise CaseDamaged(f"{path} cannot be unpacked") from None
    if hashlib.sha256(plain).hexdigest() != sha256:
        raise CaseDamaged(f"{path} was changed: its text has not the hash that the log names")
    return plain.decode()
