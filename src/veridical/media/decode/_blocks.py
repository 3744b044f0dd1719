"""The blocks of metadata in a still image or another container, cut out of it unparsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import _items, _structure
from ._damage import BROKEN, reason
from ._iptc import in_resources
from ._parts import MOST_PARTS, PartRow, Source
from ._text import clean, guess, unpack

_LARGEST = 16 << 20
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_PNG_NOTE = " (wrong check sum)"
_RAW_PROFILE = re.compile(r"Raw profile type (exif|APP1|xmp|iptc|8bim)")


@dataclass
class Blocks:
    """What was cut out: TIFF streams, XMP packets, IIM blocks, texts by keyword, comments; and what could not be."""

    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    iptc: list[bytes] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    photoshop: bytes = b""
    extended: dict[bytes, dict[int, bytes]] = field(default_factory=dict)
    exif_is_file: bool = False


def find(path: Path) -> Blocks:
    """Cut the blocks of metadata out of a file; what is broken is named in ``unreadable``."""
    parts, found, source = _structure.walk(path), Blocks(), Source(path)
    take = _TAKERS.get(parts.family)
    try:
        if parts.family == "iso":
            _iso(source, parts.rows, found)
        for row in parts.rows if take else ():
            try:
                take(source, row, found)  # type: ignore[misc]
            except BROKEN as error:
                found.unreadable.append(f"{row[0]} at byte {row[1]}: {reason(error)}")
        _finish(found)
    finally:
        source.close()
    if len(parts.rows) >= MOST_PARTS:
        found.unreadable.append(f"the file has more than {MOST_PARTS} parts; only these were searched for metadata")
    return found


def _finish(found: Blocks) -> None:
    """Put together what a JPEG file spreads over several segments."""
    for number, pieces in enumerate(found.extended.values(), 1):
        whole, at = b"", 0
        for offset in sorted(pieces):
            if offset != at:
                found.unreadable.append(f"extended XMP {number}: a piece is missing")
                break
            whole, at = whole + pieces[offset], at + len(pieces[offset])
        else:
            found.xmp.append(whole)
    if found.photoshop:
        try:
            found.iptc.append(in_resources(found.photoshop))
        except BROKEN as error:
            found.unreadable.append(f"Photoshop resources: {reason(error)}")
    found.iptc = [block for block in found.iptc if block]


def _body(source: Source, offset: int, size: int) -> bytes:
    if size > _LARGEST:
        raise ValueError(f"it has {size} bytes; at most {_LARGEST} are read")
    data = source.at(offset, max(size, 0))
    if len(data) < size:
        raise ValueError("it is cut off")
    return data


def _jpeg(source: Source, row: PartRow, found: Blocks) -> None:
    name, offset, size, _ = row
    if name != "COM" and not name.startswith(("APP1", "APP13")):
        return
    data = _body(source, offset + 4, size - 4)
    if name == "COM":
        found.comments.append(clean(guess(data)))
    elif data.startswith(b"Exif\0"):
        found.exif.append(data[6:])
    elif data.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        found.xmp.append(data[29:])
    elif data.startswith(_EXTENDED):
        at = len(_EXTENDED)
        start = int.from_bytes(data[at + 36 : at + 40], "big")
        found.extended.setdefault(data[at : at + 32], {})[start] = data[at + 40 :]
    elif data.startswith(_PHOTOSHOP):
        found.photoshop += data[len(_PHOTOSHOP) :]


def _png(source: Source, row: PartRow, found: Blocks) -> None:
    name, offset, size, _ = row
    kind = name.removesuffix(_PNG_NOTE)
    if kind not in ("eXIf", "tEXt", "zTXt", "iTXt"):
        return
    data = _body(source, offset + 8, size - 12)
    if kind != name:
        found.unreadable.append(f"{kind} at byte {offset}: its check sum is wrong; it is shown as it stands")
    if kind == "eXIf":
        found.exif.append(data.removeprefix(b"Exif\0\0"))
        return
    raw, _, rest = data.partition(b"\0")
    keyword, text = clean(raw.decode("latin-1")), _png_text(kind, rest)
    profile = _RAW_PROFILE.fullmatch(keyword)
    if profile:
        _raw_profile(profile[1], text, found)
    elif keyword == "XML:com.adobe.xmp":
        found.xmp.append(text)
    else:
        old, new = found.texts.get(keyword), clean(text.decode() if kind == "iTXt" else guess(text))
        found.texts[keyword] = new if old in (None, new) else f"{old}; {new}"


def _png_text(kind: str, rest: bytes) -> bytes:
    if kind == "tEXt":
        return rest
    if kind == "zTXt":
        return unpack(rest[1:])
    packed, (_, _, text) = rest[0], rest[2:].split(b"\0", 2) if rest[2:].count(b"\0") >= 2 else (b"", b"", b"")
    return unpack(text) if packed else text


def _raw_profile(kind: str, text: bytes, found: Blocks) -> None:
    """ImageMagick's way to keep a block in PNG text: a name, a length, and the block in hexadecimal."""
    _, _, digits = text.split(maxsplit=2)
    data = bytes.fromhex(digits.decode("ascii"))
    if data.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        found.xmp.append(data[29:])
    elif kind in ("exif", "APP1"):
        found.exif.append(data.removeprefix(b"Exif\0\0"))
    elif kind == "xmp":
        found.xmp.append(data)
    elif data.startswith(b"8BIM"):
        found.iptc.append(in_resources(data))
    else:
        found.iptc.append(data)


def _riff(source: Source, row: PartRow, found: Blocks) -> None:
    name, offset, size, _ = row
    if name == "EXIF":
        found.exif.append(_body(source, offset + 8, size - 8).removeprefix(b"Exif\0\0"))
    elif name in ("XMP ", "_PMX"):
        found.xmp.append(_body(source, offset + 8, size - 8))


def _gif(source: Source, row: PartRow, found: Blocks) -> None:
    name, offset, size, _ = row
    if name not in ("extension 0xfe", "extension 0xff"):
        return
    data = _body(source, offset + 2, size - 2)
    if name == "extension 0xfe":
        found.comments.append(clean(guess(b"".join(_sub_blocks(data)))))
    elif data[1:12] == b"XMP DataXMP":  # not in sub-blocks: the packet itself, then bytes that lead to the end
        found.xmp.append(data[12:].partition(b"\x01\xff\xfe\xfd")[0])


def _sub_blocks(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data) and data[at]:
        yield data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]


def _tiff(source: Source, row: PartRow, found: Blocks) -> None:
    """Look up XMP, IPTC and Photoshop resources in the first directory; the tags themselves are the file's."""
    name, offset, _, _ = row
    if name != "directory" or found.exif_is_file:
        return
    found.exif_is_file = True
    order = "little" if source.at(0, 2) == b"II" else "big"
    if source.number(2, 2, order) == 43:
        found.unreadable.append("the tags of a BigTIFF file are not read")
        return
    for place in range(source.number(offset, 2, order)):
        entry = offset + 2 + 12 * place
        tag, kind, count = (source.number(entry + at, size, order) for at, size in ((0, 2), (2, 2), (4, 4)))
        if tag in (700, 33723, 34377):
            size = count * {3: 2, 4: 4}.get(kind, 1)
            data = _body(source, source.number(entry + 8, 4, order), size) if size > 4 else b""
            if tag == 34377:
                found.photoshop = data
            else:
                (found.xmp if tag == 700 else found.iptc).append(data)


def _iso(source: Source, rows: list[PartRow], found: Blocks) -> None:
    """Items of HEIC and AVIF, and the boxes in which MP4 and QuickTime keep XMP."""
    for name, offset, size, _ in rows:
        try:
            if name == "uuid" and source.at(offset + 8, 16) == XMP_UUID:
                found.xmp.append(_body(source, offset + 24, size - 24))
            elif name == "XMP_":
                found.xmp.append(_body(source, offset + 8, size - 8))
        except BROKEN as error:
            found.unreadable.append(f"{name} at byte {offset}: {reason(error)}")
    try:
        for kind, data in _items.items(source, rows):
            (found.exif if kind == "Exif" else found.xmp).append(data)
    except BROKEN as error:
        found.unreadable.append(f"the list of items (iinf, iloc): {reason(error)}")


_TAKERS: dict[str, Callable[[Source, PartRow, Blocks], None]] = {
    "jpeg": _jpeg, "png": _png, "riff": _riff, "gif": _gif, "tiff": _tiff,
}  # fmt: skip
