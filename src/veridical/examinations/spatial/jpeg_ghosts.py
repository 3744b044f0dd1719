"""Was one area saved before at another JPEG quality than the rest?

Method
------
The luminance (with ``colour``, all three channels) is compressed in memory at qualities 30, 35, … 100. For each quality
the squared difference to the picture is averaged over windows of 16 × 16 pixels and scaled per window to 0–1 over all
qualities. An area that was once saved at a lower quality changes less near that quality than other areas do: a "ghost".
Because texture also shapes these curves, the median of windows of like activity (mean absolute Laplacian, up to twelve
classes) is taken off and the rest divided by their spread. Half of the windows, as on the black fields of a chessboard,
propose areas: connected, departing alike in the mean of 3 × 3 windows, between 1/100 and 1/2 of the picture. The other
half judges them: the directed Kolmogorov–Smirnov distance between the departures inside and outside. The value is the
largest distance of any area at any quality, less what chance alone exceeds in one of twenty comparisons of as many
windows, 1.36 √(1/n + 1/m); it is 0 if no area is beyond that. With ``shifts`` 64 this is done on each of the 64 places where
an 8 × 8 grid can begin, for areas that change less only; what chance exceeds is raised to 1.98 √(1/n + 1/m), and the place
with the strongest area is named.

What a high value means
-----------------------
An area reacts to one range of JPEG qualities unlike the rest of the picture, as when it comes from a file with another
compression history. The dip is broad and often lies above the true earlier quality.

What it cannot see
------------------
- areas pasted from a source of higher quality, or never compressed, into such a picture
- an area whose 8 × 8 grid is not aligned with this file's, unless ``shifts`` is raised
- a picture that was resized or compressed at lower quality after the edit
- a picture generated as a whole

Also caused by
--------------
- two kinds of texture, such as foliage beside sky, that the activity does not tell apart
- out-of-focus or motion-blurred areas
- overlaid text, logos and frames
- a collage of genuine photographs
- local noise reduction in the camera

Needs
-----
A picture of at least 256 × 256 pixels with at least 150 windows that are not flat. Above 16 megapixels, or 96 divided by the
number of grid positions tried, one window in k × k is examined, k being the smallest number that brings them below.

References
----------
- H. Farid, "Exposing Digital Forgeries From JPEG Ghosts", IEEE Transactions on Information Forensics and Security, 2009.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ...errors import NotApplicable, UsageError
from ...finding import Chart, Line, Map, Measurement
from ...media.image import Image
from ...signals.blocks import block_mean, bounding, covering, local_mean
from ...signals.recompression import QUALITIES, WINDOW, differences, distance

BRANCH = "blending"
DETECTS = ("editing", "replacement")
DEMO = "lab.edit.ghost"

_SHOWN = (50, 60, 70, 80, 90)
_SMALLEST = 256
_FEWEST_WINDOWS = 150
_MOST_PIXELS = 16_000_000
_MOST_IN_ALL = 96_000_000  # over all grid positions
_FLAT = 0.7
_CLASSES = 12
_NARROWEST = 0.25  # ln; finer classes of one texture would follow the ghost's own slight smoothing
_BEYOND = 0.8
_SHIFTS = {1: 8, 4: 4, 16: 2, 64: 1}


@dataclass(frozen=True, slots=True)
class _Ghosts:
    """At one grid shift: scaled differences and departures, both (qualities, rows, columns), and windows judged."""

    scaled: np.ndarray
    departure: np.ndarray
    judged: np.ndarray
    shift: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Area:
    beyond_chance: float
    distance: float
    quality: int
    lower: bool
    mask: np.ndarray


def examine(image: Image, *, shifts: int = 1, colour: bool = False) -> Measurement:
    """Measure how far one area's reaction to JPEG qualities stands apart from the rest.

    Parameters
    ----------
    image
        The picture.
    shifts
        Grid positions tried: 1 (the file's own grid), 4, 16 or 64 (all; seconds a megapixel, sampled above 1.5).
    colour
        True to compress and compare all three channels with 4:2:0 subsampling, as first published; False for the
        luminance alone, which chroma subsampling does not blur.

    Raises
    ------
    NotApplicable
        If the picture is too small, or too much of it is flat.
    """
    if shifts not in _SHIFTS:
        raise UsageError(f"shifts must be one of {', '.join(map(str, _SHIFTS))}; it is {shifts}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; JPEG ghosts need {_SMALLEST} × {_SMALLEST}"
        )
    most = min(_MOST_PIXELS, _MOST_IN_ALL // shifts)
    every = math.ceil(math.sqrt(image.height * image.width / most))
    best: tuple[_Ghosts, list[_Area]] | None = None
    for dy in range(0, 8, _SHIFTS[shifts]):
        for dx in range(0, 8, _SHIFTS[shifts]):
            found = _look(image.pixels, (dy, dx), every, colour, shifts)
            if best is None or _strength(found[1]) > _strength(best[1]):
                best = found
    assert best is not None  # noqa: S101 - the ranges are never empty
    return _measurement(image, *best, shifts=shifts, pitch=WINDOW * every)


def _chance(comparisons: int) -> float:
    """K–S distance times √(nm / (n + m)) that the largest of so many comparisons, either way, exceeds once in twenty."""
    return math.sqrt(math.log(40 * comparisons) / 2)


def _look(
    pixels: np.ndarray, shift: tuple[int, int], every: int, colour: bool, shifts: int
) -> tuple[_Ghosts, list[_Area]]:
    windows = _windows(pixels[shift[0] :, shift[1] :], every)
    luma = cv2.cvtColor(windows, cv2.COLOR_RGB2GRAY)
    activity = block_mean(np.abs(cv2.Laplacian(luma, cv2.CV_16S)), WINDOW)
    judged = activity >= _FLAT
    if (count := int(judged.sum())) < _FEWEST_WINDOWS:
        raise NotApplicable(f"{count} of {judged.size} windows are not flat; JPEG ghosts need {_FEWEST_WINDOWS}")
    changes = differences(windows if colour else luma)
    low = changes.min(0)
    scaled = (changes - low) / np.maximum(changes.max(0) - low, 1e-6)
    ghosts = _Ghosts(scaled, _departure(scaled, activity, judged), judged, shift)
    return ghosts, _areas(ghosts, shifts)


def _windows(pixels: np.ndarray, every: int) -> np.ndarray:
    """Put every k-th aligned window in each direction side by side; JPEG sees each 16 × 16 window on its own."""
    rows, columns = pixels.shape[0] // WINDOW, pixels.shape[1] // WINDOW
    whole = pixels[: rows * WINDOW, : columns * WINDOW]
    if every > 1:
        split = whole.reshape(rows, WINDOW, columns, WINDOW, 3)[::every, :, ::every]
        whole = split.reshape(split.shape[0] * WINDOW, split.shape[2] * WINDOW, 3)
    return np.ascontiguousarray(whole)


def _departure(scaled: np.ndarray, activity: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Take off what windows of like activity show, divide by their spread; NaN where not judged."""
    x = np.log(activity[judged] + 1)
    low, high = np.quantile(x, [0.02, 0.98])
    classes = int(np.clip((high - low) / _NARROWEST, 1, _CLASSES))
    edges = np.quantile(x, np.linspace(0, 1, classes + 1))
    groups = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, classes - 1)
    members = [part for k in range(classes) if len(part := np.flatnonzero(groups == k))]
    centres = np.array([float(np.median(x[part])) for part in members])
    out = np.full(scaled.shape, np.nan, np.float32)
    for layer, target in zip(scaled, out, strict=True):
        values = layer[judged]
        rest = values - np.interp(x, centres, [np.median(values[part]) for part in members])
        spread = [1.4826 * np.median(np.abs(rest[part])) for part in members]
        target[judged] = rest / np.maximum(np.interp(x, centres, spread), 0.01)
    return out


def _areas(ghosts: _Ghosts, shifts: int) -> list[_Area]:
    """Areas that one half of the windows proposes and the other half confirms, strongest first, without overlaps."""
    rows, columns = ghosts.judged.shape
    white = (np.add.outer(np.arange(rows), np.arange(columns)) % 2).astype(bool)
    found = []
    # 1: the area changes less than expected. Among many grids only that tells on which one it was saved before.
    signs, chance = (1, -1) if shifts == 1 else (1,), _chance(shifts)
    for quality, departure in zip(QUALITIES[1:-1], ghosts.departure[1:-1], strict=True):
        smooth = local_mean(np.clip(np.nan_to_num(departure), -5, 5), ghosts.judged & ~white, 3)
        for sign in signs:
            for mask in _proposed(-sign * smooth > _BEYOND, ghosts.judged):
                inside, outside = mask & white, ~mask & white & ghosts.judged
                n, m = int(inside.sum()), int(outside.sum())
                if n >= 8:
                    d = distance(sign * departure[inside], sign * departure[outside])
                    found.append(_Area(d - chance * math.sqrt(1 / n + 1 / m), d, quality, sign > 0, mask))
    kept: list[_Area] = []
    for area in sorted((a for a in found if a.beyond_chance > 0), key=lambda a: -a.beyond_chance):
        if len(kept) < 4 and not any((area.mask & other.mask).any() for other in kept):
            kept.append(area)
    return kept


def _proposed(beyond: np.ndarray, judged: np.ndarray) -> list[np.ndarray]:
    solid = cv2.morphologyEx((beyond & judged).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    labels, count = ndimage.label(solid)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    total = int(judged.sum())
    return [(labels == i) & judged for i in np.argsort(-sizes)[:2] if max(12, 0.01 * total) <= sizes[i] <= 0.5 * total]


def _strength(areas: list[_Area]) -> float:
    return areas[0].beyond_chance if areas else 0.0


def _measurement(image: Image, ghosts: _Ghosts, areas: list[_Area], *, shifts: int, pitch: int) -> Measurement:
    count = int(ghosts.judged.sum())
    if areas:
        first = areas[0]
        said = (
            f"An area of {int(first.mask.sum())} of {count} windows changes {'less' if first.lower else 'more'} than "
            f"windows of like texture when compressed at JPEG quality {first.quality}: K–S distance {first.distance:.2f}, "
            f"{first.beyond_chance:.2f} beyond chance."
        )
    else:
        said = f"None of {count} windows forms an area that reacts to any JPEG quality unlike the rest beyond chance."
    limits: tuple[str, ...] = ()
    if shifts == 1:
        limits += ("Only the file's own 8 × 8 grid was examined; set shifts to 64 to try all.",)
    if pitch > WINDOW:
        limits += (f"The picture is large: one window in {(pitch // WINDOW) ** 2} was examined.",)
    return Measurement(
        value=_strength(areas), unit="K–S distance beyond chance", observation=said,
        where=tuple(
            bounding(
                a.mask, pitch=pitch, value=round(a.distance, 3),
                label=f"changes {'less' if a.lower else 'more'} than its texture explains at quality {a.quality}",
            ) for a in areas
        ),
        exhibits=(*_maps(image, ghosts, areas, pitch), *_chart(ghosts, areas)),
        facts={
            "windows judged": count, "windows": ghosts.judged.size, "areas": len(areas),
            "quality of the strongest area": areas[0].quality if areas else None,
            "K–S distance": round(areas[0].distance, 4) if areas else None,
            "grid shift": f"{ghosts.shift[0]} down, {ghosts.shift[1]} right",
        },
        limits=limits,
    )  # fmt: skip


def _maps(image: Image, ghosts: _Ghosts, areas: list[_Area], pitch: int) -> tuple[Map, ...]:
    def over(values: np.ndarray) -> np.ndarray:
        return covering(values, image.height, image.width, pitch=pitch)

    quality = areas[0].quality if areas else 70
    ghost = Map(
        name="Ghost map", values=over(ghosts.departure[QUALITIES.index(quality)]), unit="robust SD", low=-4.0, high=4.0,
        diverging=True,
        caption=f"Departure of each window from windows of like texture at JPEG quality {quality}; below the middle: it "
        "changes less. Flat windows are left empty.",
    )  # fmt: skip
    contact = [
        Map(
            name=f"Change at quality {shown}", values=over(ghosts.scaled[QUALITIES.index(shown)]),
            unit="share of the window's range", low=0.0, high=1.0,
            caption="Squared difference, scaled per window to 0–1 over all qualities.",
        ) for shown in _SHOWN
    ]  # fmt: skip
    return (ghost, *contact)


def _chart(ghosts: _Ghosts, areas: list[_Area]) -> tuple[Chart, ...]:
    if not areas:
        return ()
    first = areas[0]
    x = np.array(QUALITIES, np.float32)
    inside = np.median(ghosts.scaled[:, first.mask], axis=1).astype(np.float32)
    outside = np.median(ghosts.scaled[:, ~first.mask & ghosts.judged], axis=1).astype(np.float32)
    return (
        Chart(
            name="Change over JPEG quality", x_name="JPEG quality", x_unit="1", y_name="median change",
            y_unit="share of the window's range", marks=(float(first.quality),),
            lines=(Line(name="inside the strongest area", x=x, y=inside), Line(name="outside", x=x, y=outside)),
            caption="The mark is the quality at which the area departs most.",
        ),
    )  # fmt: skip
