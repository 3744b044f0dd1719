"""A swap that drops out: the face is another's, and now and then it is the person's own again for a few frames."""

from __future__ import annotations

import numpy as np

from ..errors import UsageError
from .portrait import blend, magnify, oval
from .recipe import ClipPair, Eye, Picture
from .scene import FPS, Frames, Scene, scene_of, setting, views


def dropout(
    picture: Picture,
    random: np.random.Generator,
    *,
    seconds: float = 8.0,
    drops: int = 3,
    strength: float = 1.0,
    face: str = "",
    eyes: str = "",
) -> ClipPair:
    """Give a portrait an inner face of other proportions, which returns to the true one for 5 to 15 frames a few times.

    As a swap that fails for some frames: the face is lost, and what stands below is seen. The control keeps the other
    face throughout. The times are in the truth file. No other person's face is needed.
    """
    scene = scene_of(picture, face=face, eyes=eyes)
    other = _other(scene, strength)
    places = _places(random, round(seconds * FPS), drops)
    seed = int(random.integers(2**32))

    def frames() -> Frames:
        for index, render in enumerate(views(seconds, np.random.default_rng(seed))):
            swapped = render(other)
            dropped = any(first <= index < end for first, end in places)
            yield swapped, render(scene.pixels) if dropped else swapped

    said = [{"start_s": round(first / FPS, 3), "end_s": round(end / FPS, 3)} for first, end in places]
    return ClipPair(
        category="replacement", frames=frames(), facts={"strength": strength, "altered_drops": said}, **setting(scene)
    )  # fmt: skip


def _other(scene: Scene, strength: float) -> np.ndarray:
    """Return the scene with larger eyes and nose and a smaller mouth; hair, ears and neck stay."""
    box = scene.face
    large, small = 1 + 0.4 * strength, max(1 - 0.35 * strength, 0.3)
    spots = [(*_middle(eye), 0.13 * box.width, large, large) for eye in scene.eyes]
    across = box.x + box.width / 2
    spots.append((across, box.y + 0.52 * box.height, 0.13 * box.width, large * 1.1, large * 1.1))
    spots.append((across, box.y + 0.7 * box.height, 0.2 * box.width, small, small))
    alpha = oval(scene.pixels.shape[:2], box, feather=0.3)
    return blend(scene.pixels, magnify(scene.pixels, tuple(spots)), alpha)


def _middle(eye: Eye) -> tuple[float, float]:
    return (eye.x0 + eye.x1) / 2, (eye.top + eye.bottom) / 2


def _places(random: np.random.Generator, frames: int, drops: int) -> tuple[tuple[int, int], ...]:
    """Return (first, behind the last) frame of each drop-out, one in each of as many equal parts, away from their ends."""
    part = frames // max(drops, 1)
    if drops < 1 or part < 45:
        raise UsageError(f"{drops} drop-outs do not fit into {frames / FPS:g} s: give each 1.5 s or more")
    found = []
    for number in range(drops):
        length = int(random.integers(5, 16))
        first = number * part + int(random.integers(15, part - length - 14))
        found.append((first, first + length))
    return tuple(found)
