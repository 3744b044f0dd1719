"""A small EXIF writer: a TIFF structure with two directories and a thumbnail, enough for test files."""

from __future__ import annotations

import struct

ASCII, SHORT, LONG = 2, 3, 4
_SHORT_TAGS = {0x0103}
Value = str | int


def build(main: dict[int, Value], detail: dict[int, Value], thumbnail: bytes) -> bytes:
    """Return an EXIF block for Pillow's ``exif=`` argument.

    Parameters
    ----------
    main
        Tags of the picture itself (IFD0): text, or a whole number.
    detail
        Tags of the EXIF directory.
    thumbnail
        A JPEG file.
    """
    main = {**main, 0x8769: 0}
    start = 8
    detail_at = start + _size(main)
    second_at = detail_at + _size(detail)
    second: dict[int, Value] = {0x0103: 6, 0x0201: 0, 0x0202: len(thumbnail)}
    main[0x8769], second[0x0201] = detail_at, second_at + _size(second)
    return (
        b"Exif\0\0II*\0"
        + struct.pack("<L", start)
        + _directory(main, start, second_at)
        + _directory(detail, detail_at, 0)
        + _directory(second, second_at, 0)
        + thumbnail
    )


def _directory(tags: dict[int, Value], at: int, following: int) -> bytes:
    entries, data = b"", b""
    data_at = at + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        if isinstance(value, int):
            entries += struct.pack("<HHLL", tag, SHORT if tag in _SHORT_TAGS else LONG, 1, value)
            continue
        raw = _raw(value)
        if len(raw) <= 4:
            entries += struct.pack("<HHL4s", tag, ASCII, len(raw), raw)
        else:
            entries += struct.pack("<HHLL", tag, ASCII, len(raw), data_at + len(data))
            data += raw + b"\0" * (len(raw) % 2)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<L", following) + data


def _size(tags: dict[int, Value]) -> int:
    return len(_directory(tags, 0, 0))


def _raw(text: str) -> bytes:
    return text.encode("ascii") + b"\0"
