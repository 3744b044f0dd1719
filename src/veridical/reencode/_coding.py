"""Compressing pictures and sound with PyAV so that the same input gives the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np

from ..errors import NotApplicable
from ..media.coded_sound import CODEC, CONTAINER, Speaker, Voice, encoder

__all__ = ["CONTAINER", "Coder", "Projector", "Speaker", "Voice", "encoder", "h264", "hevc"]

_CLOCK = 90000
_BT601, _LIMITED = 5, 1
_LEAST_PX = 16
_FASTEST = 240


@dataclass(frozen=True, slots=True)
class Coder:
    """A video encoder and its options."""

    codec: str
    options: tuple[tuple[str, str], ...]


def h264(crf: int) -> Coder:
    """Return H.264 at a constant rate factor."""
    # With its macroblock tree, x264 may give other bits at every run.
    return Coder("libx264", (("crf", str(crf)), ("preset", "medium"), ("x264-params", "no-mbtree=1")))


def hevc(crf: int) -> Coder:
    """Return HEVC at a constant rate factor."""
    params = "pools=none:frame-threads=1:log-level=none"
    return Coder("libx265", (("crf", str(crf)), ("preset", "fast"), ("x265-params", params)))


class Projector:
    """Writes pictures to a file, about ``rate`` a second, each at its own time."""

    def __init__(
        self, out: av.container.OutputContainer, coder: Coder, *, width: int, height: int, rate: float
    ) -> None:
        if min(width, height) < _LEAST_PX:
            raise NotApplicable(f"too small: {width} × {height} px; the encoders need {_LEAST_PX} px")
        self._out, self._last = out, -1
        options = dict(coder.options) | CODEC
        fps = Fraction(rate if 1 <= rate <= _FASTEST else 25).limit_denominator(1001)
        stream = cast(av.VideoStream, out.add_stream(encoder(coder.codec), rate=fps, options=options))
        stream.width, stream.height, stream.pix_fmt, stream.thread_count = width, height, "yuv420p", 1
        context = stream.codec_context
        context.time_base, context.colorspace, context.color_range = Fraction(1, _CLOCK), _BT601, _LIMITED
        self._stream = stream

    def show(self, pixels: np.ndarray, time_s: float) -> None:
        """Append a picture of shape (height, width, 3), uint8, RGB; raises NotApplicable if its size is another one."""
        if pixels.shape[:2] != (self._stream.height, self._stream.width):
            raise NotApplicable("its pictures change size on the way")
        # OpenCV rounds; the converter of FFmpeg cuts off, which darkens the picture by half a grey level.
        planes = np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.colorspace, frame.color_range = _BT601, _LIMITED
        self._last = max(self._last + 1, round(time_s * _CLOCK))
        frame.pts, frame.time_base = self._last, Fraction(1, _CLOCK)
        self._out.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode what the encoder still holds."""
        self._out.mux(self._stream.encode(None))
