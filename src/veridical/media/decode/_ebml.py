"""Elements of Matroska and WebM files."""

from __future__ import annotations

from ._parts import DEEPEST, Source, Structure

_NAMES = {
    0x1A45DFA3: "EBML", 0x18538067: "Segment", 0x114D9B74: "SeekHead", 0x1549A966: "Info", 0x1654AE6B: "Tracks",
    0x1F43B675: "Cluster", 0x1C53BB6B: "Cues", 0x1254C367: "Tags", 0x1941A469: "Attachments", 0x1043A770: "Chapters",
    0xEC: "Void", 0xBF: "CRC-32", 0x4D80: "MuxingApp", 0x5741: "WritingApp", 0xAE: "TrackEntry",
    0x6D80: "ContentEncodings", 0x6240: "ContentEncoding", 0x5035: "ContentEncryption", 0x4282: "DocType",
}  # fmt: skip
_NESTED = frozenset({"EBML", "Segment", "Info", "Tracks", "TrackEntry", "ContentEncodings", "ContentEncoding"})
_LEVEL_1 = frozenset({"SeekHead", "Info", "Tracks", "Cluster", "Cues", "Tags", "Attachments", "Chapters"})
_TEXTS = {"MuxingApp": "muxer", "WritingApp": "writer", "DocType": "doctype"}
_UNKNOWN = -1


def walk(source: Source, found: Structure) -> None:
    """List the elements down to the clusters, and within the tracks down to their encryption."""
    found.family = "ebml"
    found.end = _elements(source, found, 0, source.size, 0)


def encrypted(found: Structure) -> bool:
    """Return True if a track of the file is marked as encrypted."""
    return "ContentEncryption" in found.names()


def _elements(source: Source, found: Structure, at: int, end: int, depth: int) -> int:
    while at < end:
        head = _head(source, at)
        if head is None:
            return at
        name, body, size = head
        known = name in _NAMES.values()
        if depth == 0 and not known:
            return at
        if size == _UNKNOWN:
            found.open_ended = True
            size = (_cluster_end(source, body, end) if name == "Cluster" else end) - body
        if known:
            found.add(name, at, body + size - at, depth)
        if name in _TEXTS:
            found.notes[_TEXTS[name]] = source.at(body, min(size, 200)).decode("utf-8", "replace").rstrip("\0")
        if name in _NESTED and depth < DEEPEST:
            _elements(source, found, body, min(body + size, end), depth + 1)
        at = body + size
    return at


def _head(source: Source, at: int) -> tuple[str, int, int] | None:
    """Return name, start of the body and size of an element; None where none begins."""
    raw = source.at(at, 12)
    if not raw or raw[0] < 0x10:
        return None
    wide = 9 - raw[0].bit_length()
    rest = raw[wide:]
    if not rest or not rest[0]:
        return None
    length = 9 - rest[0].bit_length()
    if len(rest) < length:
        return None
    value = int.from_bytes(rest[:length], "big") & ((1 << (7 * length)) - 1)
    number = int.from_bytes(raw[:wide], "big")
    size = _UNKNOWN if value == (1 << (7 * length)) - 1 else value
    return _NAMES.get(number, f"0x{number:x}"), at + wide + length, size


def _cluster_end(source: Source, at: int, end: int) -> int:
    """Return where a cluster of unknown size ends: at the next element of its own level."""
    for _ in range(100_000):
        head = _head(source, at) if at < end else None
        if head is None or head[0] in _LEVEL_1 or head[2] == _UNKNOWN:
            return min(at, end)
        at = head[1] + head[2]
    return end
