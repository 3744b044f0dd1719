"""Pictures of videos: colours, times, rotation, damage, limits."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from veridical import errors
from veridical.media.decode import video as decode
from veridical.media.decoder import Decoder
from veridical.media.video import read_video

Make = Callable[..., Path]
Colour = Callable[[int], tuple[int, int, int]]

CONTAINERS = [
    ("clip.mp4", "libx264", "h264"), ("clip.mov", "mpeg4", "mpeg4"), ("clip.mkv", "libx265", "hevc"),
    ("clip.webm", "libvpx-vp9", "vp9"), ("vp8.webm", "libvpx", "vp8"), ("clip.avi", "mpeg4", "mpeg4"),
    ("h264.avi", "libx264", "h264"), ("clip.mpg", "mpeg1video", "mpeg1video"), ("clip.ts", "mpeg2video", "mpeg2video"),
    ("bare.m1v", "mpeg1video", "mpeg1video"),
    ("mjpeg.mov", "mjpeg", "mjpeg"), ("lossless.mkv", "ffv1", "ffv1"),
]  # fmt: skip


def frames_of(path: Path) -> list:
    return list(decode.read(path))


@pytest.mark.parametrize(("name", "codec", "known"), CONTAINERS)
def test_every_container_gives_its_frames_in_order_with_their_times(
    make_video: Make, known_colour: Colour, name: str, codec: str, known: str
):
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = make_video(name, codec, pixel_format="yuvj420p" if codec == "mjpeg" else "yuv420p", **quiet)
    frames = frames_of(path)
    assert len(frames) == 20
    for index, message in enumerate(frames):
        pixels = message.arrays["pixels"]
        assert pixels.shape == (48, 64, 3) and pixels.dtype == np.uint8
        assert np.abs(np.median(pixels[20:, 20:], (0, 1)) - known_colour(index)).max() < 12
        assert pixels[:8, :8].mean() > 230
        assert message.head["index"] == index
        assert message.head["time_s"] == pytest.approx(index / 25, abs=0.002)
    assert frames[0].head["key"] and frames[0].head["kind"] == "I"
    assert next(decode.read(path, describe=True)).head["codec"] == known


def test_kinds_of_frames_follow_what_the_encoder_was_told(make_video: Make):
    path = make_video("gop.mp4", **{"x264-params": "keyint=5:scenecut=0:bframes=0"})
    heads = [message.head for message in frames_of(path)]
    assert [head["index"] for head in heads if head["key"]] == [0, 5, 10, 15]
    assert [head["kind"] for head in heads] == ["I", "P", "P", "P", "P"] * 4
    told = make_video("b.mp4", **{"x264-params": "b-adapt=0:bframes=1:b-pyramid=0:weightp=0"})
    assert {message.head["kind"] for message in frames_of(told)} == {"I", "P", "B"}


@pytest.mark.parametrize("name", ["vfr.mkv", "vfr.mp4"])
def test_variable_frame_rate_keeps_the_times_of_the_file(make_video: Make, name: str):
    times = [0, 40, 120, 130, 400, 401, 402, 500, 900, 1500]
    path = make_video(name, frames=10, times_ms=times)
    assert [round(message.head["time_s"] * 1000) for message in frames_of(path)] == times


def test_times_count_from_the_first_frame(make_video: Make):
    path = make_video("late.mkv", frames=5, times_ms=[700, 740, 780, 820, 860])
    assert [round(message.head["time_s"] * 1000) for message in frames_of(path)] == [0, 40, 80, 120, 160]


@pytest.mark.parametrize(("rotation", "row", "column"), [(0, 0, 0), (90, -1, 0), (180, -1, -1), (270, 0, -1)])
def test_rotation_turns_the_display_counter_clockwise_and_leaves_the_pixels(
    make_video: Make, rotation: int, row: int, column: int
):
    path = make_video("turned.mp4", frames=2, rotation=rotation)
    decoder = Decoder(path)
    video = read_video(decoder)
    frame = next(video.frames())
    decoder.close()
    assert video.rotation == frame.rotation == rotation
    assert frame.pixels[:8, :8].mean() > 230
    corner = frame.display[row * 4 + (1 if row == 0 else 0), column * 4 + (1 if column == 0 else 0)]
    assert corner.mean() > 200


def test_the_matrix_of_a_phone_held_upright_means_270_degrees(make_video: Make):
    """Cameras write (0, 1, -1, 0): the stored left edge is shown on top, a quarter turn clockwise."""
    path = make_video("phone.mp4", frames=2, rotation=90)
    data = path.read_bytes()
    at = data.index(b"tkhd") + 44
    one = 1 << 16
    path.write_bytes(data[:at] + struct.pack(">9i", 0, one, 0, -one, 0, 0, 48 * one, 0, 1 << 30) + data[at + 36 :])
    assert next(decode.read(path, describe=True)).head["rotation"] == 270


def test_description_tells_what_the_header_claims(make_video: Make):
    head = next(decode.read(make_video("clip.mp4"), describe=True)).head
    assert (head["width"], head["height"], head["pixel_format"]) == (64, 48, "yuv420p")
    assert (head["frames"], head["fps"], head["duration_s"]) == (20, 25.0, 0.8)
    assert head["bit_rate"] > 0


def test_odd_widths_lose_no_column(make_video: Make, known_colour: Colour):
    path = make_video("odd.mkv", "ffv1", frames=2, size=(61, 37), pixel_format="yuv444p")
    pixels = frames_of(path)[1].arrays["pixels"]
    assert pixels.shape == (37, 61, 3)
    assert np.abs(pixels[-1, -1].astype(int) - known_colour(1)).max() < 4


def test_more_than_eight_bits_are_reduced(make_video: Make, known_colour: Colour):
    path = make_video("deep.mkv", "ffv1", frames=1, pixel_format="yuv420p10le")
    pixels = frames_of(path)[0].arrays["pixels"]
    assert np.abs(np.median(pixels[20:, 20:], (0, 1)) - known_colour(0)).max() < 4


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [("cut.mp4", "libx264", {"movflags": "faststart"}), ("cut.mkv", "ffv1", {}), ("cut.avi", "mjpeg", {})],
)
def test_a_cut_video_gives_the_frames_before_the_cut_then_says_so(
    make_video: Make, tmp_path: Path, known_colour: Colour, name: str, codec: str, options: dict[str, str]
):
    size, pixel_format = (320, 240), "yuvj420p" if codec == "mjpeg" else "yuv420p"
    extra = {"g": "5", "crf": "1"} if codec == "libx264" else {}
    whole = make_video(name, codec, frames=50, size=size, pixel_format=pixel_format, container_options=options, **extra)
    path = tmp_path / name
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) * 7 // 10])
    with pytest.raises(errors.DamagedMedia, match="cut off"):
        frames_of(path)
    got = collect(path)
    assert 10 < len(got) < 45
    for index, message in enumerate(got[:-1]):
        assert np.abs(np.median(message.arrays["pixels"][80:, 80:], (0, 1)) - known_colour(index)).max() < 12


def collect(path: Path) -> list:
    got = []
    try:
        for message in decode.read(path):
            got.append(message)
    except errors.MediaError:
        return got
    return got


def test_a_missing_index_is_named(make_video: Make, tmp_path: Path):
    data = make_video("clip.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: data.index(b"moov") - 4])
    with pytest.raises(errors.DamagedMedia, match="moov"):
        frames_of(path)


@pytest.mark.parametrize(("name", "codec"), [("damaged.mp4", "libx264"), ("damaged.mov", "mpeg4")])
def test_damage_in_the_middle_ends_the_video_there(make_video: Make, tmp_path: Path, name: str, codec: str):
    """400 zeroed bytes: the H.264 decoder reports an error there, the MPEG-4 one a corrupt frame."""
    whole = make_video(name, codec, frames=60, size=(320, 240))
    data = bytearray(whole.read_bytes())
    middle = data.index(b"mdat") + 3000
    data[middle : middle + 400] = bytes(400)
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(errors.DamagedMedia, match=r"damaged \d\.\d\d s after its beginning"):
        frames_of(path)
    assert 1 <= len(collect(path)) < 55


def test_encrypted_tracks_are_refused(make_video: Make, tmp_path: Path):
    data = make_video("clip.mp4").read_bytes()
    path = tmp_path / "drm.mp4"
    path.write_bytes(data.replace(b"avc1\0\0\0\0\0\0", b"encv\0\0\0\0\0\0"))
    with pytest.raises(errors.EncryptedMedia, match="encrypted"):
        frames_of(path)


def test_a_header_that_claims_ten_hours_is_refused_at_once(make_video: Make, tmp_path: Path):
    data = bytearray(make_video("clip.mp4", frames=1).read_bytes())
    at = data.index(b"stts")
    data[at + 12 : at + 16] = struct.pack(">I", 12800 * 36000)
    at = data.index(b"mdhd")
    data[at + 20 : at + 24] = struct.pack(">I", 12800 * 36000)
    at = data.index(b"elst")
    data[at + 12 : at + 16] = struct.pack(">I", 1000 * 36000)
    path = tmp_path / "long.mp4"
    path.write_bytes(data)
    with pytest.raises(errors.MediaTooLarge, match=r"10\.0 hours.*VERIDICAL_MAX_HOURS"):
        frames_of(path)


def test_actual_length_is_limited_too(make_video: Make, monkeypatch: pytest.MonkeyPatch):
    path = make_video("clip.ts", "mpeg2video")
    monkeypatch.setenv("VERIDICAL_MAX_HOURS", str(0.5 / 3600))
    with pytest.raises(errors.MediaTooLarge, match="lasts more than"):
        frames_of(path)


def test_frames_above_the_pixel_limit_are_refused(make_video: Make, monkeypatch: pytest.MonkeyPatch):
    path = make_video("clip.mp4")
    monkeypatch.setenv("VERIDICAL_MAX_MEGAPIXELS", "0.001")
    with pytest.raises(errors.MediaTooLarge, match="64 × 48"):
        frames_of(path)


def test_a_recording_without_pictures_says_so(make_sound: Make):
    with pytest.raises(errors.DamagedMedia, match="no picture stream"):
        frames_of(make_sound("a.wav", "pcm_s16le"))


def test_frames_through_the_decoder_process_equal_those_of_another_decode(make_video: Make):
    path = make_video("clip.mkv", "ffv1", pixel_format="yuv444p")
    with av.open(str(path)) as whole:
        known = [frame.to_ndarray(format="rgb24") for frame in whole.decode(video=0)]
    decoder = Decoder(path)
    video = read_video(decoder)
    for _ in range(2):
        for frame, pixels in zip(video.frames(why="test"), known, strict=True):
            assert np.array_equal(frame.pixels, pixels)
    decoder.close()
    assert video.passes == ["test", "test"]


def test_memory_does_not_grow_with_length(make_video: Make):
    """Peak memory of a decode of 1200 frames stays within 15 MB of that of 60 frames."""
    code = (
        "import sys; from pathlib import Path; from veridical.media.decode import video\n"
        "for message in video.read(Path(sys.argv[1])): pass\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    peaks = []
    for count in (60, 1200):
        path = make_video("clip.mp4", frames=count, size=(320, 240), preset="ultrafast")
        out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True)
        peaks.append(int(out.stdout) / 1024)
    assert peaks[1] < peaks[0] + 15
