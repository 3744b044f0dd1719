"""Decode the first sound stream of a recording or a video, from the start, at its native rate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from ... import errors
from ..wire import Message
from ._streams import Pass, codec_name, opened, picture, refuse_long, sound

_KEEPING = ("flac", "alac", "wavpack", "tta", "ape", "truehd", "mlp", "wmalossless", "shorten")
_SMALLEST_GAP_S = 0.1


def read(path: Path, *, describe: bool = False) -> Iterator[Message]:
    """Yield a description, then (unless only that is asked for) the samples in chunks of about one second.

    Where the times of the file leave a gap of more than 0.1 s, a player is silent and so are the samples.
    """
    with opened(path) as (container, structure):
        stream = sound(container)
        if stream is None:
            yield Message({"absent": True})
            return
        frames = (f for f in Pass(path, container, stream, structure).frames() if isinstance(f, AudioFrame))
        first = next(frames)
        yield _description(container, stream, first)
        if not describe:
            yield from _Chunks(path, first).messages(frames)


def _description(container: InputContainer, stream: AudioStream, first: AudioFrame) -> Message:
    codec = codec_name(stream.codec_context)
    exact = codec in _KEEPING or (codec.startswith("pcm_") and not codec.endswith("law"))
    head: dict[str, Any] = {
        "rate": first.sample_rate, "channels": first.layout.nb_channels, "codec": codec, "lossless": exact,
        "bits": _bits(stream, codec) if exact or codec.startswith("pcm_") else 0,
        "start_s": _start(container, first),
        "bit_rate": stream.codec_context.bit_rate or (container.bit_rate if picture(container) is None else 0) or 0,
    }  # fmt: skip
    return Message(head)


def _start(container: InputContainer, first: AudioFrame) -> float:
    """Return the time of the first sample after the first picture, in seconds."""
    pictures = picture(container)
    if pictures is None or pictures.start_time is None or pictures.time_base is None or first.time is None:
        return 0.0
    return first.time - float(pictures.start_time * pictures.time_base)


def _bits(stream: AudioStream, codec: str) -> int:
    if codec.startswith("pcm_"):
        digits = "".join(c for c in codec.split("_")[1] if c.isdigit())
        return int(digits) if digits else 8
    extra = bytes(stream.codec_context.extradata or b"")
    if codec == "flac" and len(extra) >= 14:
        return ((extra[12] & 1) << 4 | extra[13] >> 4) + 1
    if codec == "alac" and len(extra) >= 18:
        return extra[17]
    return stream.codec_context.format.bits


class _Chunks:
    """Samples of successive frames, gathered into messages of about one second."""

    def __init__(self, path: Path, first: AudioFrame) -> None:
        self._path, self._first = path, first
        self._rate, self._channels = first.sample_rate, first.layout.nb_channels
        self._parts: list[np.ndarray] = []
        self._count = self._total = 0

    def messages(self, rest: Iterator[AudioFrame]) -> Iterator[Message]:
        """Yield the samples of all frames."""
        self._add(_samples(self._first, self._channels))
        try:
            for frame in rest:
                self._same(frame)
                yield from self._silence(frame)
                self._add(_samples(frame, self._channels))
                if self._count >= self._rate:
                    yield self._message()
        except errors.DamagedMedia:
            if self._count:
                yield self._message()
            raise
        if self._count:
            yield self._message()

    def _same(self, frame: AudioFrame) -> None:
        if (frame.sample_rate, frame.layout.nb_channels) != (self._rate, self._channels):
            problem = (
                f"after {self._total / self._rate:.2f} s its sound changes from {self._rate} Hz and {self._channels} "
                f"channels to {frame.sample_rate} Hz and {frame.layout.nb_channels}"
            )
            raise errors.UnsupportedMedia(self._path, problem, "Split it there, and examine the parts one by one")

    def _silence(self, frame: AudioFrame) -> Iterator[Message]:
        if frame.time is None or self._first.time is None:
            return
        gap = frame.time - self._first.time - self._total / self._rate
        refuse_long(self._path, frame.time - self._first.time, "it lasts more than")
        missing = round(gap * self._rate) if gap > _SMALLEST_GAP_S else 0
        while missing > 0:
            count = min(missing, self._rate)
            self._add(np.zeros((count, self._channels), np.float32))
            missing -= count
            if self._count >= self._rate:
                yield self._message()

    def _add(self, samples: np.ndarray) -> None:
        self._parts.append(samples)
        self._count += len(samples)
        self._total += len(samples)
        refuse_long(self._path, self._total / self._rate, "it lasts more than")

    def _message(self) -> Message:
        samples = np.concatenate(self._parts)
        self._parts, self._count = [], 0
        return Message({}, {"samples": samples})


def _samples(frame: AudioFrame, channels: int) -> np.ndarray:
    """Return the samples of a frame: shape (n, channels), float32, full scale ±1."""
    raw = frame.to_ndarray()
    raw = raw.T if frame.format.is_planar else raw.reshape(-1, channels)
    if raw.dtype == np.uint8:
        return ((raw.astype(np.float32) - 128) / 128).astype(np.float32)
    if raw.dtype.kind == "i":
        return (raw / np.float64(2 ** (8 * raw.itemsize - 1))).astype(np.float32)
    return raw.astype(np.float32)
