"""Pictures, recordings and clips with known content, and the call that applies a chain to a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow
from PIL import PngImagePlugin

from veridical.benchmark import chains

RATE = 44100

Make = Callable[..., Any]


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Path], Path]:
    """Return a function that applies a chain to a file."""

    def put(name: str, path: Path, folder: str = "out") -> Path:
        return chains.apply(name, path, tmp_path / folder, key=hashlib.sha256(path.read_bytes()).hexdigest())

    return put


@pytest.fixture(scope="session")
def scene() -> Make:
    """Return a function that makes a picture with structure at all scales."""

    def scene(width: int, height: int, seed: int = 0) -> np.ndarray:
        random = np.random.default_rng(seed)
        y, x = np.mgrid[:height, :width]
        waves = sum(
            40 / k * np.sin(k * x / 17 + y * k / 29 + phase)
            for k, phase in zip(range(1, 6), random.random(5), strict=True)
        )
        return np.clip(120 + waves[..., None] * [1, 0.8, 0.6] + random.normal(0, 6, (height, width, 3)), 0, 255).astype(
            np.uint8
        )

    return scene


@pytest.fixture(scope="session")
def voice() -> Make:
    """Return a function that makes noise in syllables of a quarter second, with a little pause after each."""

    def voice(seconds: float, rate: int = RATE, seed: int = 0) -> np.ndarray:
        random = np.random.default_rng(seed)
        t = np.arange(round(seconds * rate)) / rate
        return (0.1 * random.standard_normal(len(t)) * np.where(t % 0.3 < 0.25, 1.0, 0.02)).astype(np.float32)

    return voice


@pytest.fixture(scope="session")
def film(scene: Make) -> Make:
    """Return a function that writes a clip.

    Frame i has the grey level 60 + 6 (i mod 30) in its middle, over a moving scene; ``times`` are in ms.
    """

    def film(
        path: Path, *, frames: int = 30, fps: int = 30, size: tuple[int, int] = (320, 256), times: list[int] | None = None,
        sound: np.ndarray | None = None, rotation: int = 0, moving: bool = True,
    ) -> Path:  # fmt: skip
        width, height = size
        ground = scene(width, height)
        with av.open(str(path), "w") as out:
            out.metadata["title"] = "who made this"
            stream = out.add_stream("libx264", rate=fps, options={"crf": "12", "preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.time_base = Fraction(1, 1000)
            if rotation:
                stream.set_display_rotation(rotation)
            track = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
            for i in range(frames):
                pixels = np.roll(ground, 3 * i, 1) if moving else ground.copy()
                pixels[height // 4 : -height // 4, width // 4 : -width // 4] = 60 + 6 * (i % 30)
                frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
                frame.pts, frame.time_base = times[i] if times else round(1000 * i / fps), Fraction(1, 1000)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
            if track is not None and sound is not None:
                heard = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "fltp", "mono")
                heard.sample_rate, heard.pts = RATE, 0
                out.mux(track.encode(heard))
                out.mux(track.encode(None))
        return path

    return film


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory, scene: Make) -> Path:
    """A picture of 360 × 280 with a text."""
    path = tmp_path_factory.mktemp("pictures") / "picture.png"
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "who made this")
    Pillow.fromarray(scene(360, 280)).save(path, pnginfo=said)
    return path


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory, voice: Make) -> Path:
    """Two channels at 44.1 kHz: a second of near silence, two of syllables, half a second of near silence."""
    quiet = 1e-4 * np.random.default_rng(5).standard_normal(round(3.5 * RATE))
    quiet[RATE : 3 * RATE] += voice(2.0)
    path = tmp_path_factory.mktemp("sounds") / "recording.wav"
    soundfile.write(path, np.stack([quiet, quiet], 1), RATE, "FLOAT")
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory, film: Make) -> Path:
    """One second at 30 frames a second, with a tone from 0.5 s on."""
    t = np.arange(RATE) / RATE
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    return film(path, sound=np.where(t >= 0.5, 0.3 * np.sin(2 * np.pi * 500 * t), 0))
