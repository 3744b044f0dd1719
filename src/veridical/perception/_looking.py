"""Look at one face in a picture: mesh, irises, pose and openings, or nothing if no face is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import _mesh, _pose

# Corners, upper lid and lower lid of each eye in the mesh, and the inner lips.
_LIDS = ((33, 133, (160, 159, 158), (144, 145, 153)), (263, 362, (387, 386, 385), (373, 374, 380)))
_LIPS = (78, 308, (82, 13, 312), (87, 14, 317))
# The eye contour of the iris net: 0 and 8 are the corners, 1–7 the lower lid, 9–15 the upper.
_LOWER = slice(2, 7)
_UPPER = slice(10, 15)
LEAST_MESH_SCORE = 0.5
_MOST_MISFIT = 0.12


@dataclass(frozen=True, slots=True)
class Sight:
    """One face in pixels of the picture that was looked at; see Face."""

    mesh: np.ndarray
    mesh_score: float
    irises: np.ndarray
    pose: _pose.Pose
    eye_openness: np.ndarray
    eye_openness_mesh: np.ndarray
    mouth_opening: float


def look(picture: np.ndarray, roi: _mesh.Roi) -> Sight | None:
    """Return what is seen in the square, or None if the mesh net or the shape says that it is no face."""
    mesh, score = _mesh.see_mesh(picture, roi)
    if score < LEAST_MESH_SCORE:
        return None
    pose = _pose.head_pose(mesh)
    if not (pose.misfit < _MOST_MISFIT and pose.interocular > 1):
        return None
    irises, contours = _mesh.see_eyes(picture, mesh)
    return Sight(
        mesh=mesh, mesh_score=score, irises=irises, pose=pose,
        eye_openness=_openness(contours), eye_openness_mesh=np.array([_gap(mesh, *eye) for eye in _LIDS], np.float32),
        mouth_opening=_gap(mesh, *_LIPS),
    )  # fmt: skip


def agrees(mesh: np.ndarray, row: np.ndarray) -> bool:
    """Say whether mesh and detector put eyes, nose and mouth in the same places, within a third of the box."""
    eyes = [mesh[list(corners), :2].mean(0) for corners in _mesh.EYE_CORNERS]
    mouth = mesh[[13, 14], :2].mean(0)
    apart = np.linalg.norm(np.stack([*eyes, mesh[1, :2], mouth]) - row[4:12].reshape(4, 2), axis=1)
    return bool(apart.max() < (row[2:4] - row[:2]).max() / 3)


def _openness(contours: np.ndarray) -> np.ndarray:
    height = np.linalg.norm(contours[:, _UPPER] - contours[:, _LOWER], axis=-1).mean(1)
    width = np.linalg.norm(contours[:, 8] - contours[:, 0], axis=-1)
    return np.asarray(height / np.maximum(width, 1e-6), np.float32)


def _gap(mesh: np.ndarray, outer: int, inner: int, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    """Mean height / width in three dimensions, so that a turned head changes it little."""
    height = np.linalg.norm(mesh[list(upper)] - mesh[list(lower)], axis=1).mean()
    return float(height / max(float(np.linalg.norm(mesh[outer] - mesh[inner])), 1e-6))
