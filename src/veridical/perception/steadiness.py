"""What a network of our own says of each face, and of twelve copies of it that differ from it by next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..media.image import Image
from ..models import runtime
from ..signals.face_chips import face_chip
from ..signals.mild_changes import changed
from .faces import Faces

NETWORK = "face_net.onnx"
_BATCH = 4

Score = Callable[[np.ndarray], np.ndarray]
"""From crops, shape (n, h, w, 3), uint8, RGB, to one number each, shape (n,), higher for a fake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyFace:
    """One face.

    Parameters
    ----------
    index
        Its number in Faces.
    score
        What the network says of it, a logit; higher for a fake.
    changed
        shape (12,), float64: what it says of the changed copies, in the order of `veridical.signals.mild_changes.NAMES`.
    scale
        Pixels of the crop for one of the picture.
    """

    index: int
    score: float
    changed: np.ndarray
    scale: float


@dataclass(frozen=True, slots=True)
class Steadiness:
    """The largest faces of a still image, in the order of Faces; may be empty."""

    faces: tuple[SteadyFace, ...]


def see_steadiness(image: Image, faces: Faces, *, most: int = 3, least_px: float = 24.0) -> Steadiness:
    """Ask the network about the largest faces and their changed copies.

    Parameters
    ----------
    most
        How many faces at most.
    least_px
        Least distance between the eyes.
    """
    found: list[SteadyFace] = []
    for index, face in enumerate(faces.faces):
        if face.interocular < least_px or len(found) == most:
            continue
        chip = face_chip(image.pixels, face.mesh)
        score, others = scores_of(chip.pixels, _network)
        found.append(SteadyFace(index=index, score=score, changed=others, scale=chip.scale))
    return Steadiness(tuple(found))


def scores_of(pixels: np.ndarray, score: Score) -> tuple[float, np.ndarray]:
    """Return the score of a crop, shape (h, w, 3), uint8, and those of its changed copies, shape (12,)."""
    copies = np.stack([pixels, *changed(pixels).values()])
    values = np.concatenate([score(copies[i : i + _BATCH]) for i in range(0, len(copies), _BATCH)]).astype(np.float64)
    return float(values[0]), values[1:]


def _network(crops: np.ndarray) -> np.ndarray:
    scaled = np.ascontiguousarray(crops.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    return runtime.shipped(NETWORK)(scaled)[2]
