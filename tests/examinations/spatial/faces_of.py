"""The demonstration photograph with its face, and edits of that face with a known cause."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from skimage import data

from veridical.media.image import Image
from veridical.perception.faces import Faces, see_faces
from veridical.perception.person import PersonMask, see_person
from veridical.signals.face_areas import filled, oval


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels)
    pixels.flags.writeable = False
    return Image(
        pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None
    )  # fmt: skip


@cache
def portrait(scale: float = 4.0) -> tuple[Image, Faces, PersonMask]:
    """The upper part of the photograph enlarged, with grain, so that no trace of the enlargement is left."""
    pixels = cv2.resize(data.astronaut()[:300, 60:400], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, 3, pixels.shape)
    shown = image(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    return shown, see_faces(shown), see_person(shown)


def edited(work: Callable[[np.ndarray], np.ndarray], *, scale: float = 4.0, grown: float = 1.0) -> Image:
    """The portrait with its face worked over, with a soft edge."""
    shown, faces, _ = portrait(scale)
    pixels = shown.pixels
    inside = filled(oval(faces.faces[0].mesh, grown), *pixels.shape[:2]).astype(np.float32)
    soft = cv2.GaussianBlur(inside, (0, 0), 3)[..., None]
    return image(np.clip(np.rint(pixels * (1 - soft) + work(pixels) * soft), 0, 255).astype(np.uint8))
