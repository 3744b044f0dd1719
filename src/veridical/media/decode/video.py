"""Decode the first picture stream of a video, from the start, in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from av.container import InputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from ... import errors, settings
from ..wire import Message
from ._parts import Structure
from ._streams import Pass, claimed_s, codec_name, opened, picture, refuse_long
from ._structure import AGAIN

_KINDS = {PictureType.I: "I", PictureType.SI: "I", PictureType.P: "P", PictureType.SP: "P", PictureType.S: "P"}
_KINDS |= {PictureType.B: "B", PictureType.BI: "B"}


def read(path: Path, *, describe: bool = False) -> Iterator[Message]:
    """Yield one message a frame, or one that describes the stream.

    Pixels are 8-bit RGB, converted with the matrix and range that the stream names (BT.601, limited, where it names
    none), neither rotated nor scaled.
    """
    with opened(path) as (container, structure):
        stream = picture(container)
        if stream is None:
            raise errors.DamagedMedia(path, "there is no picture stream in it that can be decoded", AGAIN)
        _refuse_large(path, stream.codec_context.width, stream.codec_context.height)
        if describe:
            yield _description(path, container, stream, structure)
        else:
            yield from _frames(path, container, stream, structure)


def _description(path: Path, container: InputContainer, stream: VideoStream, structure: Structure) -> Message:
    """Decode the first frame, for the rotation that may stand only there and to learn that it can be decoded."""
    frame = next(_pictures(Pass(path, container, stream, structure)))
    rate = stream.average_rate or stream.guessed_rate
    head: dict[str, Any] = {
        "width": frame.width, "height": frame.height, "codec": codec_name(stream.codec_context),
        "pixel_format": frame.format.name, "rotation": round(frame.rotation / 90) % 4 * 90,
        "fps": float(rate) if rate else 0.0, "duration_s": claimed_s(container, stream), "frames": stream.frames,
        "bit_rate": stream.codec_context.bit_rate or container.bit_rate or 0,
    }  # fmt: skip
    return Message(head)


def _frames(path: Path, container: InputContainer, stream: VideoStream, structure: Structure) -> Iterator[Message]:
    clock = _Clock(container, stream)
    converter = VideoReformatter()
    for index, frame in enumerate(_pictures(Pass(path, container, stream, structure))):
        _refuse_large(path, frame.width, frame.height)
        time = clock.time(frame)
        refuse_long(path, time, "it lasts more than")
        pixels = converter.reformat(frame, format="rgb24", threads=1)
        head = {
            "index": index, "time_s": time, "key": bool(frame.key_frame),
            "kind": _KINDS.get(PictureType(frame.pict_type), "?"),
        }  # fmt: skip
        yield Message(head, {"pixels": _array(pixels)})


def _pictures(decoding: Pass) -> Iterator[VideoFrame]:
    return (frame for frame in decoding.frames() if isinstance(frame, VideoFrame))


def _array(frame: VideoFrame) -> np.ndarray:
    """Return the pixels without copying; rows may be padded."""
    plane = frame.planes[0]
    flat: np.ndarray = np.frombuffer(memoryview(plane), np.uint8)
    rows = flat.reshape(-1, plane.line_size)[: frame.height, : frame.width * 3]
    return rows.reshape(frame.height, frame.width, 3)


def _refuse_large(path: Path, width: int, height: int) -> None:
    most = settings.number("max_megapixels")
    if width * height > most * 1e6:
        problem = f"its picture has {width} × {height} pixels; the limit is {most:g} megapixels"
        raise errors.MediaTooLarge(path, problem, "Scale it down, or raise VERIDICAL_MAX_MEGAPIXELS")


class _Clock:
    """Times of frames from the first one: the file's own where they rise, the frame rate where it has none."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        rate = stream.average_rate or stream.guessed_rate or 25
        self._period = float(1 / rate)
        # AVI stores no presentation times; its frames come out in order, one an entry. A bare stream stores none at all.
        self._by_entry = container.format.name == "avi"
        self._bare = container.format.name == "mpegvideo"
        self._first: float | None = None
        self._last = -self._period

    def time(self, frame: VideoFrame) -> float:
        """Return the time of the next frame, in seconds."""
        stamp = frame.dts if self._by_entry or frame.pts is None else frame.pts
        own = None if stamp is None or frame.time_base is None or self._bare else float(stamp * frame.time_base)
        if own is not None and self._first is None:
            self._first = own - (self._last + self._period)
        now = own - self._first if own is not None and self._first is not None else self._last
        self._last = now if now > self._last else self._last + self._period
        return self._last
