"""How the inner face and the outline of the face are turned, each on its own, in every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..signals.rotations import fit_rotations, orthographic, rotation_vectors, spurious_angle
from ._head import EYES_APART
from ._head_parts import INNER, INNER_INDICES, OUTLINE, OUTLINE_INDICES, WIDTH
from .tracks import FaceTracks, Track

# Distance of the outer eye corners / distance from the camera, as in the head pose.
_NEARNESS = 0.12
_AT_ONCE = 2048
POINTS = np.concatenate([INNER_INDICES, OUTLINE_INDICES])
"""The points of the face mesh that are looked at: inner face, outline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotations:
    """One face track; n frames, as in Track.

    Parameters
    ----------
    person
        Number of the track.
    frames, times
        shape (n,), int32 and float64 (seconds).
    pose
        shape (n, 3), float32: yaw, pitch, roll of the head, degrees, as in Track.
    width
        shape (n,), float32: width of the face as it would be seen from the front, pixels.
    apart
        shape (n, 3), float32: yaw, pitch, roll of the inner face against the outline, in the frame of the outline; the
        length of this vector is the angle between the two rotations, degrees.
    spurious
        Median angle, degrees, that noise of one pixel in every point makes at the track's median size and pose.
    """

    person: int
    frames: np.ndarray
    times: np.ndarray
    pose: np.ndarray
    width: np.ndarray
    apart: np.ndarray
    spurious: float

    @property
    def angle(self) -> np.ndarray:
        """Angle between the two rotations: shape (n,), degrees."""
        return np.asarray(np.linalg.norm(self.apart, axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRotations:
    """Rotations of all faces of a video."""

    tracks: tuple[Rotations, ...]


def see_rotations(faces: FaceTracks) -> HeadRotations:
    """Fit inner face and outline of every followed face, each by the rotation of a generic head that explains it best."""
    return HeadRotations(tracks=tuple(_rotations(track) for track in faces.tracks))


def turned_apart(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how the inner face is turned against the outline, and how the outline is turned.

    Parameters
    ----------
    points
        shape (n, 42, 2): the points ``POINTS`` of the mesh, pixels.

    Returns
    -------
    Yaw, pitch and roll, shape (n, 3), degrees, as in Rotations; and rotations of the outline, shape (n, 3, 3).
    """
    inner, outline = np.split(points.astype(np.float64), [len(INNER)], axis=1)
    start = orthographic(np.concatenate([INNER, OUTLINE]), np.concatenate([inner, outline], 1))
    turns = [
        fit_rotations(points, seen, start=start, nearness=_NEARNESS)
        for points, seen in ((INNER, inner), (OUTLINE, outline))
    ]
    between = np.degrees(rotation_vectors(turns[1].swapaxes(1, 2) @ turns[0]))
    # Signs as in Pose: Rz(roll) Ry(-yaw) Rx(-pitch).
    return np.stack([-between[:, 1], -between[:, 0], between[:, 2]], 1), turns[1]


def _rotations(track: Track) -> Rotations:
    points = track.mesh(POINTS)
    parts = [turned_apart(points[begin : begin + _AT_ONCE]) for begin in range(0, len(points), _AT_ONCE)]
    apart, turns = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    width = track.interocular * np.float32(WIDTH / EYES_APART)
    typical = int(np.argsort(np.abs(track.pose[:, 0] - np.median(track.pose[:, 0])), kind="stable")[0])
    spurious = spurious_angle(
        INNER, OUTLINE, turn=turns[typical], size=float(np.median(width)) / WIDTH, noise=1.0, nearness=_NEARNESS
    )
    return Rotations(
        person=track.person, frames=track.frames, times=track.times, pose=track.pose, width=width,
        apart=apart.astype(np.float32), spurious=spurious,
    )  # fmt: skip
