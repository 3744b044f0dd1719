"""Recipes for edited pictures: something pasted, something from another JPEG history, a face that was worked over."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image as Pillow

from ..errors import UsageError
from .portrait import blend, eyes_of, face_of, magnify, oval
from .recipe import Box, Eye, Picture, Still, StillPair

_TRIES = 400


def paste(picture: Picture, random: np.random.Generator, *, quality: int = 90, side: float = 0.3) -> StillPair:
    """Paste a patch from elsewhere in the same photograph, with a soft edge.

    The photograph is saved as JPEG at ``quality``; the patch comes from the picture before that save, off the 8×8 grid, so
    that it lacks the compression history of its surroundings. Both are saved at 95 in the end.
    """
    base = jpeg(picture.pixels, quality)
    to = _clear_spot(picture, random, round(side * min(base.shape[:2])))
    source = _clear_spot(picture, random, to.width, off=to)
    moved = base.copy()
    moved[to.cut] = picture.pixels[source.cut]
    alpha = oval(base.shape[:2], to, feather=0.25)
    facts: dict[str, object] = {"from": _text(source), "to": _text(to)}
    return _pair(base, blend(base, moved, alpha), alpha > 0, facts)


def ghost(
    picture: Picture, random: np.random.Generator, *, quality: int = 90, pasted_quality: int = 65, side: float = 0.35
) -> StillPair:
    """Paste a region that was once saved at a lower JPEG quality, on the same 8×8 grid.

    The photograph is saved at ``quality``; the region comes from a copy saved at ``pasted_quality``. Both are saved at
    95 in the end.
    """
    base, lower = jpeg(picture.pixels, quality), jpeg(picture.pixels, pasted_quality)
    to = _clear_spot(picture, random, round(side * min(base.shape[:2])) // 16 * 16, grid=16)
    altered = base.copy()
    altered[to.cut] = lower[to.cut]
    mask = np.zeros(base.shape[:2], bool)
    mask[to.cut] = True
    return _pair(base, altered, mask, {"to": _text(to)})


def face(
    picture: Picture,
    random: np.random.Generator,
    *,
    quality: int = 90,
    strength: float = 1.0,
    face: str = "",
    eyes: str = "",
) -> StillPair:
    """Work a face over as a retouching program or a filter does: shape, skin and tone.

    Eyes, nose and mouth are warped, the skin is smoothed at half resolution and given new grain, the tone is shifted a
    little, and the result is laid over the photograph with a soft oval edge. The photograph was saved as JPEG at ``quality``
    before; both are saved at 95.
    """
    box, both = face_of(picture, face), eyes_of(picture, eyes)
    base = jpeg(picture.pixels, quality)
    worked = _retexture(magnify(picture.pixels, _spots(box, both, strength)), random, strength)
    alpha = oval(base.shape[:2], box, feather=0.3)
    return _pair(base, blend(base, worked, alpha), alpha > 0, {"face": _text(box)})


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Return what a JPEG of that quality (4:2:0) keeps of a picture."""
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Pillow.open(buffer))


def _spots(box: Box, eyes: tuple[Eye, ...], strength: float) -> tuple[tuple[float, float, float, float, float], ...]:
    """Return what is warped: larger eyes, a narrower nose, a smaller mouth."""
    middle = box.x + box.width / 2
    big, small = 1 + 0.22 * strength, 1 - 0.2 * strength
    spots = [((e.x0 + e.x1) / 2, (e.top + e.bottom) / 2, 0.13 * box.width, big, big) for e in eyes]
    spots.append((middle, box.y + 0.5 * box.height, 0.1 * box.width, 1 - 0.14 * strength, 1.0))
    spots.append((middle, box.y + 0.68 * box.height, 0.2 * box.width, small, 1 - 0.08 * strength))
    return tuple(spots)


def _retexture(pixels: np.ndarray, random: np.random.Generator, strength: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    smooth = cv2.resize(cv2.bilateralFilter(half, 7, 24, 3), (width, height), interpolation=cv2.INTER_CUBIC)
    share = min(1.0, 0.6 * strength)
    worked = pixels * (1 - share) + smooth * share
    grain = cv2.GaussianBlur(random.standard_normal((height, width)).astype(np.float32), (0, 0), 0.7)
    worked = worked * np.array([1 + 0.02 * strength, 1.0, 1 - 0.015 * strength]) + 2.5 * strength * grain[:, :, None]
    return np.asarray(np.clip(np.rint(worked), 0, 255), np.uint8)


def _clear_spot(
    picture: Picture, random: np.random.Generator, side: int, *, grid: int = 1, off: Box | None = None
) -> Box:
    """Return a square that keeps clear of the label, the face and the box ``off``, and off its 8×8 grid."""
    height, width = picture.pixels.shape[:2]
    avoided = [box for box in (picture.label, picture.face, off) if box is not None]
    for _ in range(_TRIES):
        x, y = (int(random.integers(0, (size - side) // grid + 1)) * grid for size in (width, height))
        spot = Box(x=x, y=y, width=side, height=side)
        aligned = off is not None and ((x - off.x) % 8 == 0 or (y - off.y) % 8 == 0)
        if not aligned and not any(spot.meets(box) for box in avoided):
            return spot
    raise UsageError(f"no free {side}×{side} square beside the face and the label; use a smaller --set side=…")


def _pair(control: np.ndarray, altered: np.ndarray, mask: np.ndarray, facts: dict[str, object]) -> StillPair:
    return StillPair(
        category="editing", control=Still(pixels=control), altered=Still(pixels=altered), mask=mask, facts=facts
    )


def _text(box: Box) -> str:
    return f"{box.x},{box.y},{box.width},{box.height}"
