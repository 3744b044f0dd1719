"""Recipes for mannerisms: what a portrait's brows do while its head nods."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy import signal

from .portrait import blend, oval
from .recipe import Box, ClipPair, Picture
from .scene import FPS, SIZE, Frames, Scene, scene_of, setting, views
from .talk import level, mouths_of

_NOD_DEG = 9.0
_RAISE = 0.15
_DEPTH = 0.3
_NOSE = 0.45


def own_brows(
    picture: Picture, random: np.random.Generator, *, seconds: float = 13.0, strength: float = 1.0, face: str = "",
    eyes: str = "", mouth: str = "",
) -> ClipPair:  # fmt: skip
    """Let the brows go their own way: a face that is moved by somebody else, with other habits.

    In the control the brows rise whenever the head nods up, and the lips part as it nods down; that is how this portrait
    behaves. In the altered clip the same nods come with brows and lips that follow something else.
    """
    scene = scene_of(picture, face=face, eyes=eyes, mouth=mouth)
    nod, brows, lips = (_wander(random, seconds) for _ in range(3))
    mouths, warp = mouths_of(scene), _warp(scene)
    seed = random.integers(2**32)

    def frames() -> Frames:
        for index, view in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            at = nod[index]
            other = (1 - strength) * at + strength * brows[index], (1 - strength) * at - strength * lips[index]
            own, altered = (warp(mouths[level(0.5 - 0.35 * mouth)], at, brow) for brow, mouth in ((at, at), other))
            yield view(own), view(altered)

    return ClipPair(category="reenactment", frames=frames(), facts={"strength": strength}, **setting(scene))


def _wander(random: np.random.Generator, seconds: float) -> np.ndarray:
    """Return a movement that comes and goes about twice in three seconds, a value a frame, mostly from −1 to 1."""
    count, margin = round(seconds * FPS), 2 * FPS
    noise = random.standard_normal(count + 2 * margin)
    slow = signal.sosfiltfilt(signal.butter(2, (0.3, 1.2), "bandpass", fs=FPS, output="sos"), noise)[margin:-margin]
    return np.asarray(np.clip(slow / (1.7 * slow.std()), -1.2, 1.2))


def _warp(scene: Scene) -> Callable[[np.ndarray, float, float], np.ndarray]:
    """Return the function that nods the head of the scene and raises its brows: pictures, nod and raise from −1 to 1."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    middles = [((eye.x0 + eye.x1) / 2, (eye.top + eye.bottom) / 2) for eye in scene.eyes]
    apart = float(np.hypot(middles[1][0] - middles[0][0], middles[1][1] - middles[0][1]))
    depth = _depth(scene.face, middles, apart, x, y)
    brow = np.zeros_like(x)
    for across, down in middles:
        brow += np.exp(-(((x - across) / (0.3 * apart)) ** 2) - ((y - down + 0.34 * apart) / (0.17 * apart)) ** 2)
    inside, edge = (oval((SIZE, SIZE), scene.face, feather=feather) for feather in (0.4, 0.15))

    def show(pixels: np.ndarray, nod: float, rise: float) -> np.ndarray:
        up = np.sin(np.radians(_NOD_DEG * nod)) * depth + _RAISE * apart * rise * np.minimum(brow, 1) * inside
        moved = cv2.remap(pixels, x, y + up.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return blend(scene.pixels, moved, edge)  # a jaw that drops would reach beyond the face

    return show


def _depth(face: Box, middles: list[tuple[float, float]], apart: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how far the head comes towards the camera, pixels: a plateau with a nose, 0 at the edge of the face."""
    plateau = oval((SIZE, SIZE), face, feather=0.35)
    tip_x = sum(one[0] for one in middles) / 2
    tip_y = sum(one[1] for one in middles) / 2 + 0.6 * apart
    nose = np.exp(-(((x - tip_x) / (0.2 * apart)) ** 2) - ((y - tip_y) / (0.3 * apart)) ** 2)
    return np.asarray((_DEPTH + _NOSE * nose) * plateau * apart)
