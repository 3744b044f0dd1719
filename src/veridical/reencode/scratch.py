"""A folder for what is written for a moment: gone when it is left, and gone with the next start if the process was killed.

What lies there is an exhibit in other clothes, so it must not stay behind. Each folder holds a locked file; the lock ends
with its process, however that ends, and a folder without a living lock is removed by whoever comes next.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "veridical-reencoded-"
_LOCK = ".lock"


@contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder, readable by this user only; raises OSError if none can be made."""
    sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        with (folder / f"{_LOCK}-new").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (folder / f"{_LOCK}-new").rename(folder / _LOCK)  # nobody sees it before it is locked
            yield folder


def sweep() -> None:
    """Remove folders that killed processes of this user have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # another process is quicker, or the folder is somebody else's
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its owner lives
                shutil.rmtree(folder, ignore_errors=True)
