"""Laws' texture energies: how much of nine kinds of fine detail there is around each pixel."""

from __future__ import annotations

import cv2
import numpy as np

_VECTORS = {
    "L": (1, 4, 6, 4, 1),  # level
    "E": (-1, -2, 0, 2, 1),  # edge
    "S": (-1, 0, 2, 0, -1),  # spot
    "R": (1, -4, 6, -4, 1),  # ripple
}
PAIRS = tuple((pair[0], pair[1]) for pair in ("LE", "LR", "ES", "LS", "ER", "SR", "SS", "RR", "EE"))
"""The nine energies, by the vectors of their masks; of two different ones the mean of both directions."""
_LOCAL_MEAN, _ENERGY = 15, 10


def energies(plane: np.ndarray) -> np.ndarray:
    """Return the nine energies of a grey plane: shape (9, height, width), float32, in the order of `PAIRS`.

    The mean of 15 × 15 neighbours is taken off, the plane filtered by masks of 5 × 5, and the absolute answer averaged over
    10 × 10. (K. I. Laws, "Textured Image Segmentation", 1980.)
    """
    grey = plane.astype(np.float32)
    detail = grey - cv2.blur(grey, (_LOCAL_MEAN, _LOCAL_MEAN), borderType=cv2.BORDER_REFLECT)
    out = np.empty((len(PAIRS), *grey.shape), np.float32)
    for number, (one, other) in enumerate(PAIRS):
        energy = _answer(detail, one, other)
        if one != other:
            energy = (energy + _answer(detail, other, one)) / 2
        out[number] = energy
    return out


def _answer(detail: np.ndarray, down: str, across: str) -> np.ndarray:
    vectors = [np.array(_VECTORS[name], np.float32) for name in (across, down)]
    filtered = cv2.sepFilter2D(detail, cv2.CV_32F, vectors[0], vectors[1], borderType=cv2.BORDER_REFLECT)
    return cv2.blur(np.abs(filtered), (_ENERGY, _ENERGY), borderType=cv2.BORDER_REFLECT)
