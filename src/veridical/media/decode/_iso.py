"""Boxes of ISO base media files: MP4, QuickTime, M4A, 3GP, HEIC, AVIF."""

from __future__ import annotations

from ._parts import DEEPEST, Source, Structure, printable

_NESTED = frozenset(
    {
        "moov",
        "trak",
        "mdia",
        "minf",
        "stbl",
        "dinf",
        "edts",
        "udta",
        "moof",
        "traf",
        "mvex",
        "sinf",
        "schi",
        "iprp",
        "ipco",
        "ilst",
        "mfra",
        "tref",
        "gmhd",
        "wave",
        "tapt",
        "meco",
    }
)
_PICTURE = frozenset(
    {
        "encv",
        "avc1",
        "avc3",
        "hvc1",
        "hev1",
        "av01",
        "vp08",
        "vp09",
        "mp4v",
        "mjpg",
        "jpeg",
        "apch",
        "apcn",
        "apcs",
        "apco",
        "ap4h",
    }
)
_SOUND = frozenset({"enca", "mp4a", "ac-3", "ec-3", "Opus", "fLaC", "alac", "sowt", "twos", "in24", "lpcm"})
_ENCRYPTED = frozenset({"encv", "enca", "enct", "encs"})


def walk(source: Source, found: Structure) -> None:
    """List the boxes of a file."""
    found.family = "iso"
    found.end = _boxes(source, found, 0, source.size, 0, "")
    brands = next((row for row in found.rows if row[0] == "ftyp" and row[3] == 0), None)
    if brands is not None:
        _, offset, size, _ = brands
        raw = source.at(offset + 8, min(size - 8, 1024))
        codes = [raw[:4], *(raw[place : place + 4] for place in range(8, len(raw) - 3, 4))]
        found.notes["brands"] = "\n".join(dict.fromkeys(printable(code) for code in codes if len(code) == 4))


def encrypted(found: Structure) -> bool:
    """Return True if a track of the file is marked as encrypted."""
    return bool(_ENCRYPTED & found.names())


def _boxes(source: Source, found: Structure, at: int, end: int, depth: int, parent: str) -> int:
    """List the boxes from ``at`` to ``end`` and return where the last one ends."""
    while at + 8 <= end:
        size, raw, header = source.number(at, 4), source.at(at + 4, 4), 8
        name = printable(raw)
        if size == 1:
            size, header = source.number(at + 8, 8), 16
        elif size == 0 and depth == 0:
            size = end - at
        # item lists number their boxes; anywhere else a box without a printable name is no box
        if size < header or len(raw) < 4 or (name.startswith("0x") and len(name) == 10 and parent != "ilst"):
            return at
        found.add(name, at, size, depth)
        inner = _inside(source, name, parent, at + header)
        if inner is not None and depth < DEEPEST:
            _boxes(source, found, inner, min(at + size, end), depth + 1, name)
        at += size
    return at


def _inside(source: Source, name: str, parent: str, body: int) -> int | None:
    """Return where the boxes within a box begin; None if it holds none that are listed."""
    if name in _NESTED or parent == "ilst":
        return body
    if name == "meta":
        return body if source.at(body + 4, 4) == b"hdlr" else body + 4
    if name == "stsd":
        return body + 8
    if parent == "stsd" and name in _PICTURE:
        return body + 78
    if parent == "stsd" and name in _SOUND:
        return body + {1: 44, 2: 64}.get(source.number(body + 8, 2), 28)
    return None
