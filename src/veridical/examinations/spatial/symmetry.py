"""Do the two sides of a face, its ears, earrings, glasses and collar, match?

Method
------
An aid for a person's eye. The largest face is turned upright by its mesh. Five kinds of places are cut out on both sides,
each at its own points of the mesh and at 48 samples per distance of the eyes: ear, earlobe, spectacle frame around the eye,
eyebrow, collar. One side is mirrored and shifted by up to a twelfth of that distance until it fits best. Three differences
are taken: of structure, 1 − the contrast and structure part of the structural similarity (SSIM) of the lightness, averaged
over the patch (for the frame without the eye opening); of colour, the 97th percentile of the distance of the softened
chroma (CIELAB) sample by sample; of detail, the largest difference of the softened band-pass contrast. They see hair,
colours and small things that only one side has. Each is set against photographs of real people: (difference − median) /
robust standard deviation, colour and detail after a logarithm; their mean is the standardised difference of the pair. The
value is the largest over the pairs. The table also gives the distance of the sorted CIELAB values of the two sides, with
the mean lightness made equal.

What a high value means
-----------------------
The two sides of that place differ more than they do on most photographs: there is something to look at. Portrait generators
up to the StyleGAN family often drew one earring, two that are no pair, glasses whose halves do not belong together, or
ears of different shape. The value says nothing by itself: on the pictures measured here generated faces were, if anything,
more symmetrical than photographed ones. The checklist is what counts.

What it cannot see
------------------
- faces without anything that comes in pairs, and newer generators, which draw pairs well
- places that hair or the edge of the picture covers
- heads turned by more than 12 degrees

Also caused by
--------------
- one earring, or two different ones, worn on purpose
- hair that covers one side only, and a head tilted against the shoulders
- light from one side, and a background that differs on the two sides
- scarves, straps, open collars

Needs
-----
A face of at least 100 pixels, its yaw within 12 degrees, with at least one pair of places inside the picture.

References
----------
- F. Matern, C. Riess, M. Stamminger, "Exploiting Visual Artifacts to Expose Deepfakes and Face Manipulations", IEEE WACVW 2019.
- Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image Quality Assessment: From Error Visibility to Structural
  Similarity", IEEE Transactions on Image Processing, 2004.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Region, Table
from ...media.image import Image
from ...perception.faces import Face, Faces
from ...signals.face_frame import FaceFrame, corners_of, face_frame, patch

BRANCH = "artefacts"
DETECTS = ("synthesis",)
DEMO = "lab.artefacts.earring"
AID = True

_PITCH, _MARGIN = 48.0, 4
_C2 = (0.03 * 255) ** 2
_LEAST_INSIDE = 0.9
_LONGEST_MAP = 512
_BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))


@dataclass(frozen=True, slots=True)
class _Place:
    """A kind of place: points of the mesh on both sides, a box around them in distances of the eyes, what is asked.

    ``null`` holds median and robust SD of the difference of structure, then of the logarithms of 1 + those of colour and
    of detail, on photographs of real people (41 to 147 frontal faces of the sources unsplash and utkface).
    """

    name: str
    points: tuple[tuple[int, ...], tuple[int, ...]]
    box: tuple[float, float, float, float]
    null: tuple[tuple[float, float], ...]
    question: str
    hint: str


_PLACES = (
    _Place(
        "earlobe", ((132,), (361,)), (-0.12, 0.38, -0.20, 0.60), ((0.458, 0.267), (3.02, 0.489), (2.621, 0.373)),
        "Is there an earring on one side only, or two that are no pair?",
        "Hair may hide one. A single earring, or two different ones, may be worn on purpose. Look for a shape that melts "
        "into skin or hair, or hangs in the air.",
    ),
    _Place(
        "spectacle frame", ((33, 133), (263, 362)), (-0.48, 0.60, -0.32, 0.45), ((0.455, 0.16), (2.726, 0.562), (2.365, 0.428)),
        "If there are glasses: do the two halves of the frame differ in shape, thickness or colour, or does a part end "
        "in the skin?",
        "Answer absent if there are no glasses. Reflections and a slight turn of the head are innocent; a temple that is "
        "missing or a bridge that does not meet both rims is not.",
    ),
    _Place(
        "ear", ((234,), (454,)), (-0.10, 0.35, -0.35, 0.30), ((0.626, 0.238), (3.181, 0.405), (2.675, 0.386)),
        "Are the two ears of different shape, height or size, or does one lack its folds?",
        "Answer unsure if hair covers one of them. A turned head shows one ear larger.",
    ),
    _Place(
        "collar", ((152,), (152,)), (0.05, 1.25, 0.25, 1.0), ((0.58, 0.211), (3.23, 0.603), (2.764, 0.427)),
        "Do the two sides of the collar, neckline or shoulders fail to belong together?",
        "Open collars, scarves, straps and hair differ innocently. Look for cloth that changes its kind or turns into "
        "skin.",
    ),
    _Place(
        "eyebrow", _BROWS, (-0.40, 0.40, -0.16, 0.16), ((0.319, 0.149), (2.531, 0.529), (1.975, 0.448)),
        "Do the eyebrows differ in thickness or texture more than the face's expression explains?",
        "A raised brow and light from one side are innocent.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pair:
    """What was measured of one kind of place; ``local`` is 1 − SSIM by sample, rows down, columns outwards."""

    place: _Place
    corners: tuple[np.ndarray, np.ndarray]
    structure: float
    colour: float
    detail: float
    spread: float
    difference: float
    local: np.ndarray


def examine(image: Image, faces: Faces, *, least_px: int = 100, most_yaw: float = 12.0) -> Measurement:
    """Compare the two sides of the largest face.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    least_px
        Least width of the face's box in pixels.
    most_yaw
        Largest yaw in degrees, up to 30.

    Raises
    ------
    NotApplicable
        If there is no face, it is too small or turned too far, or no pair of places lies in the picture.
    """
    if least_px < 40 or not 0 < most_yaw <= 30:
        raise UsageError(
            f"least_px must be at least 40 and most_yaw above 0, up to 30; they are {least_px} and {most_yaw}"
        )
    face = _fit(faces, least_px, most_yaw)
    frame = face_frame(face.mesh)
    pairs = [pair for place in _PLACES if (pair := _compare(image.pixels, face, frame, place)) is not None]
    if not pairs:
        raise NotApplicable(f"0 of {len(_PLACES)} pairs of places around the face lie inside the picture")
    pairs.sort(key=lambda pair: -pair.difference)
    top = pairs[0]
    return Measurement(
        value=top.difference, unit="robust SD",
        observation=(
            f"Of {len(pairs)} kinds of places on both sides of the face, the {top.place.name} differs most: "
            f"{_signed(top.difference)} robust standard deviations from the median of photographs."
        ),
        where=tuple(region for pair in pairs for region in _regions(pair)), exhibits=(_map(image, pairs), _table(pairs)),
        facts={"yaw": round(face.yaw, 1), "face width px": round(float(face.box[2] - face.box[0])), "pairs": len(pairs)},
        checklist=tuple(Check(question=p.place.question, hint=p.place.hint, where=_regions(p)) for p in pairs),
    )  # fmt: skip


def _fit(faces: Faces, least_px: int, most_yaw: float) -> Face:
    if not faces.faces:
        raise NotApplicable("0 faces were found; two sides of a face are compared")
    face = faces.faces[0]
    width = float(face.box[2] - face.box[0])
    if width < least_px:
        raise NotApplicable(f"the largest face is {width:.0f} pixels wide; the comparison needs {least_px}")
    if abs(face.yaw) > most_yaw:
        raise NotApplicable(f"the head is turned by {abs(face.yaw):.1f} degrees; the comparison allows {most_yaw:g}")
    return face


def _compare(pixels: np.ndarray, face: Face, frame: FaceFrame, place: _Place) -> _Pair | None:
    anchors = [face.mesh[list(points), :2].mean(0).astype(np.float64) for points in place.points]
    sides = list(zip(anchors, (-1, 1), strict=True))
    corners = [corners_of(frame, anchor, place.box, side) for anchor, side in sides]
    if min(_inside(c, pixels.shape) for c in corners) < _LEAST_INSIDE:
        return None
    right, left = (
        _lab(patch(pixels, frame, anchor, place.box, side, pitch=_PITCH, margin=_MARGIN if side < 0 else 0))
        for anchor, side in sides
    )
    right = _fitted(right, left)
    local = 1 - _similarity(right[..., 0] * 2.55, left[..., 0] * 2.55)
    counted = _outside_the_eye(place, local.shape)
    structure = float(local[counted].mean())
    colour, detail = _colour_difference(right, left, counted), _detail_difference(right, left, counted)
    terms = (structure, np.log1p(colour), np.log1p(detail))
    difference = np.mean([(term - middle) / sd for term, (middle, sd) in zip(terms, place.null, strict=True)])
    local[~counted] = np.nan
    return _Pair(
        place, (corners[0], corners[1]), structure, colour, detail, _distance(right, left), float(difference),
        local.astype(np.float32),
    )  # fmt: skip


def _inside(corners: np.ndarray, shape: tuple[int, ...]) -> float:
    """Share of a box that lies in the picture."""
    step = np.linspace(0, 1, 9)
    u, v = (part.reshape(-1, 1) for part in np.meshgrid(step, step))
    points = corners[0] + u * (corners[1] - corners[0]) + v * (corners[3] - corners[0])
    return float(((points >= 0) & (points <= [shape[1] - 1, shape[0] - 1])).all(1).mean())


def _lab(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab))


def _fitted(wide: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the part of a patch with a margin that fits another one best, by normalised correlation of the lightness."""
    fit = cv2.matchTemplate(wide[..., 0].copy(), other[..., 0].copy(), cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(int(np.argmax(np.nan_to_num(fit))), fit.shape)
    return wide[row : row + other.shape[0], column : column + other.shape[1]]


def _similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the contrast and structure part of SSIM, a sample each, under a Gaussian window."""
    mean_a, mean_b = _blur(a), _blur(b)
    spread = _blur(a * a) - mean_a * mean_a + _blur(b * b) - mean_b * mean_b
    return np.asarray((2 * (_blur(a * b) - mean_a * mean_b) + _C2) / (spread + _C2))


def _blur(plane: np.ndarray, sigma: float = 1.5) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma))


def _colour_difference(a: np.ndarray, b: np.ndarray, counted: np.ndarray) -> float:
    """97th percentile of the distance of the softened chroma, in CIELAB units."""
    apart = np.linalg.norm(_blur(a[..., 1:], 2.0) - _blur(b[..., 1:], 2.0), axis=2)
    return float(np.percentile(apart[counted], 97))


def _detail_difference(a: np.ndarray, b: np.ndarray, counted: np.ndarray) -> float:
    """Largest difference of the softened band-pass contrast (all of CIELAB): a small thing that only one side has."""
    contrast_a, contrast_b = (np.abs(_blur(side) - _blur(side, 5.0)).sum(2) for side in (a, b))
    return float(np.abs(_blur(contrast_a, 3.0) - _blur(contrast_b, 3.0))[counted].max())


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of the distributions in CIELAB (first Wasserstein distance a channel), lightness with equal means."""
    shift = np.array([a[..., 0].mean() - b[..., 0].mean(), 0, 0], np.float32)
    sorted_a, sorted_b = (np.sort(side.reshape(-1, 3), axis=0) for side in (a - shift, b))
    return float(np.sqrt((np.abs(sorted_a - sorted_b).mean(0, np.float64) ** 2).sum()))


def _outside_the_eye(place: _Place, shape: tuple[int, ...]) -> np.ndarray:
    if place.name != "spectacle frame":
        return np.ones(shape, bool)
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    return np.asarray(np.hypot((x / _PITCH + place.box[0]) / 0.3, (y / _PITCH + place.box[2]) / 0.15) > 1)


def _regions(pair: _Pair) -> tuple[Region, ...]:
    regions = []
    for corners, side in zip(pair.corners, ("right", "left"), strict=True):
        low, high = corners.min(0), corners.max(0)
        regions.append(
            Region(
                x=round(float(low[0]), 1), y=round(float(low[1]), 1), width=round(float(high[0] - low[0]), 1),
                height=round(float(high[1] - low[1]), 1), label=f"{pair.place.name}, the person's {side}",
                value=round(pair.difference, 3),
            )
        )  # fmt: skip
    return tuple(regions)


def _map(image: Image, pairs: list[_Pair]) -> Map:
    scale = min(_LONGEST_MAP / max(image.height, image.width), 1.0)
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    values = np.full(size[::-1], np.nan, np.float32)
    for pair in reversed(pairs):
        rows, columns = pair.local.shape
        source = np.array([[0, 0], [columns, 0], [0, rows]], np.float32) - 0.5
        for corners in pair.corners:
            target = ((corners[[0, 1, 3]] + 0.5) * scale - 0.5).astype(np.float32)
            placed = cv2.warpAffine(
                pair.local, cv2.getAffineTransform(source, target), size, flags=cv2.INTER_NEAREST,
                borderMode=cv2.BORDER_CONSTANT, borderValue=np.nan,
            )  # fmt: skip
            values = np.where(np.isnan(placed), values, placed)
    return Map(
        name="difference of the two sides", values=values, unit="1 − SSIM", low=0.0, high=1.5,
        caption=(
            "Where a place on one side differs in structure from the same place on the other, mirrored; drawn on both. "
            "0 is equal, 1 unrelated, more is opposite. Hair and background make photographs differ as well: the median "
            "around the ears of photographs is 0.6."
        ),
    )  # fmt: skip


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")


def _table(pairs: list[_Pair]) -> Table:
    rows = tuple(
        (p.place.name, *(f"{v:.{digits}f}" for v, digits in ((p.structure, 2), (p.colour, 1), (p.detail, 1), (p.spread, 1))),
         _signed(p.difference))
        for p in pairs
    )  # fmt: skip
    columns = (
        "place",
        "structure (1 − SSIM)",
        "colour (CIELAB)",
        "detail (CIELAB)",
        "distributions (CIELAB)",
        "robust SD",
    )
    return Table(
        name="pairs of places", columns=columns, rows=rows,
        caption=(
            "Most different first. The last column is measured from the median of photographs; in nine of ten "
            "photographs the largest of them stays below 1.5."
        ),
    )  # fmt: skip
