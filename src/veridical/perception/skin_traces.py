"""Colour of the skin of each face over a video, frame by frame, unfiltered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.video import Video
from ..percept import During, Watch
from . import _skin
from ._rows import Rows
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
    growing: dict[int, Rows] = {}
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            growing.setdefault(number, Rows()).add(frame, _colours(frame.pixels, face.mesh))
        frame = yield None
    traces = []
    for number, rows in growing.items():
        frames, times, row = rows.ended()
        pixels = row[..., 3].astype(np.int32)
        traces.append(SkinTrace(person=number, frames=frames, times=times, rgb=row[..., :3], pixels=pixels))
    return SkinTraces(tuple(traces))


def _colours(pixels: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Mean colour of each region and the pixels that it is taken over: shape (5, 4)."""
    row = np.empty((len(REGIONS), 4), np.float32)
    for number in range(len(REGIONS)):
        row[number, :3], _, row[number, 3] = _skin.colour(pixels, _skin.outline(mesh, number))
    return row
