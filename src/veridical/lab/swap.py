"""Face swaps made by warping and blending: the arithmetic, and recipes that use it.

The donor's inner face is warped, triangle by triangle of the 468-point mesh, onto the target's, brought to the target's
colours and laid over it with a soft edge. Nothing is generated.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.interpolate import LinearNDInterpolator

from ..errors import UsageError
from ..signals.face_areas import OVAL
from .portrait import blend, eyes_of, face_of, magnify, oval
from .recipe import Picture, Still, StillPair

_EYES = ((33, 133), (263, 362))


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A swapped picture.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB; equal to the target where ``alpha`` is 0.
    alpha
        shape (height, width), float32: share of the donor in each pixel, 0 to 1.
    """

    pixels: np.ndarray
    alpha: np.ndarray


def face(
    picture: Picture, random: np.random.Generator, *, strength: float = 1.0, face: str = "", eyes: str = ""
) -> StillPair:
    """Give a head an inner face of other proportions, as a swap does; the control gets its own back.

    In the altered picture eyes and nose are larger and the mouth smaller; hair, ears and neck stay. The control is resampled
    twice, there and back, and gets the same soft edge. No other person's face is needed.
    """
    box, both = face_of(picture, face), eyes_of(picture, eyes)
    middle, width = box.x + box.width / 2, box.width
    # Of sixteen such changes the one that another head goes with least, as spatial.context_identity sees the demo photograph.
    large, small = 1 + 0.4 * strength, max(1 - 0.35 * strength, 0.3)
    spots = [((e.x0 + e.x1) / 2, (e.top + e.bottom) / 2, 0.13 * width, large, large) for e in both]
    spots.append((middle, box.y + 0.52 * box.height, 0.13 * width, large * 1.1, large * 1.1))
    spots.append((middle, box.y + 0.7 * box.height, 0.2 * width, small, small))
    # Half a pixel to the side and back: the control is resampled as the altered face is, and keeps its proportions.
    aside = np.array([[1, 0, 0.5], [0, 1, 0.5]]), np.array([[1, 0, -0.5], [0, 1, -0.5]])
    size = picture.pixels.shape[1::-1]
    own = picture.pixels
    for move in aside:
        own = cv2.warpAffine(own, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    other = magnify(picture.pixels, tuple(spots))
    alpha = oval(picture.pixels.shape[:2], box, feather=0.3)
    return StillPair(
        category="replacement", control=Still(pixels=blend(picture.pixels, own, alpha)),
        altered=Still(pixels=blend(picture.pixels, other, alpha)), mask=alpha > 0,
        facts={"strength": strength, "face": f"{box.x},{box.y},{box.width},{box.height}"},
    )  # fmt: skip


def swap_face(
    target: np.ndarray, target_mesh: np.ndarray, donor: np.ndarray, donor_mesh: np.ndarray, *,
    inset: float = 0.12, feather: float = 0.3, colour: bool = True, poisson: bool = False,
) -> Swap:  # fmt: skip
    """Lay the inner face of the donor over that of the target, in the target's place and pose.

    With the target itself, or a copy of it, as the donor this is a self-paste: the same warping, resampling and blending
    without another face.

    Parameters
    ----------
    target, donor
        shape (height, width, 3), uint8, RGB; they may differ in size.
    target_mesh, donor_mesh
        shape (468, 2 or 3): the mesh of `veridical.perception.faces.Face`, in pixels of each.
    inset
        How far the edge lies inside the outline of the face, as a share of the distance between the eyes.
    feather
        Width of the soft edge, inwards, as a share of the same distance.
    colour
        Bring mean and spread of the donor's colours (CIE Lab) to those of the target's inner face.
    poisson
        Blend gradients (Pérez et al. 2003) instead of mixing colours.

    Raises
    ------
    UsageError
        If a face lies outside its picture, or is too small.
    """
    alpha = inner_face(target_mesh, target.shape[:2], inset=inset, feather=feather)
    warped = warp_face(donor, donor_mesh, target_mesh, target.shape[:2])
    solid = alpha > 0.5
    if int(solid.sum()) < 100:
        raise UsageError("the face is too small, or outside the picture: fewer than 100 pixels would be swapped")
    if colour:
        warped = match_colours(warped, target, solid)
    if poisson:
        warped = _poisson(target, warped, alpha > 0)
    share = alpha[:, :, None]
    mixed = np.clip(np.rint(target * (1 - share) + warped * share), 0, 255).astype(np.uint8)
    return Swap(pixels=mixed, alpha=alpha)


def inner_face(mesh: np.ndarray, shape: tuple[int, int], *, inset: float = 0.12, feather: float = 0.3) -> np.ndarray:
    """Return a soft mask of the inner face, shape (height, width), float32: 1 inside, 0 at the edge and beyond.

    ``inset`` and ``feather`` are shares of the distance between the eyes (see `swap_face`).
    """
    unit = eye_distance(mesh)
    outline = cv2.convexHull(np.asarray(mesh[list(OVAL), :2], np.float32))
    inside = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(inside, np.rint(outline * 16).astype(np.int32), 1, shift=4)
    # A margin of zeros: a face that the picture cuts off keeps a soft edge there too.
    depth = cv2.distanceTransform(cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[
        1:-1, 1:-1
    ]
    rise = np.clip((depth - inset * unit) / max(feather * unit, 1e-6), 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)


def warp_face(donor: np.ndarray, donor_mesh: np.ndarray, mesh: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the donor's face moved onto ``mesh``, in a picture of that shape; uint8, black outside the mesh.

    Piecewise affine over the Delaunay triangles of the mesh points, with cubic resampling. A donor that is larger than
    the target is reduced first, so that its fine texture does not turn into noise.
    """
    points = np.asarray(donor_mesh[:, :2], np.float64)
    shrink = eye_distance(donor_mesh) / eye_distance(mesh)
    if shrink > 1.5:
        height, width = (max(round(size / shrink), 1) for size in donor.shape[:2])
        points = (points + 0.5) * (width / donor.shape[1], height / donor.shape[0]) - 0.5
        donor = cv2.resize(donor, (width, height), interpolation=cv2.INTER_AREA)
    to = np.asarray(mesh[:, :2], np.float64)
    (x0, y0), (x1, y1) = _window(to, shape)
    if x1 <= x0 or y1 <= y0:
        raise UsageError("the face lies outside the picture")
    grid = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), axis=-1)
    origin = np.asarray(LinearNDInterpolator(to, points, fill_value=-1e4)(grid), np.float32)
    moved = cv2.remap(donor, origin[..., 0], origin[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    out = np.zeros((*shape, 3), np.uint8)
    out[y0:y1, x0:x1] = moved
    return out


def match_colours(pixels: np.ndarray, like: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Give ``pixels`` mean and spread of ``like`` inside ``where``, channel by channel of CIE Lab; uint8 (Reinhard 2001)."""
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    cut = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    ours, theirs = (cv2.cvtColor(part[cut].astype(np.float32) / 255, cv2.COLOR_RGB2Lab) for part in (pixels, like))
    inside = where[cut]
    mean, spread = ours[inside].mean(0), ours[inside].std(0)
    # Hard light on one of the two faces must not turn into glaring contrast.
    gain = np.clip(theirs[inside].std(0) / np.maximum(spread, 0.5), 0.6, 1.6)
    matched = (ours - mean) * gain + theirs[inside].mean(0)
    rgb = cv2.cvtColor(np.asarray(matched, np.float32), cv2.COLOR_Lab2RGB)
    out = pixels.copy()
    out[cut] = np.clip(np.rint(rgb * 255), 0, 255)
    return out


def eye_distance(mesh: np.ndarray) -> float:
    """Return the distance between the centres of the eyes, in pixels of the picture."""
    right, left = (mesh[list(corners), :2].mean(0) for corners in _EYES)
    return max(float(np.linalg.norm(left - right)), 1e-6)


def _window(points: np.ndarray, shape: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    low = np.clip(np.floor(points.min(0)), 0, shape[::-1]).astype(int)
    high = np.clip(np.ceil(points.max(0)) + 1, 0, shape[::-1]).astype(int)
    return (int(low[0]), int(low[1])), (int(high[0]), int(high[1]))


def _poisson(target: np.ndarray, warped: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return the target with the gradients of ``warped`` inside ``where``; a pixel of frame is always the target's."""
    inside = where.copy()
    inside[[0, 1, -2, -1]] = False
    inside[:, [0, 1, -2, -1]] = False
    mask = inside.astype(np.uint8) * 255
    x, y, width, height = cv2.boundingRect(mask)
    # seamlessClone centres the box of the mask on a point; this one puts it back where it was.
    return np.asarray(cv2.seamlessClone(warped, target, mask, (x + width // 2, y + height // 2), cv2.NORMAL_CLONE))
