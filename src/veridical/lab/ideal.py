"""A recipe for faces that are more typical than photographed ones, as generated portraits are."""

from __future__ import annotations

import cv2
import numpy as np

from .portrait import blend, eyes_of, face_of, magnify, oval
from .recipe import Picture, Still, StillPair


def face(
    picture: Picture, random: np.random.Generator, *, strength: float = 1.0, face: str = "", eyes: str = ""
) -> StillPair:
    """Give a face larger eyes, a smaller mouth, stronger colours and more light; the control is resampled like it.

    Both are resampled once and laid over the photograph with the same soft oval edge. Nothing is generated.
    """
    box, both = face_of(picture, face), eyes_of(picture, eyes)
    middle, width = box.x + box.width / 2, box.width
    large, small = 1 + 0.1 * strength, max(1 - 0.08 * strength, 0.3)
    spots = [((e.x0 + e.x1) / 2, (e.top + e.bottom) / 2, 0.13 * width, large, large) for e in both]
    spots.append((middle, box.y + 0.7 * box.height, 0.2 * width, small, small))
    half = np.array([[1, 0, 0.5], [0, 1, 0.5]])
    size = picture.pixels.shape[1::-1]
    own = cv2.warpAffine(picture.pixels, half, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    worked = magnify(picture.pixels, tuple(spots)).astype(np.float32)
    grey = worked.mean(2, keepdims=True)
    vivid = np.clip(grey + (worked - grey) * (1 + 0.6 * strength), 0, 255)
    ideal = np.rint(255 * (vivid / 255) ** max(1 - 0.25 * strength, 0.3)).astype(np.uint8)
    alpha = oval(picture.pixels.shape[:2], box, feather=0.3)
    return StillPair(
        category="synthesis", control=Still(pixels=blend(picture.pixels, own, alpha)),
        altered=Still(pixels=blend(picture.pixels, ideal, alpha)), mask=alpha > 0,
        facts={"strength": strength, "face": f"{box.x},{box.y},{box.width},{box.height}"},
    )  # fmt: skip
