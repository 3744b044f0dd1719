"""Chunks, elements and pages of sound and video files that are not ISO boxes."""

from __future__ import annotations

import re

from ._parts import CHUNK, DEEPEST, Source, Structure, printable

_RIFF_FILES = frozenset({b"RIFF", b"RF64", b"BW64"})
# Ogg and RIFF recorders that write to a pipe put one of these where the length should be
_OPEN_SIZES = (range(0x7FFF0000, 0x80000000), range(0xFFFFFF00, 0x100000000))


def riff(source: Source, found: Structure) -> None:
    """List the chunks of a RIFF file: WAV, AVI, WebP."""
    found.family = "riff"
    at = 0
    while source.at(at, 4) in _RIFF_FILES:
        size = source.number(at + 4, 4, "little")
        if any(size in sizes for sizes in _OPEN_SIZES) or (source.at(at, 4) == b"RIFF" and size == 0):
            found.open_ended, size = source.at(at, 4) != b"RF64", source.size - at - 8
        found.add(f"{printable(source.at(at, 4))} {printable(source.at(at + 8, 4))}", at, 8 + size)
        promised = _riff_chunks(source, found, at + 12, at + 8 + size, 1)
        at += 8 + size + size % 2
        found.end = max(at, promised)
    # many writers leave out the last pad byte
    if found.end == found.size + 1:
        found.end = found.size


def _riff_chunks(source: Source, found: Structure, at: int, end: int, depth: int) -> int:
    """List chunks and return the furthest end that one of them promises."""
    furthest = 0
    while at + 8 <= min(end, source.size):
        name, size = source.at(at, 4), source.number(at + 4, 4, "little")
        if name == b"data" and (any(size in sizes for sizes in _OPEN_SIZES) or size == 0):
            found.open_ended = True
        if name == b"LIST":
            form = source.at(at + 8, 4)
            found.add(f"LIST {printable(form)}", at, 8 + size, depth)
            if form != b"movi" and depth < DEEPEST:
                _riff_chunks(source, found, at + 12, min(at + 8 + size, end), depth + 1)
        else:
            found.add(printable(name), at, 8 + size, depth)
        at += 8 + size + size % 2
        furthest = max(furthest, at - size % 2)
    return furthest


def aiff(source: Source, found: Structure) -> None:
    """List the chunks of an AIFF file."""
    found.family = "aiff"
    found.end = 8 + source.number(4, 4)
    found.add(f"FORM {printable(source.at(8, 4))}", 0, found.end)
    at = 12
    while at + 8 <= min(found.end, source.size):
        size = source.number(at + 4, 4)
        found.add(printable(source.at(at, 4)), at, 8 + size, 1)
        at += 8 + size + size % 2


def ogg(source: Source, found: Structure) -> None:
    """List the first page of each logical stream of an Ogg file, and the rest as one part."""
    found.family = "ogg"
    at = 0
    while (page := source.at(at, 27))[:4] == b"OggS" and len(page) == 27 and page[5] & 2:
        size = 27 + page[26] + sum(source.at(at + 27, page[26]))
        found.add("first page", at, size)
        at += size
    found.add("pages", at, source.size - at)
    start = max(at, source.size - (1 << 17))
    tail = source.at(start, 1 << 17)
    last = tail.rfind(b"OggS")
    if last >= 0 and len(tail) - last >= 27:
        table = tail[last + 27 : last + 27 + tail[last + 26]]
        found.end = start + last + 27 + tail[last + 26] + sum(table)
    else:
        found.end = source.size + (1 if last >= 0 else 0)
    head = source.at(0, 1 << 16)
    for mark in (b"OpusTags", b"\x03vorbis"):
        place = head.find(mark)
        if place >= 0:
            found.notes["vendor"] = _vendor(head[place + len(mark) :])


def flac(source: Source, found: Structure) -> None:
    """List the metadata blocks of a FLAC file, and its frames as one part."""
    found.family = "flac"
    names = ("STREAMINFO", "PADDING", "APPLICATION", "SEEKTABLE", "VORBIS_COMMENT", "CUESHEET", "PICTURE")
    at, last = 4, 0
    while not last and at + 4 <= source.size:
        flag, size = source.number(at, 1), source.number(at + 1, 3)
        last, kind = flag & 0x80, flag & 0x7F
        found.add(names[kind] if kind < len(names) else f"block {kind}", at, 4 + size)
        if kind == 4:
            found.notes["vendor"] = _vendor(source.at(at + 4, 4096))
        at += 4 + size
    found.add("frames", at, max(0, source.size - at))
    found.end = source.size


def _vendor(raw: bytes) -> str:
    return raw[4 : 4 + min(int.from_bytes(raw[:4], "little"), 200)].decode("utf-8", "replace")


def mp3(source: Source, found: Structure) -> None:
    """List the tags of an MP3 file, its Xing or Info frame, and its frames as one part."""
    found.family = "mp3"
    at = 0
    while source.at(at, 3) == b"ID3":
        raw = source.at(at + 6, 4)
        size = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(raw, (21, 14, 7, 0), strict=False))
        found.add("ID3v2", at, size)
        at += size
    end = source.size - 128 if source.at(source.size - 128, 3) == b"TAG" else source.size
    found.add("frames", at, max(0, end - at))
    mark = re.search(rb"Xing|Info|VBRI", source.at(at, 256))
    if mark:
        found.add(mark[0].decode(), at + mark.start(), 120, 1)
    if end < source.size:
        found.add("ID3v1", end, 128)
    found.end = source.size


def mpeg(source: Source, found: Structure) -> None:
    """List the packs and packets at the start of an MPEG program stream (or the start codes of a bare stream)."""
    found.family = "mpeg"
    at = 0
    while source.at(at, 3) == b"\0\0\1" and at < CHUNK:
        code = source.number(at + 3, 1)
        if code == 0xBA:
            size = 14 + (source.number(at + 13, 1) & 7) if source.number(at + 4, 1) >> 6 == 1 else 12
        elif code < 0xBB:
            break
        else:
            size = 6 + source.number(at + 4, 2)
        found.add({0xBA: "pack", 0xBB: "system header"}.get(code, f"packet 0x{code:02x}"), at, size)
        at += size
    found.add("stream", at, max(0, source.size - at))
    found.end = source.size


def mpegts(source: Source, found: Structure) -> None:
    """List an MPEG transport stream as one part."""
    found.family = "mpegts"
    found.end = source.size // 188 * 188
    found.add("packets", 0, found.end)
