"""The shape of the lips and the jaw in a face mesh, free of the face's size, place and turn in the picture."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

# What each column of ``lip_shape`` is.
SHAPE = (
    "inner gap, middle", "inner gap, sides", "outer height", "width", "upper lip", "lower lip", "jaw", "lower lip's edge",
    "corners below the upper lip",
)  # fmt: skip

_FIRM = [168, 6, 197, 195, 5, 4, 33, 133, 263, 362]  # bridge and tip of the nose, corners of the eyes
_RIGHT_EYE, _LEFT_EYE = [33, 133], [263, 362]
_TOP, _BOTTOM, _INNER_TOP, _INNER_BOTTOM = 0, 17, 13, 14
_CORNERS, _CHIN, _NOSE = (61, 291), 152, 4
_STEADY = 9  # frames over which the size of a face is averaged: its jitter is not the lips'


def lip_shape(mesh: np.ndarray, interocular: np.ndarray) -> np.ndarray:
    """Measure the lips of each frame in units of the distance between the eyes.

    Parameters
    ----------
    mesh
        shape (n, 468 or more, 2): points of the face mesh, pixels.
    interocular
        shape (n,): distance between the eyes as seen from the front, pixels.

    Returns
    -------
    shape (n, 9), float64: see ``SHAPE``.
    """
    points = _upright(np.asarray(mesh, np.float64), np.asarray(interocular, np.float64))

    def apart(one: int, other: int) -> np.ndarray:
        return np.asarray(np.linalg.norm(points[:, one] - points[:, other], axis=-1))

    height = points[..., 1]
    return np.stack(
        [
            apart(_INNER_TOP, _INNER_BOTTOM), (apart(82, 87) + apart(312, 317)) / 2, apart(_TOP, _BOTTOM),
            apart(*_CORNERS), apart(_TOP, _INNER_TOP), apart(_INNER_BOTTOM, _BOTTOM), height[:, _CHIN] - height[:, _NOSE],
            height[:, _BOTTOM] - height[:, _NOSE], height[:, list(_CORNERS)].mean(1) - height[:, _INNER_TOP],
        ],
        1,
    )  # fmt: skip


def mouth_width(mesh: np.ndarray) -> np.ndarray:
    """Return the distance between the corners of the mouth, pixels: shape (n,)."""
    return np.asarray(np.linalg.norm(mesh[:, _CORNERS[0]] - mesh[:, _CORNERS[1]], axis=-1), np.float64)


def _upright(mesh: np.ndarray, interocular: np.ndarray) -> np.ndarray:
    across = mesh[:, _LEFT_EYE].mean(1) - mesh[:, _RIGHT_EYE].mean(1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    down = np.stack([-across[:, 1], across[:, 0]], 1)
    size = uniform_filter1d(interocular, _STEADY, mode="nearest") if len(interocular) else interocular
    away = (mesh - mesh[:, _FIRM].mean(1)[:, None]) / np.maximum(size, 1e-9)[:, None, None]
    return np.stack([(away * across[:, None]).sum(-1), (away * down[:, None]).sum(-1)], -1)
