"""Rotations of a rigid body from the picture of its points, and how far noise alone turns two of them apart."""

from __future__ import annotations

import numpy as np

_STEPS = 10
_DRAWS = 2000


def fit_rotations(points: np.ndarray, seen: np.ndarray, *, start: np.ndarray, nearness: float) -> np.ndarray:
    """Fit a rigid body to its picture in many frames at once (Gauss–Newton; rotation, size and place are free).

    Parameters
    ----------
    points
        shape (m, 3), m ≥ 4, not in one plane: the body, x right, y down, z away from the camera.
    seen
        shape (n, m, 2): where its points are seen, pixels.
    start
        shape (n, 3, 3): rotations to start from (see ``orthographic``).
    nearness
        Unit of ``points`` / distance from the camera to the body's origin.

    Returns
    -------
    shape (n, 3, 3): the rotations.
    """
    turn = np.array(start, np.float64)
    flat = points @ turn[:, :2].swapaxes(1, 2)
    spread = np.sqrt(((flat - flat.mean(1, keepdims=True)) ** 2).sum((1, 2)))
    middle = seen.mean(1, keepdims=True)
    size = np.sqrt(((seen - middle) ** 2).sum((1, 2))) / np.maximum(spread, 1e-9)
    place = middle[:, 0] - size[:, None] * flat.mean(1)
    for _ in range(_STEPS):
        picture, slopes = _linearised(points, turn, size, nearness)
        error = (seen - place[:, None] - picture).reshape(len(seen), -1, 1)
        across = slopes.swapaxes(1, 2)
        step = np.linalg.solve(across @ slopes + 1e-9 * np.eye(6), across @ error)[..., 0]
        turn = rotated(step[:, :3].clip(-0.5, 0.5)) @ turn
        size = size * np.exp(step[:, 3].clip(-0.5, 0.5))
        place = place + step[:, 4:]
        if np.abs(step[:, :3]).max(initial=0) < 1e-6:
            break
    return turn


def orthographic(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return rotations under scaled orthographic projection, shape (n, 3, 3), in closed form; arguments as above."""
    solve = np.linalg.pinv(points - points.mean(0))
    maps = (solve @ (seen - seen.mean(1, keepdims=True))).swapaxes(1, 2)
    across, _, along = np.linalg.svd(maps, full_matrices=False)
    rows = across @ along
    return np.concatenate([rows, np.cross(rows[:, 0], rows[:, 1])[:, None]], 1)


def rotated(vectors: np.ndarray) -> np.ndarray:
    """Rotation matrices (n, 3, 3) of rotation vectors (n, 3), radians (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).reshape(-1, 3, 3)
    safe = np.maximum(angle, 1e-12)
    return np.asarray(np.eye(3) + np.sin(angle) / safe * cross + (1 - np.cos(angle)) / safe**2 * cross @ cross)


def rotation_vectors(turns: np.ndarray) -> np.ndarray:
    """Rotation vectors (n, 3), radians, of rotation matrices (n, 3, 3) that turn by less than 180 degrees."""
    odd = np.stack(
        [turns[:, 2, 1] - turns[:, 1, 2], turns[:, 0, 2] - turns[:, 2, 0], turns[:, 1, 0] - turns[:, 0, 1]], 1
    )
    sine = np.linalg.norm(odd, axis=1) / 2
    angle = np.arctan2(sine, (np.trace(turns, axis1=1, axis2=2) - 1) / 2)
    factor = np.where(sine > 1e-9, angle / np.maximum(2 * sine, 1e-12), 0.5)
    return np.asarray(odd * factor[:, None])


def spurious_angle(
    one: np.ndarray, other: np.ndarray, *, turn: np.ndarray, size: float, noise: float, nearness: float
) -> float:
    """Return the median angle in degrees by which independent noise turns the fits of two parts of one body apart.

    Parameters
    ----------
    one, other
        shape (m, 3) and (k, 3): the parts, without a point in common.
    turn
        shape (3, 3): how the body is turned.
    size
        Pixels per unit of the points.
    noise
        Standard deviation of each coordinate in the picture, pixels.
    """
    covariance = np.zeros((3, 3))
    for part in (one, other):
        _, slopes = _linearised(part, turn[None], np.array([size]), nearness)
        gain = np.linalg.pinv(slopes[0])[:3]
        covariance += noise**2 * gain @ gain.T
    draws = np.random.default_rng(0).multivariate_normal(np.zeros(3), covariance, _DRAWS)
    return float(np.degrees(np.median(np.linalg.norm(draws, axis=1))))


def _linearised(points: np.ndarray, turn: np.ndarray, size: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
    """Picture (n, m, 2) about the origin's, and its slopes (n, 2m, 6) by rotation vector, log size and place."""
    placed = points @ turn.swapaxes(1, 2)
    x, y, z = np.moveaxis(placed, 2, 0)
    depth = 1 / (1 + near * z)
    picture = size[:, None, None] * placed[..., :2] * depth[..., None]
    slopes = np.zeros((*picture.shape, 6))
    zero = np.zeros_like(x)
    # Change of the placed points with a small rotation about each axis: e × p.
    for axis, (dx, dy, dz) in enumerate(((zero, -z, y), (z, zero, -x), (-y, x, zero))):
        move = size[:, None, None] * np.stack([dx, dy], -1) * depth[..., None]
        slopes[..., axis] = move - picture * (near * dz * depth)[..., None]
    slopes[..., 3] = picture
    slopes[..., 0, 4] = slopes[..., 1, 5] = 1
    return picture, slopes.reshape(len(picture), -1, 6)
