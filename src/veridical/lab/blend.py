"""Recipes for parts of a picture that came from elsewhere: off the JPEG grid, or out of the picture itself."""

from __future__ import annotations

import cv2
import numpy as np

from ..errors import UsageError
from .edit import jpeg
from .portrait import blend, oval
from .recipe import Box, Picture, Still, StillPair

_TRIES = 400
_CELL = 8


def shifted_grid(
    picture: Picture, random: np.random.Generator, *, quality: int = 90, pasted_quality: int = 65, side: float = 0.4
) -> StillPair:
    """Paste a region that was once saved as a JPEG whose 8×8 grid now lies elsewhere than the picture's.

    The photograph is saved as JPEG at ``quality``; the region comes from a copy saved at ``pasted_quality`` and is moved by
    steps that are no multiples of 8. Both are saved at 95 in the end.
    """
    base, lower = jpeg(picture.pixels, quality), jpeg(picture.pixels, pasted_quality)
    edge = _edge(picture, side)
    to = _spot(picture, random, edge)
    source = _spot(picture, random, edge, off_the_grid_of=to)
    altered = base.copy()
    altered[to.cut] = lower[source.cut]
    mask = np.zeros(base.shape[:2], bool)
    mask[to.cut] = True
    down, right = (to.y - source.y) % _CELL, (to.x - source.x) % _CELL
    return StillPair(
        category="editing", control=Still(pixels=base), altered=Still(pixels=altered), mask=mask,
        facts={"from": _text(source), "to": _text(to), "grid": f"{down} down, {right} right"},
    )  # fmt: skip


def clone(
    picture: Picture, random: np.random.Generator, *, side: float = 0.3, angle: float = 10.0, factor: float = 1.1
) -> StillPair:
    """Copy a round area of the picture to another place in it, turned by ``angle`` degrees and enlarged by ``factor``.

    The edge is soft. Both are saved as JPEG at 95.
    """
    if not 0.5 <= factor <= 2:
        raise UsageError(f"factor must be 0.5 to 2; it is {factor}")
    edge = _edge(picture, side)
    height, width = picture.pixels.shape[:2]
    to, source = _apart(picture, random, edge)
    centre = source.x + edge / 2, source.y + edge / 2
    matrix = cv2.getRotationMatrix2D(centre, angle, factor)
    matrix[:, 2] += to.x - source.x, to.y - source.y
    moved = cv2.warpAffine(
        picture.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    alpha = oval((height, width), to, feather=0.15)
    return StillPair(
        category="editing", control=Still(pixels=picture.pixels),
        altered=Still(pixels=blend(picture.pixels, moved, alpha)), mask=alpha > 0,
        facts={"from": _text(source), "to": _text(to), "angle": angle, "factor": factor},
    )  # fmt: skip


def _edge(picture: Picture, side: float) -> int:
    shorter = int(min(picture.pixels.shape[:2]))
    edge = round(side * shorter)
    if not 2 * _CELL <= edge <= shorter:
        raise UsageError(f"side makes squares of {edge} pixels; the picture takes {2 * _CELL} to its shorter side")
    return edge


def _spot(picture: Picture, random: np.random.Generator, edge: int, *, off_the_grid_of: Box | None = None) -> Box:
    """Return a square that keeps clear of the label."""
    for _ in range(_TRIES):
        spot = _square(picture, random, edge)
        other = off_the_grid_of
        same = other is not None and ((spot.x - other.x) % _CELL == 0 or (spot.y - other.y) % _CELL == 0)
        if not same and not spot.meets(picture.label):
            return spot
    raise _crowded(edge)


def _apart(picture: Picture, random: np.random.Generator, edge: int) -> tuple[Box, Box]:
    """Return two squares that keep clear of the label and of each other, the source where there is most texture."""
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
    pairs = []
    for _ in range(_TRIES):
        to, source = _square(picture, random, edge), _square(picture, random, edge)
        if not (to.meets(source) or to.meets(picture.label) or source.meets(picture.label)):
            pairs.append((to, source))
    if not pairs:
        raise _crowded(edge)
    return max(pairs[:10], key=lambda pair: float(np.abs(cv2.Laplacian(grey[pair[1].cut], cv2.CV_32F)).mean()))


def _square(picture: Picture, random: np.random.Generator, edge: int) -> Box:
    height, width = picture.pixels.shape[:2]
    x, y = (int(random.integers(0, size - edge + 1)) for size in (width, height))
    return Box(x=x, y=y, width=edge, height=edge)


def _crowded(edge: int) -> UsageError:
    return UsageError(f"no free {edge}×{edge} squares beside the label; use a smaller --set side=…")


def _text(box: Box) -> str:
    return f"{box.x},{box.y},{box.width},{box.height}"
