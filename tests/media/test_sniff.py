import io
import struct
import zipfile
from importlib import util
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from veridical import errors
from veridical.media import foreign
from veridical.media import sniff as module
from veridical.media.sniff import sniff


def write(tmp_path: Path, data: bytes, name: str = "file.bin") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def picture(format: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif", "tiff", "gif"])
def test_stills_are_named_by_content_whatever_the_name(tmp_path, format):
    assert sniff(write(tmp_path, picture(format), "letter.docx")) == (format, "image")


def test_animations_are_images(tmp_path):
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    for format in ("png", "webp", "gif"):
        path = tmp_path / f"a.{format}"
        frames[0].save(path, format, save_all=True, append_images=frames[1:])
        assert sniff(path) == (format, "image")


@pytest.mark.parametrize(
    ("muxer", "codec", "expected"),
    [
        ("mp4", "mpeg4", ("mp4", None)), ("mov", "mpeg4", ("mov", None)), ("3gp", "mpeg4", ("3gp", None)),
        ("ipod", "aac", ("m4a", None)), ("matroska", "mpeg4", ("mkv", None)), ("webm", "libvpx", ("webm", None)),
        ("avi", "mpeg4", ("avi", "video")), ("mpeg", "mpeg2video", ("mpeg", "video")),
        ("mpegts", "mpeg2video", ("mpegts", "video")), ("mpeg2video", "mpeg2video", ("mpeg", "video")),
        ("ogg", "libopus", ("ogg", None)), ("wav", "pcm_s16le", ("wav", "audio")), ("flac", "flac", ("flac", "audio")),
        ("mp3", "libmp3lame", ("mp3", "audio")), ("mp2", "mp2", ("mp2", "audio")), ("adts", "aac", ("aac", "audio")),
        ("aiff", "pcm_s16be", ("aiff", "audio")),
    ],
)  # fmt: skip
def test_recordings_written_by_ffmpeg(tmp_path, muxer, codec, expected):
    path = tmp_path / "file.jpg"
    with av.open(str(path), "w", format=muxer) as container:
        if av.Codec(codec, "w").type == "video":
            stream = container.add_stream(codec, rate=25, width=64, height=48, pix_fmt="yuv420p")
            shots = [av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8)) for _ in range(60)]
        else:
            stream = container.add_stream(codec, rate=48000, layout="mono")
            shots = [av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.int16), "s16", "mono")]
            shots[0].rate = 48000
        for shot in [*shots, None]:
            container.mux(stream.encode(shot))
    assert sniff(path) == expected


def test_mp3_without_tags_and_flac_behind_tags(tmp_path):
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s at 44.1 kHz: 144 * 128000 / 44100 = 417 bytes
    assert sniff(write(tmp_path, bytes(100) + frame * 4)) == ("mp3", "audio")
    tag = b"ID3\x04\0\0\0\0\1\0" + bytes(128)
    assert sniff(write(tmp_path, tag + b"fLaC" + bytes(64))) == ("flac", "audio")
    assert sniff(write(tmp_path, tag + bytes(64))) == ("mp3", "audio")


def test_rf64_and_old_quicktime(tmp_path):
    assert sniff(write(tmp_path, b"RF64\xff\xff\xff\xffWAVEds64" + bytes(32))) == ("wav", "audio")
    assert sniff(write(tmp_path, struct.pack(">I", 16) + b"wide" + bytes(8))) == ("mov", None)


@pytest.mark.parametrize(
    ("brands", "expected"),
    [(b"heic\0\0\0\0mif1", "heic"), (b"mif1\0\0\0\0mif1heic", "heic"), (b"mif1\0\0\0\0mif1avif", "avif")],
)
def test_heif_brands(tmp_path, brands, expected):
    data = struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands
    assert sniff(write(tmp_path, data)) == (expected, "image")


def test_heic_without_the_extra_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "pillow_heif" else util.find_spec(name))
    path = write(tmp_path, b"\0\0\0\x14ftypheic\0\0\0\0mif1")
    with pytest.raises(errors.UnsupportedMedia, match=r'pip install "veridical\[heic\]"'):
        sniff(path)


def archive(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "content")
    return buffer.getvalue()


def tiff(*entries: tuple[int, int, int]) -> bytes:
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, _, value in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + bytes(4)


DIB = b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(40)


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (b"", errors.NotMedia, "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", errors.NotMedia, "PDF"),
        (archive("word/document.xml"), errors.NotMedia, "Word"),
        (archive("holiday.txt"), errors.NotMedia, "zip archive"),
        (b"<!DOCTYPE html><html><svg></svg></html>", errors.NotMedia, "web page"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', errors.NotMedia, "SVG"),
        (b'{"a": 1}', errors.NotMedia, "JSON"),
        ("Ein Text mit Umlauten: äöü".encode("latin-1"), errors.NotMedia, "text file"),
        ("Hello hello hello".encode("utf-16"), errors.NotMedia, "UTF-16"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), errors.NotMedia, "program"),
        (b"\x1f\x8b\x08" + bytes(20), errors.NotMedia, "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), errors.NotMedia, "Office"),
        (bytes(range(256)) * 4, errors.NotMedia, "no image, video or sound"),
        (b"RIFF\x24\0\0\0RMID" + bytes(40), errors.NotMedia, ""),
        (DIB, errors.UnsupportedMedia, "BMP"),
        (b"8BPS\0\1" + bytes(40), errors.UnsupportedMedia, "Photoshop"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", errors.UnsupportedMedia, "JPEG XL"),
        (tiff((254, 4, 1), (271, 4, 0), (330, 4, 0)), errors.UnsupportedMedia, "camera raw"),
        (tiff((254, 4, 0), (50706, 1, 0x01040000)), errors.UnsupportedMedia, "DNG"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(40), errors.UnsupportedMedia, "CR2"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", errors.UnsupportedMedia, "CR3"),
        (b"FLV\x01\x05" + bytes(40), errors.UnsupportedMedia, "Flash"),
        (b"#!AMR\n" + bytes(40), errors.UnsupportedMedia, "AMR"),
        (b"\0\0\0\x18ftypaaxc\0\0\0\1", errors.EncryptedMedia, "Audible"),
        (b"%PDF-1.7\ntrailer <</Encrypt 5 0 R>>", errors.EncryptedMedia, "PDF"),
        (b"PK\3\4\x14\0\1\0" + bytes(40), errors.EncryptedMedia, "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), errors.EncryptedMedia, "Office"),
        (b"-----BEGIN PGP MESSAGE-----\n", errors.EncryptedMedia, "OpenPGP"),
        (b"\x85\x01\x0c\x03" + bytes(300), errors.EncryptedMedia, "OpenPGP"),
        (b"\x8c\x0d\x04\x09\x03\x08" + bytes(range(64)), errors.EncryptedMedia, "OpenPGP"),
        (b"Salted__" + bytes(64), errors.EncryptedMedia, "OpenSSL"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_by_name(tmp_path, data, kind, says):
    path = write(tmp_path, data, "evidence.jpg")
    with pytest.raises(errors.MediaError) as caught:
        sniff(path)
    assert type(caught.value) is kind
    assert says in caught.value.problem
    assert caught.value.path == path
    assert caught.value.remedy


def test_a_broken_tiff_directory_is_no_raw(tmp_path):
    assert foreign.camera_raw(b"MM\0*\xff\xff\xff\xff", io.BytesIO(b"MM\0*\xff\xff\xff\xff")) == ""
    assert sniff(write(tmp_path, b"MM\0*\xff\xff\xff\xff")) == ("tiff", "image")


def test_random_bytes_never_crash_it(tmp_path):
    rng = np.random.default_rng(5)
    starts = [b"", b"\xff\xfb", b"\xff\xf1", b"ID3", b"RIFF", b"\0\0\0\x20ftyp", b"\x1aE\xdf\xa3", b"II*\0", b"G" * 400]
    for start in starts * 20:
        path = write(tmp_path, start + rng.bytes(int(rng.integers(0, 300))))
        try:
            assert sniff(path)[0]
        except errors.MediaError as error:
            assert error.problem
