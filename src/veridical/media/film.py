"""Write a film with sound to a file, frame by frame at times of their own; memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from .audio import Audio

CLOCK = 90_000
"""Ticks a second of the pictures' times."""
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
_ODD_RATE = 48000
_CHUNK_S = 0.5


class Film:
    """A film that is being written."""

    def __init__(self, container: av.container.OutputContainer, pictures: av.VideoStream, sound: _Sound | None) -> None:
        self._container, self._pictures, self._sound = container, pictures, sound
        self._last = -1

    def add(self, pixels: np.ndarray, time_s: float) -> None:
        """Append one frame of shape (height, width, 3), uint8, RGB; a time that is not later than the last is moved on."""
        planes = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        self._last = frame.pts = max(round(time_s * CLOCK), self._last + 1)
        frame.time_base = Fraction(1, CLOCK)
        self._container.mux(self._pictures.encode(frame))
        if self._sound:
            self._sound.write(self._container, until_s=time_s)

    def end(self) -> None:
        """Write what is left of the sound and what the encoders still hold."""
        self._container.mux(self._pictures.encode())
        if self._sound:
            self._sound.write(self._container, until_s=None)
            self._container.mux(self._sound.stream.encode())


class _Sound:
    """Sound on the clock of the pictures: silence before it begins, nothing from before the first frame."""

    def __init__(self, stream: av.AudioStream, audio: Audio) -> None:
        self.stream, self._audio = stream, audio
        self._place = round(audio.start_s * audio.rate)  # of the first sample, in samples from the first frame
        self._done = 0

    def write(self, container: av.container.OutputContainer, *, until_s: float | None) -> None:
        rate, end = self._audio.rate, self._place + len(self._audio.samples)
        stop = end if until_s is None else min(round((until_s + _CHUNK_S) * rate), end)
        step = max(round(_CHUNK_S * rate), 1)
        if until_s is not None and stop - self._done < step:
            return
        while self._done < stop:
            count = min(step, stop - self._done)
            container.mux(self.stream.encode(self._frame(self._done, count)))
            self._done += count

    def _frame(self, first: int, count: int) -> av.AudioFrame:
        samples = self._audio.samples
        here = np.zeros((count, samples.shape[1]), np.float32)
        low, high = max(first - self._place, 0), max(first - self._place + count, 0)
        part = samples[low:high]
        here[count - (high - low) : count - (high - low) + len(part)] = part
        if here.shape[1] > 2:
            here = here.mean(1, keepdims=True, dtype=np.float32)
        planes = np.ascontiguousarray(np.clip(here, -1, 1).T)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=_layout(samples.shape[1]))
        frame.sample_rate, frame.pts, frame.time_base = self._audio.rate, first, Fraction(1, self._audio.rate)
        return frame


@contextmanager
def writing(
    path: Path, *, width: int, height: int, fps: float, audio: Audio | None, about: Mapping[str, str], quality: int = 21
) -> Iterator[Film]:
    """Write H.264 (4:2:0) with AAC sound in mp4.

    Parameters
    ----------
    width, height
        Even numbers, pixels.
    fps
        About how many frames a second there are; each frame has its own time.
    audio
        The sound, or None; more than two channels become their mean.
    about
        Title, comment and the like, kept in the file.
    quality
        Constant rate factor of the encoder, 0 to 51; higher is smaller.

    Raises
    ------
    OSError
        If the file cannot be written. What is there of it is left to the caller.
    """
    try:
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            container.metadata.update(about)
            rate = Fraction(max(fps, 1.0)).limit_denominator(1001)
            stream = container.add_stream("libx264", rate=rate, options={"crf": str(quality), "preset": "superfast"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.time_base = Fraction(1, CLOCK)
            sound = _Sound(_sound_stream(container, audio), audio) if audio else None
            film = Film(container, stream, sound)
            yield film
            film.end()
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror or "the encoder failed", str(path)) from error


def _sound_stream(container: av.container.OutputContainer, audio: Audio) -> av.AudioStream:
    rate = audio.rate if audio.rate in _AAC_RATES else _ODD_RATE
    return container.add_stream("aac", rate=rate, layout=_layout(audio.channels))


def _layout(channels: int) -> str:
    return "stereo" if channels == 2 else "mono"
