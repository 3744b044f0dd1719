"""A portrait before a hand-held camera: it sways gently, and the sensor adds its noise. What recipes for videos share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..errors import UsageError
from .portrait import eyes_of, face_of, mouth_of, oval
from .recipe import Box, Eye, Mouth, Opening, Picture

FPS = 30
SIZE = 360
_FACE_SHARE = 0.58
_MARGIN = 11
Frames = Iterator[tuple[np.ndarray, np.ndarray]]
View = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Scene:
    """The portrait enlarged to the frame, with some picture beyond its edges, and where things are in it.

    Parameters
    ----------
    pixels
        shape (SIZE, SIZE, 3), uint8, RGB.
    face
        Box around the face.
    eyes, mouth
        Where they were asked for: both eyes, the mouth.
    area
        shape (SIZE, SIZE), bool: where the face comes to lie while the camera sways.
    """

    pixels: np.ndarray
    face: Box
    eyes: tuple[Eye, ...]
    mouth: Mouth | None
    area: np.ndarray


def scene_of(picture: Picture, *, face: str = "", eyes: str | None = None, mouth: str | None = None) -> Scene:
    """Enlarge a portrait to the frame.

    ``face``, ``eyes`` and ``mouth`` are the knobs of recipes ("" takes what is known of the picture); eyes and mouth are
    left out if None.
    """
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

    def moved(one: Opening) -> dict[str, float]:
        return {
            "x0": one.x0 * scale + shift_x, "x1": one.x1 * scale + shift_x, "y0": one.y0 * scale + shift_y,
            "y1": one.y1 * scale + shift_y, "top": one.top * scale + shift_y, "bottom": one.bottom * scale + shift_y,
        }  # fmt: skip

    lips = None if mouth is None else Mouth(**moved(mouth_of(picture, mouth)))
    # a jaw that drops with the lips stays inside
    below = _MARGIN if lips is None else _MARGIN + round(lips.bottom - lips.top)
    reach = Box(
        x=seen.x - _MARGIN, y=seen.y - _MARGIN, width=seen.width + 2 * _MARGIN, height=seen.height + _MARGIN + below
    )
    return Scene(
        pixels=pixels, face=seen, area=oval((SIZE, SIZE), reach, feather=0.1) > 0, mouth=lips,
        eyes=() if eyes is None else tuple(Eye(**moved(eye)) for eye in eyes_of(picture, eyes)),
    )  # fmt: skip


def views(seconds: float, random: np.random.Generator) -> Iterator[View]:
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


def setting(scene: Scene) -> dict[str, Any]:
    """Return what a `ClipPair` says of a scene: rate and size of the frames, where the faces lie, how the control is named."""
    return {"fps": FPS, "width": SIZE, "height": SIZE, "area": scene.area, "control_term": "algorithmicMedia"}


def _camera(matrix: np.ndarray, noise: np.ndarray) -> View:
    def show(pixels: np.ndarray) -> np.ndarray:
        moved = cv2.warpAffine(pixels, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.clip(moved + noise[:, :, None] + 0.5, 0, 255).astype(np.uint8) if moved.ndim == 3 else moved

    return show
