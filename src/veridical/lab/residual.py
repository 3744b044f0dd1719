"""A recipe for the pattern of a sensor: it stays where the sensor is, or is carried along by the face."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import oval
from .recipe import ClipPair, Picture
from .scene import SIZE, Frames, scene_of, setting, views


def carried(
    picture: Picture, random: np.random.Generator, *, seconds: float = 10.0, strength: float = 3.0, face: str = ""
) -> ClipPair:
    """Let the grain of the picture travel with the face, as if the face with its grain had been painted on.

    In the control the fixed pattern of the sensor stays in its place while the face moves under it. In the altered clip the
    same pattern moves with the face, inside a soft oval.

    Parameters
    ----------
    strength
        Standard deviation of the pattern, grey levels.
    """
    scene = scene_of(picture, face=face)
    seed = random.integers(2**32)
    pattern = cv2.GaussianBlur(random.normal(0, 1, (SIZE, SIZE)).astype(np.float32), (0, 0), 0.6)
    pattern = (pattern * (strength / pattern.std()))[:, :, None]
    reach = oval((SIZE, SIZE), scene.face, feather=0.2)

    def frames() -> Frames:
        for render in views(seconds, np.random.default_rng(int(seed))):
            share = render(reach)[:, :, None]
            fixed = render(scene.pixels) + pattern
            painted = render(scene.pixels + pattern)
            yield _levels(fixed), _levels(fixed * (1 - share) + painted * share)

    return ClipPair(category="replacement", frames=frames(), facts={"strength": strength}, **setting(scene))


def _levels(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(pixels), 0, 255), np.uint8)
