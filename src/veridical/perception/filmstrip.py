"""A few small pictures spread evenly over a video, for the report."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..media.video import Frame, Video
from ..percept import Watch

_QUALITY, _QUALITY_SMALL = 85, 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmstrip:
    """n small pictures as displayed, in order of time.

    Parameters
    ----------
    width, height
        Size of each, pixels.
    frames, times
        shape (n,), int32 and float64 (seconds).
    jpegs
        The pictures, as JPEG files.
    """

    width: int
    height: int
    frames: np.ndarray
    times: np.ndarray
    jpegs: tuple[bytes, ...]

    def picture(self, number: int) -> np.ndarray:
        """Return one picture: shape (height, width, 3), uint8, RGB."""
        return _decoded(self.jpegs[number])

    def nearest(self, time_s: float) -> int:
        """Return the number of the picture nearest in time."""
        return int(np.abs(self.times - time_s).argmin())


def watch_filmstrip(
    video: Video, *, most: int = 60, long_side: int = 320, apart_s: float = 0.2, most_small: int = 180, small_side: int = 200
) -> Watch[Filmstrip]:  # fmt: skip
    """Keep evenly spread small pictures; nothing needs to be known of the length of the video.

    In a long video more pictures, but smaller ones, are kept, so that one lies near every moment.

    Parameters
    ----------
    most
        Pictures kept: when they are more, every second one goes and the steps between them double.
    long_side
        Longer side of a picture, pixels; smaller videos are not enlarged.
    apart_s
        When steps would become longer than this, seconds, pictures are shrunk instead of left out.
    most_small, small_side
        The same as ``most`` and ``long_side`` from then on.
    """
    kept: list[tuple[int, float, bytes]] = []
    size = (0, 0)
    step, quality = 1, _QUALITY
    frame = yield None
    while frame is not None:
        if frame.index % step == 0:
            size = size if kept else _size(frame, long_side)
            kept.append((frame.index, frame.time_s, _jpeg(frame.display, size, quality)))
        if len(kept) > most and most < most_small and 2 * _apart_s(kept) > apart_s:
            most, size, quality = most_small, _size(frame, min(small_side, long_side)), _QUALITY_SMALL
            kept = [(index, time_s, _jpeg(_decoded(jpeg), size, quality)) for index, time_s, jpeg in kept]
        if len(kept) > most:
            kept = kept[::2]
            step *= 2
        frame = yield None
    return Filmstrip(
        width=size[0], height=size[1], frames=np.array([index for index, _, _ in kept], np.int32),
        times=np.array([time_s for _, time_s, _ in kept], np.float64), jpegs=tuple(jpeg for _, _, jpeg in kept),
    )  # fmt: skip


def _apart_s(kept: list[tuple[int, float, bytes]]) -> float:
    return (kept[-1][1] - kept[0][1]) / (len(kept) - 1)


def _size(frame: Frame, long_side: int) -> tuple[int, int]:
    height, width = frame.display.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _decoded(jpeg: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)


def _jpeg(pixels: np.ndarray, size: tuple[int, int], quality: int) -> bytes:
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of {size[0]}x{size[1]} pixels could not be encoded")
    return bytes(data)
