"""Head pose from the mesh: the turn of a generic head whose picture comes nearest to the points that were seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._head import EYES_APART, INDICES, POINTS

# Distance of the outer eye corners / distance from the camera: a face at about 0.75 m, within a factor of some two.
_NEARNESS, _SPREAD = 0.12, 0.08
# Typical misfit of a generic head, in distances of the outer eye corners; it is shared by neighbouring points.
_MISFIT = 0.045
_STEPS = 6
_HEAD = POINTS - POINTS.mean(0)
_SOLVE = np.linalg.pinv(_HEAD)


@dataclass(frozen=True, slots=True)
class Pose:
    """Turn of the head against the line of sight, degrees, and its size.

    Parameters
    ----------
    yaw, pitch, roll
        R = Rz(roll) Ry(-yaw) Rx(-pitch) in a frame with x right, y down, z away from the camera: turning the picture
        changes the roll only. Yaw above 0 turns the nose to the right of the picture, pitch above 0 raises it.
    interocular
        Distance between the centres of the eyes as it would be seen from the front, pixels.
    misfit
        Root mean square distance between the head's picture and the points, in distances of the outer eye corners.
    """

    yaw: float
    pitch: float
    roll: float
    interocular: float
    misfit: float


def head_pose(mesh: np.ndarray) -> Pose:
    """Fit the generic head to a mesh (468, 2+): perspective with an unknown distance, only x and y are used."""
    seen = np.asarray(mesh[INDICES, :2], np.float64)
    turn, scale = _orthographic(seen - seen.mean(0))
    state = np.concatenate([[0.0, 0.0, 0.0, np.log(max(scale, 1e-6))], seen.mean(0), [_NEARNESS]])
    for _ in range(_STEPS):
        residual, slopes = _linearised(state, turn, seen)
        step = np.linalg.lstsq(slopes, -residual, rcond=None)[0]
        turn = _turned(step[:3]) @ turn
        state[3:] += np.concatenate([step[3:4].clip(-0.5, 0.5), step[4:6], step[6:]])
        state[6] = np.clip(state[6], 0.0, 0.5)
        if np.abs(step[:3]).max() < 1e-4:
            break
    size = float(np.exp(state[3]))
    error = (_projected(turn, state) - seen) / size
    return Pose(
        yaw=float(np.degrees(np.arcsin(np.clip(turn[2, 0], -1, 1)))),
        pitch=float(-np.degrees(np.arctan2(turn[2, 1], turn[2, 2]))),
        roll=float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))),
        interocular=size * EYES_APART,
        misfit=float(np.sqrt((error**2).sum(1).mean())),
    )  # fmt: skip


def _orthographic(seen: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the rotation and the scale under scaled orthographic projection, from centred points."""
    across, sizes, along = np.linalg.svd((_SOLVE @ seen).T, full_matrices=False)
    rows = across @ along
    return np.vstack([rows, np.cross(rows[0], rows[1])]), float(sizes.mean())


def _projected(turn: np.ndarray, state: np.ndarray) -> np.ndarray:
    placed = _HEAD @ turn.T
    return np.asarray(state[4:6] + np.exp(state[3]) * placed[:, :2] / (1 + state[6] * placed[:, 2:]))


def _linearised(state: np.ndarray, turn: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Residuals and slopes by (rotation vector, log scale, shift, nearness), with the prior on the nearness last."""
    placed = _HEAD @ turn.T
    x, y, z = placed.T
    size, near = np.exp(state[3]), state[6]
    depth = 1 / (1 + near * z)
    flat = size * placed[:, :2] * depth[:, None]
    count = len(placed)
    slopes = np.zeros((2 * count + 1, 7))
    zero = np.zeros(count)
    # Change of the placed points with a small rotation about each axis: e × p.
    for axis, (dx, dy, dz) in enumerate(((zero, -z, y), (z, zero, -x), (-y, x, zero))):
        move = size * np.stack([dx, dy], 1) * depth[:, None] - flat * (near * dz * depth)[:, None]
        slopes[:-1, axis] = move.ravel()
    slopes[:-1, 3] = flat.ravel()
    slopes[0:-1:2, 4] = slopes[1:-1:2, 5] = 1
    slopes[:-1, 6] = (-flat * (z * depth)[:, None]).ravel()
    weight = size * _MISFIT / _SPREAD
    slopes[-1, 6] = weight
    residual = np.append((state[4:6] + flat - seen).ravel(), weight * (near - _NEARNESS))
    return residual, slopes


def _turned(vector: np.ndarray) -> np.ndarray:
    """Rotation matrix of a rotation vector (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
