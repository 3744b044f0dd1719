"""Recipes for videos: the portrait moves gently, as if held in a hand; the two videos differ in the face alone."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import close_eyes, oval
from .recipe import ClipPair, Picture
from .scene import FPS, SIZE, Frames, scene_of, setting, views

_LEVELS = 8


def still_face(
    picture: Picture,
    random: np.random.Generator,
    *,
    seconds: float = 36.0,
    per_minute: float = 17.0,
    face: str = "",
    eyes: str = "",
) -> ClipPair:
    """Move a portrait that never blinks: a photograph brought to life by movement alone.

    In the control the upper lids close and open at natural intervals; the times are in the truth file.
    """
    scene = scene_of(picture, face=face, eyes=eyes)
    blinks = _blinks(random, seconds, per_minute)
    lids = [close_eyes(scene.pixels, scene.eyes, level / _LEVELS) for level in range(_LEVELS + 1)]

    def frames() -> Frames:
        for index, render in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            level = round(_LEVELS * closure(index / FPS, blinks))
            unmoved = render(scene.pixels)
            yield (render(lids[level]) if level else unmoved), unmoved

    seed = random.integers(2**32)
    said = [{"start_s": round(start, 3), "seconds": round(length, 3)} for start, length in blinks]
    facts = {"control_blinks": said, "altered_blinks": []}
    return ClipPair(category="reenactment", frames=frames(), facts=facts, **setting(scene))


def flicker(
    picture: Picture, random: np.random.Generator, *, seconds: float = 12.0, strength: float = 1.0, face: str = ""
) -> ClipPair:
    """Make the face anew in every frame: its brightness and fine detail jump, all else is steady.

    Independent noise (about 4 grey levels, 2–4 px wide) and a change of brightness (about 2 %) a frame, with a soft oval
    edge.
    """
    scene = scene_of(picture, face=face)
    seed, own = random.integers(2**32), np.random.default_rng(random.integers(2**32))
    alpha = oval(scene.pixels.shape[:2], scene.face, feather=0.3)

    def frames() -> Frames:
        for render in views(seconds, np.random.default_rng(int(seed))):
            steady = render(scene.pixels)
            noise = cv2.GaussianBlur(own.standard_normal((SIZE, SIZE)).astype(np.float32), (0, 0), 1.2)
            change = strength * (4 * noise / noise.std())[:, :, None] + steady * (
                0.02 * strength * own.standard_normal()
            )
            share = render(alpha)[:, :, None]
            yield steady, np.clip(np.rint(steady + share * change), 0, 255).astype(np.uint8)

    return ClipPair(category="replacement", frames=frames(), facts={"strength": strength}, **setting(scene))


def closure(time_s: float, blinks: list[tuple[float, float]]) -> float:
    """Return how far the lids are closed at a time: they close in a third of a blink and open in the rest."""
    for start, length in blinks:
        share = (time_s - start) / length
        if 0 < share < 1:
            return float(np.clip(min(share / 0.25, (1 - share) / 0.5), 0, 1))
    return 0.0


def _blinks(random: np.random.Generator, seconds: float, per_minute: float) -> list[tuple[float, float]]:
    """Return (start, length) of blinks in seconds, at irregular intervals around the given rate, none near the ends."""
    blinks = []
    time = random.uniform(0.4, 1.0)
    while time < seconds - 0.6:
        blinks.append((float(time), float(random.uniform(0.2, 0.33))))
        time += max(0.8, random.gamma(6, 60 / per_minute / 6))
    return blinks
