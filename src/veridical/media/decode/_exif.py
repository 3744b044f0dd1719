"""EXIF tags as text, through ExifRead."""

from __future__ import annotations

import logging
from typing import Any, BinaryIO

import exifread
from exifread.tags import IGNORE_TAGS

from ._text import clean, guess, utf16

_USER_COMMENT = 0x9286
_SKIPPED = frozenset({"JPEGThumbnail", "TIFFThumbnail", "EXIF MakerNote"})
_CODED = frozenset({"EXIF UserComment", "GPS GPSProcessingMethod", "GPS GPSAreaInformation"})
_WIDE = frozenset({"Image XPTitle", "Image XPComment", "Image XPAuthor", "Image XPKeywords", "Image XPSubject"})
_RAW = frozenset({1, 6, 7})  # byte, signed byte, undefined
_LONGEST_RAW = 64
_LONGEST_TEXT = 1 << 20


def tags(block: BinaryIO) -> dict[str, str]:
    """Return the tags of a TIFF stream, without maker notes and thumbnails.

    Numbers are printed as ExifRead does; user comments and Windows' texts are decoded here, in full, because ExifRead
    leaves out whatever has 1,000 values or more.
    """
    logging.getLogger("exifread").setLevel(logging.CRITICAL)
    if _USER_COMMENT in IGNORE_TAGS:
        IGNORE_TAGS.remove(_USER_COMMENT)
    found: dict[str, Any] = exifread.process_file(block, details=False, extract_thumbnail=False)
    values = {}
    for name, tag in found.items():
        text = "" if name in _SKIPPED else _text(block, name, tag)
        if text:
            values[clean(name)] = clean(text)
    return values


def _text(block: BinaryIO, name: str, tag: Any) -> str:
    if name in _CODED or name in _WIDE:
        block.seek(tag.field_offset)
        raw = block.read(min(tag.field_length, _LONGEST_TEXT))
        return utf16(raw) if name in _WIDE else _coded(raw)
    if tag.field_type in _RAW and tag.field_length > _LONGEST_RAW:
        return f"({tag.field_length} bytes)"
    if isinstance(tag.values, bytes):
        return guess(tag.values)
    return str(tag.printable)


def _coded(raw: bytes) -> str:
    """Decode text whose first eight bytes name its character set."""
    code, body = raw[:8].rstrip(b"\0 "), raw[8:]
    if code == b"UNICODE":
        return utf16(body)
    if code == b"JIS":
        return body.decode("iso2022_jp", "replace")
    return guess(body if code in (b"ASCII", b"") else raw)
