"""Does one part of the picture repeat another part?

Method
------
The picture is brought to at most ``megapixels``. Up to 4000 SIFT keypoints are matched with each other, at least 40 pixels
apart: a match holds if its distance is below ``ratio`` of the next candidate's (generalised to several copies). Each match
and its neighbours propose a similarity (shift, turn, enlargement); one that at least ``fewest`` matches at distinct places
agree on within 3 pixels is verified: the picture is moved by it and compared with itself, by the normalised correlation in
windows of 15 × 15 pixels of the picture and of what a blur of 2 pixels takes away from it. Windows whose correlations both
are high (0.9, and 0.5 for the fine detail) and that hang together with at least 4 matched keypoints are a repeated area. The
value is the square root of the share of the picture that both ends of all repeated areas take.

What a high value means
-----------------------
Detail down to the grain is found twice in the picture, as after cloning something to hide or to multiply something.

What it cannot see
------------------
- smooth areas without keypoints: sky, skin out of focus, blurred background
- copies that were mirrored, strongly turned out of the plane, or enlarged or reduced by more than 2.5
- copies that were blurred, repainted or compressed strongly afterwards
- parts that come from another picture, and areas that a generator filled in

Also caused by
--------------
- printed or woven patterns, logos, lettering and screens that do repeat to the pixel
- rendered graphics, frames, borders and tiled textures
- windows, bricks and railings seen without perspective
- a picture beside its own copy: collages, before-and-after pictures

Needs
-----
A picture of at least 256 × 256 pixels with at least 50 keypoints.

References
----------
- I. Amerini, L. Ballan, R. Caldelli, A. Del Bimbo, G. Serra, "A SIFT-Based Forensic Method for Copy-Move Attack Detection and
  Transformation Recovery", IEEE Transactions on Information Forensics and Security, 2011.
- V. Christlein, C. Riess, J. Jordan, C. Riess, E. Angelopoulou, "An Evaluation of Popular Copy-Move Forgery Detection
  Approaches", IEEE Transactions on Information Forensics and Security, 2012.
- D. G. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", International Journal of Computer Vision, 2004.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region, Table
from ...media.image import Image
from ...signals.self_matching import Movement, movements, self_matches

BRANCH = "blending"
DETECTS = ("editing",)
DEMO = "lab.blend.clone"

_SMALLEST = 256
_FEWEST_KEYPOINTS = 50
_APART = 40.0
_WINDOW = 15
_LEAST, _LEAST_FINE = 0.9, 0.5
_FLAT, _FLAT_FINE = 3.0, 0.3  # standard deviations in grey levels below which nothing can correlate
_ANCHORS = 4
_MOST = 4
# Photographs as published, and those among them that hold a repeated area (real repetitions: lettering, ornaments)
_PRISTINE, _PRISTINE_REPEATING = 100, 5
_SHOWN = 400  # cells of the map along the longer side


@dataclass(frozen=True, slots=True)
class _Repeat:
    """One verified movement: where it starts and ends (bool), mean correlations of both kinds, on the reduced picture."""

    movement: Movement
    start: np.ndarray
    end: np.ndarray
    correlation: float
    fine: float


def examine(image: Image, *, megapixels: float = 1.5, ratio: float = 0.65, fewest: int = 6) -> Measurement:
    """Measure how much of the picture repeats elsewhere in it.

    Parameters
    ----------
    image
        The picture.
    megapixels
        Size to which a larger picture is reduced.
    ratio
        Distance of a match over that of the next candidate.
    fewest
        Matches that a movement must explain.

    Raises
    ------
    NotApplicable
        If the picture is too small or has too few keypoints.
    """
    if not 0.1 <= megapixels <= 20 or not 0 < ratio < 1 or fewest < 3:
        raise UsageError(
            f"megapixels must be 0.1 to 20, ratio between 0 and 1, fewest at least 3; they are {megapixels}, {ratio}, {fewest}"
        )
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; copy-move needs {_SMALLEST} × {_SMALLEST}"
        )
    grey, factor = _reduced(image.pixels, megapixels)
    matches, count = self_matches(grey, ratio=ratio, apart=_APART)
    if count < _FEWEST_KEYPOINTS:
        raise NotApplicable(f"the picture has {count} keypoints; {_FEWEST_KEYPOINTS} are needed")
    proposed = movements(matches, fewest=fewest, most=_MOST)
    repeats = [repeat for movement in proposed if (repeat := _verified(grey, movement)) is not None]
    covered = np.zeros(grey.shape, bool)
    for repeat in repeats:
        covered |= repeat.start | repeat.end
    share = float(covered.mean())
    return Measurement(
        value=float(np.sqrt(share)), unit="root of a share", observation=_said(repeats, share, len(matches), count),
        where=tuple(
            _region(mask, factor, f"area {number}, {end} end", repeat.correlation)
            for number, repeat in enumerate(repeats, 1)
            for mask, end in ((repeat.start, "one"), (repeat.end, "other"))
        ),
        exhibits=_maps(grey.shape, repeats) + _table(repeats, factor),
        facts={
            "keypoints": count, "matches": len(matches), "movements proposed": len(proposed),
            "movements verified": len(repeats), "share of the picture": round(share, 4),
        },
        limits=(f"Examined at {grey.shape[1]} × {grey.shape[0]} pixels.",) if factor > 1 else (),
    )  # fmt: skip


def _reduced(pixels: np.ndarray, megapixels: float) -> tuple[np.ndarray, float]:
    """Grey levels at the reduced size, and native pixels per pixel of it."""
    height, width = pixels.shape[:2]
    factor = max(float(np.sqrt(height * width / (megapixels * 1e6))), 1.0)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if factor > 1:
        grey = cv2.resize(grey, (round(width / factor), round(height / factor)), interpolation=cv2.INTER_AREA)
    return np.asarray(grey), factor


def _verified(grey: np.ndarray, movement: Movement) -> _Repeat | None:
    """Compare the picture with itself moved; keep what correlates and holds matched keypoints."""
    height, width = grey.shape
    here = grey.astype(np.float32)
    moved = cv2.warpAffine(here, movement.matrix, (width, height), flags=cv2.INTER_CUBIC)
    inside = np.asarray(cv2.warpAffine(np.ones_like(here), movement.matrix, (width, height)) > 0.99)
    coarse = _correlation(here, moved, _FLAT)
    fine = _correlation(_detail(here), _detail(moved), _FLAT_FINE)
    both = inside & (coarse > _LEAST) & (fine > _LEAST_FINE)
    alike = np.asarray(cv2.morphologyEx(both.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    anchored = _anchored(alike, movement.end)
    start, end = np.zeros(grey.shape, bool), np.zeros(grey.shape, bool)
    back = cv2.invertAffineTransform(movement.matrix)
    # Windows agree where they lie wholly in the copy: it is wider by about half of one.
    reach = np.ones((_WINDOW // 2, _WINDOW // 2), np.uint8)
    for part in anchored:
        if 2 * np.count_nonzero(part & start) > np.count_nonzero(part):
            continue  # half a turn takes both ends to each other
        grown = cv2.dilate(part.astype(np.uint8), reach) * inside.astype(np.uint8)
        end |= grown > 0
        start |= cv2.warpAffine(grown, back, (width, height), flags=cv2.INTER_NEAREST) > 0
    if not end.any():
        return None
    told = end & (alike > 0)
    return _Repeat(movement, start, end, float(coarse[told].mean()), float(fine[told].mean()))


def _anchored(alike: np.ndarray, places: np.ndarray) -> list[np.ndarray]:
    """Return connected areas that hold matched keypoints at enough distinct places, the largest first."""
    labels, _ = ndimage.label(alike)
    at = np.clip(np.rint(places).astype(int), 0, np.array(alike.shape[::-1]) - 1)
    at = at[np.unique(at // 4, axis=0, return_index=True)[1]]
    names, counts = np.unique(labels[at[:, 1], at[:, 0]], return_counts=True)
    areas = [labels == name for name, count in zip(names, counts, strict=True) if name and count >= _ANCHORS]
    return sorted(areas, key=lambda area: -np.count_nonzero(area))


def _detail(plane: np.ndarray) -> np.ndarray:
    return plane - np.asarray(cv2.GaussianBlur(plane, (0, 0), 2.0))


def _correlation(one: np.ndarray, other: np.ndarray, flat: float) -> np.ndarray:
    """Normalised correlation in windows; 0 where one of both is flat."""
    size = (_WINDOW, _WINDOW)
    mean, mean_other = cv2.boxFilter(one, -1, size), cv2.boxFilter(other, -1, size)
    power = cv2.boxFilter(one * one, -1, size) - mean * mean
    power_other = cv2.boxFilter(other * other, -1, size) - mean_other * mean_other
    together = cv2.boxFilter(one * other, -1, size) - mean * mean_other
    told = (power > flat**2) & (power_other > flat**2)
    return np.where(told, together / np.sqrt(np.where(told, power * power_other, 1)), 0)


def _region(mask: np.ndarray, factor: float, label: str, value: float) -> Region:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return Region(
        x=float(columns[0] * factor), y=float(rows[0] * factor), width=float((columns[-1] + 1 - columns[0]) * factor),
        height=float((rows[-1] + 1 - rows[0]) * factor), label=label, value=round(value, 3),
    )  # fmt: skip


def _said(repeats: list[_Repeat], share: float, matches: int, count: int) -> str:
    start = f"{matches} pairs among {count} keypoints are alike; "
    if not repeats:
        return start + "no movement explains enough of them and stands the comparison of the pixels."
    first = repeats[0]
    return start + (
        f"{len(repeats)} repeated area(s), both ends together a share of {share:.3f} of the picture; the first holds "
        f"{len(first.movement.start)} pairs, turned by {first.movement.angle:.1f}° and enlarged by "
        f"{first.movement.scale:.2f}, with a correlation of {first.correlation:.2f} ({first.fine:.2f} in fine detail)."
    )


def _maps(shape: tuple[int, int], repeats: list[_Repeat]) -> tuple[Map, ...]:
    areas = np.zeros(shape, np.float32)
    for repeat in repeats:
        areas[repeat.start | repeat.end] = np.maximum(areas, repeat.correlation)[repeat.start | repeat.end]
    shrink = min(_SHOWN / max(shape), 1.0)
    size = round(shape[1] * shrink), round(shape[0] * shrink)
    shown = Map(
        name="Repeated areas", values=cv2.resize(areas, size, interpolation=cv2.INTER_AREA), unit="correlation",
        low=0.0, high=1.0,
        caption="Both ends of what the picture shows twice. Which end is the original cannot be told from this. "
        f"Of {_PRISTINE} pristine photographs {_PRISTINE_REPEATING} showed such areas.",
    )  # fmt: skip
    if not repeats:
        return (shown,)
    lines = np.full((size[1], size[0]), np.nan, np.float32)
    for repeat in repeats:
        ends = (np.stack([repeat.movement.start, repeat.movement.end], 1) * shrink).round().astype(int)
        for one, other in ends[: 60 // len(repeats)]:
            cv2.line(lines, [int(n) for n in one], [int(n) for n in other], repeat.correlation, 2)
    pairs = Map(
        name="Matched keypoints", values=lines, unit="correlation", low=0.0, high=1.0,
        caption="Lines between keypoints that match, up to 60. Lines side by side speak for one movement; each has "
        "the correlation of its area.",
    )  # fmt: skip
    return shown, pairs


def _table(repeats: list[_Repeat], factor: float) -> tuple[Table, ...]:
    if not repeats:
        return ()
    rows = tuple(
        (
            str(number), str(len(r.movement.start)), *(f"{n * factor:.0f}" for n in _step(r.movement)),
            f"{r.movement.angle:.1f}", f"{r.movement.scale:.3f}", f"{r.correlation:.3f}", f"{r.fine:.3f}",
        )
        for number, r in enumerate(repeats, 1)
    )  # fmt: skip
    columns = (
        "area",
        "pairs",
        "pixels right",
        "pixels down",
        "turned by °",
        "enlarged by",
        "correlation",
        "in fine detail",
    )
    return (
        Table(
            name="Movements",
            columns=columns,
            rows=rows,
            caption="From one end to the other, at the middle of the area.",
        ),
    )


def _step(movement: Movement) -> tuple[float, float]:
    right, down = (movement.end - movement.start).mean(0)
    return float(right), float(down)
