"""Recordings with known pictures, times and sounds, made on the spot with PyAV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

RATE = 25


def colour(index: int) -> tuple[int, int, int]:
    """Colour of the body of frame ``index``; neighbours differ by far more than a codec's error."""
    return (40 + 60 * (index % 4), 40 + 60 * (index // 4 % 4), 120)


def picture(index: int, width: int, height: int) -> np.ndarray:
    """A frame of one colour with a white upper left corner, by which its orientation can be told."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour(index)
    pixels[: height // 4, : width // 4] = 255
    return pixels


def tone(seconds: float, rate: int, channels: int) -> np.ndarray:
    """440 Hz at half scale on the left, 1000 Hz at a quarter on the right: shape (channels, n), float32."""
    t = np.arange(round(seconds * rate)) / rate
    both = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 1000 * t)])
    return both[:channels].astype(np.float32)


def _add_sound(out: av.container.OutputContainer, codec: str, seconds: float, rate: int, channels: int, start: float):
    layout = "stereo" if channels == 2 else "mono"
    stream = out.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(tone(seconds, rate, channels)), "fltp", layout)
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), round(start * rate)
    resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
    return stream, [*resampler.resample(frame)]


def _finish(out: av.container.OutputContainer, stream: av.stream.Stream, frames: Sequence[object]) -> None:
    for frame in [*frames, None]:
        for packet in stream.encode(frame):
            out.mux(packet)


@pytest.fixture(scope="session")
def make_sound(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that writes a recording of the known tones."""

    def make(name: str, codec: str, *, seconds: float = 2.0, rate: int = 44100, channels: int = 2) -> Path:
        path = tmp_path_factory.mktemp("sound") / name
        with av.open(str(path), "w") as out:
            stream, frames = _add_sound(out, codec, seconds, rate, channels, 0.0)
            _finish(out, stream, frames)
        return path

    return make


@pytest.fixture(scope="session")
def make_video(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that writes a video of the known frames, by default 20 frames of 64 × 48 at 25 a second."""

    def make(
        name: str, codec: str = "libx264", *, frames: int = 20, size: tuple[int, int] = (64, 48),
        pixel_format: str = "yuv420p", rotation: int = 0, times_ms: Sequence[int] | None = None, sound: str = "",
        sound_start: float = 0.0, container_options: dict[str, str] | None = None, **options: str,
    ) -> Path:  # fmt: skip
        path = tmp_path_factory.mktemp("video") / name
        width, height = size
        with av.open(str(path), "w", options=container_options or {}) as out:
            stream = out.add_stream(codec, rate=RATE, options=options)
            stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
            stream.codec_context.time_base = Fraction(1, 1000) if times_ms else Fraction(1, RATE)
            if rotation:
                stream.set_display_rotation(rotation)
            voice = _add_sound(out, sound, frames / RATE, 48000, 1, sound_start) if sound else None
            pictures = []
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(index, width, height), "rgb24")
                frame.pts = times_ms[index] if times_ms else index
                frame.time_base = stream.codec_context.time_base
                pictures.append(frame)
            _finish(out, stream, pictures)
            if voice:
                _finish(out, *voice)
        return path

    return make


@pytest.fixture(scope="session")
def known_colour() -> Callable[[int], tuple[int, int, int]]:
    """Return the function that gives the colour of a frame."""
    return colour
