"""Write a short film without sound into memory, for figures of reports."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np


def to_mp4(frames: Iterable[np.ndarray], fps: float, *, quality: int = 22) -> bytes:
    """Return frames as H.264 (4:2:0, index in front) in an mp4 file; the same frames give the same bytes.

    Parameters
    ----------
    frames
        At least one, each of shape (height, width, 3), uint8, RGB; sides are even and the same for all.
    fps
        Frames a second.
    quality
        Constant rate factor of the encoder, 0 to 51; higher is smaller.

    Raises
    ------
    ValueError
        If there are no frames, or their sides are odd or differ.
    """
    # One thread and no macroblock tree: otherwise the encoder gives other bytes at every run.
    options = {"crf": str(quality), "preset": "veryfast", "x264-params": "no-mbtree=1"}
    # The index can be moved to the front only in a file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            _encode(container, frames, Fraction(fps).limit_denominator(1001), options)
        return path.read_bytes()


def _encode(
    container: av.container.OutputContainer, frames: Iterable[np.ndarray], rate: Fraction, options: dict[str, str]
) -> None:
    size = None
    stream = container.add_stream("libx264", rate=rate, options=options)
    for pixels in frames:
        if size is None:
            size = pixels.shape
            stream.height, stream.width = size[:2]
            stream.pix_fmt, stream.thread_count = "yuv420p", 1
        if pixels.shape != size or size[0] % 2 or size[1] % 2:
            raise ValueError(f"a frame of {pixels.shape} in a film of {size}; sides are even and stay the same")
        planes = np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2YUV_I420), np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
    if size is None:
        raise ValueError("a film needs at least one frame")
    container.mux(stream.encode())
