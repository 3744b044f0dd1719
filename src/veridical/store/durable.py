"""Writing files so that a kill or a power cut leaves the old state or the new one, and never half of one."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import MediaChanged, NotMedia

DRAFT = ".new-"
"""What the names of files begin with until they are whole."""
READ_ONLY = 0o444
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """What a file holds: size in bytes, two independent hashes, and when it was last modified (ISO 8601, UTC)."""

    bytes: int
    sha256: str
    sha512: str
    modified: str


def write(path: Path, data: bytes) -> None:
    """Write a read-only file in one step: draft, fsync, rename, fsync of the folder. What was there is replaced."""
    with Replacement(path, len(data)) as made:
        made.finish(data)


class Replacement:
    """A file that will replace another in one step, with its room on the disk taken already: use it in a ``with`` statement.

    Raises OSError where the disk has no room, when it is entered.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size
        self._draft = path.with_name(DRAFT + path.name)

    def __enter__(self) -> Self:
        self._draft.unlink(missing_ok=True)
        with self._draft.open("xb") as file:
            file.write(b"-" * self._size)
            file.flush()
            os.fsync(file.fileno())
        return self

    def finish(self, data: bytes) -> None:
        """Put these bytes, as many as were announced, in the place of the file."""
        with self._draft.open("r+b") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), READ_ONLY)
            os.fsync(file.fileno())
        self._draft.replace(self._path)
        sync(self._path.parent)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._draft.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy(source: Path, draft: Path) -> Hashes:
    """Read a file once, hash it and write a read-only draft of it; then read the draft again and compare.

    The source is opened for reading only; where the system allows it, even its time of access stays as it is.

    Raises
    ------
    MediaChanged
        If the source was written to meanwhile, or what was read back is not what was written.
    OSError
        If one of them cannot be read or written; no draft is left then.
    """
    try:
        with os.fdopen(_open_untouched(source), "rb") as original, draft.open("xb") as file:
            before = os.fstat(original.fileno())
            sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
            while piece := original.read(_PIECE):
                sha256.update(piece)
                sha512.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fchmod(file.fileno(), READ_ONLY)
            os.fsync(file.fileno())
            after = os.fstat(original.fileno())
        if _state(before) != _state(after) or size != after.st_size:
            raise MediaChanged(
                source, "the file changed while it was copied", "Add a copy that no other program writes to"
            )
        made = Hashes(bytes=size, sha256=sha256.hexdigest(), sha512=sha512.hexdigest(), modified=_utc(after.st_mtime))
        back = hashes(draft)
        if (back.bytes, back.sha256, back.sha512) != (made.bytes, made.sha256, made.sha512):
            raise MediaChanged(
                source, "its working copy is not what was read", "Check the disk that holds the case, add it again"
            )
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return made


def hashes(path: Path) -> Hashes:
    """Hash a file that lies here; raises OSError if it cannot be read."""
    sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
    with os.fdopen(_open_untouched(path), "rb") as file:
        while piece := file.read(_PIECE):
            sha256.update(piece)
            sha512.update(piece)
            size += len(piece)
        modified = os.fstat(file.fileno()).st_mtime
    return Hashes(bytes=size, sha256=sha256.hexdigest(), sha512=sha512.hexdigest(), modified=_utc(modified))


def must_be_file(path: Path) -> None:
    """Raise NotMedia, which says what to do, unless this is a file with content."""
    if not path.exists():
        raise NotMedia(path, "there is no such file", "Check the path")
    if path.is_dir():
        raise NotMedia(path, "this is a folder", "Name the files in it one by one, or with a wildcard")
    if not path.is_file():
        raise NotMedia(path, "this is a pipe or a device, not a file", "Save its content to a file first")
    if path.stat().st_size == 0:
        raise NotMedia(path, "the file is empty", "Fetch it again from its source")


def _open_untouched(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # only the owner may leave the time of access alone
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def is_writable(path: Path) -> bool:
    """Whether the mode of a file lets anybody write to it."""
    return bool(stat.S_IMODE(path.lstat().st_mode) & 0o222)


def _state(of: os.stat_result) -> tuple[int, int]:
    return of.st_size, of.st_mtime_ns


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
