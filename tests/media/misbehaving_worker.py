"""A decoder process that can misbehave on purpose: the operation "crash" breaks one rule of the sandbox."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from veridical.media import worker
from veridical.media.wire import Message


def read(path: Path, *, how: str) -> Iterator[Message]:
    """Break one rule of the decoder process; the answer says so where nothing stopped it."""
    if how == "signal":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "exit":
        sys.exit(3)
    elif how == "memory":
        bytearray(1 << 40)
    elif how == "sleep":
        time.sleep(3600)
    elif how == "chatter":
        for _ in range(2000):
            os.write(2, b"noise " * 100)
    elif how in _FORBIDDEN:
        _FORBIDDEN[how]()
    yield Message({"survived": how})


def _socket() -> None:
    socket.socket().close()


def _ring() -> None:
    """Set up an io_uring, through which sockets could be opened too; refused, it ends the process."""
    if ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120)) < 0:
        sys.exit(4)


def _write() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"x")


def _nonsense() -> None:
    for file in range(3, 16):
        with contextlib.suppress(OSError):
            os.write(file, b"\xff" * 64)


def _begin() -> None:
    """Begin a message on whichever pipe the answers take, and never end it."""
    for file in range(3, 16):
        with contextlib.suppress(OSError):
            os.write(file, struct.pack(">Q", 1 << 20) + b"{")


def _stall() -> None:
    _begin()
    time.sleep(3600)


def _drip() -> None:
    _begin()
    while True:
        time.sleep(0.1)
        for file in range(3, 16):
            with contextlib.suppress(OSError):
                os.write(file, b" ")


_FORBIDDEN = {
    "socket": _socket, "ring": _ring, "write": _write, "nonsense": _nonsense, "stall": _stall, "drip": _drip,
}  # fmt: skip

if __name__ == "__main__":
    sys.modules["veridical.media.decode.crash"] = sys.modules["__main__"]
    worker.OPERATIONS = (*worker.OPERATIONS, "crash")
    worker.main()
