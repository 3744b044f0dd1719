"""The type of a file from its content, never from its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Literal

from ..errors import EncryptedMedia, NotMedia, UnsupportedMedia
from . import foreign

Kind = Literal["image", "video", "audio"]
Found = tuple[str, Kind | None]

_HEAD = 1 << 16
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_OTHER_BRANDS = {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}
# Boxes with which a QuickTime file without ``ftyp`` may begin.
_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_RIFF: dict[bytes, Found] = {b"WAVE": ("wav", "audio"), b"AVI ": ("avi", "video"), b"WEBP": ("webp", "image")}


def sniff(path: Path) -> tuple[str, Kind | None]:
    """Return the format and the kind of a file; the kind is None where only the streams can tell (mp4, mkv, ogg).

    Formats: jpeg png webp avif heic tiff gif · mp4 mov m4a 3gp mkv webm ogg · avi mpeg mpegts · wav flac mp3 mp2 aiff
    aac.

    Raises
    ------
    NotMedia
        If the content is no image, video or audio; the message names what it is where that can be told.
    UnsupportedMedia
        If it is media of a type that this installation cannot decode.
    EncryptedMedia
        If it is recognisably encrypted.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            raise NotMedia(path, "the file is empty", "Fetch it again from its source")
        for test in _TESTS:
            found = test(head, file, path)
            if found is not None:
                return found
        raise foreign.error(path, head, file)


def _still(head: bytes, file: BinaryIO, path: Path) -> Found | None:
    if head.startswith(b"\xff\xd8\xff"):
        return ("jpeg", "image")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("png", "image")
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return ("gif", "image")
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        raw = foreign.camera_raw(head, file)
        if raw:
            raise UnsupportedMedia(path, f"this is a {raw} raw file", foreign.CONVERT_IMAGE)
        return ("tiff", "image")
    return None


def _riff(head: bytes, file: BinaryIO, path: Path) -> Found | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return ("aiff", "audio")
    return None


def _iso(head: bytes, file: BinaryIO, path: Path) -> Found | None:
    size, name = int.from_bytes(head[:4], "big"), head[4:8]
    if name != b"ftyp":
        if name in _QUICKTIME and (size in (0, 1) or size >= 8):
            return ("mov", None)
        return None
    brands = _brands(head[: max(min(size, 4096), 16)])
    still = _iso_still(brands, path)
    if still:
        return still
    major = brands[0]
    if major in (b"aax ", b"aaxc"):
        raise EncryptedMedia(path, "this is an Audible book, which is encrypted", foreign.DECRYPT)
    if major == b"crx ":
        raise UnsupportedMedia(path, "this is a Canon CR3 raw file", foreign.CONVERT_IMAGE)
    if major[:3] in (b"3gp", b"3g2", b"3gr", b"3gs"):
        return ("3gp", None)
    return (_OTHER_BRANDS.get(major, "mp4"), None)


def _brands(box: bytes) -> list[bytes]:
    """Major brand first, then the compatible ones."""
    return [box[8:12], *(box[at : at + 4] for at in range(16, len(box) - 3, 4))]


def _iso_still(brands: list[bytes], path: Path) -> Found | None:
    major = brands[0]
    if major in (b"avif", b"avis") or (major in _HEIF_BRANDS and {b"avif", b"avis"} & set(brands)):
        return ("avif", "image")
    if major in _HEIC_BRANDS or major in _HEIF_BRANDS:
        if find_spec("pillow_heif") is None:
            raise UnsupportedMedia(
                path, "this is a HEIC image, and the decoder for it is not installed",
                'Run: pip install "veridical[heic]"',
            )  # fmt: skip
        return ("heic", "image")
    return None


def _matroska(head: bytes, file: BinaryIO, path: Path) -> Found | None:
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return None
    at = head.find(b"\x42\x82", 0, 256)  # DocType
    kind = head[at + 3 : at + 3 + (head[at + 2] & 0x7F)] if at >= 0 else b""
    return ("webm" if kind.rstrip(b"\0") == b"webm" else "mkv", None)


def _mpeg(head: bytes, file: BinaryIO, path: Path) -> Found | None:
    if head.startswith((b"\0\0\1\xba", b"\0\0\1\xb3")):
        return ("mpeg", "video")
    for packet, first in ((188, 0), (192, 4), (204, 0)):
        marks = head[first : first + packet * 8 : packet]
        if len(marks) >= 3 and set(marks) == {0x47}:
            return ("mpegts", "video")
    return None


def _sound(head: bytes, file: BinaryIO, path: Path) -> Found | None:
    if head.startswith(b"OggS"):
        return ("ogg", None)
    if head.startswith(b"fLaC"):
        return ("flac", "audio")
    tagged = head.startswith(b"ID3") and len(head) >= 10
    if tagged:
        at = _after_id3(head)
        file.seek(at)
        head = file.read(_HEAD)
        if head.startswith(b"fLaC"):
            return ("flac", "audio")
    frames = head.lstrip(b"\0")
    return _adts(frames) or _mpeg_audio(frames) or (("mp3", "audio") if tagged else None)


def _after_id3(head: bytes) -> int:
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _adts(data: bytes) -> Found | None:
    """AAC frames: the next header must stand where the length in this one says."""
    at, frames = 0, 0
    while frames < 4 and len(data) - at >= 7:
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            return None
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if length < 8:
            return None
        at, frames = at + length, frames + 1
    return ("aac", "audio") if frames >= 2 else None


# Bit rates in kbit/s by (MPEG-1?, layer), and sampling rates of MPEG-1; half and a quarter of these for MPEG-2 and 2.5.
_BIT_RATES = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mpeg_audio(data: bytes) -> Found | None:
    """MPEG audio frames: as for ADTS, several headers in a row must fit."""
    at, frames, layer = 0, 0, 0
    while frames < 4 and len(data) - at >= 4:
        length, layer = _mpeg_audio_frame(data[at : at + 4])
        if not length:
            return None
        at, frames = at + length, frames + 1
    return ("mp3" if layer == 3 else "mp2", "audio") if frames >= 2 else None


def _mpeg_audio_frame(header: bytes) -> tuple[int, int]:
    """Length of the frame in bytes, 0 if this is no header of one, and its layer."""
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, sampling = header[2] >> 4, header[2] >> 2 & 3
    synced = header[0] == 0xFF and header[1] & 0xE0 == 0xE0
    if not synced or version == 1 or layer == 4 or not 0 < rate < 15 or sampling == 3:
        return 0, 0
    first = version == 3
    hertz = (44100, 48000, 32000)[sampling] >> {3: 0, 2: 1, 0: 2}[version]
    bits = _BIT_RATES[first, layer][rate - 1] * 1000
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4, layer
    samples = 144 if first or layer == 2 else 72
    return samples * bits // hertz + padding, layer


_TESTS: tuple[Callable[[bytes, BinaryIO, Path], Found | None], ...] = (
    _still, _riff, _iso, _matroska, _mpeg, _sound,
)  # fmt: skip
