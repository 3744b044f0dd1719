"""Faces followed through a video: one track a person and shot, with pose, openings and mesh of each frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..media.video import Frame, Video
from ..percept import Watch
from ._face import Face, face_of
from ._following import Followed, Follower
from ._pack import Packer, unpack
from ._placement import ORIENTATION_OF_ROTATION

MODELS = ("blazeface.short", "blazeface.full", "facemesh.468", "iris.64")
POINTS = 478


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One face over one stretch of a shot; n frames, raw measurements, nothing smoothed or filled in.

    Parameters
    ----------
    person
        Number of the track, from 0 in order of appearance. No face recognition: a person seen in two shots has two.
    shot
        Number of the shot, from 0.
    frames
        shape (n,), int32: indices of the frames; gaps are frames in which the face was not seen.
    times
        shape (n,), float64: their times, seconds.
    boxes
        shape (n, 4), float32: x0, y0, x1, y1 of the mesh.
    pose
        shape (n, 3), float32: yaw, pitch, roll, degrees, as in Face.
    eye_openness, eye_openness_mesh
        shape (n, 2), float32: the person's right eye, left eye; as in Face.
    mouth_opening, interocular, mesh_scores
        shape (n,), float32: as in Face.
    packed, packed_ends
        The meshes, for ``mesh``.
    """

    person: int
    shot: int
    frames: np.ndarray
    times: np.ndarray
    boxes: np.ndarray
    pose: np.ndarray
    eye_openness: np.ndarray
    eye_openness_mesh: np.ndarray
    mouth_opening: np.ndarray
    interocular: np.ndarray
    mesh_scores: np.ndarray
    packed: np.ndarray
    packed_ends: np.ndarray

    def mesh(self, points: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """Mesh and irises of every frame: shape (n, 478, 2), float32, within 1/32 px; 468–472 right iris, 473–477 left.

        ``points`` (k,) are the indices of the only ones that are wanted, shape (n, k, 2): all of them take 340 MB for an hour.
        """
        chosen = np.arange(POINTS) if points is None else np.asarray(points, np.int64)
        both = (2 * chosen[:, None] + np.arange(2)).ravel()
        return unpack(self.packed, self.packed_ends, 2 * POINTS, both).reshape(-1, len(chosen), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTracks:
    """All face tracks of a video.

    Parameters
    ----------
    tracks
        In order of appearance; may be empty.
    cuts
        shape (k,), float64: times at which a new shot starts, seconds; the first shot's start is not listed.
    frames
        Number of frames of the video.
    times
        shape (frames,), float64: times of all frames, seconds.
    fps
        Frames a second: 1 / median step between frames.
    duration_s
        From the first frame to the end of the last, seconds.
    width, height
        Native stored pixels.
    """

    tracks: tuple[Track, ...]
    cuts: np.ndarray
    frames: int
    times: np.ndarray
    fps: float
    duration_s: float
    width: int
    height: int


def watch_faces(video: Video, *, detect_every: int = 12, min_px: float = 32.0) -> Watch[FaceTracks]:
    """Follow the faces of a video; yields for each frame a tuple of (number of the track, Face).

    Parameters
    ----------
    detect_every
        Frames between two looks for new faces; a face that is lost is looked for at once.
    min_px
        Least side of a face, but never less than a fortieth of the long side of the frame.
    """
    follower = Follower(detect_every=detect_every, min_px=min_px)
    growing: dict[int, _Growing] = {}
    times: list[float] = []
    cuts: list[float] = []
    here: set[int] = set()
    frame = yield ()
    while frame is not None:
        shot = follower.shot
        seen = follower.see(frame.display, frame.time_s)
        if follower.shot > shot:
            cuts.append(frame.time_s)
        times.append(frame.time_s)
        now = tuple((face.number, _native(face, frame)) for face in seen)
        for number, face in now:
            growing.setdefault(number, _Growing(number, follower.shot)).add(frame, face)
        gone, here = here, {number for number, _ in now}
        for number in gone - here:  # a long film has many tracks
            growing[number].rest()
        frame = yield now
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1 / (video.claimed_fps or 25.0)
    return FaceTracks(
        tracks=tuple(track.ended() for track in growing.values()), cuts=np.array(cuts, np.float64), frames=len(times),
        times=np.array(times, np.float64), fps=1 / step if step > 0 else 0.0,
        duration_s=times[-1] - times[0] + step if times else 0.0, width=video.width, height=video.height,
    )  # fmt: skip


def _native(followed: Followed, frame: Frame) -> Face:
    orientation = ORIENTATION_OF_ROTATION[frame.rotation % 360]
    return face_of(followed.row, followed.sight, orientation, frame.display.shape)


class _Growing:
    """A track while the video is being decoded."""

    def __init__(self, number: int, shot: int) -> None:
        self.number, self.shot = number, shot
        self._frames: list[int] = []
        self._times: list[float] = []
        self._rows: list[np.ndarray] = []
        self._packer = Packer(2 * POINTS)

    def add(self, frame: Frame, face: Face) -> None:
        self._frames.append(frame.index)
        self._times.append(frame.time_s)
        single = [face.yaw, face.pitch, face.roll, face.mouth_opening, face.interocular, face.mesh_score]
        parts = (face.box, face.eye_openness, face.eye_openness_mesh, single)
        self._rows.append(np.concatenate(parts, dtype=np.float32))
        self._packer.add(np.concatenate([face.mesh[:, :2], face.irises.reshape(-1, 2)]))

    def rest(self) -> None:
        self._packer.rest()

    def ended(self) -> Track:
        rows = np.array(self._rows, np.float32)
        packed, ends = self._packer.packed()
        return Track(
            person=self.number, shot=self.shot, frames=np.array(self._frames, np.int32),
            times=np.array(self._times, np.float64), boxes=rows[:, 0:4], eye_openness=rows[:, 4:6],
            eye_openness_mesh=rows[:, 6:8], pose=rows[:, 8:11], mouth_opening=rows[:, 11], interocular=rows[:, 12],
            mesh_scores=rows[:, 13], packed=packed, packed_ends=ends,
        )  # fmt: skip
