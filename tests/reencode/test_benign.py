"""Benign re-encodings: eight of each kind, the same bits every time, and content that stays what it was."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow

from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.media.exhibit import Exhibit, open_exhibit
from veridical.media.image import Image
from veridical.media.video import Video
from veridical.reencode.benign import BENIGN, PLAIN
from veridical.reencode.part import Part

Open = Callable[[Path], Exhibit]


@pytest.fixture
def opened() -> Iterator[Open]:
    exhibits: list[Exhibit] = []

    def open_(path: Path) -> Exhibit:
        exhibits.append(open_exhibit(path))
        return exhibits[-1]

    yield open_
    for exhibit in exhibits:
        exhibit.close()


def picture(path: Path, size: tuple[int, int] = (160, 120), **options: Any) -> Path:
    y, x = np.mgrid[: size[1], : size[0]]
    noise = np.random.default_rng(0).normal(0, 6, (size[1], size[0], 3))
    waves = 120 + 60 * np.sin(x / 9)[..., None] + 40 * np.cos(y / 7)[..., None] * [1, 0.8, 0.5]
    image = Pillow.fromarray(np.clip(waves + noise, 0, 255).astype(np.uint8))
    image.convert(options.pop("mode", "RGB")).save(path, **options)
    return path


def sound(path: Path, seconds: float = 3.0, rate: int = 44100, channels: int = 2) -> Path:
    t = np.arange(round(seconds * rate)) / rate
    one = 0.3 * np.sin(2 * np.pi * 300 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    soundfile.write(path, np.stack([one] * channels, 1), rate)
    return path


def clip(path: Path, seconds: float = 1.0, fps: int = 25, sounding: bool = True) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"crf": "16", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 128, "yuv420p"
        track = out.add_stream("aac", rate=16000, layout="mono") if sounding else None
        for i in range(round(seconds * fps)):
            y, x = np.mgrid[:128, :160]
            grey = (110 + 60 * np.sin((x + 3 * i) / 11) + 40 * np.cos(y / 9)).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.repeat(grey[..., None], 3, 2), "rgb24")))
        out.mux(stream.encode(None))
        if track:
            tone = 0.3 * np.sin(2 * np.pi * 400 * np.arange(round(seconds * 16000)) / 16000)
            frame = av.AudioFrame.from_ndarray(tone[None].astype(np.float32), "fltp", "mono")
            frame.sample_rate = 16000
            out.mux(track.encode(frame))
            out.mux(track.encode(None))
    return path


def test_there_are_eight_of_each_kind_and_each_says_what_it_does() -> None:
    assert {kind: len(steps) for kind, steps in BENIGN.items()} == {"image": 8, "audio": 8, "video": 8}
    assert all(step.description for steps in BENIGN.values() for step in steps.values())
    assert set(PLAIN) == {"audio", "video"}


@pytest.mark.parametrize("name", BENIGN["image"])
def test_a_picture_stays_what_it_was(name: str, tmp_path: Path, opened: Open) -> None:
    exhibit = opened(picture(tmp_path / "a.png"))
    made = BENIGN["image"][name].make(exhibit, tmp_path / name, exhibit.sha256)
    again = BENIGN["image"][name].make(exhibit, tmp_path / "again", exhibit.sha256)
    assert made.read_bytes() == again.read_bytes() != exhibit.path.read_bytes()
    was = exhibit.stream(Image).display.astype(float)
    if name == "cut_7":
        was = was[7:-7, 7:-7]
    now = opened(made).stream(Image).display
    large = np.asarray(Pillow.fromarray(now).resize(was.shape[1::-1], Pillow.Resampling.LANCZOS), float)
    assert np.corrcoef(was.ravel(), large.ravel())[0, 1] > 0.97
    assert abs(large.mean() - was.mean()) < 4 and now.shape[0] >= was.shape[0] // 2


def test_a_brighter_picture_is_two_in_a_hundred_brighter(tmp_path: Path, opened: Open) -> None:
    flat = tmp_path / "flat.png"
    Pillow.new("RGB", (80, 80), (100, 200, 255)).save(flat)
    made = BENIGN["image"]["brighter_2"].make(opened(flat), tmp_path / "made", "0")
    assert opened(made).stream(Image).display[40, 40].tolist() == pytest.approx([102, 204, 255], abs=2)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("cmyk.jpg", lambda path: picture(path, mode="CMYK")),
        ("grey.png", lambda path: picture(path, mode="L")),
        ("palette.gif", lambda path: picture(path, mode="P")),
        ("deep.png", lambda path: Pillow.fromarray(np.full((90, 90), 40000, np.uint16)).save(path) or path),
    ],
)
def test_odd_pictures_are_encoded(name: str, make: Callable[[Path], Path], tmp_path: Path, opened: Open) -> None:
    exhibit = opened(make(tmp_path / name))
    for each, step in BENIGN["image"].items():
        assert opened(step.make(exhibit, tmp_path / each, exhibit.sha256)).stream(Image).display.ndim == 3


def test_a_picture_of_one_pixel_cannot_be_cut_but_encoded(tmp_path: Path, opened: Open) -> None:
    exhibit = opened(picture(tmp_path / "one.png", (1, 1)))
    with pytest.raises(NotApplicable, match="1 × 1 px"):
        BENIGN["image"]["cut_7"].make(exhibit, tmp_path / "cut", "0")
    for name in set(BENIGN["image"]) - {"cut_7"}:
        assert BENIGN["image"][name].make(exhibit, tmp_path / name, "0").stat().st_size


@pytest.mark.parametrize("name", BENIGN["audio"])
def test_a_recording_stays_what_it_was(name: str, tmp_path: Path, opened: Open) -> None:
    exhibit = opened(sound(tmp_path / "a.wav"))
    made = BENIGN["audio"][name].make(exhibit, tmp_path / name, exhibit.sha256)
    assert made.read_bytes() == BENIGN["audio"][name].make(exhibit, tmp_path / "b", exhibit.sha256).read_bytes()
    heard = opened(made).stream(Audio)
    loudest = np.abs(np.fft.rfft(heard.mono))
    assert np.argmax(loudest) * heard.rate / len(heard.samples) == pytest.approx(300, abs=4)
    assert heard.duration_s == pytest.approx(2.8 if name == "cut_02" else 3.0, abs=0.1)
    level = 20 * np.log10(heard.mono.std() / exhibit.stream(Audio).mono.std())
    assert level == pytest.approx(-6 if name == "quieter_6" else 0, abs=0.5)  # LAME scales by 0.95


def test_sound_of_8_khz_is_not_brought_to_16(tmp_path: Path, opened: Open) -> None:
    exhibit = opened(sound(tmp_path / "a.wav", rate=8000, channels=1))
    with pytest.raises(NotApplicable, match="8000 Hz already"):
        BENIGN["audio"]["resample_16k"].make(exhibit, tmp_path / "x", "0")
    for name in set(BENIGN["audio"]) - {"resample_16k"}:
        assert opened(BENIGN["audio"][name].make(exhibit, tmp_path / name, "0")).kind == "audio"


def test_noise_lies_40_db_below_the_voice(tmp_path: Path, opened: Open) -> None:
    exhibit = opened(sound(tmp_path / "a.wav"))
    made = BENIGN["audio"]["noise_40db"].make(exhibit, tmp_path / "n", exhibit.sha256)
    was, now = exhibit.stream(Audio).mono, opened(made).stream(Audio).mono
    assert 20 * np.log10(was.std() / (now - was).std()) == pytest.approx(40, abs=1.5)


@pytest.mark.parametrize("name", BENIGN["video"])
def test_a_clip_stays_what_it_was(name: str, tmp_path: Path, opened: Open) -> None:
    exhibit = opened(clip(tmp_path / "a.mp4"))
    made = BENIGN["video"][name].make(exhibit, tmp_path / name, exhibit.sha256)
    seen = opened(made)
    was, now = list(exhibit.stream(Video).frames()), list(seen.stream(Video).frames())
    assert [round(frame.time_s, 3) for frame in was] == [round(frame.time_s, 3) for frame in now]
    assert seen.stream(Audio).duration_s == pytest.approx(1.0, abs=0.1)
    one, other = was[7].display, now[7].display
    one = one[7:-7, 7:-7] if name == "cut_7" else one
    other = np.asarray(Pillow.fromarray(other).resize(one.shape[1::-1], Pillow.Resampling.LANCZOS))
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97
    assert made.read_bytes() == BENIGN["video"][name].make(exhibit, tmp_path / "b", exhibit.sha256).read_bytes()


def test_a_silent_clip_has_no_sound_to_encode(tmp_path: Path, opened: Open) -> None:
    exhibit = opened(clip(tmp_path / "a.mp4", sounding=False))
    with pytest.raises(NotApplicable, match="no sound"):
        BENIGN["video"]["sound_48"].make(exhibit, tmp_path / "x", "0")
    assert opened(BENIGN["video"]["h264_28"].make(exhibit, tmp_path / "y", "0")).kind == "video"


def test_a_part_ends_where_it_should_and_leaves_the_rest_alone(tmp_path: Path, opened: Open) -> None:
    exhibit = opened(clip(tmp_path / "a.mp4", seconds=2.0))
    part = Part(exhibit, 0.8)
    assert len(list(part.stream(Video).frames())) == 20 and len(list(exhibit.stream(Video).frames())) == 50
    assert part.stream(Audio).duration_s == pytest.approx(0.8, abs=0.001)
    made = opened(PLAIN["video"].make(part, tmp_path / "p", "0"))
    assert len(list(made.stream(Video).frames())) == 20
    recording = opened(sound(tmp_path / "a.wav"))
    first = opened(PLAIN["audio"].make(Part(recording, 1.5), tmp_path / "q", "0")).stream(Audio)
    np.testing.assert_allclose(first.mono, recording.stream(Audio).mono[: len(first.samples)], atol=1e-4)
    assert first.duration_s == 1.5


def test_metadata_does_not_travel(tmp_path: Path, opened: Open) -> None:
    exif = Pillow.Exif()
    exif[0x010F] = "who made this"
    exhibit = opened(picture(tmp_path / "a.jpg", exif=exif, quality=90))
    assert b"who made this" in exhibit.path.read_bytes()
    for name, step in BENIGN["image"].items():
        data = step.make(exhibit, tmp_path / name, exhibit.sha256).read_bytes()
        assert b"who made" not in data and not Pillow.open(io.BytesIO(data)).getexif(), name
    assert hashlib.sha256(exhibit.path.read_bytes()).hexdigest() == exhibit.sha256
