"""Recipes for talking faces: the portrait speaks with speech-like sound of our own; lips and jaw follow its loudness."""

from __future__ import annotations

import numpy as np
from scipy import signal

from .portrait import open_mouth
from .recipe import ClipPair, Picture
from .scene import FPS, Frames, Scene, scene_of, setting, views
from .speech import RATE, babble

LEVELS = 16
WIDEST = 1.7
_BAND_HZ = (150.0, 3000.0)
_LIPS_LEAD_S = 0.04


def dubbed(
    picture: Picture, random: np.random.Generator, *, seconds: float = 12.0, face: str = "", mouth: str = ""
) -> ClipPair:
    """Move the lips to other speech than what is heard, as after dubbing or a careless reenactment.

    Both are heard with the same sound. In the control the mouth opens with its loudness; in the altered one with that of
    another sound of the same make.
    """
    scene = scene_of(picture, face=face, mouth=mouth)
    heard, other = babble(random, seconds), babble(random, seconds)
    mouths = mouths_of(scene)
    gaps = [opening(sound, seconds) for sound in (heard, other)]
    seed = random.integers(2**32)

    def frames() -> Frames:
        for index, view in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            control, altered = (mouths[level(gap[index])] for gap in gaps)
            yield view(control), view(altered)

    return ClipPair(category="reenactment", frames=frames(), sounds=(heard, heard), sound_rate=RATE, **setting(scene))


def mouths_of(scene: Scene) -> list[np.ndarray]:
    """Return the scene with its mouth from closed to wide open, in ``LEVELS`` + 1 steps; see `level`."""
    assert scene.mouth is not None  # noqa: S101
    chin = scene.face.y + scene.face.height
    return [open_mouth(scene.pixels, scene.mouth, chin, WIDEST * step / LEVELS) for step in range(LEVELS + 1)]


def level(gap: float) -> int:
    """Return the step of `mouths_of` for an opening from 0 to 1."""
    return round(LEVELS * float(np.clip(gap, 0, 1)))


def opening(sound: np.ndarray, seconds: float, *, rate: int = RATE) -> np.ndarray:
    """Return how far the mouth is open in each frame, 0 to 1: the loudness of the vowels, smoothed as a jaw is slow.

    The lips move a little before they are heard.
    """
    band = signal.butter(2, _BAND_HZ, "bandpass", fs=rate, output="sos")
    power = signal.sosfiltfilt(band, sound) ** 2
    slow = signal.butter(2, 6.0, fs=rate, output="sos")
    loudness = np.sqrt(np.maximum(signal.sosfiltfilt(slow, power), 0))
    times = np.arange(round(seconds * FPS)) / FPS + _LIPS_LEAD_S
    seen = np.interp(times, np.arange(len(sound)) / rate, loudness)
    return np.asarray(np.clip(seen / max(float(np.percentile(loudness, 97)), 1e-9), 0, 1) ** 0.6)
