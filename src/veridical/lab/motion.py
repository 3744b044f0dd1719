"""Recipes for videos: the portrait moves gently, as if held in a hand; the two videos differ in the face alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import UsageError
from .portrait import close_eyes, eyes_of, face_of, oval
from .recipe import Box, ClipPair, Eye, Picture

FPS = 30
SIZE = 360
_FACE_SHARE = 0.58
_MARGIN = 11
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
    scene = _scene(picture, face, eyes)
    blinks = _blinks(random, seconds, per_minute)
    lids = [close_eyes(scene.pixels, scene.eyes, level / _LEVELS) for level in range(_LEVELS + 1)]

    def frames() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for index, render in enumerate(_renders(scene, seconds, np.random.default_rng(int(seed)))):
            level = round(_LEVELS * closure(index / FPS, blinks))
            unmoved = render(scene.pixels)
            yield (render(lids[level]) if level else unmoved), unmoved

    seed = random.integers(2**32)
    said = [{"start_s": round(start, 3), "seconds": round(length, 3)} for start, length in blinks]
    return _clip("reenactment", frames(), scene, {"control_blinks": said, "altered_blinks": []})


def flicker(
    picture: Picture, random: np.random.Generator, *, seconds: float = 12.0, strength: float = 1.0, face: str = ""
) -> ClipPair:
    """Make the face anew in every frame: its brightness and fine detail jump, all else is steady.

    Independent noise (about 4 grey levels, 2–4 px wide) and a change of brightness (about 2 %) a frame, with a soft oval
    edge.
    """
    scene = _scene(picture, face, "-")
    seed, own = random.integers(2**32), np.random.default_rng(random.integers(2**32))
    alpha = oval(scene.pixels.shape[:2], scene.face, feather=0.3)

    def frames() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for render in _renders(scene, seconds, np.random.default_rng(int(seed))):
            steady = render(scene.pixels)
            noise = cv2.GaussianBlur(own.standard_normal((SIZE, SIZE)).astype(np.float32), (0, 0), 1.2)
            change = strength * (4 * noise / noise.std())[:, :, None] + steady * (
                0.02 * strength * own.standard_normal()
            )
            share = render(alpha)[:, :, None]
            yield steady, np.clip(np.rint(steady + share * change), 0, 255).astype(np.uint8)

    return _clip("replacement", frames(), scene, {"strength": strength})


def closure(time_s: float, blinks: list[tuple[float, float]]) -> float:
    """Return how far the lids are closed at a time: they close in a third of a blink and open in the rest."""
    for start, length in blinks:
        share = (time_s - start) / length
        if 0 < share < 1:
            return float(np.clip(min(share / 0.25, (1 - share) / 0.5), 0, 1))
    return 0.0


@dataclass(frozen=True)
class _Scene:
    """The portrait enlarged to the frame, with some picture beyond its edges, and where things are in it."""

    pixels: np.ndarray
    face: Box
    eyes: tuple[Eye, ...]
    area: np.ndarray


def _scene(picture: Picture, face: str, eyes: str) -> _Scene:
    box = face_of(picture, face)
    scale = _FACE_SHARE * SIZE / box.height
    shift_x = SIZE / 2 - scale * (box.x + box.width / 2)
    shift_y = SIZE * 0.48 - scale * (box.y + box.height / 2)
    matrix = np.array([[scale, 0, shift_x], [0, scale, shift_y]])
    pixels = cv2.warpAffine(picture.pixels, matrix, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    seen = Box(
        x=round(scale * box.x + shift_x), y=round(scale * box.y + shift_y),
        width=round(scale * box.width), height=round(scale * box.height),
    )  # fmt: skip
    reach = Box(
        x=seen.x - _MARGIN, y=seen.y - _MARGIN, width=seen.width + 2 * _MARGIN, height=seen.height + 2 * _MARGIN
    )
    area = oval((SIZE, SIZE), reach, feather=0.1) > 0
    both = () if eyes == "-" else eyes_of(picture, eyes)
    moved = tuple(
        Eye(x0=e.x0 * scale + shift_x, x1=e.x1 * scale + shift_x, y0=e.y0 * scale + shift_y, y1=e.y1 * scale + shift_y,
            top=e.top * scale + shift_y, bottom=e.bottom * scale + shift_y)
        for e in both
    )  # fmt: skip
    return _Scene(pixels=pixels, face=seen, eyes=moved, area=area)


def _renders(
    scene: _Scene, seconds: float, random: np.random.Generator
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Yield, a frame, the function that shows the scene as the camera sees it then: moved, and with its noise."""
    if not 1 <= seconds <= 600:
        raise UsageError(f"seconds is {seconds}; a clip lasts 1 to 600 s")
    phases, rates = random.uniform(0, 2 * np.pi, (4, 2)), random.uniform(0.08, 0.35, (4, 2))
    weights = np.array([0.7, 0.3])
    grain = random.normal(0, 1.2, (SIZE * 2, SIZE * 2)).astype(np.float32)
    for index in range(round(seconds * FPS)):
        sway = (np.sin(2 * np.pi * rates * index / FPS + phases) * weights).sum(1)
        matrix = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), 1.5 * sway[0], 1 + 0.012 * sway[1])
        matrix[:, 2] += 5 * sway[2:]
        x, y = random.integers(0, SIZE, 2)
        yield _camera(matrix, grain[y : y + SIZE, x : x + SIZE])


def _camera(matrix: np.ndarray, noise: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    def show(pixels: np.ndarray) -> np.ndarray:
        moved = cv2.warpAffine(pixels, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.clip(moved + noise[:, :, None] + 0.5, 0, 255).astype(np.uint8) if moved.ndim == 3 else moved

    return show


def _blinks(random: np.random.Generator, seconds: float, per_minute: float) -> list[tuple[float, float]]:
    """Return (start, length) of blinks in seconds, at irregular intervals around the given rate, none near the ends."""
    blinks = []
    time = random.uniform(0.4, 1.0)
    while time < seconds - 0.6:
        blinks.append((float(time), float(random.uniform(0.2, 0.33))))
        time += max(0.8, random.gamma(6, 60 / per_minute / 6))
    return blinks


def _clip(
    category: str, frames: Iterator[tuple[np.ndarray, np.ndarray]], scene: _Scene, facts: dict[str, object]
) -> ClipPair:
    return ClipPair(
        category="reenactment" if category == "reenactment" else "replacement", frames=frames, fps=FPS, width=SIZE,
        height=SIZE, area=scene.area, facts=facts, control_term="algorithmicMedia",
    )  # fmt: skip
