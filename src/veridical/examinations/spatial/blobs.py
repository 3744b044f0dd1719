"""Is there a droplet: a small closed ring, brighter than its middle and of another colour, that belongs to nothing?

Method
------
An aid for a person's eye. The first StyleGAN hides a strong spike in its feature maps, which shows as a small droplet in
hair or background; its successor was built to avoid that. The picture, reduced to a short side of 512 pixels if it is
larger, goes through differences of Gaussians at six sizes (standard deviations of 2.5 to 14 pixels). A candidate is a
place where the middle is darker than its surroundings and the colour (CIELAB a, b) differs from them as well; the response
is the smaller of the two. Around each candidate the lightness is read on rings, in 16 directions: what counts is by how
much the ring is brighter than both the middle and what lies outside it, in all but a quarter of the directions. This rim
contrast is divided by 2 plus the standard deviation of the lightness outside, so that rings amid other edges count little.
Faces are left out, because eyes and nostrils are dark spots too. The value is the largest result.

What a high value means
-----------------------
A small closed ring stands alone. Whether it is a droplet, a button, a pearl or a light out of focus, a person must say.
The value alone does not tell generated pictures from photographs.

What it cannot see
------------------
- pictures of all later generators, StyleGAN2 included: they have no droplets
- droplets inside faces, in grey pictures, or lost when the picture was reduced or compressed strongly

Also caused by
--------------
- lights out of focus, which often have a bright rim
- buttons, rivets, pearls, rings, lettering such as "o", wheels and lamps far away
- drops of water on glass or skin

Needs
-----
A picture of at least 256 pixels a side.

References
----------
- T. Karras, S. Laine, M. Aittala, J. Hellsten, J. Lehtinen, T. Aila, "Analyzing and Improving the Image Quality of
  StyleGAN", CVPR 2020.
- D. G. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", International Journal of Computer Vision, 2004.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Region
from ...media.image import Image
from ...perception.faces import Faces

BRANCH = "artefacts"
DETECTS = ("synthesis",)
DEMO = "lab.artefacts.droplet"
AID = True

_SMALLEST = 256
_WORK = 512
_SIZES = tuple(2.5 * 2 ** (i / 2) for i in range(6))
_LEAST_RESPONSE = 0.5
_MOST_CANDIDATES = 1500
_RINGS = (1.4, 1.8, 2.2)
_BEYOND = (1.3, 2.2)
_CLUTTER = 2.0
_ANGLES = np.arange(16) * np.pi / 8
_MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class _Spot:
    """One candidate in pixels of the reduced picture: centre, radius of its ring, rim contrast, and the score."""

    x: float
    y: float
    radius: float
    contrast: float
    score: float


def examine(image: Image, faces: Faces | None, *, least: float = 0.4) -> Measurement:
    """Find small closed rings that stand alone.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces, which are left out; None if they cannot be found.
    least
        Least score of a place that is listed.

    Raises
    ------
    NotApplicable
        If the picture is too small.
    """
    if least <= 0:
        raise UsageError(f"least must be above 0; it is {least}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(f"the picture has {image.width} × {image.height} pixels; droplets need {_SMALLEST} a side")
    picture, scale = _reduced(image.pixels)
    spots = _apart([spot for size in _SIZES for spot in _seen(picture, size, _outside_faces(faces, picture, scale))])
    listed = tuple(_region(spot, scale) for spot in spots if spot.score >= least)[:_MOST_PLACES]
    return Measurement(
        value=spots[0].score if spots else 0.0, unit="1", observation=_said(spots, listed), where=listed,
        exhibits=(_map(spots, picture.shape[:2]),),
        facts={"candidates": len(spots), "reduced to px": min(picture.shape[:2])},
        checklist=(
            Check(
                question="Is there a small droplet or shiny blob that belongs to no object?",
                hint="Lights out of focus, buttons, pearls and real drops are innocent. A droplet of StyleGAN lies in hair "
                "or background, looks like liquid, and its rim is brighter than its middle.",
                where=listed,
            ),
        ),
        limits=() if faces is not None else ("Faces could not be looked for, so eyes may be among the places.",),
    )  # fmt: skip


def _reduced(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the picture in CIELAB, float32, with a short side of at most 512 pixels, and how many times it was reduced."""
    scale = max(min(pixels.shape[:2]) / _WORK, 1.0)
    if scale > 1:
        size = round(pixels.shape[1] / scale), round(pixels.shape[0] / scale)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)), scale


def _outside_faces(faces: Faces | None, picture: np.ndarray, scale: float) -> np.ndarray:
    free = np.ones(picture.shape[:2], np.uint8)
    for face in faces.faces if faces is not None else ():
        outline = cv2.convexHull(face.mesh[:, :2].astype(np.float32))
        cv2.fillConvexPoly(free, np.rint(outline / scale).astype(np.int32), 0)
    return free.astype(bool)


def _seen(picture: np.ndarray, size: float, free: np.ndarray) -> list[_Spot]:
    """Return the candidates of one size that have a rim."""
    change = cv2.GaussianBlur(picture, (0, 0), size * 1.26) - cv2.GaussianBlur(picture, (0, 0), size)
    response = np.minimum(change[..., 0], np.hypot(change[..., 1], change[..., 2]))
    side = 2 * int(size) + 1
    peaks = (response == cv2.dilate(response, np.ones((side, side), np.uint8))) & (response > _LEAST_RESPONSE) & free
    y, x = np.nonzero(peaks)
    best = np.argsort(-response[y, x], kind="stable")[:_MOST_CANDIDATES]
    return _rims(picture[..., 0], x[best].astype(np.float32), y[best].astype(np.float32), size) if len(best) else []


def _rims(light: np.ndarray, x: np.ndarray, y: np.ndarray, size: float) -> list[_Spot]:
    middle = (_ring(light, x, y, 0.0) + _ring(light, x, y, 0.4 * size)).mean(1, keepdims=True) / 2
    contrasts, scores = [], []
    for factor in _RINGS:
        ring = _ring(light, x, y, factor * size)
        outside = [_ring(light, x, y, (factor + beyond) * size) for beyond in _BEYOND]
        contrasts.append(np.percentile(np.minimum(ring - middle, ring - outside[0]), 25, axis=1))
        scores.append(contrasts[-1] / (_CLUTTER + np.concatenate(outside, 1).std(1)))
    which = np.argmax(scores, 0)
    return [
        _Spot(float(x[i]), float(y[i]), _RINGS[n] * size, float(contrasts[n][i]), float(scores[n][i]))
        for i, n in enumerate(which)
        if scores[n][i] > 0
    ]


def _ring(light: np.ndarray, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    """Return the lightness in 16 directions around each point: shape (points, 16)."""
    across = x[:, None] + np.float32(radius) * np.cos(_ANGLES, dtype=np.float32)
    down = y[:, None] + np.float32(radius) * np.sin(_ANGLES, dtype=np.float32)
    return np.asarray(cv2.remap(light, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _apart(spots: list[_Spot]) -> list[_Spot]:
    """Return the spots, best first, without those within the ring of a better one."""
    kept: list[_Spot] = []
    for spot in sorted(spots, key=lambda s: (-s.score, s.y, s.x)):
        if all(np.hypot(spot.x - k.x, spot.y - k.y) > max(spot.radius, k.radius) for k in kept):
            kept.append(spot)
    return kept


def _region(spot: _Spot, scale: float) -> Region:
    half = 1.6 * spot.radius * scale
    x, y = (spot.x + 0.5) * scale - 0.5, (spot.y + 0.5) * scale - 0.5
    return Region(
        x=round(x - half, 1), y=round(y - half, 1), width=round(2 * half, 1), height=round(2 * half, 1),
        label=f"ring, {spot.contrast:.0f} brighter than its middle and surroundings", value=round(spot.score, 3),
    )  # fmt: skip


def _map(spots: list[_Spot], shape: tuple[int, ...]) -> Map:
    values = np.zeros(shape, np.float32)
    for spot in reversed(spots):
        centre, radius = (round(spot.x), round(spot.y)), max(round(1.3 * spot.radius), 1)
        cv2.circle(values, centre, radius, spot.score, -1)
    return Map(
        name="closed rings", values=values, unit="rim contrast / (2 + clutter)", low=0.0, high=1.5,
        caption=(
            "Small rings, brighter than their middle and their surroundings, that stand alone, each drawn as a disc. In nine "
            "of ten of 232 photographs, of faces and of scenes, the strongest stays below 0.7, in 19 of 20 below 0.9."
        ),
    )  # fmt: skip


def _said(spots: list[_Spot], listed: tuple[Region, ...]) -> str:
    if not spots:
        return "No small closed ring stands out outside the faces."
    top = spots[0]
    return (
        f"The strongest of {len(spots)} small closed rings outside the faces is {top.contrast:.1f} units of lightness "
        f"brighter than its middle and surroundings, a score of {top.score:.2f}; {len(listed)} are listed."
    )
