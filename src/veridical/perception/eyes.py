"""The eyes of large faces at native resolution: iris, opening between the lids, pupil, highlights."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, ceil, floor

import cv2
import numpy as np

from ..errors import NotApplicable
from ..finding import Region
from ..media.image import Image
from ..signals.circles import Circle, Search, find_circle
from . import _mesh, _pupil
from ._face import Face
from ._placement import to_native
from .faces import Faces

MODELS = ("iris.64",)
_SEARCH = Search(reach=0.3, smallest=0.75, largest=1.3, gap=0.07, sideways=0.9, pull=8.0)
_CONTOUR = 16
_MARGIN = 0.3
_INVERSE = {6: 8, 8: 6}
# Below these an eye is closed, in deep shadow, or not an eye.
_LEAST_OPENNESS, _LEAST_LIMBUS = 0.2, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """One eye. All masks have the shape of the crop; its upper left pixel lies at (left, top) of the native pixels.

    Parameters
    ----------
    left, top
        Where the crop lies, native pixels.
    x, y, radius
        Iris: centre and radius in native pixels.
    limbus
        Mean rise of brightness (red channel) across the rim of the iris, steps of 255.
    corners
        shape (2, 2), float32: outer and inner corner of the eye, native pixels.
    openness
        Height / width of the opening between the lids.
    opening
        shape (h, w), bool: between the lids.
    iris
        shape (h, w), bool: the disc of the iris between the lids, pupil included.
    pupil
        shape (h, w), bool; empty if no darker disc was found.
    contrast
        Brightness (of the brightest colour) of the iris around the pupil, on its darker side, less that of the pupil, steps
        of 255.
    separability
        The same over the robust spread within both; a dark iris, or one in the shadow of the lid, gives little.
    clear
        Share of the pupil's surroundings that neither lids nor highlights cover, 0–1.
    highlights
        shape (h, w), bool: mirror images of light sources within the iris.
    """

    left: int
    top: int
    x: float
    y: float
    radius: float
    limbus: float
    corners: np.ndarray
    openness: float
    opening: np.ndarray
    iris: np.ndarray
    pupil: np.ndarray
    contrast: float
    separability: float
    clear: float
    highlights: np.ndarray

    @property
    def cut(self) -> tuple[slice, slice]:
        """Rows and columns of the crop, to index the native pixels with."""
        rows, columns = self.opening.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)

    @property
    def width(self) -> float:
        """Distance between the corners, pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    def region(self, label: str, value: float | None = None) -> Region:
        """Return the place of the crop in the picture."""
        rows, columns = self.opening.shape
        return Region(
            x=float(self.left), y=float(self.top), width=float(columns), height=float(rows), label=label, value=value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both eyes of one face: the person's right eye, then the left; ``face`` is its number in Faces."""

    face: int
    yaw: float
    eyes: tuple[Eye, Eye]

    def unfit(self, *, least_radius_px: float, most_yaw: float) -> str:
        """Say why these eyes cannot be compared; empty if they can."""
        radius = min(eye.radius for eye in self.eyes)
        rim = min(eye.limbus for eye in self.eyes)
        openness = min(eye.openness for eye in self.eyes)
        if radius < least_radius_px:
            return f"the smaller iris has a radius of {radius:.1f} px; {least_radius_px:g} are needed"
        if abs(self.yaw) > most_yaw:
            return f"the head is turned by {abs(self.yaw):.0f}°; at most {most_yaw:g}° are allowed"
        if openness < _LEAST_OPENNESS:
            return f"an eye is open by {openness:.2f} of its width; {_LEAST_OPENNESS:g} is needed"
        if rim < _LEAST_LIMBUS:
            return f"brightness rises by {rim:.0f} of 255 steps across the rim of an iris; {_LEAST_LIMBUS:g} are needed"
        return ""


@dataclass(frozen=True, slots=True)
class Eyes:
    """The eyes of all faces that are large enough, largest face first; may be empty.

    ``faces`` is the number of faces in the picture, ``largest_px`` the largest radius of an iris as the iris net sees it.
    """

    pairs: tuple[Pair, ...]
    faces: int
    largest_px: float

    def fit(self, *, least_radius_px: float, most_yaw: float) -> tuple[Pair, ...]:
        """Return the pairs that can be compared; raises NotApplicable with the reason if there is none."""
        if not self.faces:
            raise NotApplicable("no face was found in the picture")
        if not self.pairs:
            raise NotApplicable(
                f"the largest iris in the picture has a radius of {self.largest_px:.1f} px; {least_radius_px:g} are needed"
            )
        reasons = [pair.unfit(least_radius_px=least_radius_px, most_yaw=most_yaw) for pair in self.pairs]
        if all(reasons):
            raise NotApplicable(reasons[0])
        return tuple(pair for pair, reason in zip(self.pairs, reasons, strict=True) if not reason)


def see_eyes(image: Image, faces: Faces, *, least_radius_px: float = 6.0, most: int = 4) -> Eyes:
    """Look closely at the eyes of the largest faces.

    Parameters
    ----------
    least_radius_px
        Least radius of an iris, as the iris net sees it; both eyes must reach it.
    most
        Most faces that are looked at.
    """
    pairs: list[Pair] = []
    for number, face in enumerate(faces.faces):
        if len(pairs) < most and float(_radii(face.irises).min()) >= least_radius_px:
            pair = _pair(image, face, number)
            if pair is not None:
                pairs.append(pair)
    largest = max((float(_radii(face.irises).max()) for face in faces.faces), default=0.0)
    return Eyes(tuple(pairs), len(faces.faces), largest)


def _radii(irises: np.ndarray) -> np.ndarray:
    """Mean of the half distances between opposite points of the rim: shape (2,)."""
    across = np.linalg.norm(irises[:, 1] - irises[:, 3], axis=-1)
    down = np.linalg.norm(irises[:, 2] - irises[:, 4], axis=-1)
    return np.asarray((across + down) / 4)


def _pair(image: Image, face: Face, number: int) -> Pair | None:
    contours = _contours(image, face)
    eyes = [
        _eye(image.pixels, contour, iris, float(radius), float(openness))
        for contour, iris, radius, openness in zip(
            contours, face.irises, _radii(face.irises), face.eye_openness, strict=True
        )
    ]
    right, left = eyes
    return None if right is None or left is None else Pair(face=number, yaw=face.yaw, eyes=(right, left))


def _contours(image: Image, face: Face) -> np.ndarray:
    """Contours of the lids as the iris net sees them, in native pixels: shape (2, 16, 2)."""
    shown = to_native(face.mesh, _INVERSE.get(image.orientation, image.orientation), image.pixels.shape)
    _, contours = _mesh.see_eyes(image.display, shown)
    return to_native(contours[:, :_CONTOUR], image.orientation, image.display.shape)


def _eye(pixels: np.ndarray, contour: np.ndarray, iris: np.ndarray, radius: float, openness: float) -> Eye | None:
    points = np.concatenate([contour, iris[:1] - radius, iris[:1] + radius])
    margin = _MARGIN * radius + 2
    (left, top), (right, bottom) = points.min(0) - margin, points.max(0) + margin
    left, top = max(floor(left), 0), max(floor(top), 0)
    crop = pixels[top : max(ceil(bottom), 0), left : max(ceil(right), 0)]
    if min(crop.shape[:2]) < 8:
        return None
    here = contour - (left, top)
    opening = _filled(crop.shape, here)
    start = Circle(x=float(iris[0, 0] - left), y=float(iris[0, 1] - top), radius=radius, rise=0.0)
    across = here[8] - here[0]
    turn = atan2(across[1], across[0])
    # Lashes and the shadow of the lid belong to no rim: the weight fades towards the lids.
    weight = cv2.GaussianBlur(opening.astype(np.float32), (0, 0), 0.08 * radius + 0.5) ** 2
    circle = find_circle(crop[:, :, 0].astype(np.float32), weight, start, _SEARCH, turn=turn)
    if circle is None:
        return None
    highlights = _pupil.see_highlights(crop, circle, opening)
    pupil = _pupil.see_pupil(crop, circle, opening, highlights)
    return Eye(
        left=left, top=top, x=circle.x + left, y=circle.y + top, radius=circle.radius, limbus=circle.rise,
        corners=contour[[0, 8]].astype(np.float32), openness=openness, opening=opening,
        iris=opening & _pupil.disc(crop.shape, circle), pupil=pupil.mask, contrast=pupil.contrast,
        separability=pupil.separability, clear=pupil.clear, highlights=highlights,
    )  # fmt: skip


def _filled(shape: tuple[int, ...], contour: np.ndarray) -> np.ndarray:
    """Fill the contour of the iris net: 0 and 8 are the corners, 1–7 the lower lid, 9–15 the upper."""
    order = [0, *range(1, 9), *range(15, 8, -1)]
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(contour[order] * 16).astype(np.int32)], 1, shift=4)
    return mask > 0
