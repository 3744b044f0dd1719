"""The nuisance vector of files whose properties are chosen here."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest

from veridical.benchmark.quality import SILENCE_DBFS, quality_of
from veridical.finding import Scalar
from veridical.media.exhibit import open_exhibit


def vector(path: Path) -> dict[str, Scalar]:
    with open_exhibit(path) as exhibit:
        return dict(quality_of(exhibit))


def test_a_photograph(tmp_path: Path) -> None:
    pixels = np.full((120, 160, 3), (200, 100, 50), np.uint8)
    exif = PIL.Image.Exif()
    exif[271] = "Maker"
    path = tmp_path / "a.jpg"
    PIL.Image.fromarray(pixels).save(path, quality=83, subsampling=2, progressive=True, exif=exif)
    found = vector(path)
    assert found["bytes"] == path.stat().st_size
    expected = {
        "kind": "image", "format": "jpeg", "width": 160, "height": 120, "megapixels": 0.0192, "jpeg_quality": 83,
        "jpeg_quality_error": 0.0, "subsampling": "4:2:0", "progressive": True, "bits": 8, "has_exif": True,
        "has_xmp": False, "has_metadata": True,
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    colours = [found[f"mean_{name}"] for name in ("red", "green", "blue")]
    assert colours == pytest.approx([200, 100, 50], abs=3)
    assert found["mean_saturation"] == pytest.approx(0.75, abs=0.03)


def test_a_png_has_no_jpeg_quality(tmp_path: Path) -> None:
    PIL.Image.new("L", (300, 400), 77).save(tmp_path / "a.png")
    found = vector(tmp_path / "a.png")
    assert not {"jpeg_quality", "subsampling", "sample_rate", "fps"} & set(found)
    assert (found["mean_red"], found["mean_saturation"], found["mode"]) == (77, 0, "L")
    assert found["has_metadata"] is False


@pytest.mark.parametrize("amplitude", [0.0, 0.5])
def test_a_recording(tmp_path: Path, amplitude: float) -> None:
    rate, seconds = 22050, 2
    tone = amplitude * np.sin(2 * np.pi * np.arange(rate * seconds) / 40)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((tone * 32767).round().astype("<i2").tobytes())
    found = vector(tmp_path / "a.wav")
    assert (found["kind"], found["sample_rate"], found["channels"], found["bits"]) == ("audio", rate, 1, 16)
    assert (found["codec"], found["duration_s"]) == ("pcm_s16le", 2.0)
    assert found["bit_rate"] == pytest.approx(16 * rate, rel=0.01)
    level = SILENCE_DBFS if amplitude == 0 else 20 * np.log10(amplitude / np.sqrt(2))
    assert found["level_dbfs"] == pytest.approx(level, abs=0.01)
    assert found["peak_dbfs"] == pytest.approx(level if amplitude == 0 else 20 * np.log10(amplitude), abs=0.01)


@pytest.mark.parametrize("sound", [True, False])
def test_a_clip(tmp_path: Path, sound: bool) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("libx264", rate=20, width=96, height=64, pix_fmt="yuv420p")
        voice = out.add_stream("aac", rate=16000, layout="mono") if sound else None
        for _ in range(40):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), (30, 160, 60), np.uint8), format="rgb24")
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode(None))
        if voice:
            for i in range(31):
                part = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
                part.sample_rate, part.pts = 16000, i * 1024
                out.mux(voice.encode(part))
            out.mux(voice.encode(None))
    found = vector(path)
    expected = {
        "kind": "video", "format": "mp4", "width": 96, "height": 64, "codec": "h264", "fps": 20.0, "rotation": 0,
        "sound_codec": "aac" if sound else "none", "sample_rate": 16000 if sound else None,
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == expected
    assert found["duration_s"] == pytest.approx(2, abs=0.1)
    assert [found[f"mean_{c}"] for c in ("red", "green", "blue")] == pytest.approx([30, 160, 60], abs=6)
    assert found["bit_rate"]
