"""Recipes in which the inner face is turned otherwise than the head that it sits in."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import blend, oval
from .recipe import Box, ClipPair, Picture
from .scene import SIZE, Frames, scene_of, setting, views

# The inner face within the box from hairline to chin: brows to mouth.
_LEFT, _TOP, _WIDTH, _HEIGHT = 0.08, 0.2, 0.84, 0.66
_EYE_TO_CAMERA = 3.0


def turned_face(
    picture: Picture,
    random: np.random.Generator,
    *,
    seconds: float = 8.0,
    roll_deg: float = -12.0,
    yaw_deg: float = 0.0,
    face: str = "",
) -> ClipPair:
    """Turn the inner face within its head, as a swap does that brings its pose along.

    Brows, eyes, nose and mouth are rolled and turned (as a flat picture in perspective) by fixed angles and laid back with a
    soft edge; forehead, cheeks and chin stay. The control gets its own inner face back, resampled as often.
    """
    scene = scene_of(picture, face=face)
    inner = Box(
        x=round(scene.face.x + _LEFT * scene.face.width), y=round(scene.face.y + _TOP * scene.face.height),
        width=round(_WIDTH * scene.face.width), height=round(_HEIGHT * scene.face.height),
    )  # fmt: skip
    alpha = oval((SIZE, SIZE), inner, feather=0.35)
    there = _turning(inner, roll_deg, yaw_deg)
    turned = blend(scene.pixels, _warped(scene.pixels, there), alpha)
    # By a tenth of a degree: resampled as the altered face is, and not visibly turned.
    own = blend(scene.pixels, _warped(scene.pixels, _turning(inner, 0.1, 0.1)), alpha)
    seed = int(random.integers(2**32))

    def frames() -> Frames:
        for render in views(seconds, np.random.default_rng(seed)):
            yield render(own), render(turned)

    facts = {"roll_deg": roll_deg, "yaw_deg": yaw_deg}
    return ClipPair(category="replacement", frames=frames(), facts=facts, **setting(scene))


def _turning(inner: Box, roll_deg: float, yaw_deg: float) -> np.ndarray:
    """Homography of a flat face that is turned about its middle, seen from three times its width."""
    roll, yaw = np.radians(roll_deg), np.radians(yaw_deg)
    middle = np.array([inner.x + inner.width / 2, inner.y + inner.height / 2])
    away = _EYE_TO_CAMERA * inner.width
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]) @ np.array(
        [[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]]
    )
    to_middle = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    back = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1]])
    # Points (x, y, 0) of the plane, turned, then seen from the distance.
    plane = np.array([turn[0, :2], turn[1, :2], turn[2, :2] / away])
    homography = np.column_stack([plane, np.array([0, 0, 1.0])])
    return np.asarray(back @ homography @ to_middle)


def _warped(pixels: np.ndarray, homography: np.ndarray) -> np.ndarray:
    return np.asarray(
        cv2.warpPerspective(pixels, homography, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    )
