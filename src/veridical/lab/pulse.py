"""Recipes for the heartbeat in the skin: a moving portrait whose face reddens with a known rate, or fails to."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ..errors import UsageError
from .portrait import oval
from .recipe import ClipPair, Picture
from .scene import FPS, SIZE, Frames, Scene, scene_of, setting, views

SECONDS = 15.0
# How strongly the channels R, G, B follow the blood under the skin, green = 1.
TINT = (0.43, 1.0, 0.69)
_PATCHES = 6
_EDGE = 0.12


def absent(
    picture: Picture, random: np.random.Generator, *, seconds: float = SECONDS, percent: float = 0.6,
    per_minute: float = 0.0, face: str = "",
) -> ClipPair:  # fmt: skip
    """Move a portrait without a heartbeat: a photograph brought to life by movement alone.

    In the control the whole face gets darker and lighter with the pulse, green by ``percent`` at its strongest;
    ``per_minute`` 0 draws a rate from 55 to 110, which the truth file tells.
    """
    rate = _rate(random, per_minute)
    scene = scene_of(picture, face=face)
    share = oval((SIZE, SIZE), scene.face, feather=_EDGE)

    def control(time_s: float) -> np.ndarray:
        return _tinted(scene, share * beat(time_s, rate), percent)

    frames = _frames(scene, seconds, random, control, lambda _: scene.pixels.astype(np.float32))
    facts = _facts(rate, percent) | {"altered_per_minute": None}
    return ClipPair(category="reenactment", frames=frames, facts=facts, **setting(scene))


def patchwork(
    picture: Picture, random: np.random.Generator, *, seconds: float = SECONDS, percent: float = 0.6,
    per_minute: float = 0.0, face: str = "",
) -> ClipPair:  # fmt: skip
    """Let every patch of a face beat on its own: a face made of parts that no heart joins.

    In the control the whole face follows one pulse. In the altered clip each of 6 × 6 patches has the same rate but a delay
    of its own, drawn from the whole cycle.
    """
    rate = _rate(random, per_minute)
    scene = scene_of(picture, face=face)
    share = oval((SIZE, SIZE), scene.face, feather=_EDGE)
    delays = _patches(scene, random.uniform(0, 60 / rate, (_PATCHES, _PATCHES)))

    def control(time_s: float) -> np.ndarray:
        return _tinted(scene, share * beat(time_s, rate), percent)

    def altered(time_s: float) -> np.ndarray:
        return _tinted(scene, share * beat(time_s - delays, rate), percent)

    frames = _frames(scene, seconds, random, control, altered)
    facts = _facts(rate, percent) | {"altered_per_minute": round(rate, 3)}
    return ClipPair(category="replacement", frames=frames, facts=facts, **setting(scene))


def beat(time_s: float | np.ndarray, per_minute: float) -> np.ndarray:
    """Return the shape of a pulse at some times: a wave and its double, between −1 and 1."""
    phase = 2 * np.pi * per_minute / 60 * np.asarray(time_s, np.float32)
    return np.asarray((np.sin(phase) + 0.3 * np.sin(2 * phase + 0.5)) / 1.2, np.float32)


def _rate(random: np.random.Generator, per_minute: float) -> float:
    drawn = float(random.uniform(55, 110))
    if per_minute and not 45 <= per_minute <= 150:
        raise UsageError(f"per_minute is {per_minute:g}; a heart beats 45 to 150 times a minute here")
    return per_minute or drawn


def _tinted(scene: Scene, strength: np.ndarray, percent: float) -> np.ndarray:
    """Return the scene, float32, with its colours strengthened by shape (height, width), 1 = ``percent`` of green."""
    tint = np.array(TINT, np.float32) * (percent / 100)
    return np.asarray(scene.pixels * (1 + strength[:, :, None] * tint), np.float32)


def _patches(scene: Scene, values: np.ndarray) -> np.ndarray:
    """Return a picture-sized array in which each patch of the face box has one of the values; its edges are hard."""
    face = scene.face
    laid = np.zeros((SIZE, SIZE), np.float32)
    y0, x0 = max(face.y, 0), max(face.x, 0)
    patch = cv2.resize(values.astype(np.float32), (face.width, face.height), interpolation=cv2.INTER_NEAREST)
    patch = patch[y0 - face.y : SIZE - face.y, x0 - face.x : SIZE - face.x]
    laid[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = patch
    return laid


def _frames(
    scene: Scene, seconds: float, random: np.random.Generator, control: Callable[[float], np.ndarray],
    altered: Callable[[float], np.ndarray],
) -> Frames:  # fmt: skip
    # Both stay float32 until the camera has added its noise: a pulse is smaller than one grey level.
    for index, render in enumerate(views(seconds, random)):
        yield render(control(index / FPS)), render(altered(index / FPS))


def _facts(rate: float, percent: float) -> dict[str, object]:
    return {"control_per_minute": round(rate, 3), "percent_of_green": percent}
