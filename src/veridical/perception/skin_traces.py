"""Colour of the skin of each face over a video, frame by frame, unfiltered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.video import Frame, Video
from ..percept import During, Watch
from . import _skin
from ._face import Face
from .tracks import FaceTracks

REGIONS = _skin.REGIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinTrace:
    """Skin colour of one track of FaceTracks; n frames, the same as the track's.

    Parameters
    ----------
    person
        Number of the track.
    frames, times
        shape (n,), int32 and float64 (seconds).
    rgb
        shape (n, 5, 3), float32: mean R, G, B, 0–255, of forehead, right cheek, left cheek, nose, chin (the person's right and
        left); NaN where the region lies outside the picture.
    pixels
        shape (n, 5), int32: pixels that each mean is taken over.
    """

    person: int
    frames: np.ndarray
    times: np.ndarray
    rgb: np.ndarray
    pixels: np.ndarray


@dataclass(frozen=True, slots=True)
class SkinTraces:
    """Skin colour of every face track, in the order of FaceTracks."""

    traces: tuple[SkinTrace, ...]


def watch_skin(video: Video, faces: During[FaceTracks]) -> Watch[SkinTraces]:
    """Measure the skin colour of every followed face in every frame."""
    growing: dict[int, _Growing] = {}
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            growing.setdefault(number, _Growing(number)).add(frame, face)
        frame = yield None
    return SkinTraces(tuple(trace.ended() for trace in growing.values()))


class _Growing:
    """A trace while the video is being decoded."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._frames: list[int] = []
        self._times: list[float] = []
        self._rows: list[np.ndarray] = []

    def add(self, frame: Frame, face: Face) -> None:
        row = np.empty((len(REGIONS), 4), np.float32)
        for number in range(len(REGIONS)):
            row[number, :3], _, row[number, 3] = _skin.colour(frame.pixels, _skin.outline(face.mesh, number))
        self._frames.append(frame.index)
        self._times.append(frame.time_s)
        self._rows.append(row)

    def ended(self) -> SkinTrace:
        rows = np.array(self._rows, np.float32)
        return SkinTrace(
            person=self._number, frames=np.array(self._frames, np.int32), times=np.array(self._times, np.float64),
            rgb=rows[..., :3], pixels=rows[..., 3].astype(np.int32),
        )  # fmt: skip
