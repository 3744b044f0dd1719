"""Does one area carry the traces of a JPEG grid that lies elsewhere than the picture's own?

Method
------
JPEG compresses blocks of 8 × 8 pixels and leaves their middle DCT coefficients small or zero. So blocks that are cut from
the pixels at the place of the grid hold less than blocks cut anywhere else, and this stays visible after a later save of
higher quality, and in a PNG made of a JPEG. For each cell of 8 × 8 pixels and each of the 64 places where a block can begin
in it, the mean of −ln(1 + |c|) over the 30 coefficients with 3 ≤ row + column ≤ 7 is taken. The 64 figures are split into
what depends on the place's row, on its column, and on both together. Each part is divided by its standard deviation (plus
0.05, 0.05 and 0.03, so that weak figures count little) and added over 8 × 8 cells, divided by the square root of their
number. What the picture's main grid explains (the median of each part over the picture, scaled to how strong the main grid is
there) is taken off. The votes for another grid are the smaller one of its row's and its column's, if both are above 0, plus
half of what depends on both; for a grid that shares its row or column with the main one, half of the other. An edge in the
picture lifts rows or columns, a grid lifts both. Touching cells with more than ``beyond`` votes for one grid form an area;
its strength is its mean vote times the square root of its share of the judged cells. If well away from the area (8 cells)
more than 3 in 100 cells give that grid more than 1.5 votes, the grid belongs to the whole picture, as after cropping and
saving again: it is named and does not count. The value is the largest strength.

What a high value means
-----------------------
A connected area was compressed as JPEG on another grid before it came to where it is, as after pasting from another
picture, moving a part, or cropping an element.

What it cannot see
------------------
- an area pasted on the very grid of the picture: one paste in 64 by chance, more with programs that snap
- an area that was never compressed, or was resized or turned after it was
- an area whose earlier save was of higher quality than the last save of the file
- several areas with one and the same grid all over the picture, which look like cropping the whole of it

Also caused by
--------------
- a whole picture that was cropped and saved again, and has texture in one place only
- a genuine photograph within the photograph: collages, frames, screenshots, pictures on screens
- strictly regular texture with a period of 8 or 16 pixels: fabric, screens, blinds, printed dots
- thin rules and lettering
- video frames that were compressed by motion compensation

Needs
-----
A picture of at least 256 × 256 pixels with at least 400 cells that are neither flat nor without any trace.

References
----------
- W. Li, Y. Yuan, N. Yu, "Passive detection of doctored JPEG image via block artifact grid extraction", Signal Processing,
  2009.
- T. Nikoukhah, J. Anger, T. Ehret, M. Colom, J.-M. Morel, R. Grompone von Gioi, "JPEG Grid Detection based on the Number of
  DCT Zeros and its Application to Automatic and Localized Forgery Detection", CVPR Workshops 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement
from ...media.image import Image
from ...signals.blocks import bounding, covering
from ...signals.grid import CELL, grid_votes

BRANCH = "blending"
DETECTS = ("editing", "replacement")
DEMO = "lab.blend.shifted_grid"

_SMALLEST = 256
_FEWEST = 400
_WINDOW = 8
_SOFTEN_LINE, _SOFTEN_BOTH = 0.05, 0.03
_FLAT = 0.01
_SMALLEST_AREA = 12
_MOST_PLACES = 4
_TRACE, _SPREAD = (
    1.5,
    0.03,
)  # votes, and share of the cells away from an area that give them, of a grid that is everywhere
# 100 photographs as published, and the same saved twice on one grid
_PRISTINE, _PRISTINE_HIGH = 200, 3.1
_GRID = 0.25  # mean vote from which the whole picture has a grid of its own


@dataclass(frozen=True, slots=True)
class _Area:
    strength: float
    votes: float
    shift: int
    mask: np.ndarray


@dataclass(frozen=True, slots=True)
class _Votes:
    """Votes beyond the main grid, (rows, columns, 64), NaN for it; the main grid and its mean vote; judged cells."""

    beyond: np.ndarray
    main: int
    strength: float
    judged: np.ndarray


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of the votes less what the main grid explains, (rows, columns, n); the main grid's index; its mean vote."""

    votes: np.ndarray
    main: int
    strength: float


def examine(image: Image, *, beyond: float = 3.0) -> Measurement:
    """Measure how strongly one area votes for a JPEG grid other than the picture's.

    Parameters
    ----------
    image
        The picture.
    beyond
        Votes beyond which cells form an area.

    Raises
    ------
    NotApplicable
        If the picture is too small or too flat.
    """
    if beyond <= 0:
        raise UsageError(f"beyond must be above 0; it is {beyond}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; grid alignment needs {_SMALLEST} × {_SMALLEST}"
        )
    votes = _count(grid_votes(image.pixels), None if image.jpeg is None else 0)
    found = _areas(votes, beyond)
    everywhere = [area.shift for area in found if _everywhere(votes, area)]
    areas = [area for area in found if area.shift not in everywhere]
    shift = areas[0].shift if areas else _runner_up(votes)
    return Measurement(
        value=areas[0].strength if areas else 0.0, unit="votes", observation=_said(votes, areas, everywhere, beyond),
        where=tuple(
            bounding(a.mask, pitch=CELL, label=f"grid {_text(a.shift)}", value=round(a.votes, 2)) for a in areas
        ),
        exhibits=_maps(image, votes, areas, shift),
        facts={
            "main grid": _text(votes.main) if votes.strength > _GRID else None,
            "strength of the main grid": round(votes.strength, 3), "areas": len(areas),
            "grid of the strongest area": _text(areas[0].shift) if areas else None,
            "grid of the whole picture before": _text(everywhere[0]) if everywhere else None,
            "cells judged": int(votes.judged.sum()), "cells": votes.judged.size,
        },
        limits=_limits(image, votes),
    )  # fmt: skip


def _count(cells: np.ndarray, own: int | None) -> _Votes:
    """Split the cells' figures, add each part over windows, take off the main grid, and join the parts.

    ``cells`` is worked on in place: of a large picture it is tens of megabytes.
    """
    judged = cells.std(2) > _FLAT
    if (count := int(judged.sum())) < _FEWEST:
        raise NotApplicable(f"{count} of {judged.size} cells of 8 × 8 pixels are not flat; {_FEWEST} are needed")
    square = cells.reshape(*cells.shape[:2], CELL, CELL)
    down, right = square.mean(3), square.mean(2)
    square += square.mean((2, 3))[:, :, None, None]
    square -= down[:, :, :, None]
    square -= right[:, :, None, :]
    rows = _part(down, judged, _SOFTEN_LINE, own)
    columns = _part(right, judged, _SOFTEN_LINE, own)
    main = rows.main * CELL + columns.main
    joined = _part(cells, judged, _SOFTEN_BOTH, main).votes.reshape(square.shape)
    joined /= 2
    for row in range(CELL):
        for column in range(CELL):
            if row == rows.main or column == columns.main:
                alone = rows.votes[:, :, row] if column == columns.main else columns.votes[:, :, column]
                lines = alone / 2
            else:
                lines = np.minimum(rows.votes[:, :, row], columns.votes[:, :, column])
            joined[:, :, row, column] += np.maximum(lines, 0)
    joined[~judged] = np.nan
    joined[:, :, rows.main, columns.main] = np.nan
    return _Votes(joined.reshape(cells.shape), main, min(rows.strength, columns.strength), judged)


def _part(votes: np.ndarray, judged: np.ndarray, soften: float, main: int | None) -> _Part:
    """Turn figures into votes, in place."""
    votes -= votes.mean(2, keepdims=True)
    votes /= np.sqrt(np.einsum("ijk,ijk->ij", votes, votes) / votes.shape[2])[:, :, None] + soften
    votes[~judged] = 0
    root = np.sqrt(np.maximum(_add(judged.astype(np.float32)), 1))
    for index in range(votes.shape[2]):
        votes[:, :, index] = _add(np.ascontiguousarray(votes[:, :, index])) / root
    sample = np.argwhere(judged)
    y, x = sample[:: max(len(sample) // 20_000, 1)].T
    typical = np.median(votes[y, x] / root[y, x, None], axis=0).astype(np.float32)
    main = int(typical.argmax()) if main is None else main
    strength = float(typical[main])
    share = np.maximum(votes[:, :, main] / strength, 0) if strength > _GRID else root
    for index, level in enumerate(typical):
        votes[:, :, index] -= share * level
    return _Part(votes, main, strength)


def _add(plane: np.ndarray) -> np.ndarray:
    size = (_WINDOW, _WINDOW)
    return np.asarray(cv2.boxFilter(plane, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT))


def _areas(votes: _Votes, beyond: float) -> list[_Area]:
    """Find connected areas that vote for one other grid, strongest first, without overlaps."""
    total, found = int(votes.judged.sum()), []
    for shift in range(CELL * CELL):
        if shift == votes.main:
            continue
        plane = votes.beyond[:, :, shift]
        labels, count = ndimage.label(plane > beyond)
        if not count:
            continue
        sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        sums = np.bincount(labels.ravel(), np.nan_to_num(plane).ravel(), count + 1)[1:]
        strengths = np.where(sizes >= _SMALLEST_AREA, sums / sizes * np.sqrt(sizes / total), 0)
        best = int(strengths.argmax())
        if strengths[best] > 0:
            found.append(_Area(float(strengths[best]), float(sums[best] / sizes[best]), shift, labels == best + 1))
    kept: list[_Area] = []
    for area in sorted(found, key=lambda a: -a.strength):
        if len(kept) < _MOST_PLACES and not any((area.mask & other.mask).any() for other in kept):
            kept.append(area)
    return kept


def _everywhere(votes: _Votes, area: _Area) -> bool:
    """Whether the grid shows well away from the area, too: then the picture was cropped or moved as a whole."""
    reach = np.ones((2 * _WINDOW + 1, 2 * _WINDOW + 1), np.uint8)
    away = votes.judged & (cv2.dilate(area.mask.astype(np.uint8), reach) == 0)
    return bool(away.any() and (votes.beyond[:, :, area.shift][away] > _TRACE).mean() > _SPREAD)


def _runner_up(votes: _Votes) -> int:
    high = np.quantile(votes.beyond[votes.judged], 0.97, axis=0)
    high[votes.main] = -np.inf
    return int(high.argmax())


def _text(shift: int) -> str:
    return f"{shift // CELL} down, {shift % CELL} right"


def _said(votes: _Votes, areas: list[_Area], everywhere: list[int], beyond: float) -> str:
    if votes.strength > _GRID:
        start = f"The picture's main JPEG grid begins {_text(votes.main)} of its corner; "
    else:
        start = "The picture as a whole shows no JPEG grid; "
    if everywhere:
        start += f"traces of the grid {_text(everywhere[0])} are all over it, as after cropping; "
    if not areas:
        return start + f"no area votes for another grid by more than {beyond:g}."
    first = areas[0]
    share = first.mask.sum() / votes.judged.sum()
    return start + (
        f"an area of {int(first.mask.sum())} cells (share {share:.3f} of those judged) votes for the grid "
        f"{_text(first.shift)}, by {first.votes:.1f} on average."
    )


def _maps(image: Image, votes: _Votes, areas: list[_Area], shift: int) -> tuple[Map, Map]:
    inside = areas[0].mask if areas else votes.judged
    plane = votes.beyond[inside & votes.judged].mean(0).reshape(CELL, CELL)
    return (
        Map(
            name=f"Votes for the grid {_text(shift)}",
            values=covering(votes.beyond[:, :, shift], image.height, image.width, pitch=CELL), unit="votes",
            low=0.0, high=8.0,
            caption="The grid other than the main one for which an area votes most strongly. Flat cells are left empty. In "
            f"nine of ten of {_PRISTINE} pristine photographs no cell exceeds {_PRISTINE_HIGH:g}.",
        ),
        Map(
            name="Votes for each grid in the strongest area" if areas else "Votes for each grid in the whole picture",
            values=plane.astype(np.float32), unit="votes", low=-8.0, high=8.0, overlay=False, diverging=True,
            caption="Rows: pixels down, columns: pixels right, 0–7. The main grid, which is taken off, is left empty.",
        ),
    )  # fmt: skip


def _limits(image: Image, votes: _Votes) -> tuple[str, ...]:
    limits = []
    if image.jpeg is not None and image.jpeg.quality < 85:
        limits.append(
            f"The file was saved at about JPEG quality {image.jpeg.quality}: traces of earlier grids are mostly erased."
        )
    if votes.strength <= _GRID:
        limits.append("The picture shows no grid of its own, so an area that has one stands out more easily.")
    return tuple(limits)
