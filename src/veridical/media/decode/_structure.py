"""The structure of any media file, from its bytes alone: which walker fits, and what follows from its parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ... import errors
from . import _ebml, _iso, _recordings, _stills
from ._parts import Enough, Source, Structure

AGAIN = "Fetch it again from its source"

_MAGIC: tuple[tuple[int, bytes, Callable[[Source, Structure], None]], ...] = (
    (0, b"\xff\xd8\xff", _stills.jpeg),
    (0, b"\x89PNG\r\n\x1a\n", _stills.png),
    (0, b"GIF8", _stills.gif),
    (0, b"II*\0", _stills.tiff),
    (0, b"MM\0*", _stills.tiff),
    (0, b"II+\0", _stills.tiff),
    (0, b"MM\0+", _stills.tiff),
    (0, b"RIFF", _recordings.riff),
    (0, b"RF64", _recordings.riff),
    (0, b"BW64", _recordings.riff),
    (0, b"FORM", _recordings.aiff),
    (0, b"\x1a\x45\xdf\xa3", _ebml.walk),
    (0, b"OggS", _recordings.ogg),
    (0, b"fLaC", _recordings.flac),
    (0, b"\0\0\1", _recordings.mpeg),
    (0, b"ID3", _recordings.mp3),
    *(
        (4, name, _iso.walk)
        for name in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp", b"moof", b"pnot")
    ),
)


def walk(path: Path) -> Structure:
    """Return the structure of a file; one that no walker knows has no parts."""
    source = Source(path)
    found = Structure(size=source.size)
    try:
        walker = _walker(source)
        if walker is None:
            found.end = source.size
        else:
            walker(source, found)
    except Enough:
        found.end, found.complete = source.size, False
    finally:
        source.close()
    return found


def check(path: Path, found: Structure) -> None:
    """Refuse a recording that cannot be decoded because of how it is built.

    Raises
    ------
    EncryptedMedia
        If a track is marked as encrypted.
    DamagedMedia
        If its index is missing or cut.
    """
    if _iso.encrypted(found) or _ebml.encrypted(found):
        raise errors.EncryptedMedia(
            path, "its sound or picture is encrypted (DRM)", "Examine a copy without copy protection"
        )
    if found.family != "iso" or not found.complete:
        return
    top = {name: offset + size for name, offset, size, depth in found.rows if depth == 0}
    if "moov" not in top:
        problem = "the index (moov) is missing; the file was cut off, or its recording never ended"
        raise errors.DamagedMedia(path, problem, f"{AGAIN}, or let the device that recorded it repair it")
    if top["moov"] > found.size:
        raise errors.DamagedMedia(path, "the file was cut off within its index (moov)", AGAIN)
    if not {"mdat", "moof"} & set(top):
        raise errors.DamagedMedia(path, "there is an index (moov), but no media data (mdat) with it", AGAIN)


def _walker(source: Source) -> Callable[[Source, Structure], None] | None:
    head = source.at(0, 16)
    for offset, magic, walker in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return walker
    if head[:1] == b"G" and source.at(188, 1) == b"G":
        return _recordings.mpegts
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0:
        return _recordings.mp3
    return None
