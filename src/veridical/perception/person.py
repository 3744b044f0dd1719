"""Where a still image shows a person and where its background, at the resolution of a small net."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..media.image import Image, upright
from ..models import runtime

MODELS = ("selfie.segmentation",)
_SIDE = 256
# The orientation that undoes another one; all that are not named undo themselves.
_BACK = {6: 8, 8: 6}


@dataclass(frozen=True, slots=True)
class PersonMask:
    """The person in a picture, stretched to a square.

    Parameters
    ----------
    likeness
        shape (256, 256), uint8: 0 background … 255 person, over the whole picture as stored; its edges are true to
        about one cell, the 256th part of the picture's sides.
    """

    likeness: np.ndarray

    def over(self, height: int, width: int) -> np.ndarray:
        """Return the mask at the size given, shape (height, width), float32, 0 background … 1 person."""
        small = self.likeness.astype(np.float32) * np.float32(1 / 255)
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))

    def at(self, x: np.ndarray, y: np.ndarray, width: int, height: int) -> np.ndarray:
        """Return the mask, 0 to 1, at points of a picture of ``width`` × ``height`` stored pixels: shape of ``x`` and ``y``."""
        rows, columns = self.likeness.shape
        across = np.clip(((np.asarray(x) + 0.5) * columns / width).astype(int), 0, columns - 1)
        down = np.clip(((np.asarray(y) + 0.5) * rows / height).astype(int), 0, rows - 1)
        return np.asarray(self.likeness[down, across] * np.float32(1 / 255))


def see_person(image: Image) -> PersonMask:
    """Tell person and background apart in a still image, as it is displayed; give it over the stored pixels."""
    square = cv2.resize(image.display, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    (answer,) = runtime.litert("selfie.segmentation")(square.astype(np.float32)[None] * np.float32(1 / 255))
    likeness = np.rint(np.clip(answer.reshape(_SIDE, _SIDE), 0, 1) * 255).astype(np.uint8)
    return PersonMask(upright(likeness, _BACK.get(image.orientation, image.orientation)))
