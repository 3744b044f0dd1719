"""Small steady films of faces: every frame of a stretch, held still by the mesh, for what is slow, faint and local."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..media.video import Frame, Video
from ..percept import During, Watch
from ..signals.face_areas import EYES, LIPS, covered, oval
from ..signals.face_frame import face_frame
from . import _jpegs
from ._face import Face
from .tracks import FaceTracks

LEVELS = 256
"""Steps of ``FaceFilm.cells`` per grey level."""

_QUALITY = 85
_FACE_SHARE = 0.84  # of the side of the picture that the longer side of the face takes
_UPPER_LIP = 0
_GAP_S = 0.12
_FAR_TURN_DEG = 40.0
_LEAST_FRAMES = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFilm:
    """One face over one unbroken stretch, upright and held still; n frames.

    Parameters
    ----------
    person
        Number of the track in FaceTracks.
    frames, times
        shape (n,), int32 and float64 (seconds); at most 31 frames a second, the others are left out.
    cells
        shape (n, 24, 24, 3), uint16: mean R, G, B of each cell of the picture in steps of 1/256 grey level.
    skin
        shape (24, 24), float32: share of each cell that is skin in the first frame: the face without eyes and lips.
    scale
        Pixels of the video per pixel of the picture, in the first frame.
    side
        Side of a picture, pixels.
    data, ends
        JPEG of all pictures, uint8, and where each ends in it, int64; read them with ``picture``.
    """

    person: int
    frames: np.ndarray
    times: np.ndarray
    cells: np.ndarray
    skin: np.ndarray
    scale: float
    side: int
    data: np.ndarray
    ends: np.ndarray

    def picture(self, number: int) -> np.ndarray:
        """Return one frame: shape (side, side, 3), uint8, RGB."""
        return _jpegs.picture(self.data, self.ends, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceVideo:
    """The longest stretches of the largest faces; longest first."""

    films: tuple[FaceFilm, ...]


def watch_face_video(
    video: Video,
    faces: During[FaceTracks],
    *,
    most_s: float = 20.0,
    most_faces: int = 2,
    side: int = 96,
    cells: int = 24,
) -> Watch[FaceVideo]:
    """Hold faces still and keep them small.

    The picture is moved so that the upper face (above the lips) keeps its place and shape, by the affine map that fits all
    its mesh points best. Memory is bounded: the two largest faces of a frame are followed, the longest stretches so far are
    kept, and a stretch of ``most_s`` ends there. About 7 kB a frame.

    Parameters
    ----------
    most_s
        Seconds that are kept of a stretch.
    most_faces
        Stretches that are kept, and faces that are followed at a time.
    side, cells
        Side of a picture in pixels, and in cells; the first is a multiple of the second.
    """
    open_: dict[int, _Stretch] = {}
    kept: list[_Stretch] = []
    frame = yield None
    while frame is not None:
        for number in [n for n, s in open_.items() if frame.time_s - s.times[-1] > _GAP_S]:
            kept = _longest([*kept, open_.pop(number)], most_faces)
        for number, face in sorted(faces.now or (), key=lambda one: -one[1].interocular)[:most_faces]:
            if abs(face.yaw) > _FAR_TURN_DEG or any(s.person == number and s.full(most_s) for s in kept):
                continue
            stretch = open_.setdefault(number, _Stretch(number, face, side, cells))
            stretch.see(frame, face)
            if stretch.full(most_s):
                kept = _longest([*kept, open_.pop(number)], most_faces)
        frame = yield None
    longest = _longest([*kept, *open_.values()], most_faces)
    return FaceVideo(films=tuple(one.film() for one in longest if len(one.times) >= _LEAST_FRAMES))


@dataclass(slots=True)
class _Stretch:
    """One face while the video is decoded."""

    person: int
    first: Face
    side: int
    across: int
    frames: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    cells: list[np.ndarray] = field(default_factory=list)
    pictures: list[np.ndarray] = field(default_factory=list)
    place: np.ndarray = field(init=False)
    scale: float = field(init=False)
    _upper: np.ndarray = field(init=False)
    _fit: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.place, self.scale = _placed(np.asarray(self.first.mesh[:, :2], np.float64), self.side)
        self._upper = np.flatnonzero(self.place[:, 1] < self.place[_UPPER_LIP, 1])
        points = self.place[self._upper]
        self._fit = np.linalg.pinv(np.column_stack([points, np.ones(len(points))]))

    def full(self, most_s: float) -> bool:
        return bool(self.times) and self.times[-1] - self.times[0] >= most_s

    def see(self, frame: Frame, face: Face) -> None:
        if self.times and frame.time_s - self.times[-1] < 1 / 31:
            return
        # From places in the picture to pixels of the video.
        matrix = (self._fit @ np.asarray(face.mesh[self._upper, :2], np.float64)).T
        shown = _shown(frame.pixels, matrix, self.side)
        means = cv2.resize(shown.astype(np.float32), (self.across, self.across), interpolation=cv2.INTER_AREA)
        self.frames.append(frame.index)
        self.times.append(frame.time_s)
        self.cells.append(np.rint(means * LEVELS).astype(np.uint16))
        self.pictures.append(_jpegs.packed(shown, _QUALITY))

    def film(self) -> FaceFilm:
        pitch = self.side // self.across
        share = covered(oval(self.place, 0.96), self.across, self.across, pitch)
        for rim in (*EYES, LIPS):
            points = self.place[list(rim)].astype(np.float32)
            middle = points.mean(0)
            share = share * (1 - covered(middle + (points - middle) * 1.5, self.across, self.across, pitch))
        data, ends = _jpegs.joined(self.pictures)
        return FaceFilm(
            person=self.person, frames=np.array(self.frames, np.int32), times=np.array(self.times, np.float64),
            cells=np.stack(self.cells), skin=share.astype(np.float32), scale=self.scale, side=self.side,
            data=data, ends=ends,
        )  # fmt: skip


def _placed(mesh: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """Return the places, shape (468, 2), of the mesh points in an upright picture that the face fills, and its scale."""
    frame = face_frame(mesh)
    turned = np.column_stack([mesh @ frame.across, mesh @ frame.down])
    low, high = turned.min(0), turned.max(0)
    scale = max(float((high - low).max()), 1.0) / (_FACE_SHARE * side)
    return (turned - (low + high) / 2) / scale + (side - 1) / 2, scale


def _shown(pixels: np.ndarray, matrix: np.ndarray, side: int) -> np.ndarray:
    """Show a place of a frame in the square picture; every pixel of the frame counts, however small the picture is."""
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0, 1], [side, 0, 1], [0, side, 1], [side, side, 1]]) @ matrix.T
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    by = max(1, int(np.sqrt(abs(np.linalg.det(matrix[:, :2])))))
    x0, x1 = (int(np.clip(x, 0, width - by)) for x in (x0 - by, x1 + 2 * by))
    y0, y1 = (int(np.clip(y, 0, height - by)) for y in (y0 - by, y1 + 2 * by))
    columns, rows = max((x1 - x0) // by, 1), max((y1 - y0) // by, 1)
    part = pixels[y0 : y0 + rows * by, x0 : x0 + columns * by]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA) if by > 1 else part
    own = matrix.copy()
    own[:, 2] = (matrix[:, 2] + 0.5 - (x0, y0)) / by - 0.5
    own[:, :2] /= by
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(small, own, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _longest(stretches: list[_Stretch], most: int) -> list[_Stretch]:
    return sorted(stretches, key=lambda one: -len(one.times))[:most]
