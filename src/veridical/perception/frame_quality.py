"""How blurred and noisy the frames of a video are, from frames spread over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.video import Video
from ..percept import Watch
from ..signals.condition import blur_of, middle, noise_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameQuality:
    """n frames that were looked at, in order of time; NaN where a frame has no edges, or no pixel that is not clipped.

    Parameters
    ----------
    times
        shape (n,), float64, seconds.
    blur
        shape (n,), float32: standard deviation of the blur of edges, pixels.
    noise
        shape (n,), float32: standard deviation of the noise of the luminance, steps.
    """

    times: np.ndarray
    blur: np.ndarray
    noise: np.ndarray


def watch_quality(video: Video, *, apart_s: float = 1.0, most: int = 30) -> Watch[FrameQuality]:
    """Look at a frame every so often; when they are too many, every second one goes and the steps between them double.

    Parameters
    ----------
    apart_s
        Least time between two frames, seconds.
    most
        Frames that are kept.
    """
    seen: list[tuple[float, float | None, float | None]] = []
    frame = yield None
    while frame is not None:
        if not seen or frame.time_s >= seen[-1][0] + apart_s:
            luma = middle(frame.pixels)
            noise = noise_of(luma)
            seen.append((frame.time_s, blur_of(luma, noise), noise))
        if len(seen) > most:
            seen = seen[::2]
            apart_s *= 2
        frame = yield None
    rows = np.array([[np.nan if v is None else v for v in row] for row in seen], np.float64).reshape(-1, 3)
    return FrameQuality(times=rows[:, 0], blur=rows[:, 1].astype(np.float32), noise=rows[:, 2].astype(np.float32))
