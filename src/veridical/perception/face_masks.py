"""Where a network of our own sees the largest faces of a picture blended with something else, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.image import Image
from ..models import runtime
from ..signals.face_chips import Chip, face_chip
from .faces import Faces

NETWORK = "face_net.onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMask:
    """One face, as the network sees it.

    Parameters
    ----------
    index
        Its number in Faces.
    pixels
        shape (256, 256, 3), uint8, RGB: the chip, upright as displayed (see `veridical.signals.face_chips`).
    move
        shape (2, 3): brings points of the stored picture to those of the chip.
    boundary
        shape (64, 64), float32, 0 to 1: where two pictures meet.
    mask
        shape (64, 64), float32, 0 to 1: what was laid over the rest.
    score
        Log-odds of a blend; not calibrated.
    """

    index: int
    pixels: np.ndarray
    move: np.ndarray
    boundary: np.ndarray
    mask: np.ndarray
    score: float

    @property
    def chip(self) -> Chip:
        """The chip, which lays maps back over the picture."""
        return Chip(pixels=self.pixels, move=self.move)


@dataclass(frozen=True, slots=True)
class FaceMasks:
    """The largest faces of a still image, in the order of Faces; may be empty."""

    masks: tuple[FaceMask, ...]


def see_face_masks(image: Image, faces: Faces, *, most: int = 3, least_px: float = 24.0) -> FaceMasks:
    """Judge the largest faces.

    Parameters
    ----------
    most
        How many faces at most.
    least_px
        Least distance between the eyes.
    """
    fit = faces.largest(most, least_px)
    return FaceMasks(tuple(_seen(index, face_chip(image.pixels, face.mesh)) for index, face in fit))


def judged(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return boundary and mask, each (64, 64), float32, and the score of a chip, shape (256, 256, 3), uint8."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]).astype(np.float32) / 255
    boundary, mask, score = runtime.shipped(NETWORK)(planes)
    return boundary[0], mask[0], float(score[0])


def _seen(index: int, chip: Chip) -> FaceMask:
    boundary, mask, score = judged(chip.pixels)
    return FaceMask(index=index, pixels=chip.pixels, move=chip.move, boundary=boundary, mask=mask, score=score)
