"""The code of a face in an autoencoder of our own, one half of which is for real faces and one for fake ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.image import Image
from ..models import runtime
from ..signals.face_chips import Chip, face_chip
from .faces import Faces

NETWORK = "locality_autoencoder.onnx"
SIDE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCode:
    """One face.

    Parameters
    ----------
    index
        Its number in Faces.
    pixels
        shape (128, 128, 3), uint8, RGB: the chip, upright as displayed (see `veridical.signals.face_chips`).
    move
        shape (2, 3): brings points of the stored picture to those of the chip.
    real, fake
        Mean magnitude of both halves of the code; training drew that of the right half to 1, the other to 0.
    attention
        shape (16, 16), float32: mean magnitude of the fake half at each place of the chip.
    """

    index: int
    pixels: np.ndarray
    move: np.ndarray
    real: float
    fake: float
    attention: np.ndarray

    @property
    def chip(self) -> Chip:
        """The chip, which lays maps back over the picture."""
        return Chip(pixels=self.pixels, move=self.move)


@dataclass(frozen=True, slots=True)
class FaceCodes:
    """The largest faces of a still image, in the order of Faces; may be empty."""

    codes: tuple[FaceCode, ...]


def see_face_codes(image: Image, faces: Faces, *, most: int = 3, least_px: float = 24.0) -> FaceCodes:
    """Encode the largest faces.

    Parameters
    ----------
    most
        How many faces at most.
    least_px
        Least distance between the eyes.
    """
    fit = faces.largest(most, least_px)
    return FaceCodes(tuple(_seen(index, face_chip(image.pixels, face.mesh, side=SIDE)) for index, face in fit))


def encoded(chips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the magnitude of both halves, (n, 2), the real one first, and the maps, (n, 16, 16), of chips (n, 128, 128, 3)."""
    planes = np.ascontiguousarray(chips.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    activity, attention = runtime.shipped(NETWORK)(planes)
    return activity, attention


def _seen(index: int, chip: Chip) -> FaceCode:
    activity, attention = encoded(chip.pixels[None])
    return FaceCode(
        index=index, pixels=chip.pixels, move=chip.move, real=float(activity[0, 0]), fake=float(activity[0, 1]),
        attention=attention[0],
    )  # fmt: skip
