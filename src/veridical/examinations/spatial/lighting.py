"""Is a face lit from where the rim of its head, or another face in the picture, is lit?

Method
------
The face mesh gives the direction in which each point of the skin faces; eyes, brows, nostrils and mouth are left out. On
skin that scatters light evenly, brightness (in linear light) is an ambient part plus the cosine to the light: it is fitted,
with Huber weights, as a linear function of the normal, separately on the inner face (within 0.7 of its outline: nose, inner
cheeks, between the brows) and on the rest (forehead, temples, outer cheeks, jaw). Each fit gives the direction in the picture
from which the light comes, and a bootstrap over neighbouring patches its standard deviation. The value is the largest angle
between two directions: inner face against the rest of the same face, or face against face. Directions that shading does not
tell to within ``most_spread`` degrees are left out.

What a high value means
-----------------------
Two parts that stand in the same light are shaded as if lit from different sides, as when a face, or its inner part, comes from
another photograph.

What it cannot see
------------------
- faces swapped under like light, or relit by the program that swaps them
- light from the front, which shades nothing: nothing is said then
- the colour of light, and whether the background is lit alike
- anything about a picture made as a whole

Also caused by
--------------
- several lamps, windows and reflectors near the face; shadows of hat, hair, nose or spectacles
- faces at different places of a room, each near another lamp
- hair over the forehead or beside the cheeks, which counts as skin and darkens one side
- beards, make-up (contouring darkens cheeks) and shining skin
- faces turned far to the side, on which the mesh is less exact

Needs
-----
A face whose eyes are at least 60 pixels apart, turned by at most 35°, not overexposed, lit from a side.

References
----------
- M. K. Johnson, H. Farid, "Exposing Digital Forgeries in Complex Lighting Environments", IEEE Transactions on Information
  Forensics and Security 2(3), 2007.
- E. Kee, H. Farid, "Exposing Digital Forgeries from 3-D Lighting Environments", IEEE WIFS, 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region, Scalar, Table
from ...media.image import Image
from ...perception.faces import Face, Faces
from ...signals.blocks import covering
from ...signals.face_areas import oval
from ...signals.shading import Light, brightness, light, normals, shaded, turn_between

BRANCH = "environment"
DETECTS = ("replacement", "editing")
DEMO = "lab.environment.light"

_INNER = 0.7
_MOST_YAW = 35.0
_FEWEST = 30
_MOST_FACES = 6
_LEAST_STRENGTH = 0.1
# Points nearer than these shares of the distance between the eyes to an eye or the mouth are not skin, or not smooth.
_EYE, _MOUTH, _LIPS = 0.36, 0.38, (13, 14)
_FACING = -0.25
_BLOCK = 16
_OBSERVED = ("inner face", "rest of the face")
# Of 20 real portraits of one collection (unsplash) with faces this large, half and nine in ten lie below these.
_PORTRAITS, _TYPICAL, _USUAL = 20, 15.0, 52.0


@dataclass(frozen=True, slots=True)
class _Part:
    """One lit part: whose it is, its light or why there is none, and its points."""

    face: int
    name: str
    light: Light | None
    reason: str
    skin: np.ndarray


@dataclass(frozen=True, slots=True)
class _Lit:
    """One face: points (468, 2), normals, brightness, and its two parts and the whole."""

    face: Face
    points: np.ndarray
    normals: np.ndarray
    level: np.ndarray
    parts: tuple[_Part, _Part]
    whole: _Part


def examine(
    image: Image, faces: Faces, *, most_spread: float = 25.0, least_interocular_px: float = 60.0
) -> Measurement:
    """Measure the largest angle between the directions from which parts of faces are lit.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    most_spread
        Largest standard deviation of a direction that is compared, degrees.
    least_interocular_px
        Least distance between the eyes, pixels.

    Raises
    ------
    NotApplicable
        If no face is large enough and turned to the camera, or shading tells no two directions.
    """
    if not 1 <= most_spread <= 90 or least_interocular_px < 20:
        raise UsageError(
            f"most_spread must be 1 to 90 and least_interocular_px 20 or more; they are {most_spread:g} and "
            f"{least_interocular_px:g}"
        )
    lit = _lit(image, faces, most_spread, least_interocular_px)
    pairs = _pairs(lit)
    if not pairs:
        raise NotApplicable("; ".join(f"{one.name}: {one.reason}" for one in lit[0].parts if one.reason))
    angle, first, second = max(pairs, key=lambda pair: pair[0])
    assert first.light is not None and second.light is not None  # noqa: S101
    return Measurement(
        value=angle, unit="°",
        observation=(
            f"The light on the {_named(first, lit)} comes from {first.light.direction:.0f}° (± {first.light.spread:.0f}°), "
            f"that on the {_named(second, lit)} from {second.light.direction:.0f}° (± {second.light.spread:.0f}°), "
            f"counter-clockwise from the right: they differ by {angle:.0f}°."
        ),
        where=tuple(_region(one, lit) for one in (first, second)), exhibits=(_map(image, lit), _table(lit)),
        facts=_facts(lit, pairs), limits=_limits(faces, lit),
    )  # fmt: skip


def _lit(image: Image, faces: Faces, most_spread: float, least: float) -> list[_Lit]:
    if not faces.faces:
        raise NotApplicable("no face was found; the light on faces is compared")
    largest = max(face.interocular for face in faces.faces)
    if largest < least:
        raise NotApplicable(f"the eyes of the largest face are {largest:.0f} px apart; {least:g} are needed")
    fit = [face for face in faces.faces if face.interocular >= least and abs(face.yaw) <= _MOST_YAW][:_MOST_FACES]
    if not fit:
        raise NotApplicable(f"every face that is large enough is turned by more than {_MOST_YAW:g}°")
    return [_look(image, face, number, most_spread) for number, face in enumerate(fit)]


def _look(image: Image, face: Face, number: int, most_spread: float) -> _Lit:
    mesh = face.mesh.astype(np.float64)
    points, unit = mesh[:, :2], face.interocular
    normal, level = normals(mesh), brightness(image.pixels, points, unit / 14)
    to_eyes = np.min([np.hypot(*(points - eye).T) for eye in face.irises[:, 0]], axis=0)
    to_mouth = np.hypot(*(points - points[list(_LIPS)].mean(0)).T)
    skin = np.isfinite(level) & (to_eyes > _EYE * unit) & (to_mouth > _MOUTH * unit) & (normal[:, 2] < _FACING)
    outline = oval(mesh, _INNER)
    inner = np.array([cv2.pointPolygonTest(outline, (float(x), float(y)), False) >= 0 for x, y in points])
    masks = (skin & inner, skin & ~inner)
    parts = [
        _part(number, name, normal, level, points, mask, most_spread)
        for name, mask in (*zip(_OBSERVED, masks, strict=True), ("face", skin))
    ]
    return _Lit(face, points, normal, level, (parts[0], parts[1]), parts[2])


def _part(
    face: int,
    name: str,
    normal: np.ndarray,
    level: np.ndarray,
    points: np.ndarray,
    mask: np.ndarray,
    most_spread: float,
) -> _Part:
    if (count := int(mask.sum())) < _FEWEST:
        return _Part(face, name, None, f"{count} points of skin are free; {_FEWEST} are needed", mask)
    found = light(normal[mask], level[mask], points[mask])
    if found.strength < _LEAST_STRENGTH or found.spread > most_spread:
        reason = (
            f"its shading does not tell the light (direction known to ± {found.spread:.0f}°, at most {most_spread:g}° are "
            f"allowed; strength {found.strength:.2f})"
        )
        return _Part(face, name, None, reason, mask)
    return _Part(face, name, found, "", mask)


def _pairs(lit: list[_Lit]) -> list[tuple[float, _Part, _Part]]:
    candidates = [one.parts for one in lit] + list(combinations([one.whole for one in lit], 2))
    return [
        (turn_between(a.light, b.light), a, b) for a, b in candidates if a.light is not None and b.light is not None
    ]


def _named(part: _Part, lit: list[_Lit]) -> str:
    return part.name if len(lit) == 1 else f"{part.name} {part.face + 1}" if part.name == "face" else (
        f"{part.name} of face {part.face + 1}"
    )  # fmt: skip


def _region(part: _Part, lit: list[_Lit]) -> Region:
    points = lit[part.face].points[part.skin]
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return Region(
        x=float(x0), y=float(y0), width=float(x1 - x0), height=float(y1 - y0), label=f"light on the {_named(part, lit)}",
        value=round(part.light.direction, 1) if part.light else None,
    )  # fmt: skip


def _map(image: Image, lit: list[_Lit]) -> Map:
    """Draw by how much each point of a face departs from the light on the rest of it, or on the whole."""
    shape = (-(-image.height // _BLOCK), -(-image.width // _BLOCK))
    total, count = np.zeros(shape), np.zeros(shape)
    for one in lit:
        by = one.parts[1].light or one.whole.light
        fitted = one.parts[1].skin if one.parts[1].light else one.whole.skin
        if by is None:
            continue
        expected = np.maximum(shaded(one.normals, by), 0.05)
        skin = one.whole.skin
        departure = np.log(np.maximum(one.level, 1e-4) / np.median(one.level[fitted]) / expected)
        rows, columns = (
            np.clip(one.points[skin, axis].astype(int) // _BLOCK, 0, shape[1 - axis] - 1) for axis in (1, 0)
        )
        np.add.at(total, (rows, columns), departure[skin])
        np.add.at(count, (rows, columns), 1)
    values = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return Map(
        name="Brightness against the light on the rest of the face",
        values=covering(values, image.height, image.width, pitch=_BLOCK), unit="ln", low=-1.5, high=1.5, diverging=True,
        caption="Above 0: brighter than skin facing that way would be in the light fitted on the rest of the face; 0.69 is a "
        "factor of two. Only points of the mesh that are skin are shown.",
    )  # fmt: skip


def _table(lit: list[_Lit]) -> Table:
    rows = [_row(part) for one in lit for part in (*one.parts, one.whole)]
    return Table(
        name="Directions of light", columns=("face", "part", "from (°)", "± (°)", "strength", "left out because"),
        rows=tuple(rows),
        caption="Degrees counter-clockwise from the right of the picture; ± says how well the points of skin agree, not how "
        "well the model of light fits. Inner face and rest of one face differed by less "
        f"than {_TYPICAL:g}° in half of {_PORTRAITS} pristine portraits and by less than {_USUAL:g}° in nine of ten.",
    )  # fmt: skip


def _row(part: _Part) -> tuple[str, ...]:
    known = part.light
    told = ("–",) * 3 if known is None else (f"{known.direction:.0f}", f"{known.spread:.0f}", f"{known.strength:.2f}")
    return (str(part.face + 1), part.name, *told, part.reason)


def _facts(lit: list[_Lit], pairs: list[tuple[float, _Part, _Part]]) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {"faces compared": len(lit), "directions compared": len(pairs)}
    for one in lit:
        for part in one.parts:
            name = f"face {part.face + 1}, {part.name}"
            facts[f"{name}: from (°)"] = round(part.light.direction, 1) if part.light else None
            facts[f"{name}: points"] = int(part.skin.sum())
    return facts


def _limits(faces: Faces, lit: list[_Lit]) -> tuple[str, ...]:
    limits = [
        f"The {_named(part, lit)} is left out: {part.reason}." for one in lit for part in one.parts if part.reason
    ]
    if (left := len(faces.faces) - len(lit)) > 0:
        limits.append(f"{left} of {len(faces.faces)} faces are too small, or turned too far, to be compared.")
    return tuple(limits)
