"""The shape of the lips and the jaw in a face mesh, free of the face's size, place and turn in the picture."""

from __future__ import annotations

from collections.abc import Sequence

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
# Middle and sides of the gap: upper lip, lower lip.
_SIDES = ((82, 87), (312, 317))
POINTS = np.unique([*_FIRM, _TOP, _BOTTOM, _INNER_TOP, _INNER_BOTTOM, *_CORNERS, _CHIN, _NOSE, *np.ravel(_SIDES)])
"""The points of the face mesh that are looked at."""
_AT = {int(index): place for place, index in enumerate(POINTS)}
_STEADY = 9  # frames over which the size of a face is averaged: its jitter is not the lips'


def lip_shape(points: np.ndarray, interocular: np.ndarray) -> np.ndarray:
    """Measure the lips of each frame in units of the distance between the eyes.

    Parameters
    ----------
    points
        shape (n, 21, 2): the points ``POINTS`` of the face mesh, pixels.
    interocular
        shape (n,): distance between the eyes as seen from the front, pixels.

    Returns
    -------
    shape (n, 9), float64: see ``SHAPE``.
    """
    upright = _upright(np.asarray(points, np.float64), np.asarray(interocular, np.float64))

    def apart(one: int, other: int) -> np.ndarray:
        return np.asarray(np.linalg.norm(upright[:, _AT[one]] - upright[:, _AT[other]], axis=-1))

    def down(*indices: int) -> np.ndarray:
        return np.asarray(_middle(upright, indices)[:, 1])

    return np.stack(
        [
            apart(_INNER_TOP, _INNER_BOTTOM), (apart(*_SIDES[0]) + apart(*_SIDES[1])) / 2, apart(_TOP, _BOTTOM),
            apart(*_CORNERS), apart(_TOP, _INNER_TOP), apart(_INNER_BOTTOM, _BOTTOM), down(_CHIN) - down(_NOSE),
            down(_BOTTOM) - down(_NOSE), down(*_CORNERS) - down(_INNER_TOP),
        ],
        1,
    )  # fmt: skip


def mouth_width(points: np.ndarray) -> np.ndarray:
    """Return the distance between the corners of the mouth, pixels: shape (n,); ``points`` as in ``lip_shape``."""
    right, left = (points[:, _AT[corner]] for corner in _CORNERS)
    return np.asarray(np.linalg.norm(right - left, axis=-1), np.float64)


def _middle(points: np.ndarray, indices: Sequence[int]) -> np.ndarray:
    return np.asarray(points[:, [_AT[index] for index in indices]].mean(1))


def _upright(points: np.ndarray, interocular: np.ndarray) -> np.ndarray:
    across = _middle(points, _LEFT_EYE) - _middle(points, _RIGHT_EYE)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    down = np.stack([-across[:, 1], across[:, 0]], 1)
    size = uniform_filter1d(interocular, _STEADY, mode="nearest") if len(interocular) else interocular
    away = (points - _middle(points, _FIRM)[:, None]) / np.maximum(size, 1e-9)[:, None, None]
    return np.stack([(away * across[:, None]).sum(-1), (away * down[:, None]).sum(-1)], -1)
