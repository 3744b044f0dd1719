"""Does a patch of strong colour run across the edge between hair, skin and background?

Method
------
An aid for a person's eye. The picture, reduced to a short side of 512 pixels if it is larger, is split into three areas: the
faces (outlines of their meshes), the rest of the person (a small net tells person from background), and the background.
Every pixel's colour is compared with the mean of each area in a window of a quarter of the short side around it: by the
distance in a, b (CIELAB), by the same distance in local standard deviations of that area (at least 5), and by how much more
saturated it is. For two areas that may meet, the pixels more than 12 units and 1.2 standard deviations away from both, and
more saturated than one of them by 12, form patches. A patch of 0.1 to 10 % of the picture counts if at least 15 % of the
pixels just around it belong to each of the two areas: it lies on the edge between them and is like neither. Which of the
two the net takes it for does not matter, because the net goes by colour too. The strength of a patch is its mean distance
from the area that is nearer in colour; the value is the strongest patch, or 0.

What a high value means
-----------------------
A colour that belongs to neither of two things lies on the edge between them: hair and background, or skin and hair. Early
StyleGAN pictures show such fluorescent patches where hair meets background. The value alone does not tell generated
pictures from photographs; the checklist is what counts.

What it cannot see
------------------
- patches inside one thing, very small ones, and those of newer generators, which hardly make them
- anything in pictures without colour

Also caused by
--------------
- coloured lights, neon, reflections and lens flare, which fall on person and background alike
- dyed strands, ribbons, earphones, hands and objects that the net counts partly to the person
- colour fringes of a lens, strong chroma subsampling

Needs
-----
A picture of at least 256 pixels a side with a face, and both person and background in it.

References
----------
- T. Karras, S. Laine, M. Aittala, J. Hellsten, J. Lehtinen, T. Aila, "Analyzing and Improving the Image Quality of
  StyleGAN", CVPR 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Region
from ...media.image import Image
from ...perception.faces import Faces
from ...perception.person import PersonMask
from ...signals.blocks import local_mean

BRANCH = "artefacts"
DETECTS = ("synthesis",)
DEMO = "lab.artefacts.colour_patch"
AID = True

_SMALLEST, _WORK = 256, 512
_LEAST_SHARE, _MOST_SHARE = 0.001, 0.1
_DEPARTS, _LEAST_SPREAD, _LEAST_NEAR = 1.2, 5.0, 0.02
_AROUND, _LEAST_AROUND = 4, 0.15
_MOST_PLACES = 5
_AREAS = ("background", "person", "face")


@dataclass(frozen=True, slots=True)
class _Against:
    """The picture against one area: distance in a, b, the same in standard deviations, and the excess of the chroma.

    All are −inf where the area is far.
    """

    distance: np.ndarray
    departure: np.ndarray
    excess: np.ndarray


@dataclass(frozen=True, slots=True)
class _Patch:
    strength: float
    between: tuple[str, str]
    box: tuple[int, int, int, int]
    mask: np.ndarray


def examine(image: Image, faces: Faces, person: PersonMask, *, beyond: float = 12.0) -> Measurement:
    """Find patches of strong colour that run across an edge.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    person
        Where it shows a person.
    beyond
        Least distance from both areas, and least excess of the chroma over one of them, in CIELAB units.

    Raises
    ------
    NotApplicable
        If the picture is too small, shows no face, or is all person or all background.
    """
    if beyond <= 0:
        raise UsageError(f"beyond must be above 0; it is {beyond}")
    chroma, area, scale = _prepared(image, faces, person)
    patches = _apart(sorted(_patches(chroma, area, beyond), key=lambda p: (-p.strength, p.box)))
    where = tuple(_region(patch, scale) for patch in patches[:_MOST_PLACES])
    return Measurement(
        value=patches[0].strength if patches else 0.0, unit="CIELAB a, b", observation=_said(patches), where=where,
        exhibits=(_map(area.shape, patches),),
        facts={"patches across an edge": len(patches), "share of the person": round(float((area > 0).mean()), 3)},
        checklist=(
            Check(
                question="Does a patch of one strong colour run over hair, skin or background alike?",
                hint="Coloured light, a reflection or a dyed strand is innocent. Look for a colour that ignores the edge "
                "between two things and has no source.",
                where=where,
            ),
        ),
    )  # fmt: skip


def _prepared(image: Image, faces: Faces, person: PersonMask) -> tuple[np.ndarray, np.ndarray, float]:
    """Return a and b of the reduced picture, the area of each of its pixels, and how many times it was reduced."""
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(f"the picture has {image.width} × {image.height} pixels; it needs {_SMALLEST} a side")
    if not faces.faces:
        raise NotApplicable("0 faces were found; colours are compared between face, person and background")
    scale = max(min(image.height, image.width) / _WORK, 1.0)
    size = round(image.width / scale), round(image.height / scale)
    pixels = image.pixels if scale == 1 else cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(pixels.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)
    area = _areas(faces, person, lab.shape[:2], scale)
    share = float((area > 0).mean())
    if not 0.02 < share < 0.98:
        raise NotApplicable(f"{share:.0%} of the picture are a person; both person and background are needed")
    return cv2.GaussianBlur(lab, (0, 0), 1.5)[..., 1:], area, scale


def _areas(faces: Faces, person: PersonMask, shape: tuple[int, ...], scale: float) -> np.ndarray:
    """Return 0 for background, 1 for the person, 2 for its face: shape (height, width), uint8."""
    area = (person.over(shape[0], shape[1]) > 0.5).astype(np.uint8)
    for face in faces.faces:
        outline = cv2.convexHull((face.mesh[:, :2] / scale).astype(np.float32))
        cv2.fillConvexPoly(area, np.rint(outline).astype(np.int32), 2)
    return area


def _against(ab: np.ndarray, here: np.ndarray) -> _Against:
    """Compare every pixel with the mean of one area in a wide window."""
    window = min(here.shape) // 4 | 1
    chroma = np.hypot(ab[..., 0], ab[..., 1])
    mean_a, mean_b, mean_c, square = (
        local_mean(plane, here, window) for plane in (ab[..., 0], ab[..., 1], chroma, chroma * chroma)
    )
    spread = np.sqrt(np.maximum(square - mean_a**2 - mean_b**2, _LEAST_SPREAD**2))
    distance = np.hypot(ab[..., 0] - mean_a, ab[..., 1] - mean_b)
    near = cv2.boxFilter(here.astype(np.float32), -1, (window, window)) > _LEAST_NEAR
    return _Against(*(np.where(near, plane, -np.inf) for plane in (distance, distance / spread, chroma - mean_c)))


def _patches(ab: np.ndarray, area: np.ndarray, beyond: float) -> Iterator[_Patch]:
    against = [_against(ab, area == number) for number in range(len(_AREAS))]
    for one, other in ((1, 0), (2, 0), (2, 1)):
        distance = np.minimum(against[one].distance, against[other].distance)
        departs = np.minimum(against[one].departure, against[other].departure) > _DEPARTS
        saturated = np.maximum(against[one].excess, against[other].excess) > beyond
        strong = (distance > beyond) & departs & saturated
        for box, mask in _components(strong):
            if min(_around(mask, box, area, number) for number in (one, other)) >= _LEAST_AROUND:
                cut = slice(box[1], box[1] + box[3]), slice(box[0], box[0] + box[2])
                yield _Patch(float(distance[cut][mask].mean(dtype=np.float64)), (_AREAS[one], _AREAS[other]), box, mask)


def _components(strong: np.ndarray) -> Iterator[tuple[tuple[int, int, int, int], np.ndarray]]:
    """Yield the box (x, y, width, height) of each patch of a fit size, and its mask inside the box."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(strong.astype(np.uint8), connectivity=8)
    for number in range(1, count):
        x, y, width, height, size = (int(v) for v in boxes[number])
        if _LEAST_SHARE <= size / strong.size <= _MOST_SHARE:
            yield (x, y, width, height), labels[y : y + height, x : x + width] == number


def _apart(patches: list[_Patch]) -> list[_Patch]:
    """Return the patches, best first, without those whose middle lies in a better one's box."""
    kept: list[_Patch] = []
    for patch in patches:
        x, y, width, height = patch.box
        middle = x + width / 2, y + height / 2
        if not any(
            k.box[0] <= middle[0] <= k.box[0] + k.box[2] and k.box[1] <= middle[1] <= k.box[1] + k.box[3] for k in kept
        ):
            kept.append(patch)
    return kept


def _around(mask: np.ndarray, box: tuple[int, int, int, int], area: np.ndarray, number: int) -> float:
    """Share of the pixels just around a patch that belong to an area."""
    x, y, width, height = box
    top, left = max(y - _AROUND, 0), max(x - _AROUND, 0)
    part = area[top : y + height + _AROUND, left : x + width + _AROUND]
    whole = np.zeros(part.shape, np.uint8)
    whole[y - top : y - top + height, x - left : x - left + width] = mask
    ring = (cv2.dilate(whole, np.ones((2 * _AROUND + 1,) * 2, np.uint8)) > 0) & (whole == 0)
    return float((part[ring] == number).mean()) if ring.any() else 0.0


def _region(patch: _Patch, scale: float) -> Region:
    x, y, width, height = (round(v * scale, 1) for v in patch.box)
    return Region(
        x=x, y=y, width=width, height=height, label=f"one colour on {patch.between[0]} and {patch.between[1]}",
        value=round(patch.strength, 2),
    )  # fmt: skip


def _map(shape: tuple[int, ...], patches: list[_Patch]) -> Map:
    values = np.zeros(shape, np.float32)
    for patch in reversed(patches):
        x, y, width, height = patch.box
        values[y : y + height, x : x + width][patch.mask] = patch.strength
    return Map(
        name="colour across an edge", values=values, unit="CIELAB a, b", low=0.0, high=60.0,
        caption=(
            "Patches of strong colour on an edge between face, person and background, each in its mean distance from the "
            "one that is nearer in colour. Of 190 photographs of people, half show none, three in four none above 22, "
            "nine in ten none above 32."
        ),
    )  # fmt: skip


def _said(patches: list[_Patch]) -> str:
    if not patches:
        return "No patch of strong colour runs across an edge between face, person and background."
    top, many = patches[0], len(patches) > 1
    return (
        f"{len(patches)} patch{'es' if many else ''} of strong colour lie{'' if many else 's'} on an edge; the strongest is "
        f"{top.strength:.0f} units (CIELAB a, b) or more away from the colours of both {top.between[0]} and "
        f"{top.between[1]}."
    )
