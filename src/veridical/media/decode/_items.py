"""The metadata items of HEIC and AVIF: EXIF and XMP, found through the ``iinf`` and ``iloc`` boxes (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator

from ._parts import PartRow, Source

_MOST_EXTENTS = 1000
_LARGEST = 16 << 20


class _Cursor:
    """Numbers read one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, size: int) -> int:
        if self.at + size > len(self.data):
            raise ValueError("the box is cut off")
        value = int.from_bytes(self.data[self.at : self.at + size], "big")
        self.at += size
        return value


def items(source: Source, rows: list[PartRow]) -> Iterator[tuple[str, bytes]]:
    """Yield ("Exif", TIFF stream) and ("XMP", packet); raises ValueError where the lists are broken."""
    boxes = {name: (offset, size) for name, offset, size, _ in rows if name in ("iinf", "iloc", "idat")}
    if "iinf" not in boxes or "iloc" not in boxes:
        return
    kinds = _kinds(_read(source, *boxes["iinf"]))
    idat = boxes.get("idat", (0, 0))[0] + 8
    for item, extents in _places(_read(source, *boxes["iloc"]), idat):
        kind = kinds.get(item)
        if not kind:
            continue
        if sum(size for _, size in extents) > _LARGEST:
            raise ValueError(f"an item has more than {_LARGEST} bytes")
        data = b"".join(source.at(offset, size) for offset, size in extents)
        if kind == "Exif":  # its first four bytes say how far the TIFF header is from their end
            data = data[4 + int.from_bytes(data[:4], "big") :].removeprefix(b"Exif\0\0")
        yield kind, data


def _read(source: Source, offset: int, size: int) -> bytes:
    return source.at(offset + 8, min(size - 8, _LARGEST))


def _kinds(data: bytes) -> dict[int, str]:
    """Item number → "Exif" or "XMP"; other items are left out."""
    box = _Cursor(data)
    version = box.number(1)
    box.at = 4
    count = box.number(4 if version else 2)
    kinds = {}
    for _ in range(count):
        start, size = box.at, box.number(4)
        entry = data[start + 8 : start + size]
        if size < 20:
            raise ValueError("an item has no entry of its own")
        wide = 4 if entry[0] == 3 else 2
        kind, text = entry[4 + wide + 2 :][:4], entry[4 + wide + 6 :]
        if kind == b"Exif":
            kinds[int.from_bytes(entry[4 : 4 + wide], "big")] = "Exif"
        elif kind == b"mime" and b"application/rdf+xml" in text:
            kinds[int.from_bytes(entry[4 : 4 + wide], "big")] = "XMP"
        box.at = start + size
    return kinds


def _places(data: bytes, idat: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield item number and its extents as (offset in the file, size)."""
    box = _Cursor(data)
    version = box.number(1)
    box.at = 4
    offsets, bases = box.number(1), box.number(1)
    offset_size, length_size, base_size, index_size = offsets >> 4, offsets & 15, bases >> 4, bases & 15
    for _ in range(box.number(4 if version == 2 else 2)):
        item = box.number(4 if version == 2 else 2)
        method = box.number(2) & 15 if version else 0
        box.number(2)
        base = box.number(base_size) + (idat if method == 1 else 0)
        extents = []
        for _ in range(min(box.number(2), _MOST_EXTENTS)):
            box.number(index_size if version else 0)
            start = base + box.number(offset_size)
            extents.append((start, box.number(length_size)))
        yield item, extents
