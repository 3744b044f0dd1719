"""A recipe for the blood under the skin: the face reddens with every beat, in one wave or each patch for itself."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import oval
from .pulse import TINT, beat
from .recipe import ClipPair, Picture
from .scene import FPS, SIZE, Frames, Scene, scene_of, setting, views

_PATCHES = 7
_WAVE = 1 / 8  # of a beat, from forehead to chin


def disorder(
    picture: Picture, random: np.random.Generator, *, seconds: float = 11.0, percent: float = 1.0,
    per_minute: float = 72.0, face: str = "",
) -> ClipPair:  # fmt: skip
    """Let the beat reach each patch of a face in its own time, where it should run over the face as one wave.

    In the control the beat comes an eighth of its length later at the chin than at the forehead. In the altered clip it has
    the same rate and the same strength everywhere, but each of 7 × 7 patches has another delay; the delays fill the beat
    evenly.

    Parameters
    ----------
    percent
        Change of green at its strongest.
    """
    scene = scene_of(picture, face=face)
    share = oval((SIZE, SIZE), scene.face, feather=0.3)
    tint = scene.pixels * np.array(TINT, np.float32) * np.float32(percent / 100)
    delays = _wave(scene) * 60 / per_minute, _patches(random) * 60 / per_minute
    seed = random.integers(2**32)

    def frames() -> Frames:
        for index, render in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            # Both stay float32 until the camera has added its noise: a pulse is smaller than one grey level.
            control, altered = (share * beat(index / FPS - delay, per_minute) for delay in delays)
            yield render(scene.pixels + tint * control[..., None]), render(scene.pixels + tint * altered[..., None])

    facts = {"per_minute": per_minute, "percent_of_green": percent}
    return ClipPair(category="replacement", frames=frames(), facts=facts, **setting(scene))


def _wave(scene: Scene) -> np.ndarray:
    """Return delays that grow from forehead to chin, in beats: shape (SIZE, SIZE)."""
    down = (np.arange(SIZE, dtype=np.float32) - scene.face.y) / scene.face.height
    return np.repeat(_WAVE * down[:, None], SIZE, 1)


def _patches(random: np.random.Generator) -> np.ndarray:
    """Return delays that differ from patch to patch, in beats: shape (SIZE, SIZE); the patches are those of the frame."""
    drawn = random.permutation(_PATCHES**2).reshape(_PATCHES, _PATCHES) / np.float32(_PATCHES**2)
    # The face takes about half of the frame: patches of a seventh of the face need twice as many in the frame.
    tiled = np.tile(drawn, (2, 2)).astype(np.float32)
    return np.asarray(cv2.resize(tiled, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST))
