"""A new file that is there whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..errors import UsageError
from ..store.durable import sync

_DRAFT = ".veridical-bundle-"


def publish(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """Write a file that has no name until it is complete and on the disk; a file that is there already is never replaced.

    Where the system has nameless files (Linux: O_TMPFILE), a kill leaves nothing behind; elsewhere it may leave a file whose
    name begins with ``.veridical-bundle-``, which can be removed.

    Raises
    ------
    UsageError
        If there is a file of that name, or it cannot be written.
    """
    folder = path.parent
    try:
        if path.exists() or path.is_symlink():
            raise FileExistsError(errno.EEXIST, "", str(path))
        handle, draft = _open(folder)
        try:
            with os.fdopen(handle, "wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o644)
                _name(file.fileno(), draft, path)
        finally:
            if draft:
                draft.unlink(missing_ok=True)
        sync(folder)
    except FileExistsError:
        raise UsageError(f"{path} is there already and stays as it is; choose another name with --out") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); choose another place with --out") from None


def _open(folder: Path) -> tuple[int, Path | None]:
    """Open a new file to write to: nameless if that can be had, else with the name that is returned."""
    flags = os.O_WRONLY | os.O_CLOEXEC
    nameless = getattr(os, "O_TMPFILE", 0)
    if nameless and Path("/proc/self/fd").is_dir():
        try:
            return os.open(folder, flags | nameless, 0o600), None
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
                raise
    draft = folder / f"{_DRAFT}{secrets.token_hex(8)}"
    return os.open(draft, flags | os.O_CREAT | os.O_EXCL, 0o600), draft


def _name(handle: int, draft: Path | None, path: Path) -> None:
    """Give a complete file its name in one step that fails if the name is taken."""
    if draft is None:
        root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        try:  # with a folder, the system is told to follow the link of /proc; without one, Python forgets to
            os.link(f"/proc/self/fd/{handle}", path.absolute(), src_dir_fd=root, follow_symlinks=True)
        finally:
            os.close(root)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(errno.EEXIST, "", str(path)) from None
        draft.rename(path)
