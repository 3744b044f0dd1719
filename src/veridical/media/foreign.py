"""Names for what is not examined: other media, documents, archives, encrypted files."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from ..errors import EncryptedMedia, MediaError, NotMedia, UnsupportedMedia

CONVERT_IMAGE = "Convert it to PNG or TIFF with the program that it came from, and examine that"
DECRYPT = "Decrypt it with the program and the key that it came with, and examine the result"
_CONVERT_SOUND = "Convert it without loss to WAV or FLAC, and examine that"
_CONVERT_VIDEO = "Put it into an MP4 or MKV file (ffmpeg -i FILE -c copy out.mkv), and examine that"
_NOT_MEDIA = "Name an image, a video or a sound file"
_EXTRACT = "Take the media out of it and examine them one by one"

_IMAGES = (
    (b"8BPS", "a Photoshop file"), (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"), (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"), (b"\xff\x0a", "a JPEG XL image"), (b"v/1\x01", "an OpenEXR image"),
    (b"#?RADIANCE", "a Radiance HDR image"), (b"qoif", "a QOI image"), (b"gimp xcf", "a GIMP file"),
    (b"DDS ", "a DirectDraw texture"), (b"\0\0\1\0", "a Windows icon"), (b"FUJIFILMCCD-RAW", "a Fujifilm raw file"),
    (b"IIRO", "an Olympus raw file"), (b"IIRS", "an Olympus raw file"), (b"MMOR", "an Olympus raw file"),
    (b"IIU\0", "a Panasonic raw file"), (b"FOVb", "a Sigma raw file"), (b"\x01\xda", "an SGI image"),
)  # fmt: skip
_SOUNDS = (
    (b"caff", "a Core Audio file"), (b"#!AMR", "an AMR recording"), (b"riff\x2e\x91\xcf\x11", "a Wave64 file"),
    (b".snd", "a Sun audio file"), (b"MAC ", "a Monkey's Audio file"), (b"wvpk", "a WavPack file"),
    (b"MThd", "a MIDI score"), (b"DSD ", "a DSD recording"), (b"\x0b\x77", "an AC-3 stream"),
)  # fmt: skip
_VIDEOS = (
    (b"FLV\x01", "a Flash video"), (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
    (b".RMF", "a RealMedia file"), (b"DKIF", "an IVF file"), (b"YUV4MPEG2", "a raw YUV4MPEG video"),
    (b"\0\0\0\1\x67", "a bare H.264 stream"), (b"\0\0\0\1\x40\1", "a bare HEVC stream"),
)  # fmt: skip
_ENCRYPTED = (
    (b"-----BEGIN PGP MESSAGE", "an OpenPGP message"), (b"age-encryption.org/", "a file encrypted with age"),
    (b"Salted__", "a file encrypted with OpenSSL"), (b"LUKS\xba\xbe", "an encrypted disk"),
)  # fmt: skip
_ARCHIVES = (
    (b"\x1f\x8b", "a gzip file"), (b"BZh", "a bzip2 file"), (b"\xfd7zXZ\0", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"), (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
)  # fmt: skip
_OTHERS = (
    (b"\x7fELF", "a Linux program"), (b"MZ", "a Windows program"), (b"\xca\xfe\xba\xbe", "a Java or macOS program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"), (b"SQLite format 3\0", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"), (b"\x93NUMPY", "a NumPy array"), (b"\0asm", "a WebAssembly program"),
    (b"-----BEGIN ", "a key or certificate"), (b"wOFF", "a font"), (b"OTTO", "a font"), (b"\0\1\0\0\0", "a font"),
)  # fmt: skip
_ZIPPED = (
    (b"word/", "a Word document"), (b"xl/", "an Excel workbook"), (b"ppt/", "a PowerPoint presentation"),
    (b"opendocument.text", "an OpenDocument text"), (b"opendocument.", "an OpenDocument file"),
    (b"epub+zip", "an e-book (EPUB)"), (b"AndroidManifest.xml", "an Android app"), (b"META-INF/", "a Java archive"),
)  # fmt: skip
_TEXTS = (
    (("<!doctype html", "<html", "<head", "<body"), "this is a web page, perhaps an error page under a media name"),
    (("<",), "this is an XML or HTML file"),
    (("{", "["), "this is a JSON or text file"),
)


def error(path: Path, head: bytes, file: BinaryIO) -> MediaError:
    """Return the error that says what this file, which is no supported media, is instead."""
    for entries, make, remedy in (
        (_IMAGES, UnsupportedMedia, CONVERT_IMAGE), (_SOUNDS, UnsupportedMedia, _CONVERT_SOUND),
        (_VIDEOS, UnsupportedMedia, _CONVERT_VIDEO), (_ENCRYPTED, EncryptedMedia, DECRYPT),
        (_ARCHIVES, NotMedia, _EXTRACT),
    ):  # fmt: skip
        for start, name in entries:
            if head.startswith(start):
                return make(path, f"this is {name}", remedy)
    if _is_bitmap(head):
        return UnsupportedMedia(path, "this is a BMP image", CONVERT_IMAGE)
    document = _document(path, head, file)
    if document:
        return document
    for start, name in _OTHERS:
        if head.startswith(start):
            return NotMedia(path, f"this is {name}", _NOT_MEDIA)
    if _is_openpgp(head):
        return EncryptedMedia(path, "this looks like an OpenPGP message", DECRYPT)
    return NotMedia(path, _text(head) or "its content is no image, video or sound that veridical knows", _NOT_MEDIA)


def _document(path: Path, head: bytes, file: BinaryIO) -> MediaError | None:
    if b"%PDF-" in head[:1024]:
        tail = file.seek(max(0, file.seek(0, 2) - 65536))
        if b"/Encrypt" in head or b"/Encrypt" in (file.read() if tail else b""):
            return EncryptedMedia(path, "this is an encrypted PDF document", DECRYPT)
        return NotMedia(path, "this is a PDF document", _EXTRACT)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        if head[6:7] and head[6] & 1:
            return EncryptedMedia(path, "this is an encrypted zip archive", DECRYPT)
        name = next((name for mark, name in _ZIPPED if mark in head), "a zip archive")
        return NotMedia(path, f"this is {name}", _EXTRACT)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in head:
            return EncryptedMedia(path, "this is an encrypted Office document", DECRYPT)
        return NotMedia(path, "this is an old Office document", _EXTRACT)
    return None


def _is_bitmap(head: bytes) -> bool:
    return head[:2] == b"BM" and len(head) >= 18 and head[14:18] in {
        bytes((n, 0, 0, 0)) for n in (12, 40, 52, 56, 64, 108, 124)
    }  # fmt: skip


def _is_openpgp(head: bytes) -> bool:
    """Match the session-key packets with which a binary message begins (RFC 9580 §4.2, §5.1, §5.3)."""
    if len(head) < 8:
        return False
    first, short, long = head[0], head[2], head[3]
    public = (first == 0x85 and long in (2, 3)) or (first in (0x84, 0xC1) and short in (3, 6))
    return public or (first in (0x8C, 0xC3) and short in (4, 5, 6) and head[1] < 64)


def _text(head: bytes) -> str:
    """Say what kind of text this is, "" if it is none."""
    start = head[:8192]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "this is a text file (UTF-16)"
    if any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 or byte == 127 for byte in start):
        return ""
    text = start.decode(errors="replace")
    if text.count("\ufffd") * 5 > len(text):
        return ""
    text = text.lstrip("\ufeff \t\r\n").lower()
    for starts, name in _TEXTS:
        if text.startswith(starts):
            return "this is an SVG drawing" if "<svg" in text and "html" not in text else name
    return "this is a text file"


def camera_raw(head: bytes, file: BinaryIO) -> str:
    """Name of the raw format if this TIFF is one, else "": DNG and CR2 say so, others begin with a reduced picture."""
    if head[8:10] == b"CR":
        return "Canon CR2"
    order = "<" if head[:2] == b"II" else ">"
    if head[2:4] not in (b"*\0", b"\0*") or len(head) < 8:
        return ""
    file.seek(struct.unpack(order + "I", head[4:8])[0])
    count = struct.unpack(order + "H", file.read(2).rjust(2, b"\0"))[0]
    entries = file.read(count * 12)
    tags = {tag: value for tag, value in struct.iter_unpack(order + "H6xI", entries[: len(entries) // 12 * 12])}
    if 50706 in tags:  # DNGVersion
        return "DNG"
    # NewSubfileType 1 (reduced picture), SubIFDs, Make
    return "camera" if tags.get(254) == 1 and 330 in tags and 271 in tags else ""
