"""Measurements of one face, frame by frame, while a video is being decoded."""

from __future__ import annotations

import numpy as np

from ..media.video import Frame


class Rows:
    """Takes one array a frame, always of one shape."""

    def __init__(self) -> None:
        self._frames: list[int] = []
        self._times: list[float] = []
        self._rows: list[np.ndarray] = []

    def add(self, frame: Frame, row: np.ndarray) -> None:
        """Keep what was measured in a frame."""
        self._frames.append(frame.index)
        self._times.append(frame.time_s)
        self._rows.append(row)

    def ended(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return frames, shape (n,), int32; their times, shape (n,), float64, seconds; and the rows, shape (n, …), float32."""
        return np.array(self._frames, np.int32), np.array(self._times, np.float64), np.array(self._rows, np.float32)
