"""Make damaged media files, the same ones every time, from small seeds that are made here too."""

from __future__ import annotations

import io
import random
import struct
import tempfile
import wave
import zipfile
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image as Pillow

Files = Iterator[tuple[str, bytes]]


def seeds() -> dict[str, bytes]:
    """Small whole files of all formats."""
    pixels = np.random.default_rng(7).integers(0, 255, (48, 64, 3), np.uint8)
    made = {}
    for name, form in (
        ("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("gif", "GIF"), ("tif", "TIFF"), ("avif", "AVIF"),
    ):  # fmt: skip
        out = io.BytesIO()
        Pillow.fromarray(pixels).save(out, form)
        made[name] = out.getvalue()
    for name, picture, sound in (
        ("mp4", "libx264", "aac"), ("mov", "mpeg4", "pcm_s16le"), ("mkv", "libx264", "flac"),
        ("webm", "libvpx", "libopus"), ("avi", "mpeg4", "pcm_s16le"), ("mpg", "mpeg1video", "mp2"),
        ("ts", "mpeg2video", "mp2"), ("flac", "", "flac"), ("mp3", "", "libmp3lame"), ("ogg", "", "libopus"),
        ("m4a", "", "aac"), ("aiff", "", "pcm_s16be"),
    ):  # fmt: skip
        made[name] = _recording(name, picture, sound, pixels)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(_tone(8000).tobytes())
    made["wav"] = out.getvalue()
    return made


def _tone(rate: int) -> np.ndarray:
    return (8000 * np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)).astype(np.int16)


def _recording(name: str, picture: str, sound: str, pixels: np.ndarray) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed.{name}"
        options = {"fflags": "+bitexact"} | ({"movflags": "faststart"} if name in ("mp4", "mov", "m4a") else {})
        with av.open(str(path), "w", options=options) as out:
            # the rate control of x264's slower presets differs from run to run
            fixed = {"preset": "ultrafast"} if picture == "libx264" else {}
            view = out.add_stream(picture, rate=25, options=fixed) if picture else None
            voice = out.add_stream(sound, rate=48000, layout="mono")
            if view is not None:
                view.width, view.height, view.pix_fmt = 64, 48, "yuv420p"
                view.codec_context.thread_count = 1
                frames = [av.VideoFrame.from_ndarray(np.roll(pixels, 2 * i, 1), "rgb24") for i in range(25)]
                for index, frame in enumerate([*frames, None]):
                    if frame is not None:
                        frame.pts, frame.time_base = index, Fraction(1, 25)
                    out.mux(view.encode(frame))
            frame = av.AudioFrame.from_ndarray(_tone(48000)[None], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
            resampler = av.AudioResampler(format=voice.format, layout="mono", rate=48000)
            for part in [*resampler.resample(frame), None]:
                out.mux(voice.encode(part))
        return path.read_bytes()


def whole(made: dict[str, bytes]) -> Files:
    """The seeds themselves, and under the wrong names."""
    names = sorted(made)
    for name, wrong in zip(names, names[7:] + names[:7], strict=True):
        yield f"mislabelled_{name}.{wrong}", made[name]


def foreign() -> Files:
    """Files that are no media."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("a.txt"), "hello")
    yield "zero.jpg", b""
    yield "zero.mp4", b""
    yield "one_byte.png", b"\x89"
    yield "text.jpg", b"this is no picture\n" * 20
    yield "page.mp4", b"<!DOCTYPE html><html><body>404</body></html>"
    yield "document.png", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
    yield "archive.wav", archive.getvalue()
    yield "program.mp3", b"\x7fELF" + bytes(200)
    yield "zeros.mov", bytes(5000)
    yield "noise.mkv", random.Random(3).randbytes(5000)
    yield "only_magic.jpg", b"\xff\xd8\xff"
    yield "only_magic.png", b"\x89PNG\r\n\x1a\n"
    yield "only_magic.mkv", b"\x1a\x45\xdf\xa3"
    yield "only_magic.flac", b"fLaC"
    yield "only_magic.ogg", b"OggS"
    yield "only_magic.wav", b"RIFF\x04\0\0\0WAVE"
    yield "only_magic.mp4", b"\0\0\0\x10ftypisom\0\0\0\0"


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(width: int, height: int, *, extra: bytes = b"", data: bytes | None = None) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = zlib.compress(bytes(1 << 20), 9) if data is None else data
    return b"\x89PNG\r\n\x1a\n" + head + extra + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def _patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def bombs(made: dict[str, bytes]) -> Files:
    """Files that promise far more than they hold."""
    yield "bomb_30000.png", _png(30000, 30000, data=_zeros(2_700_000_000 >> 5))
    yield "bomb_14000.png", _png(14000, 14000)
    yield "bomb_max.png", _png(0x7FFFFFFF, 0x7FFFFFFF)
    text = _zeros(200 << 20)
    yield "bomb_ztxt.png", _png(64, 48, extra=_chunk(b"zTXt", b"Comment\0\0" + text))
    yield "bomb_itxt.png", _png(64, 48, extra=_chunk(b"iTXt", b"Comment\0\1\0\0\0" + text))
    yield "bomb_iccp.png", _png(64, 48, extra=_chunk(b"iCCP", b"x\0\0" + text))
    jpeg = made["jpg"]
    at = jpeg.index(b"\xff\xc0") + 5
    yield "bomb_65535.jpg", _patched(jpeg, at, b"\xff\xff\xff\xff")
    yield "bomb_12000.jpg", _patched(jpeg, at, struct.pack(">HH", 12000, 12000))
    yield "bomb_webp.webp", _patched(made["webp"], made["webp"].index(b"VP8 ") + 14, b"\xff\x3f\xff\x3f")
    yield "bomb_gif.gif", _patched(made["gif"], 6, b"\xff\xff\xff\xff")
    tiff = made["tif"]
    for tag in (b"\0\1", b"\1\1"):
        place = (
            tiff.index(tag + b"\3\0\1\0\0\0") if tag + b"\3\0\1\0\0\0" in tiff else tiff.index(tag + b"\4\0\1\0\0\0")
        )
        tiff = _patched(tiff, place, tag + b"\4\0\1\0\0\0" + struct.pack("<I", 60000))
    yield "bomb_tiff.tif", tiff
    yield "bomb_tiff_loop.tif", b"II*\0\x08\0\0\0" + b"\0\0\x08\0\0\0"
    yield from _boxes(made["mp4"])
    yield "claims_4gb.wav", _patched(made["wav"], 40, struct.pack("<I", 4_000_000_000))
    yield "claims_pipe.wav", _patched(made["wav"], 40, b"\xff\xff\xff\xff")
    yield "no_channels.wav", _patched(made["wav"], 22, b"\0\0")
    yield "many_channels.wav", _patched(made["wav"], 22, b"\xff\xff")
    yield "rate_zero.wav", _patched(made["wav"], 24, bytes(4))
    yield "rate_max.wav", _patched(made["wav"], 24, b"\xff\xff\xff\x7f")
    yield "clusters.webm", made["webm"][:300] + b"\x1f\x43\xb6\x75\xff" * 5000
    yield "lists.avi", b"RIFF\xff\xff\xff\x7fAVI " + b"LIST\xff\xff\xff\x7fhdrl" * 2000
    yield "pages.ogg", made["ogg"][:200] + b"OggS\0\0" * 5000
    yield "tags.mp3", b"ID3\3\0\0\0\0\0\0" * 5000 + made["mp3"]
    yield "id3_huge.mp3", b"ID3\3\0\0\x7f\x7f\x7f\x7f" + made["mp3"]
    yield "samples_max.flac", _patched(made["flac"], 21, b"\xff" * 5)


def _boxes(mp4: bytes) -> Files:
    nested = b""
    for _ in range(400):
        nested = struct.pack(">I", 8 + len(nested)) + b"moov" + nested
    start = b"\0\0\0\x10ftypisom\0\0\0\0"
    yield "nested.mp4", start + nested
    yield "size_zero.mp4", start + b"\0\0\0\0moov" * 100
    yield "size_max.mp4", start + b"\0\0\0\1moov" + b"\xff" * 40
    yield "many_boxes.mp4", start + b"\0\0\0\x08free" * 200_000 + mp4
    for mark, other in ((b"avc1\0\0\0\0", b"encv\0\0\0\0"), (b"mp4a\0\0\0\0", b"enca\0\0\0\0")):
        yield f"encrypted_{other[:4].decode()}.mp4", mp4.replace(mark, other)
    for part in (b"moov", b"mdat", b"stsd", b"stsz", b"stco", b"stts", b"trak", b"avcC"):
        yield f"without_{part.decode()}.mp4", mp4.replace(part, b"free")
    for name, at in (("stsz", 16), ("stts", 12), ("stco", 12), ("stsc", 12)):
        yield f"count_max_{name}.mp4", _patched(mp4, mp4.index(name.encode()) + at - 4, b"\x7f\xff\xff\xff")
    yield "ten_hours.mp4", _ten_hours(mp4)
    at = mp4.index(b"avc1\0\0\0\0") + 28
    yield "frame_65535.mp4", _patched(mp4, at, b"\xff\xff\xff\xff")


def _ten_hours(mp4: bytes) -> bytes:
    """One sample that the header says lasts ten hours."""
    for name, at, value in (("mdhd", 20, 12800 * 36000), ("stts", 8, 1), ("stts", 12, 1), ("stts", 16, 12800 * 36000)):
        mp4 = _patched(mp4, mp4.index(name.encode()) + at, struct.pack(">I", value))
    mp4 = _patched(mp4, mp4.index(b"stsz") + 12, struct.pack(">I", 1))
    mp4 = _patched(mp4, mp4.index(b"elst") + 12, struct.pack(">I", 1000 * 36000))
    return _patched(mp4, mp4.index(b"mvhd") + 20, struct.pack(">I", 1000 * 36000))


def spoiled(made: dict[str, bytes]) -> Files:
    """Without end: seeds that are cut, or have bits flipped or stretches overwritten."""
    chance = random.Random(11)
    names = sorted(made)
    for number in range(10_000):
        name = names[number % len(names)]
        data = bytearray(made[name])
        how = ("cut", "bits", "stretch")[number // len(names) % 3]
        if how == "cut":
            data = data[: chance.randrange(8, len(data))]
        elif how == "bits":
            for _ in range(chance.choice((1, 10, 100))):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        else:
            at = chance.randrange(len(data))
            data[at : at + 200] = chance.randbytes(len(data[at : at + 200]))
        yield f"{how}_{number:03}.{name}", bytes(data)


def make(folder: Path, files: int) -> list[Path]:
    """Write the damaged files; a smaller number takes every n-th of the fixed ones and fewer spoiled ones."""
    made = seeds()
    fixed = [*foreign(), *whole(made), *bombs(made)]
    if files < 2 * len(fixed):
        step = max(1, round(2 * len(fixed) / files))
        fixed = fixed[::step]
    paths = []
    for name, data in [
        *fixed,
        *(pair for pair, _ in zip(spoiled(made), range(max(0, files - len(fixed))), strict=False)),
    ]:
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths
