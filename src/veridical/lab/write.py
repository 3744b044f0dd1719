"""Writes lab media: pictures with Pillow, videos with PyAV, sound with soundfile. Signing comes after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import soundfile
from PIL import Image as Pillow
from PIL import PngImagePlugin

from .label import TEXT
from .recipe import Still

# With its macroblock tree, x264 gives other bits at every run.
_H264 = {"crf": "14", "preset": "veryfast", "x264-params": "no-mbtree=1"}
_AAC_FRAME, _AAC_BIT_RATE = 1024, 128_000
SUFFIX = {"jpeg": ".jpg", "png": ".png"}


def still(path: Path, picture: Still) -> None:
    """Save a picture as its format says."""
    image = Pillow.fromarray(picture.pixels)
    if picture.format == "png":
        chunks = PngImagePlugin.PngInfo()
        for key, value in picture.text.items():
            chunks.add_text(key, value)
        image.save(path, "PNG", pnginfo=chunks)
    else:
        image.save(path, "JPEG", quality=picture.quality, subsampling=2, exif=picture.exif)


def mask(path: Path, where: np.ndarray) -> None:
    """Save a mask of shape (height, width), bool: white where the picture was manipulated."""
    Pillow.fromarray(np.where(where, 255, 0).astype(np.uint8)).save(path, "PNG")


def sound(path: Path, samples: np.ndarray, rate: int) -> None:
    """Save a recording of shape (n,) as 16-bit WAV that names itself lab-made."""
    with soundfile.SoundFile(path, "w", rate, 1, "PCM_16", format="WAV") as file:
        file.title, file.comment, file.software = TEXT, TEXT, "veridical lab"
        file.write(samples)


class Recorder:
    """A video file that is being written."""

    def __init__(self, container: av.container.OutputContainer, stream: av.VideoStream, track: _Track | None) -> None:
        self._container, self._stream, self._track = container, stream, track
        self._count = 0

    def add(self, pixels: np.ndarray) -> None:
        """Append one frame of shape (height, width, 3), uint8, RGB, and the sound up to its end."""
        # OpenCV rounds; the converter of FFmpeg cuts off, which darkens the picture by half a grey level.
        planes = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        self._container.mux(self._stream.encode(frame))
        self._count += 1
        if self._track is not None:
            self._track.go_on(self._container, self._count / float(self._stream.codec_context.framerate))

    def end(self) -> None:
        """Write what the encoders still hold."""
        self._container.mux(self._stream.encode())
        if self._track is not None:
            self._track.go_on(self._container, float("inf"))
            self._container.mux(self._track.stream.encode())


class _Track:
    """Sound of shape (n,), float32, that is written beside the frames."""

    def __init__(self, stream: av.AudioStream, samples: np.ndarray) -> None:
        self.stream, self._samples, self._done = stream, samples, 0

    def go_on(self, container: av.container.OutputContainer, until_s: float) -> None:
        rate = self.stream.rate
        while self._done < min(until_s * rate, len(self._samples)):
            part = np.ascontiguousarray(self._samples[None, self._done : self._done + _AAC_FRAME], np.float32)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.rate, frame.pts, frame.time_base = rate, self._done, Fraction(1, rate)
            container.mux(self.stream.encode(frame))
            self._done += part.shape[1]


@contextmanager
def clip(
    path: Path, *, fps: int, width: int, height: int, sound: tuple[np.ndarray, int] | None = None
) -> Iterator[Recorder]:
    """Write an H.264 video in mp4 that names itself lab-made, frame by frame; with AAC sound if samples and rate are given."""
    with av.open(str(path), "w", format="mp4") as container:
        container.metadata.update({"title": TEXT, "comment": TEXT})
        stream = container.add_stream("libx264", rate=Fraction(fps), options=_H264)
        stream.width, stream.height, stream.pix_fmt, stream.thread_count = width, height, "yuv420p", 1
        track = None
        if sound is not None:
            samples, rate = sound
            sounding = container.add_stream("aac", rate=rate, layout="mono")
            sounding.bit_rate = _AAC_BIT_RATE
            track = _Track(sounding, samples)
        recorder = Recorder(container, stream, track)
        yield recorder
        recorder.end()
