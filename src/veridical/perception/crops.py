"""Small upright pictures of each followed face, a few a second, for examinations that need to see it again."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, sin

import numpy as np

from ..media.video import Video
from ..percept import During, Watch
from . import _jpegs, _mesh
from ._face import Face
from .tracks import FaceTracks

# Where the eyes lie in a crop, in sides of it: distance between their middles, and their height.
_APART = 0.314
_HEIGHT = 0.4616
_QUALITY = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCrops:
    """n crops in order of time; each is turned upright and scaled so that the middles of the eyes are at fixed places.

    Parameters
    ----------
    side
        Side of a crop, pixels. The eyes lie at (34.3 %, 46.2 %) and (65.7 %, 46.2 %) of it.
    persons
        shape (n,), int32: track number of each, as in FaceTracks.
    frames, times
        shape (n,), int32 and float64 (seconds).
    scales
        shape (n,), float32: pixels of the video per pixel of the crop; below 1 the crop holds less detail than pixels.
    data, ends
        JPEG (quality 95) of all crops, uint8, and where each ends in it, int64; read them with ``crop``.
    """

    side: int
    persons: np.ndarray
    frames: np.ndarray
    times: np.ndarray
    scales: np.ndarray
    data: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.ends)

    def crop(self, number: int) -> np.ndarray:
        """Return one crop: shape (side, side, 3), uint8, RGB."""
        return _jpegs.picture(self.data, self.ends, number)


@dataclass(frozen=True, slots=True)
class _Crop:
    person: int
    frame: int
    time_s: float
    scale: float
    jpeg: np.ndarray


def watch_crops(
    video: Video, faces: During[FaceTracks], *, side: int = 112, per_second: float = 8.0, most: int = 2000
) -> Watch[FaceCrops]:
    """Keep crops of every followed face.

    Parameters
    ----------
    side
        Side of a crop, pixels.
    per_second
        Crops a second of each face, at most.
    most
        Crops in all; beyond it every second one of each face is dropped and the rate is halved.
    """
    crops: list[_Crop] = []
    due: dict[int, float] = {}
    wait = 1 / per_second
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            # Half a frame of a 100 Hz clock absorbs the rounding of timestamps.
            if frame.time_s < due.get(number, -np.inf) - 0.005:
                continue
            due[number] = max(due.get(number, frame.time_s), frame.time_s - wait) + wait
            scale, jpeg = _cut(frame.pixels, face, side)
            crops.append(_Crop(number, frame.index, frame.time_s, scale, jpeg))
        if len(crops) > most:
            crops = _thinned(crops)
            wait *= 2
            due = {crop.person: crop.time_s + wait for crop in crops}
        frame = yield None
    return _joined(crops, side)


def _cut(pixels: np.ndarray, face: Face, side: int) -> tuple[float, np.ndarray]:
    right, left = (face.mesh[list(corners), :2].mean(0) for corners in _mesh.EYE_CORNERS)
    across = left - right
    turn = atan2(across[1], across[0])
    # The distance as it would be seen from the front: a turned face is not blown up.
    reach = face.interocular / _APART
    middle = (right + left) / 2
    down = (0.5 - _HEIGHT) * reach
    roi = _mesh.Roi(float(middle[0] - sin(turn) * down), float(middle[1] + cos(turn) * down), reach, turn)
    return reach / side, _jpegs.packed(_mesh.cut(pixels, roi, side), _QUALITY)


def _thinned(crops: list[_Crop]) -> list[_Crop]:
    """Every second crop of each person."""
    seen: dict[int, int] = {}
    kept = []
    for crop in crops:
        seen[crop.person] = seen.get(crop.person, -1) + 1
        if seen[crop.person] % 2 == 0:
            kept.append(crop)
    return kept


def _joined(crops: list[_Crop], side: int) -> FaceCrops:
    data, ends = _jpegs.joined([crop.jpeg for crop in crops])
    return FaceCrops(
        side=side, persons=np.array([crop.person for crop in crops], np.int32),
        frames=np.array([crop.frame for crop in crops], np.int32),
        times=np.array([crop.time_s for crop in crops], np.float64),
        scales=np.array([crop.scale for crop in crops], np.float32),
        data=data, ends=ends,
    )  # fmt: skip
