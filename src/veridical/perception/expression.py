"""Expression of each followed face over time: twenty series made from the mesh, sixteen of them named after action units.

They are *mesh-derived*: distances and heights of mesh points that change when the muscles of an action unit do, not
intensities coded by the Facial Action Coding System. Before they are measured, every mesh is turned to the front (in-plane
turn, yaw and pitch are undone with a generic head's depth) and scaled to 1 between the centres of the eyes. That is not
exact: a rigid head other than the generic one that turns 25° to the side and nods by 12° still changes AU12, AU26 by up to
0.07 and the others by less; turns of 10° and nods of 5° by less than 0.03.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..signals.behaviour import Windows, windows
from ._depth import DEPTHS, INDICES, Z
from ._head import EYES_APART
from .tracks import FaceTracks, Track

# Corners of each eye: the person's right eye, then the left.
_RIGHT_EYE, _LEFT_EYE = (33, 133), (263, 362)
_INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
_AT = {int(index): place for place, index in enumerate(INDICES)}
_FARTHEST_DEG = 60.0
LEAST_EYES_PX, FARTHEST_YAW_DEG = 40.0, 35.0
"""Limits of what is compared: distance of the eyes, and how far the head is turned."""

NAMES = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12", "AU14", "AU15", "AU17", "AU20", "AU23",
    "AU25", "AU26", "pitch", "roll", "mouth width", "lip gap",
)  # fmt: skip
"""The columns of ``ExpressionTrack.series``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionTrack:
    """The expression of one face over one stretch of a shot; n frames, nothing smoothed or filled in.

    Parameters
    ----------
    person, shot
        Numbers of the track and the shot, as in Track.
    frames, times
        shape (n,): int32; float64, seconds.
    series
        shape (n, 20), float32, columns as in ``NAMES``: mesh-derived action units (see ``action_units``) in distances of the
        eye centres (AU25: in their square), pitch and roll in degrees, width of the mouth and gap between the lips in
        distances of the eye centres. NaN in every column where the head is turned by more than 60°.
    yaw
        shape (n,), float32: degrees, as in Track.
    interocular
        shape (n,), float32: distance between the centres of the eyes in pixels.
    """

    person: int
    shot: int
    frames: np.ndarray
    times: np.ndarray
    series: np.ndarray
    yaw: np.ndarray
    interocular: np.ndarray

    def windows(self, *, window_s: float, step_s: float) -> Windows:
        """Correlate all pairs of series in windows in which the face is seen without a gap, large and from the front.

        Frames in which the eyes are less than 40 px apart (a face of about 100 px) or the head is turned by more than 35° count
        as gaps.
        """
        usable = (self.interocular >= LEAST_EYES_PX) & (np.abs(self.yaw) <= FARTHEST_YAW_DEG)
        return windows(self.frames[usable], self.times[usable], self.series[usable], window_s=window_s, step_s=step_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expressions:
    """Expressions of all faces of a video, ``tracks`` as in FaceTracks; ``fps`` frames a second, ``duration_s`` seconds."""

    tracks: tuple[ExpressionTrack, ...]
    fps: float
    duration_s: float


def see_expressions(faces: FaceTracks) -> Expressions:
    """Measure the expression of every followed face in every frame."""
    return Expressions(
        tracks=tuple(_expression(track) for track in faces.tracks), fps=faces.fps, duration_s=faces.duration_s
    )


def _expression(track: Track) -> ExpressionTrack:
    points = frontal(track.mesh(INDICES), track.pose, track.interocular)
    mouth, gap = _width(points), _down(points, 14) - _down(points, 13)
    series = np.column_stack([action_units(points), track.pose[:, 1:], mouth, gap]).astype(np.float32)
    series[np.abs(track.pose[:, :2]).max(1, initial=0) > _FARTHEST_DEG] = np.nan
    return ExpressionTrack(
        person=track.person, shot=track.shot, frames=track.frames, times=track.times, series=series,
        yaw=np.array(track.pose[:, 0]), interocular=track.interocular,
    )  # fmt: skip


def frontal(points: np.ndarray, pose: np.ndarray, interocular: np.ndarray) -> np.ndarray:
    """Show points of the mesh as they would be seen from the front.

    Seen from afar, a point X of the head lies at s·R·X of the picture. The in-plane part of R is the direction of the line
    through the eyes, which yaw and pitch leave level; with a generic depth for each point the other two turns can be undone.

    Parameters
    ----------
    points
        shape (n, k, 2): the points ``INDICES`` of the mesh, pixels.
    pose, interocular
        shape (n, 3), degrees, and (n,), pixels: as in Track.

    Returns
    -------
    shape (n, k, 2), float64: x to the person's left, y down, from the middle between the eyes, in distances of the eyes.
    """
    right, left = (_middle(points, corners) for corners in (_RIGHT_EYE, _LEFT_EYE))
    along = left - right
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    level = np.stack([along, np.stack([-along[:, 1], along[:, 0]], 1)], 1)
    seen = points.astype(np.float64) - ((right + left) / 2)[:, None]
    seen = np.einsum("nij,nkj->nki", level, seen) / (interocular.astype(np.float64) / EYES_APART)[:, None, None]
    yaw, pitch = np.radians(pose[:, :2].astype(np.float64).clip(-_FARTHEST_DEG, _FARTHEST_DEG)).T
    depth = Z - np.mean([DEPTHS[index] for index in (*_RIGHT_EYE, *_LEFT_EYE)])
    # The rows of Ry(-yaw) Rx(-pitch), solved for x and y.
    y = (seen[..., 1] - np.sin(pitch)[:, None] * depth) / np.cos(pitch)[:, None]
    across = np.sin(yaw)[:, None] * (np.sin(pitch)[:, None] * y - np.cos(pitch)[:, None] * depth)
    x = (seen[..., 0] - across) / np.cos(yaw)[:, None]
    turned = np.stack([x, y], 2)
    apart = _middle(turned, _LEFT_EYE) - _middle(turned, _RIGHT_EYE)
    return np.asarray(turned / np.maximum(np.linalg.norm(apart, axis=1), 1e-9)[:, None, None])


def action_units(points: np.ndarray) -> np.ndarray:
    """Return sixteen mesh-derived action units, shape (n, 16), of frontal points (n, k, 2); each rises with its action.

    Heights are above the line through the eyes; points are named for the person's right side, the left is their mirror image.

    ==== ================== ==========================================================================================
    AU01 inner brow raise   height of the inner brow (107, 55)
    AU02 outer brow raise   height of the outer brow (70, 63, 46, 53)
    AU04 brows together     minus the distance between the inner brows (107–336, 55–285)
    AU05 upper lid raise    height of the upper lid (158, 159, 160)
    AU06 cheek raise        height of the cheek (50, 101, 205)
    AU07 lower lid raise    height of the lower lid (144, 145, 153)
    AU09 nose wrinkle       height of the wing of the nose (98, 129)
    AU10 upper lip raise    minus the distance from the base of the nose (2) down to the upper lip (37, 0, 267)
    AU12 corner pull        minus the distance from the corner of the mouth (61) to the outer corner of the eye (33)
    AU14 dimple             minus the thickness of the lips beside the corner (185–191, 146–95)
    AU15 corner drop        how far the corners (61) lie below the middle of the upper lip (0, 13)
    AU17 chin raise         minus the distance from the lower lip (17) down to the chin (152)
    AU20 lip stretch        width of the mouth (61–291) minus its height (0–17)
    AU23 lips thin          minus the thickness of both lips (0–13, 37–82, 17–14, 84–87)
    AU25 lips part          area between the inner lips (78 … 308)
    AU26 jaw drop           distance from the base of the nose (2) down to the chin (152)
    ==== ================== ==========================================================================================
    """
    down: Callable[..., np.ndarray] = lambda *indices: _down(points, *indices)  # noqa: E731
    far: Callable[[int, int], np.ndarray] = lambda a, b: _apart(points, a, b)  # noqa: E731
    return np.column_stack([
        -down(107, 55, 336, 285),
        -down(70, 63, 46, 53, 300, 293, 276, 283),
        -(far(107, 336) + far(55, 285)) / 2,
        -down(158, 159, 160, 385, 386, 387),
        -down(50, 101, 205, 280, 330, 425),
        -down(144, 145, 153, 373, 374, 380),
        -down(98, 129, 327, 358),
        -(down(37, 0, 267) - down(2)),
        -(far(61, 33) + far(291, 263)) / 2,
        -(far(185, 191) + far(409, 415) + far(146, 95) + far(375, 324)) / 4,
        down(61, 291) - down(0, 13),
        -(down(152) - down(17)),
        _width(points) - far(0, 17),
        -(far(0, 13) + far(37, 82) + far(267, 312) + far(17, 14) + far(84, 87) + far(314, 317)) / 6,
        _area(points, _INNER_LIPS),
        down(152) - down(2),
    ])  # fmt: skip


def _middle(points: np.ndarray, indices: tuple[int, ...]) -> np.ndarray:
    return np.asarray(points[:, [_AT[index] for index in indices]].mean(1, dtype=np.float64))


def _down(points: np.ndarray, *indices: int) -> np.ndarray:
    """Mean distance of points below the line through the eyes."""
    return _middle(points, indices)[:, 1]


def _apart(points: np.ndarray, one: int, other: int) -> np.ndarray:
    return np.asarray(np.linalg.norm(points[:, _AT[one]] - points[:, _AT[other]], axis=1))


def _width(points: np.ndarray) -> np.ndarray:
    return np.asarray(points[:, _AT[291], 0] - points[:, _AT[61], 0])


def _area(points: np.ndarray, ring: tuple[int, ...]) -> np.ndarray:
    """Area within a ring of points (shoelace), not below 0."""
    x, y = np.moveaxis(points[:, [_AT[index] for index in ring]], 2, 0)
    twice = (x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(1)
    return np.asarray(np.maximum(twice / 2, 0))
