"""Eyes with a known cause, drawn: irises, pupils, highlights of a light at a known place."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np

from veridical.media.image import Image
from veridical.perception.eyes import Eye, Eyes, Pair

SIDE = 140
PLACES = ((60, 80), (260, 80))  # left and top of both crops


def image(pixels: np.ndarray) -> Image:
    pixels.flags.writeable = False
    return Image(
        pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None
    )  # fmt: skip


def disc(radius: float, x: float = SIDE / 2, y: float = SIDE / 2, lobes: float = 0.0) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    angle = np.arctan2(rows - y, columns - x)
    return np.asarray(np.hypot(columns - x, rows - y) <= radius * (1 + lobes * np.cos(3 * angle)))


def eye(number: int, **more: object) -> Eye:
    left, top = PLACES[number]
    middle = (left + SIDE / 2, top + SIDE / 2)
    given = Eye(
        left=left, top=top, x=middle[0], y=middle[1], radius=48.0, limbus=60.0,
        corners=np.array([[left, middle[1]], [left + SIDE, middle[1]]], np.float32), openness=0.5,
        opening=disc(66), iris=disc(48), pupil=disc(20), contrast=60.0, separability=9.0, clear=1.0,
        highlights=np.zeros((SIDE, SIDE), bool),
    )  # fmt: skip
    return replace(given, **more)  # type: ignore[arg-type]


def eyes(right: dict[str, object] | None = None, left: dict[str, object] | None = None, yaw: float = 0.0) -> Eyes:
    pair = Pair(face=0, yaw=yaw, eyes=(eye(0, **(right or {})), eye(1, **(left or {}))))
    return Eyes((pair,), 1, 48.0)


def picture(hues: tuple[float, float] = (205.0, 205.0), highlights: float = 0.0) -> Image:
    """A grey picture with two irises of these hues (degrees)."""
    rng = np.random.default_rng(0)
    pixels = np.full((300, 460, 3), 200, np.float64)
    for (left, top), hue in zip(PLACES, hues, strict=True):
        crop = pixels[top : top + SIDE, left : left + SIDE]
        crop[disc(48)] = 118 * np.array(colorsys.hsv_to_rgb(hue / 360, 0.45, 1.0))
        crop[disc(20)] = 15
    return image(np.clip(pixels + rng.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8))


def mirrored(light: tuple[float, float, float], eye_x: float, radius: float = 48.0) -> np.ndarray:
    """Mirror image of a far round light in a sphere: shape (SIDE, SIDE), bool.

    The surface normal at the highlight halves the directions to light and viewer; eyes side by side see a distant light in
    the same direction, up to the small shift of position ``eye_x`` over its distance of 1000.
    """
    towards = np.array([light[0] - eye_x / 1000, light[1], light[2]])
    normal = towards / np.linalg.norm(towards) + np.array([0, 0, 1.0])
    normal /= np.linalg.norm(normal)
    return disc(7, SIDE / 2 + radius * normal[0], SIDE / 2 - radius * normal[1])
