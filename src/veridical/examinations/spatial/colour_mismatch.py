"""Has the skin of a face another colour than the skin of the neck and ears around it?

Method
------
The face is taken at forehead, cheeks and nose (outlines over the face mesh). Skin outside it is looked for where neck and ears
must be: below the jaw line and beside the mesh, on the person and not on the background. What counts there as skin is
fixed beforehand and does not depend on this face: colours with ln(R/G) between 0.12 and 1.8 and ln(B/G) between −2 and 0.15
in linear light, between a sixth and twice as bright as the face, not clipped. That range holds the skin of all people under
ordinary light, and a good part of fabrics. Of both, the median of ln(R/G) and of ln(B/G) is taken: shading does not move
them. The value is their CIE 1976 colour difference ΔE*ab at one lightness, for the face where it is largest.

What a high value means
-----------------------
The face is lit by light of another colour than neck and ears, or comes from another person or picture.

What it cannot see
------------------
- faces that were adjusted to the colour of their surroundings, as most face-swap programs do
- faces without visible neck or ears: collars, scarves, long hair
- a picture made or toned as a whole

Also caused by
--------------
- make-up, sunburn, blushing, beards and their shadow
- light of two colours, and light thrown back by clothing onto the neck
- clothing or hair of the colour of skin
- strong filters, which turn shadows and lights to different colours

Needs
-----
A colour picture with a face at least 48 pixels wide and at least 100 pixels of skin outside it.

References
----------
- T. Carvalho, C. Riess, E. Angelopoulou, H. Pedrini, A. Rocha, "Exposing Digital Image Forgeries by Illumination Color
  Classification", IEEE Transactions on Information Forensics and Security 8(7), 2013.
- G. D. Finlayson, M. S. Drew, C. Lu, "Intrinsic Images by Entropy Minimization", ECCV, 2004.
- C. Riess, E. Angelopoulou, "Scene Illumination as an Indicator of Image Manipulation", Information Hiding, 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region, Scalar, Table
from ...media.image import Image
from ...perception.faces import Faces
from ...perception.person import PersonMask
from ...perception.skin import SkinRegion, SkinRegions
from ...signals.blocks import covering
from ...signals.chromaticity import LINEAR, LUMINANCE, colour_distance, log_chromaticity
from ...signals.face_areas import ears, filled, neck, oval

BRANCH = "environment"
DETECTS = ("replacement", "editing")
DEMO = "lab.environment.tone"

_NARROWEST, _WORKING = 48.0, 384.0
_OF_FACE = ("forehead", "right cheek", "left cheek", "nose")
_DARKEST, _BRIGHTEST = 25, 250
_RED, _BLUE = (0.12, 1.8), (-2.0, 0.15)
_DIMMER, _LIGHTER = 1 / 6, 2.0
_PERSON = 0.5
_GREY = 0.03
_BLOCK = 8
# Of the 673 real pictures of the labelled media with such a face, as they are, half and nine in ten stay below these.
_PHOTOGRAPHS, _TYPICAL, _USUAL = 673, 6.7, 15.9


@dataclass(frozen=True, slots=True)
class _Head:
    """One head: its part of the picture, its log chromaticity (rows, columns, 2), and which pixels are which skin.

    ``x`` and ``y`` are the corner of that part, ``scale`` its pixels for each native one: colour needs no fine detail.
    """

    x: int
    y: int
    scale: float
    chromaticity: np.ndarray
    face: np.ndarray
    outside: np.ndarray
    skin: np.ndarray
    parts: tuple[tuple[str, int, tuple[float, float]], ...]

    @property
    def face_colour(self) -> np.ndarray:
        return np.asarray(np.median(self.chromaticity[self.face], 0))

    @property
    def outside_colour(self) -> np.ndarray:
        return np.asarray(np.median(self.chromaticity[self.outside], 0))

    @property
    def apart(self) -> float:
        return float(colour_distance(self.face_colour, self.outside_colour))


def examine(image: Image, faces: Faces, skin: SkinRegions, person: PersonMask, *, least_px: int = 100) -> Measurement:
    """Measure how far the colour of a face lies from that of the skin around it.

    Parameters
    ----------
    image
        The picture.
    faces, skin
        Its faces, and the patches of their skin.
    person
        Where people are.
    least_px
        Fewest pixels of skin that are wanted in the face and outside it.

    Raises
    ------
    NotApplicable
        If the picture is grey, has no face that is wide enough, or shows too little skin outside it.
    """
    if least_px < 1:
        raise UsageError(f"least_px must be 1 or more; it is {least_px}")
    heads = _heads(image, faces, skin, person, least_px)
    order = sorted(range(len(heads)), key=lambda i: -heads[i].apart)
    head = heads[order[0]]
    red, blue = (head.face_colour - head.outside_colour).tolist()
    return Measurement(
        value=head.apart, unit="ΔE*ab",
        observation=(
            f"The skin of {'the face' if len(heads) == 1 else f'the most different of {len(heads)} faces'} "
            f"({int(head.face.sum())} px) and the skin-coloured area at neck and ears ({int(head.outside.sum())} px) differ by "
            f"ΔE*ab {head.apart:.1f}: the face has {np.exp(red):.2f} times the red and {np.exp(blue):.2f} times the blue, "
            "each against green."
        ),
        where=tuple(_region(heads[i]) for i in order), exhibits=(_map(image, heads), _table(heads)),
        facts=_facts(heads), limits=_limits(faces, heads),
    )  # fmt: skip


def _heads(image: Image, faces: Faces, skin: SkinRegions, person: PersonMask, least_px: int) -> list[_Head]:
    if not faces.faces:
        raise NotApplicable("no face was found; its colour is compared with that of neck and ears")
    widths = [float(np.ptp(face.mesh[:, 0])) for face in faces.faces]
    if max(widths) < _NARROWEST:
        raise NotApplicable(f"the largest face is {max(widths):.0f} px wide; the comparison needs {_NARROWEST:.0f}")
    seen = [
        _head(image, face.mesh, patches, person)
        for face, patches, width in zip(faces.faces, skin.faces, widths, strict=True)
        if width >= _NARROWEST
    ]
    counts = [(int(head.face.sum()), int(head.outside.sum())) for head in seen]
    heads = [head for head, count in zip(seen, counts, strict=True) if min(count) >= least_px]
    if not heads:
        inside, outside = (max(side) for side in zip(*counts, strict=True))
        raise NotApplicable(
            f"at most {inside} pixels of skin were found in a face and {outside} at neck and ears; {least_px} each are needed"
        )
    heads_in_colour = [head for head in heads if float(np.abs(head.face_colour).max()) > _GREY]
    if not heads_in_colour:
        raise NotApplicable(f"the faces are grey: ln(R/G) and ln(B/G) stay below {_GREY:g}")
    return heads_in_colour


def _head(image: Image, mesh: np.ndarray, patches: tuple[SkinRegion, ...], person: PersonMask) -> _Head:
    beside = (neck(mesh), *ears(mesh))
    reach = np.concatenate([oval(mesh), *beside])
    size = np.array([image.width, image.height])
    x0, y0 = np.clip(np.floor(reach.min(0)).astype(int), 0, size - 1)
    x1, y1 = np.clip(np.ceil(reach.max(0)).astype(int) + 1, 1, size)
    scale = min(1.0, _WORKING / float(np.ptp(mesh[:, 0])))
    crop = np.ascontiguousarray(image.pixels[y0:y1, x0:x1])
    if scale < 1:
        crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Averaging 3 × 3 pixels evens out the halved resolution of colour in most files.
    pixels = cv2.blur(crop, (3, 3))
    shape = pixels.shape[:2]

    def drawn(outline: np.ndarray) -> np.ndarray:
        return filled((outline - (x0, y0) + 0.5) * scale - 0.5, *shape)

    linear = LINEAR[pixels]
    chromaticity, luminance = log_chromaticity(linear), linear @ LUMINANCE
    brightest = pixels.max(2)
    exposed = (brightest > _DARKEST) & (brightest < _BRIGHTEST)
    face = np.zeros(shape, bool)
    for patch in patches:
        if patch.name in _OF_FACE:
            face |= drawn(patch.polygon)
    face &= exposed
    typical = float(np.median(luminance[face])) if face.any() else 0.0
    red, blue = np.moveaxis(chromaticity, 2, 0)
    skin = exposed & (red > _RED[0]) & (red < _RED[1]) & (blue > _BLUE[0]) & (blue < _BLUE[1])
    skin &= (luminance > _DIMMER * typical) & (luminance < _LIGHTER * typical)
    rows, columns = np.indices(shape, sparse=True)
    on_person = person.at(columns / scale + x0, rows / scale + y0, image.width, image.height) > _PERSON
    inside = drawn(oval(mesh))
    allowed = skin & on_person & ~inside
    masks = [drawn(outline) & allowed for outline in beside]
    parts = [("face", face), ("neck", masks[0]), ("ears", masks[1] | masks[2])]
    return _Head(
        int(x0), int(y0), scale, chromaticity, face, np.any(masks, 0), skin & (inside | allowed),
        tuple((name, int(mask.sum()), _median(chromaticity[mask])) for name, mask in parts),
    )  # fmt: skip


def _median(values: np.ndarray) -> tuple[float, float]:
    red, blue = np.median(values, 0).tolist() if len(values) else (float("nan"), float("nan"))
    return red, blue


def _region(head: _Head) -> Region:
    rows, columns = np.flatnonzero(head.face.any(1)), np.flatnonzero(head.face.any(0))
    return Region(
        x=float(head.x + columns[0] / head.scale), y=float(head.y + rows[0] / head.scale),
        width=float((np.ptp(columns) + 1) / head.scale), height=float((np.ptp(rows) + 1) / head.scale),
        label="face: colour of skin against neck and ears", value=round(head.apart, 3),
    )  # fmt: skip


def _facts(heads: list[_Head]) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {"faces compared": len(heads)}
    for number, head in enumerate(heads, 1):
        facts[f"face {number}: ΔE*ab"] = round(head.apart, 3)
        spread = colour_distance(head.chromaticity[head.outside], head.outside_colour)
        facts[f"face {number}: median ΔE*ab within neck and ears"] = round(float(np.median(spread)), 3)
        spread = colour_distance(head.chromaticity[head.face], head.face_colour)
        facts[f"face {number}: median ΔE*ab within the face"] = round(float(np.median(spread)), 3)
    return facts


def _map(image: Image, heads: list[_Head]) -> Map:
    """Draw the distance of every block of skin from the skin outside the face."""
    shape = (-(-image.height // _BLOCK), -(-image.width // _BLOCK))
    out = np.full(shape, np.nan, np.float32)
    for head in reversed(heads):
        rows, columns = np.nonzero(head.skin)
        down, across = ((line / head.scale + start).astype(int) for line, start in ((rows, head.y), (columns, head.x)))
        cell = down // _BLOCK * shape[1] + across // _BLOCK
        distance = colour_distance(head.chromaticity[rows, columns], head.outside_colour)
        count, total = (np.bincount(cell, weight, out.size).reshape(shape) for weight in (None, distance))
        told = count >= max(1, (_BLOCK * head.scale) ** 2 / 4)
        out[told] = total[told] / count[told]
    return Map(
        name="Distance of skin from the colour at neck and ears",
        values=covering(out, image.height, image.width, pitch=_BLOCK), unit="ΔE*ab", low=0.0, high=30.0,
        caption="Each block of skin against the median of the skin outside its face, at one lightness. In "
        f"{_PHOTOGRAPHS} pristine photographs half of the faces as a whole lie below {_TYPICAL:g}, nine in ten below "
        f"{_USUAL:g}.",
    )  # fmt: skip


def _table(heads: list[_Head]) -> Table:
    rows = []
    for number, head in enumerate(heads, 1):
        for name, count, (red, blue) in head.parts:
            colours = (f"{red:+.3f}", f"{blue:+.3f}") if count else ("–", "–")
            rows.append((str(number), name, str(count), *colours))
    return Table(
        name="Colour of skin", columns=("face", "part", "pixels", "ln(R/G)", "ln(B/G)"), rows=tuple(rows),
        caption="Medians in linear light. 0.1 is about a tenth more red, or blue, against green.",
    )  # fmt: skip


def _limits(faces: Faces, heads: list[_Head]) -> tuple[str, ...]:
    limits = ["Clothing, hair and beards of the colour of skin count as skin at neck and ears."]
    if (left := len(faces.faces) - len(heads)) > 0:
        limits.append(f"{left} of {len(faces.faces)} faces are too small or show too little skin outside the face.")
    return tuple(limits)
