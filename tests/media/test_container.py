"""Structure of files: parts at the right places, claims of the streams, names of encoders, key frames."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from veridical import errors
from veridical.media.container import Container, read_container
from veridical.media.decode import _parts, container
from veridical.media.decode._structure import walk
from veridical.media.decoder import Decoder

Make = Callable[..., Path]


def built(path: Path) -> dict:
    (message,) = container.read(path)
    return dict(message.head)


def names(head: dict, depth: int | None = None) -> list[str]:
    return [name for name, _, _, at in head["parts"] if depth in (None, at)]


def still(tmp_path: Path, name: str, **options: object) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    path = tmp_path / name
    Pillow.fromarray(pixels).save(path, **options)
    return path


def test_boxes_of_an_mp4_tile_the_file(make_video: Make):
    path = make_video("clip.mp4", sound="aac")
    head = built(path)
    top = [(offset, size) for _, offset, size, depth in head["parts"] if depth == 0]
    assert names(head, 0) == ["ftyp", "free", "mdat", "moov"]
    assert all(a + b == c for (a, b), (c, _) in zip(top, top[1:], strict=False))
    assert sum(top[-1]) == path.stat().st_size and head["trailing_bytes"] == 0
    data = path.read_bytes()
    for name, offset, size, depth in head["parts"]:
        assert data[offset + 4 : offset + 8].decode("latin-1") == name
        assert struct.unpack(">I", data[offset : offset + 4])[0] == size
        assert depth < 9
    assert {"trak", "stsd", "avc1", "avcC", "mp4a", "esds", "stco", "ilst"} <= set(names(head))
    assert head["format"] == "mp4" and head["brands"] == ["isom", "iso2", "avc1", "mp41"]


def test_streams_tell_what_the_container_claims(make_video: Make):
    streams = built(make_video("clip.mp4", sound="aac"))["streams"]
    assert [stream["type"] for stream in streams] == ["video", "audio"]
    assert all(isinstance(value, str) for stream in streams for value in stream.values())
    known = {"codec": "h264", "profile": "High", "pix_fmt": "yuv420p", "width": "64", "height": "48", "fps": "25"}
    assert known.items() <= streams[0].items()
    assert {"codec": "aac", "sample_rate": "48000", "channels": "1", "profile": "LC"}.items() <= streams[1].items()
    assert float(streams[0]["duration_s"]) == pytest.approx(0.8)
    assert int(streams[0]["bit_rate"]) > 0


@pytest.mark.parametrize(
    ("name", "codec"), [("k.mp4", "libx264"), ("k.mkv", "libx264"), ("k.avi", "mpeg4"), ("k.mpg", "mpeg2video")]
)
def test_key_frames_stand_where_the_encoder_was_told(make_video: Make, name: str, codec: str):
    options = (
        {"x264-params": "keyint=8:scenecut=0:bframes=2"}
        if codec == "libx264"
        else {"g": "8", "sc_threshold": "1000000000"}
    )
    head = built(make_video(name, codec, frames=30, **options))
    assert head["key_frame_s"] == pytest.approx([0, 0.32, 0.64, 0.96], abs=0.002)


def test_encoders_are_found_in_tags_and_in_the_data(make_video: Make, make_sound: Make):
    said = built(make_video("clip.mp4", sound="aac"))["encoders"]
    assert said["container encoder"].startswith("Lavf")
    assert said["stream 0 data"].startswith("x264 - core") and "crf=23" in said["stream 0 data"]
    assert said["stream 1 data"].startswith("Lavc")
    said = built(make_video("clip.mkv", "libx265", **{"x265-params": "log-level=none"}))["encoders"]
    assert said["container muxer"].startswith("Lavf")
    assert said["stream 0 data"].startswith("x265 (build")
    assert built(make_sound("a.mp3", "libmp3lame"))["encoders"]["first frame"].startswith("LAME3.")
    assert built(make_sound("a.ogg", "libopus", rate=48000))["encoders"]["container vendor"].startswith("Lavf")
    assert built(make_sound("a.flac", "flac"))["encoders"]["container vendor"].startswith("Lavf")
    assert built(make_sound("a.wav", "pcm_s16le"))["encoders"]["container encoder"].startswith("Lavf")


@pytest.mark.parametrize(
    ("name", "codec", "expected"),
    [
        ("a.wav", "pcm_s16le", {"RIFF WAVE", "fmt ", "LIST INFO", "data"}),
        ("a.flac", "flac", {"STREAMINFO", "VORBIS_COMMENT", "frames"}),
        ("a.mp3", "libmp3lame", {"ID3v2", "Info", "frames"}), ("a.ogg", "libopus", {"first page", "pages"}),
        ("a.aiff", "pcm_s16be", {"FORM AIFF", "COMM", "SSND"}), ("a.mka", "flac", {"EBML", "Segment", "Tracks", "Cluster"}),
    ],
)  # fmt: skip
def test_parts_of_recordings(make_sound: Make, name: str, codec: str, expected: set[str]):
    path = make_sound(name, codec, rate=48000)
    head = built(path)
    assert expected <= set(names(head))
    assert head["key_frame_s"] == [] and head["trailing_bytes"] == 0
    assert max(offset + size for _, offset, size, _ in head["parts"]) in (path.stat().st_size, path.stat().st_size - 4)


@pytest.mark.parametrize(
    ("name", "codec", "expected"),
    [
        ("c.avi", "mpeg4", {"RIFF AVI ", "LIST hdrl", "LIST movi", "idx1"}), ("c.mpg", "mpeg1video", {"pack", "packet 0xe0"}),
        ("c.ts", "mpeg2video", {"packets"}), ("c.webm", "libvpx", {"EBML", "Info", "WritingApp", "Cluster", "Cues"}),
    ],
)  # fmt: skip
def test_parts_of_videos(make_video: Make, name: str, codec: str, expected: set[str]):
    assert expected <= set(names(built(make_video(name, codec))))


def test_a_jpeg_is_listed_to_its_end_and_what_follows_is_counted(tmp_path: Path):
    path = still(tmp_path, "a.jpg", comment=b"hello", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    whole = path.read_bytes()
    path.write_bytes(whole + b"appended")
    head = built(path)
    assert names(head)[0] == "SOI" and names(head)[-1] == "EOI"
    assert {"APP0 JFIF", "APP1 Exif", "DQT", "SOF0", "DHT", "SOS", "COM"} <= set(names(head))
    assert head["trailing_bytes"] == len(b"appended")
    assert sum(size for _, _, size, _ in head["parts"]) == len(whole)
    assert head["streams"] == [{"type": "image", "codec": "jpeg", "width": "60", "height": "40"}]


def test_a_progressive_jpeg_has_many_scans(tmp_path: Path):
    assert names(built(still(tmp_path, "p.jpg", progressive=True))).count("SOS") > 3


def test_a_png_with_a_wrong_check_sum_says_which_chunk(tmp_path: Path):
    path = still(tmp_path, "a.png")
    data = bytearray(path.read_bytes())
    assert names(built(path)) == ["IHDR", "IDAT", "IEND"]
    data[60] ^= 255
    path.write_bytes(bytes(data) + b"xx")
    head = built(path)
    assert names(head) == ["IHDR", "IDAT (wrong check sum)", "IEND"]
    assert head["trailing_bytes"] == 2


def test_other_stills(tmp_path: Path):
    assert {"RIFF WEBP", "VP8 "} <= set(names(built(still(tmp_path, "a.webp"))))
    head = built(still(tmp_path, "a.gif"))
    assert names(head)[0] == "header" and names(head)[-1] == "trailer" and "image" in names(head)
    assert head["streams"][0]["width"] == "60" and head["trailing_bytes"] == 0
    assert names(built(still(tmp_path, "a.tif"))) == ["header", "directory"]
    assert {"ftyp", "meta", "mdat"} <= set(names(built(still(tmp_path, "a.avif"))))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif"])
def test_a_cut_still_is_known_as_cut(tmp_path: Path, name: str):
    path = still(tmp_path, name)
    assert not walk(path).cut
    path.write_bytes(path.read_bytes()[:-30])
    assert walk(path).cut


def test_a_cover_picture_is_no_video(make_sound: Make, tmp_path: Path):
    """An ID3v2.3 APIC frame in front of an MP3 stream."""
    picture = io.BytesIO()
    Pillow.new("RGB", (16, 16)).save(picture, "JPEG")
    body = b"\0image/jpeg\0\x03\0" + picture.getvalue()
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path = tmp_path / "cover.mp3"
    path.write_bytes(b"ID3\x03\0\0" + size + frame + make_sound("a.mp3", "libmp3lame").read_bytes())
    assert [stream["type"] for stream in built(path)["streams"]] == ["audio", "image"]


@pytest.mark.parametrize(
    ("part", "message"),
    [(b"moov", "moov.*missing"), (b"mdat", "no media data")],
)
def test_hopeless_containers_say_why(make_video: Make, tmp_path: Path, part: bytes, message: str):
    path = tmp_path / "x.mp4"
    path.write_bytes(make_video("clip.mp4").read_bytes().replace(part, b"free"))
    with pytest.raises(errors.DamagedMedia, match=message):
        built(path)


def test_an_index_that_is_cut_is_named(make_video: Make, tmp_path: Path):
    path = tmp_path / "x.mp4"
    path.write_bytes(make_video("clip.mp4").read_bytes()[:-50])
    with pytest.raises(errors.DamagedMedia, match="cut off within its index"):
        built(path)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def test_hostile_sizes_end(tmp_path: Path):
    nested = b""
    for _ in range(200):
        nested = box(b"moov", nested)
    path = tmp_path / "x.mp4"
    start = box(b"ftyp", b"isom\0\0\0\0isom")
    for rest in (
        nested, box(b"free", b"") * 100_000, b"\0\0\0\0moov" * 50, b"\0\0\0\1mdat" + b"\xff" * 8, b"\0\0\0\1mdat" + bytes(8),
        b"\xff\xff\xff\xffmoov" + b"\xff" * 64, b"\0\0\0\x07moov",
    ):  # fmt: skip
        path.write_bytes(start + rest)
        found = walk(path)
        assert len(found.rows) <= _parts.MOST_PARTS
        assert max(depth for *_, depth in found.rows) <= _parts.DEEPEST
    for content in (
        b"\x1aE\xdf\xa3\x80" + b"\x18\x53\x80\x67\xff" + b"\x1f\x43\xb6\x75\xff" * 6000,
        b"RIFF\0\0\0\0WAVE" + b"LIST\0\0\0\0INFO" * 20_000, b"RIFF\xff\xff\xff\x7fAVI " + b"LIST\xff\xff\xff\x7fhdrl" * 100,
        b"OggS" + bytes(1) + b"\2" + bytes(21) + b"OggS" * 9000, b"\0\0\1\xba" * 30_000, b"\0\0\1\xe0\0\0" * 30_000,
        b"fLaC" + b"\1\0\0\0" * 30_000, b"ID3\3\0\0\0\0\0\0" * 20_000, b"\xff\xd8" + b"\xff" * 50_000,
        b"\xff\xd8\xff\xe0\0\0" + b"\xff\xe0\0\0" * 20_000, b"GIF89a" + bytes(7) + b"!\xfe\0" * 30_000,
        b"II*\0\x08\0\0\0" + b"\0\0\x08\0\0\0", b"MM\0+" + b"\xff" * 40, b"FORM" + b"\xff" * 4 + b"AIFF" + bytes(90_000),
        b"\x89PNG\r\n\x1a\n" + (b"\xff\xff\xff\xffIDAT" + bytes(8)),
    ):  # fmt: skip
        path.write_bytes(content)
        assert len(walk(path).rows) <= _parts.MOST_PARTS


def test_a_64_bit_size_and_one_to_the_end_are_followed(tmp_path: Path):
    path = tmp_path / "x.mp4"
    large = b"\0\0\0\1free" + struct.pack(">Q", 16 + 100) + bytes(100)
    path.write_bytes(box(b"ftyp", b"isom\0\0\0\0") + large + b"\0\0\0\0mdat" + bytes(40))
    assert walk(path).rows == [("ftyp", 0, 16, 0), ("free", 16, 116, 0), ("mdat", 132, 48, 0)]


def test_streams_recorded_live_have_elements_of_unknown_size(make_video: Make):
    path = make_video("live.webm", "libvpx", container_options={"live": "1"})
    found = walk(path)
    assert found.open_ended and not found.cut
    assert {"Segment", "Tracks", "Cluster"} <= found.names()


def test_what_no_walker_knows_has_no_parts(tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(zlib.compress(b"hello"))
    assert walk(path).rows == [] and walk(path).trailing == 0


def test_the_typed_container_comes_through_the_decoder(make_video: Make):
    decoder = Decoder(make_video("clip.mkv"))
    container = read_container(decoder)
    decoder.close()
    assert isinstance(container, Container)
    assert container.format == "mkv" and container.parts[0].name == "EBML"
    assert container.key_frame_s == (0.0,) and container.streams[0]["codec"] == "h264"


def test_clusters_of_unknown_size_end_where_the_next_begins(tmp_path: Path):
    cluster = b"\x1f\x43\xb6\x75\xff" + b"\xe7\x81\x00" + b"\xa3\x83abc"
    path = tmp_path / "live.webm"
    path.write_bytes(b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67\xff" + cluster * 3)
    rows = [row for row in walk(path).rows if row[0] == "Cluster"]
    assert rows == [("Cluster", 10 + 13 * index, 13, 1) for index in range(3)]


def test_an_encrypted_matroska_track_is_refused(tmp_path: Path):
    def element(number: bytes, body: bytes) -> bytes:
        return number + bytes([0x80 | len(body)]) + body

    track = element(b"\x6d\x80", element(b"\x62\x40", element(b"\x50\x35", b"")))
    tracks = element(b"\x16\x54\xae\x6b", element(b"\xae", track))
    path = tmp_path / "drm.mkv"
    path.write_bytes(
        element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"matroska")) + element(b"\x18\x53\x80\x67", tracks)
    )
    with pytest.raises(errors.EncryptedMedia):
        built(path)


def test_the_scan_for_key_frames_is_bounded(make_video: Make, monkeypatch: pytest.MonkeyPatch):
    path = make_video("k.avi", "mjpeg", frames=30, pixel_format="yuvj420p")
    assert len(built(path)["key_frame_s"]) == 30
    monkeypatch.setattr(container, "_MOST_KEYS", 7)
    assert len(built(path)["key_frame_s"]) == 7


def test_the_list_of_parts_is_bounded(make_video: Make, monkeypatch: pytest.MonkeyPatch):
    path = make_video("clip.mp4")
    monkeypatch.setattr(_parts, "MOST_PARTS", 3)
    head = built(path)
    assert len(head["parts"]) == 3 and head["streams"][0]["codec"] == "h264"


def test_an_id3v1_tag_and_pad_bytes_are_told_apart(make_sound: Make, tmp_path: Path):
    path = tmp_path / "a.mp3"
    path.write_bytes(make_sound("a.mp3", "libmp3lame").read_bytes() + b"TAG" + bytes(125))
    assert names(built(path))[-1] == "ID3v1"
