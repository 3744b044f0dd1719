"""Recipes for expressions: the brows and the corners of the mouth of a talking portrait rise with a voice."""

from __future__ import annotations

import cv2
import numpy as np

from .recipe import ClipPair, Picture
from .scene import FPS, Frames, Scene, scene_of, setting, views
from .speech import RATE, babble
from .talk import level, mouths_of, opening

_RISE_OCTAVES = 0.7
_LOUDER_DB = 18.0


def other_voice(
    picture: Picture,
    random: np.random.Generator,
    *,
    seconds: float = 20.0,
    strength: float = 1.0,
    face: str = "",
    eyes: str = "",
    mouth: str = "",
) -> ClipPair:
    """Let brows and smile follow another voice than the one that is heard, as where only the lips were made anew.

    Both are heard with the same sound, which grows louder and higher and calms down at irregular times, and the lips of both
    follow it. Brows and corners of the mouth rise with it in the control, and with another such voice in the altered one.
    """
    scene = scene_of(picture, face=face, eyes=eyes, mouth=mouth)
    heard, other = swell(random, seconds), swell(random, seconds)
    sound = voiced(random, heard, seconds)
    mouths, gap, lift = mouths_of(scene), opening(sound, seconds), lift_of(scene)
    seed = random.integers(2**32)

    def frames() -> Frames:
        for index, view in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            spoken = mouths[level(gap[index])]
            control, altered = (raised(spoken, lift, strength * float(mood[index])) for mood in (heard, other))
            yield view(control), view(altered)

    return ClipPair(
        category="reenactment", frames=frames(), sounds=(sound, sound), sound_rate=RATE,
        facts={"strength": strength}, **setting(scene),
    )  # fmt: skip


def lift_of(scene: Scene) -> np.ndarray:
    """Return by how many pixels each place rises in a face that is moved: brows and corners of the mouth."""
    assert scene.mouth is not None  # noqa: S101
    y, x = np.mgrid[: scene.pixels.shape[0], : scene.pixels.shape[1]].astype(np.float32)
    lift = np.zeros_like(x)
    for eye in scene.eyes:
        width = eye.x1 - eye.x0
        across, down = (eye.x0 + eye.x1) / 2, eye.top - 0.45 * width
        lift += 0.30 * width * _near(x, y, across, down, 0.6 * width, 0.28 * width)
    mouth = scene.mouth
    wide = mouth.x1 - mouth.x0
    for across, down in ((mouth.x0, mouth.y0), (mouth.x1, mouth.y1)):
        lift += 0.15 * wide * _near(x, y, across, down, 0.22 * wide, 0.22 * wide)
    return np.asarray(lift)


def raised(pixels: np.ndarray, lift: np.ndarray, mood: float) -> np.ndarray:
    """Raise each place of a picture by ``mood`` times its part of ``lift`` (height, width), pixels."""
    y, x = np.mgrid[: lift.shape[0], : lift.shape[1]].astype(np.float32)
    places = np.asarray(y + mood * lift, np.float32)
    return np.asarray(cv2.remap(pixels, x, places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


def _near(x: np.ndarray, y: np.ndarray, across: float, down: float, wide: float, high: float) -> np.ndarray:
    return np.asarray(np.exp(-(((x - across) / wide) ** 2 + ((y - down) / high) ** 2) / 2), np.float32)


def swell(random: np.random.Generator, seconds: float) -> np.ndarray:
    """Return how moved a speaker is in each frame, 0 to 1: up and down at irregular times, so that no shift repeats it."""
    steps = random.uniform(0.5, 2.2, int(seconds / 0.5) + 2)
    heights = (np.arange(len(steps)) + random.integers(2)) % 2 * 0.65 + random.uniform(0, 0.35, len(steps))
    times = np.cumsum(steps) - random.uniform(0, steps[0] + steps[1])
    return np.asarray(np.interp(np.arange(round(seconds * FPS)) / FPS, times, heights))


def voiced(random: np.random.Generator, mood: np.ndarray, seconds: float) -> np.ndarray:
    """Return speech-like sound that is louder and higher where the speaker is moved: shape (n,), at 44.1 kHz."""
    sound = babble(random, seconds, rise=_RISE_OCTAVES * mood)
    at = np.arange(len(sound)) * (FPS / RATE)
    made = sound * 10 ** (_LOUDER_DB / 20 * (np.interp(at, np.arange(len(mood)), mood) - 1))
    return np.asarray(0.5 * made / np.abs(made).max(), np.float32)
