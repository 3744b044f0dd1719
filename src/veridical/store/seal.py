"""HEAD: how many entries the log has, the hash of the last, and what the database then was, byte for byte.

The log alone cannot tell that its end was cut off, and SQLite checks no byte that it does not use; HEAD covers both. An entry
is accepted when HEAD names it. HEAD is written when the entry is safe in the WAL, with the hash of the database as it will be,
and before the WAL is brought into the database. Whenever a command is killed, then, either the database is the one that HEAD
names (and a WAL beside it holds only what was never accepted), or database and WAL together are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import CaseDamaged, UsageError
from . import database, durable

NAME = "HEAD"
_FORMAT = "veridical case 1"
_OTHER = "veridical case "


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the log: the number of entries, the hash of the last, and the SHA-256 of the database."""

    count: int
    sha256: str
    database: str

    @property
    def text(self) -> str:
        """The content of the file HEAD; its last line is the SHA-256 of the lines above."""
        return _signed(f"{_FORMAT}\nentries {self.count}\nhead {self.sha256}\ndatabase {self.database}\n")


def read(folder: Path) -> Head:
    """Read HEAD.

    Raises
    ------
    UsageError
        If the folder is no case, or one of a newer version.
    CaseDamaged
        If HEAD is missing from a case, or was changed.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _no_case(folder) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path and its permissions") from None
    text = data.decode("ascii", "replace")
    first, *rest = text.split("\n")
    if first != _FORMAT and first.startswith(_OTHER) and _is_signed(text):
        raise UsageError(f"{folder} was written by a newer version of veridical; open it with that one")
    told = {line.partition(" ")[0]: line.partition(" ")[2] for line in rest}
    try:
        made = Head(count=int(told["entries"]), sha256=told["head"], database=told["database"])
    except (KeyError, ValueError):
        made = None
    if made is None or made.text.encode() != data or path.is_symlink():
        raise CaseDamaged(f"{path} was changed: it is not what veridical wrote")
    return made


@contextmanager
def coming(folder: Path, count: int, sha256: str) -> Iterator[Callable[[str], None]]:
    """Take room for the HEAD that will name an entry; what is yielded writes it, given the SHA-256 of the database."""
    empty = Head(count=count, sha256=sha256, database="-" * 64)
    with durable.Replacement(folder / NAME, len(empty.text)) as made:
        yield lambda database: made.finish(replace(empty, database=database).text.encode())


def names(folder: Path, sha256: str) -> bool:
    """Whether HEAD names this entry as the last."""
    try:
        return read(folder).sha256 == sha256
    except (UsageError, CaseDamaged):
        return False


def _signed(text: str) -> str:
    return f"{text}this {hashlib.sha256(text.encode()).hexdigest()}\n"


def _is_signed(text: str) -> bool:
    above, last, _ = text.rpartition("this ")
    return bool(last) and _signed(above) == text


def _no_case(folder: Path) -> UsageError | CaseDamaged:
    if (folder / database.NAME).exists():
        return CaseDamaged(f"{folder / NAME} is missing, so nobody can tell whether the end of the log was cut off")
    what = "holds no case" if folder.is_dir() else "is no folder" if folder.exists() else "does not exist"
    return UsageError(f"{folder} {what}; make a case with: veridical case new {folder}")
