"""What a network of our own says of each face, and of twelve copies of it that differ from it by next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..models import runtime
from ..signals.mild_changes import changed
from .face_masks import NETWORK, FaceMasks

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


def see_steadiness(masks: FaceMasks) -> Steadiness:
    """Ask the network about changed copies of the faces that it has judged."""
    found = []
    for one in masks.masks:
        score, others = scores_of(one.pixels, _network)
        found.append(SteadyFace(index=one.index, score=score, changed=others, scale=one.chip.scale))
    return Steadiness(tuple(found))


def scores_of(pixels: np.ndarray, score: Score) -> tuple[float, np.ndarray]:
    """Return the score of a crop, shape (h, w, 3), uint8, and those of its changed copies, shape (12,)."""
    copies = np.stack([pixels, *changed(pixels).values()])
    values = np.concatenate([score(copies[i : i + _BATCH]) for i in range(0, len(copies), _BATCH)]).astype(np.float64)
    return float(values[0]), values[1:]


def _network(crops: np.ndarray) -> np.ndarray:
    scaled = np.ascontiguousarray(crops.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    return runtime.shipped(NETWORK)(scaled)[2]
