"""What the walkers of file structure share: bounded reading and a bounded list of parts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

MOST_PARTS = 5000
DEEPEST = 16
CHUNK = 1 << 20

PartRow = tuple[str, int, int, int]
"""Name, offset, size and depth."""


class Enough(Exception):
    """The list of parts is full; the rest of the file is not listed."""


class Source:
    """A file read at given offsets; reading past its end gives fewer bytes, never an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self._file).st_size

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def at(self, offset: int, count: int) -> bytes:
        """Return up to ``count`` bytes; only for counts that no size field of the file decides."""
        return os.pread(self._file, count, offset) if 0 <= offset < self.size else b""

    def number(self, offset: int, count: int, order: str = "big") -> int:
        """Return an unsigned number; 0 where the file has ended."""
        return int.from_bytes(self.at(offset, count), "little" if order == "little" else "big")

    def chunks(self, offset: int, end: int, *, overlap: int = 0) -> Iterable[tuple[int, bytes]]:
        """Yield offset and bytes of successive chunks of 1 MiB that overlap."""
        end = min(end, self.size)
        while offset < end:
            data = self.at(offset, min(CHUNK + overlap, end - offset))
            if not data:
                return
            yield offset, data
            offset += CHUNK


@dataclass
class Structure:
    """The parts of one file.

    Parameters
    ----------
    family
        "iso", "jpeg", "png", "gif", "tiff", "riff", "aiff", "ebml", "ogg", "flac", "mp3", "mpeg", "mpegts" or "".
    rows
        Parts in file order.
    end
        Offset at which the last known part ends; beyond the file's size if the file is cut.
    open_ended
        True if the header leaves the length open, as recorders that write to a pipe do.
    complete
        False if the file has more parts than are listed.
    notes
        What a walker read on its way: "brands", "width", "vendor", …
    """

    size: int
    family: str = ""
    rows: list[PartRow] = field(default_factory=list)
    end: int = 0
    open_ended: bool = False
    complete: bool = True
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, offset: int, size: int, depth: int = 0) -> None:
        """List one part; raises Enough when the list is full."""
        if len(self.rows) >= MOST_PARTS:
            raise Enough
        self.rows.append((name, offset, size, depth))

    @property
    def cut(self) -> bool:
        """True if the header promises more bytes than the file has."""
        return self.end > self.size and not self.open_ended

    @property
    def trailing(self) -> int:
        """Bytes after the end of the last known part."""
        return max(0, self.size - self.end)

    def names(self, *, depth: int | None = None) -> set[str]:
        """Return the names of all parts, or of those at one depth."""
        return {name for name, _, _, at in self.rows if depth is None or at == depth}


def printable(raw: bytes) -> str:
    """Return a four-character code as text; bytes that do not print as hexadecimal."""
    if all(32 <= byte < 127 or byte == 0xA9 for byte in raw):
        return raw.decode("latin-1")
    return "0x" + raw.hex()
