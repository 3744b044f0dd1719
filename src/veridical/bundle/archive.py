"""A zip file of which every byte follows from the names and contents of its members.

Members are stored, not compressed, so nothing can unfold; dates are 1980-01-01, attributes zero; there are no comments and no
extra fields (but for the sizes of members or files of 4 GiB and more, as zip64 prescribes). A reader can therefore write the
file anew in its head and compare: a byte without meaning to other programs is found as well as any other. The structures are
those of the ZIP File Format Specification, PKWARE APPNOTE 6.3.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
"""What members may be called: nothing leads out of the folder into which they are unpacked."""
LONGEST_NAME = 200
MOST_MEMBERS = 10_000
PIECE = 1 << 20
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END_64, _LOCATOR_64 = b"PK\x06\x06", b"PK\x06\x07"
_FIRST_DAY = 0x0021
_LARGE = 0xFFFFFFFF
_LOCAL_BYTES = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: its name, size in bytes and CRC-32; ``start`` is where its content begins in the file."""

    name: str
    size: int
    crc: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong: where, what, and what it means."""

    where: str
    problem: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Member:
    """What is to be written: ``pieces`` gives the content anew each time it is called."""

    name: str
    size: int
    crc: int
    pieces: Callable[[], Iterator[bytes]]


def member(name: str, content: bytes) -> Member:
    """Return a member whose content is at hand."""
    return Member(name, len(content), zlib.crc32(content), lambda: iter((content,)))


def write(file: BinaryIO, members: Sequence[Member]) -> None:
    """Write the zip file.

    Raises
    ------
    ValueError
        If a name cannot stand in a bundle, stands twice, or a content is no longer what size and CRC say.
    """
    entries: list[Entry] = []
    taken: set[str] = set()
    at = 0
    for one in members:
        if problem := _name_problem(one.name, taken):
            raise ValueError(f"{one.name!r} {problem}")
        head = _local(Entry(one.name, one.size, one.crc))
        file.write(head)
        size = crc = 0
        for piece in one.pieces():
            file.write(piece)
            size, crc = size + len(piece), zlib.crc32(piece, crc)
        if (size, crc) != (one.size, one.crc):
            raise ValueError(f"the content of {one.name} changed while it was written")
        entries.append(Entry(one.name, size, crc, at + len(head)))
        at += len(head) + size
    file.write(_tail(entries, at))


def scan(file: BinaryIO) -> tuple[list[Entry], list[Fault]]:
    """Find the members of a bundle and everything in its structure that is not as ``write`` makes it.

    Nothing is believed of the directory at the end: members are found one after the other from the first byte on, and the
    directory is compared with the one that belongs to them. Contents are not read.
    """
    file.seek(0, 2)
    total = file.tell()
    entries: list[Entry] = []
    faults: list[Fault] = []
    taken: set[str] = set()
    at = 0
    while len(entries) < MOST_MEMBERS:
        file.seek(at)
        head = file.read(_LOCAL_BYTES)
        if not head.startswith(_LOCAL) or len(head) < _LOCAL_BYTES:
            break
        found = _read_local(file, head, at, total, taken, faults)
        if found is None:
            return entries, faults
        entries.append(found)
        at = found.start + found.size
    if not entries:
        said = "it does not begin with a member of a zip file" if total else "it is empty"
        return [], [Fault("byte 0", said, "this is no bundle of veridical, or something was put before it")]
    faults.extend(_compare_tail(file, entries, at, total))
    return entries, faults


def pieces(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Yield the content of a member; checks nothing."""
    file.seek(entry.start)
    left = entry.size
    while left and (piece := file.read(min(left, PIECE))):
        left -= len(piece)
        yield piece


def _read_local(file: BinaryIO, head: bytes, at: int, total: int, taken: set[str], faults: list[Fault]) -> Entry | None:
    """Read one header; None if it cannot be told where the next one is."""
    method, crc, packed, size, length, extra = struct.unpack("<8xH4xLLLHH", head)
    rest = file.read(length + extra)
    name = rest[:length].decode("ascii", "replace")
    where = f"header of {name[:80]!r} at byte {at}"
    if method != 0 or int.from_bytes(head[6:8], "little") & 1:
        said = "the member is compressed or encrypted; bundles hold members as they are. It is not unpacked"
        faults.append(Fault(where, said, "the file was packed anew by another program, or altered"))
        return None
    if size == packed == _LARGE and extra == 20:
        size = packed = int.from_bytes(rest[length + 4 : length + 12], "little")
    start = at + len(head) + len(rest)
    if packed != size or start + size > total:
        said = f"it announces {size} bytes of content, where {max(total - start, 0)} follow"
        faults.append(Fault(where, said, "the file was cut off or altered; nothing after this place can be checked"))
        return None
    if problem := _name_problem(name, taken):
        faults.append(
            Fault(where, f"the name {problem}", "veridical writes no such name: the file was made to mislead")
        )
    elif _local(Entry(name, size, crc)) != head + rest:
        said = "its dates, flags, versions or extra fields are not those of a bundle"
        faults.append(Fault(where, said, "the file was altered or packed anew after it was made"))
    return Entry(name, size, crc, start)


def _name_problem(name: str, taken: set[str]) -> str:
    """Say what is wrong with a name, and take it: names that differ in nothing but case are one on some systems."""
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        return "is none that a member of a bundle can have"
    if name.lower() in taken:
        return "stands twice"
    taken.add(name.lower())
    return ""


def _compare_tail(file: BinaryIO, entries: Sequence[Entry], at: int, total: int) -> Iterator[Fault]:
    due = _tail(entries, at)
    file.seek(at)
    found = file.read(len(due))
    meaning = "the file was altered, added to or packed anew after it was made"
    if found != due:
        if due.startswith(found):
            yield Fault(f"byte {total}", "the file ends before its directory does", "it was cut off")
            return
        place = at + next(n for n, (a, b) in enumerate(zip(due, found, strict=False)) if a != b)
        where = f"byte {place}, in the directory at the end (from byte {at} on)"
        yield Fault(where, "it is not the directory of the members that stand before it", meaning)
    if total > at + len(due):
        yield Fault(
            f"byte {at + len(due)}", f"{total - at - len(due)} bytes follow after the end of the bundle", meaning
        )


def _local(entry: Entry) -> bytes:
    large = entry.size >= _LARGE
    extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.size) if large else b""
    size = _LARGE if large else entry.size
    name = entry.name.encode("ascii", "replace")
    head = struct.pack(
        "<4s5HLLLHH", _LOCAL, 45 if large else 20, 0, 0, 0, _FIRST_DAY, entry.crc, size, size, len(name), len(extra)
    )
    return head + name + extra


def _tail(entries: Sequence[Entry], at: int) -> bytes:
    """Return directory and end record for members of which the last ends at byte ``at``."""
    directory = b"".join(map(_central, entries))
    end = b""
    start = at
    if at >= _LARGE or len(directory) >= _LARGE:
        count, size = len(entries), len(directory)
        end = struct.pack("<4sQHHLLQQQQ", _END_64, 44, 45, 45, 0, 0, count, count, size, at)
        end += struct.pack("<4sLQL", _LOCATOR_64, 0, at + size, 1)
        start = _LARGE
    end += struct.pack("<4sHHHHLLH", _END, 0, 0, len(entries), len(entries), min(len(directory), _LARGE), start, 0)
    return directory + end


def _central(entry: Entry) -> bytes:
    header = entry.start - len(_local(entry))
    wide = [entry.size, entry.size] if entry.size >= _LARGE else []
    wide += [header] if header >= _LARGE else []
    extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version, size = 45 if wide else 20, min(entry.size, _LARGE)
    name = entry.name.encode("ascii", "replace")
    head = struct.pack(
        "<4s6HLLLHHHHHLL", _CENTRAL, version, version, 0, 0, 0, _FIRST_DAY, entry.crc, size, size, len(name), len(extra),
        0, 0, 0, 0, min(header, _LARGE),
    )  # fmt: skip
    return head + name + extra
