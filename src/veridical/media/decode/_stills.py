"""Segments, chunks and blocks of still-image files: JPEG, PNG, GIF, TIFF."""

from __future__ import annotations

import re
import zlib

from ._parts import Source, Structure, printable

_JPEG_NAMES = {
    0xC4: "DHT", 0xC8: "JPG", 0xCC: "DAC", 0xD8: "SOI", 0xD9: "EOI", 0xDA: "SOS", 0xDB: "DQT", 0xDC: "DNL",
    0xDD: "DRI", 0xFE: "COM",
}  # fmt: skip
_SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LABEL = re.compile(rb"[A-Za-z][ -~]{2,31}")


def jpeg(source: Source, found: Structure) -> None:
    """List the segments of a JPEG file up to its end marker; application segments carry their label ("APP1 Exif")."""
    found.family = "jpeg"
    found.add("SOI", 0, 2)
    found.end = at = 2
    while (marker := source.at(at, 2))[:1] == b"\xff" and len(marker) == 2:
        code = marker[1]
        if code == 0xFF:  # fill byte
            at += 1
            continue
        if code == 0xD9:
            found.add("EOI", at, 2)
            found.end = at + 2
            return
        size = 2 if code == 0x01 or 0xD0 <= code <= 0xD8 else 2 + max(2, source.number(at + 2, 2))
        if code in _FRAME_HEADERS:
            found.notes |= {"width": str(source.number(at + 7, 2)), "height": str(source.number(at + 5, 2))}
        if code == 0xDA:
            size = _scan_end(source, at + size) - at
        found.add(_jpeg_name(source, code, at), at, size)
        at += size
        found.end = at
    # neither a marker nor an end marker: the file breaks off, or something else begins here
    if found.end >= found.size:
        found.end = found.size + 2


def _jpeg_name(source: Source, code: int, at: int) -> str:
    if 0xE0 <= code <= 0xEF:
        label = _LABEL.match(source.at(at + 4, 32))
        return f"APP{code - 0xE0}" + (f" {label[0].decode()}" if label else "")
    if code in _FRAME_HEADERS:
        return f"SOF{code - 0xC0}"
    return _JPEG_NAMES.get(code, f"0xff{code:02x}")


def _scan_end(source: Source, at: int) -> int:
    for offset, data in source.chunks(at, source.size, overlap=1):
        match = _SCAN_END.search(data)
        if match:
            return offset + match.start()
    return source.size


def png(source: Source, found: Structure) -> None:
    """List the chunks of a PNG file; a chunk whose check sum is wrong is named "IDAT (wrong check sum)"."""
    found.family = "png"
    found.end = at = 8
    while at + 12 <= source.size:
        size, name = source.number(at, 4), source.at(at + 4, 4)
        if not name.isalpha():
            return
        whole = at + 12 + size <= source.size
        note = (
            ""
            if not whole or _sum(source, at + 4, size + 4) == source.number(at + 8 + size, 4)
            else " (wrong check sum)"
        )
        found.add(printable(name) + note, at, 12 + size)
        if name == b"IHDR":
            found.notes |= {"width": str(source.number(at + 8, 4)), "height": str(source.number(at + 12, 4))}
        at += 12 + size
        found.end = at
        if name == b"IEND":
            return
    found.end = max(found.end, found.size + 12)


def _sum(source: Source, at: int, size: int) -> int:
    value = 0
    for _, data in source.chunks(at, at + size):
        value = zlib.crc32(data, value)
    return value


def gif(source: Source, found: Structure) -> None:
    """List the blocks of a GIF file."""
    found.family = "gif"
    found.notes |= {"width": str(source.number(6, 2, "little")), "height": str(source.number(8, 2, "little"))}
    at = 13 + _colours(source.number(10, 1))
    found.add("header", 0, at)
    while (kind := source.at(at, 1)) in (b"!", b","):
        start, name = at, "image"
        if kind == b"!":
            name, at = f"extension 0x{source.number(at + 1, 1):02x}", at + 2
        else:
            at += 11 + _colours(source.number(at + 9, 1))
        while size := source.number(at, 1):
            at += 1 + size
        at += 1
        found.add(name, start, at - start)
    found.end = at
    if kind == b";":
        found.add("trailer", at, 1)
        found.end = at + 1
    elif not kind:
        found.end = max(found.end, found.size + 1)


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def tiff(source: Source, found: Structure) -> None:
    """List the image directories of a TIFF file; what lies between them is not told apart."""
    found.family = "tiff"
    order = "little" if source.at(0, 2) == b"II" else "big"
    big = source.number(2, 2, order) == 43
    found.add("header", 0, 16 if big else 8)
    at, seen = source.number(8, 8, order) if big else source.number(4, 4, order), set[int]()
    while at and at not in seen and len(seen) < 1000:
        seen.add(at)
        count = source.number(at, 8 if big else 2, order)
        size = 16 + 20 * count if big else 6 + 12 * count
        found.add("directory", at, size)
        at = source.number(at + size - (8 if big else 4), 8 if big else 4, order)
    found.end = found.size
