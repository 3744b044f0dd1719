"""Traces of laundering in files whose history is known, and none in files that have none."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow

import veridical
from veridical.cache import PerceptCache
from veridical.evidence.laundering import Trace, said, traces
from veridical.media.exhibit import open_exhibit
from veridical.media.metadata import Metadata
from veridical.reencode import STEPS
from veridical.report.model import Report

NOTHING = PerceptCache(None, most_bytes=0)
PLAIN = {"exif": {}, "xmp": {}, "iptc": {}, "png_text": {}, "tags": {}, "comments": (), "unreadable": ()}


def report_of(path: Path, only: str) -> Report:
    return veridical.examine(path, only=[only], cache=NOTHING)


def found(path: Path, only: str = "spatial.resampling") -> str:
    """Return what the conclusion says of traces; the statement is the last resort of every test here."""
    return " ".join(one for one in report_of(path, only).conclusion.limits if "laundering" in one)


def scene(side: int, seed: int) -> np.ndarray:
    """Shapes of many sizes and the grain of a sensor: never compressed, never scaled; shape (side, side, 3), uint8."""
    random = np.random.default_rng(seed)
    picture = np.full((side, side, 3), 110.0)
    for _ in range(90):
        y, x = random.integers(0, side, 2)
        high, wide = random.integers(8, side // 4, 2)
        picture[y : y + high, x : x + wide] += random.normal(0, 25, 3)
    down = np.linspace(-20, 20, side)[:, None, None]
    return np.clip(np.rint(picture + down + random.normal(0, 4, picture.shape)), 1, 254).astype(np.uint8)


def jpeg(path: Path, pixels: np.ndarray, quality: int, **more: object) -> Path:
    Pillow.fromarray(pixels).save(path, "JPEG", quality=quality, **more)
    return path


def read(path: Path) -> np.ndarray:
    return np.asarray(Pillow.open(path).convert("RGB"))


def stepped(path: Path, step: str, kind: str = "image") -> Path:
    with open_exhibit(path) as exhibit:
        return STEPS[kind][step].make(exhibit, path.with_name(f"{path.stem}-{step}"), "key")


@pytest.mark.parametrize("seed", range(4))
def test_untouched_pictures_have_no_traces(tmp_path: Path, seed: int) -> None:
    pixels = scene(640, seed)
    Pillow.fromarray(pixels).save(tmp_path / "a.png")
    assert found(tmp_path / "a.png") == ""
    assert found(jpeg(tmp_path / "a.jpg", pixels, (75, 85, 92, 96)[seed])) == ""


@pytest.mark.parametrize("seed", range(3))
def test_a_second_save_a_crop_and_a_conversion_are_seen(tmp_path: Path, seed: int) -> None:
    once = jpeg(tmp_path / "once.jpg", scene(640, seed), 70)
    assert "saved as JPEG at least twice" in found(stepped(once, "jpeg_90"))
    assert "cropped between two saves" in found(jpeg(tmp_path / "c.jpg", read(once)[3:, 5:], 92))
    Pillow.fromarray(read(once)).save(tmp_path / "a.png")
    assert "before it became a png file" in found(tmp_path / "a.png")


def test_enlarging_of_the_whole_is_seen_before_it_is_saved_again(tmp_path: Path) -> None:
    Pillow.fromarray(scene(640, 1)).save(tmp_path / "a.png")
    enlarged = stepped(tmp_path / "a.png", "resize_150")
    assert "resized as a whole" in found(enlarged)
    Pillow.fromarray(read(enlarged)).save(tmp_path / "a.webp", lossless=True)
    assert "resized" not in found(tmp_path / "a.webp")  # its blocks could be the reason


def test_what_a_messenger_would_make_of_it_is_called_like_it(tmp_path: Path) -> None:
    large = jpeg(tmp_path / "large.jpg", scene(1500, 2), 95)
    said_of = found(stepped(large, "messenger"))
    assert "long side of 1280 pixels" in said_of and "like what messengers" in said_of


def test_a_camera_s_metadata_or_another_size_is_no_messenger(tmp_path: Path) -> None:
    quality = {"kind": "image", "width": 1280, "height": 960, "jpeg_quality": 80, "jpeg_saves": 1}
    bare, named = Metadata(**PLAIN), Metadata(**{**PLAIN, "exif": {"Image Make": "Nikon"}})
    assert [one.name for one in traces(quality, metadata=bare)] == ["messenger"]
    assert traces(quality, metadata=named) == traces({**quality, "width": 1300}, metadata=bare) == ()
    assert traces({**quality, "jpeg_quality": 95}, metadata=bare) == ()


def test_the_mark_of_a_network_is_read() -> None:
    marked = Metadata(**{**PLAIN, "iptc": {"Special Instructions": "FBMD01000ac60300"}})
    assert [one.name for one in traces({"kind": "image"}, metadata=marked)] == ["network"]


def hiss(path: Path, rate: int = 44100) -> Path:
    sound = np.random.default_rng(3).normal(0, 0.1, rate * 4)
    soundfile.write(path, sound, rate, subtype="PCM_16")
    return path


def test_sound_through_a_lossy_codec_or_a_lower_rate_ends_too_early(tmp_path: Path) -> None:
    whole = hiss(tmp_path / "a.wav")
    assert found(whole, "audio.bandwidth") == ""
    with open_exhibit(whole) as exhibit:
        low = STEPS["audio"]["mp3_64"].make(exhibit, tmp_path / "low", "key")
    with av.open(str(low)) as container:
        samples = np.concatenate([frame.to_ndarray().mean(0) for frame in container.decode(audio=0)])
    soundfile.write(tmp_path / "again.wav", samples, 44100, subtype="PCM_16")
    assert "sound that ends at" in found(tmp_path / "again.wav", "audio.bandwidth")


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_low_sampling_rate_alone_is_no_trace(tmp_path: Path, rate: int) -> None:
    assert found(hiss(tmp_path / "a.wav", rate), "audio.bandwidth") == ""


def test_a_clip_that_software_wrote_again_is_named(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24))
        stream.width = stream.height = 64
        for seed in range(6):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(scene(64, seed), format="rgb24")))
        container.mux(stream.encode())
    assert "encoded again by software" in found(tmp_path / "a.mp4", "temporal.flicker")


def test_traces_lower_nothing_where_there_are_none_and_are_said_once() -> None:
    twice = Trace(name="recompressed", says="saved as JPEG at least twice")
    assert said(()) == "" and said((twice, twice)) == "saved as JPEG at least twice"
    assert traces({}) == () and traces({"kind": "audio", "sound_codec": "mp3"}) == ()


def test_a_grey_file_is_examined_like_any_other(tmp_path: Path) -> None:
    file = io.BytesIO()
    Pillow.fromarray(scene(256, 1)[..., 0]).save(file, "JPEG", quality=80)
    (tmp_path / "a.jpg").write_bytes(file.getvalue())
    assert found(tmp_path / "a.jpg") == ""
