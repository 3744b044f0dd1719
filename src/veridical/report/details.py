"""Enlarged cuttings of the exhibit, for the questions that a person is asked about single places."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np

from ..finding import Check, Region
from ..media.image import Image, upright
from .model import Preview, ReportedCheck

SIDE = 320
"""Longest side of a cutting, pixels."""
MOST_CUTTINGS = 6
_MARGIN = 0.2
_SMALLEST = 16
_QUALITY = 92


def with_pictures(checks: Iterable[Check], image: Image | None) -> tuple[ReportedCheck, ...]:
    """Give every question its cuttings; none where there is no still image."""
    return tuple(
        ReportedCheck(
            question=check.question, hint=check.hint, where=check.where,
            pictures=() if image is None else tuple(_cutting(image, place) for place in check.where[:MOST_CUTTINGS]),
        )
        for check in checks
    )  # fmt: skip


def _cutting(image: Image, place: Region) -> Preview:
    """Cut a place with a margin from the native pixels, turn it as displayed, and bring it to a size to look at."""
    rows = _reach(place.y, place.height, image.height)
    columns = _reach(place.x, place.width, image.width)
    cut = upright(image.pixels[rows, columns], image.orientation)
    scale = SIDE / max(cut.shape[:2])
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    shown = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(shown[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"a cutting of {size[0]}x{size[1]} pixels could not be encoded")
    return Preview(jpeg=data.tobytes(), width=size[0], height=size[1], orientation=image.orientation)


def _reach(start: float, length: float, limit: int) -> slice:
    margin = max(_MARGIN * length, (_SMALLEST - length) / 2)
    low = min(max(math.floor(start - margin), 0), limit - 1)
    return slice(low, min(max(math.ceil(start + length + margin), low + 1), limit))
