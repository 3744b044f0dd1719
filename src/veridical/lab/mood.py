"""Recipes for expressions: the brows and the corners of the mouth of a talking portrait rise with a voice."""

from __future__ import annotations

import cv2
import numpy as np

from .recipe import ClipPair, Picture
from .scene import FPS, Frames, Scene, scene_of, setting, views
from .speech import RATE, babble
from .talk import level, mouths_of, opening

_SLOW_S = 1.6


def other_voice(
    picture: Picture,
    random: np.random.Generator,
    *,
    seconds: float = 16.0,
    strength: float = 1.0,
    face: str = "",
    eyes: str = "",
    mouth: str = "",
) -> ClipPair:
    """Let brows, smile and lips follow another voice than the one that is heard.

    Both are heard with the same sound, which swells and calms down. Brows and corners of the mouth rise with it in the
    control, and with another sound of the same make in the altered one; so do the lips.
    """
    scene = scene_of(picture, face=face, eyes=eyes, mouth=mouth)
    moods = [_swell(random, seconds) for _ in range(2)]
    sounds = [_spoken(babble(random, seconds), mood) for mood in moods]
    mouths = mouths_of(scene)
    gaps = [opening(sound, seconds) for sound in sounds]
    seed = random.integers(2**32)

    def frames() -> Frames:
        for index, view in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            control, altered = (
                raised(mouths[level(gap[index])], scene, strength * float(mood[index]))
                for gap, mood in zip(gaps, moods, strict=True)
            )
            yield view(control), view(altered)

    return ClipPair(
        category="reenactment", frames=frames(), sounds=(sounds[0], sounds[0]), sound_rate=RATE,
        facts={"strength": strength}, **setting(scene),
    )  # fmt: skip


def raised(pixels: np.ndarray, scene: Scene, mood: float) -> np.ndarray:
    """Raise the brows and the corners of the mouth: 0 leaves them, 1 raises them by a third of an eye's width."""
    assert scene.mouth is not None  # noqa: S101
    size = pixels.shape[0]
    y, x = np.mgrid[:size, : pixels.shape[1]].astype(np.float32)
    rise = np.zeros_like(x)
    for eye in scene.eyes:
        width = eye.x1 - eye.x0
        across, down = (eye.x0 + eye.x1) / 2, eye.top - 0.45 * width
        rise += 0.30 * width * _near(x, y, across, down, 0.6 * width, 0.28 * width)
    mouth = scene.mouth
    wide = mouth.x1 - mouth.x0
    for across, down in ((mouth.x0, mouth.y0), (mouth.x1, mouth.y1)):
        rise += 0.15 * wide * _near(x, y, across, down, 0.22 * wide, 0.22 * wide)
    return cv2.remap(pixels, x, y + mood * rise, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def _near(x: np.ndarray, y: np.ndarray, across: float, down: float, wide: float, high: float) -> np.ndarray:
    return np.asarray(np.exp(-(((x - across) / wide) ** 2 + ((y - down) / high) ** 2) / 2), np.float32)


def _swell(random: np.random.Generator, seconds: float) -> np.ndarray:
    """Return how moved a speaker is in each frame, 0 to 1: ups and downs of a few seconds."""
    knots = np.arange(0, seconds + 2 * _SLOW_S, _SLOW_S)
    heights = (np.arange(len(knots)) + random.integers(2)) % 2 * 0.6 + random.uniform(0, 0.4, len(knots))
    knots[1:] += random.uniform(-0.35, 0.35, len(knots) - 1) * _SLOW_S
    return np.asarray(np.interp(np.arange(round(seconds * FPS)) / FPS, knots, heights))


def _spoken(sound: np.ndarray, mood: np.ndarray) -> np.ndarray:
    """Make a sound louder by up to 20 dB where the speaker is moved."""
    at = np.arange(len(sound)) * (FPS / RATE)
    made = sound * 10 ** (np.interp(at, np.arange(len(mood)), mood) - 1)
    return np.asarray(0.5 * made / np.abs(made).max(), np.float32)
