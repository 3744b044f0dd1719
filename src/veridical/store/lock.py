"""One writer at a time, and nobody reads while an entry is half written. Locks end with the process, however it ends.

They are kept by the kernel for files of this machine: a case lies on a local disk, not on a share of a network.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UsageError

NAME = "LOCK"
LONGEST_WAIT_S = 600.0
_LOOK_EVERY_S = 0.05


@contextmanager
def writing(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a case for writing; ``waiting`` is called once if another process holds it.

    Raises
    ------
    UsageError
        If it is not free after ten minutes, or cannot be written to.
    """
    with _held(folder / NAME, os.O_RDWR, fcntl.LOCK_EX, waiting):
        yield


@contextmanager
def checking(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a case so that nobody writes to it."""
    with _held(folder / NAME, os.O_RDONLY, fcntl.LOCK_SH, waiting):
        yield


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Read the log: waits for an entry that is being written, not for a long copy."""
    with _held(folder, os.O_RDONLY | os.O_DIRECTORY, fcntl.LOCK_SH, lambda: None):
        yield


@contextmanager
def sealing(folder: Path) -> Iterator[None]:
    """Write an entry: waits for those who read."""
    with _held(folder, os.O_RDONLY | os.O_DIRECTORY, fcntl.LOCK_EX, lambda: None):
        yield


@contextmanager
def _held(path: Path, flags: int, how: int, waiting: Callable[[], None]) -> Iterator[None]:
    try:
        handle = os.open(path, flags | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing: this is no case, or it was not copied whole") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be opened ({error.strerror}); a case is used by the account that owns it"
        ) from None
    try:
        _wait(handle, how, path, waiting)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, how: int, path: Path, waiting: Callable[[], None]) -> None:
    until, said = time.monotonic() + LONGEST_WAIT_S, False
    while True:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise UsageError(
                    f"another command has held {path} for {LONGEST_WAIT_S / 60:.0f} minutes; end it first"
                ) from None
            if not said:
                waiting()
                said = True
            time.sleep(_LOOK_EVERY_S)
