"""Do teeth and eyes lack the fine detail that belongs there?

Method
------
The largest face with open eyes and visible teeth is cut out and made smaller, never larger, until its eyes are 96 pixels
apart. The mean of 15 × 15 neighbours is taken off its luminance, and Laws' masks of 5 × 5 give nine energies of fine detail,
each averaged over 10 × 10 pixels and over a region: the eyes between the lids, the teeth (the brighter of two clusters of
brightness inside the inner lips), and for comparison the skin of both cheeks. The value is −ln of the ratio between the
detail of eyes and teeth and that of the cheeks, averaged over the nine energies and both regions. The 18 energies of eyes and
teeth, as ln, are the features.

What a high value means
-----------------------
Eyes and teeth are as smooth as skin. Early face swaps were decoded at 64 to 128 pixels: teeth became one white blot, eyes
blurred discs without lashes or highlights.

What it cannot see
------------------
This cue describes fakes of about 2018. Trained classifiers on these features reached an AUC of about 0.55 on the better
fakes of Celeb-DF (0.5 is chance; table in the FakeAVCeleb repository, after the Celeb-DF paper). It also cannot see:

- face swaps at 256 pixels and more, and pictures made as a whole by current generators
- closed mouths and eyes, and faces below some 220 pixels
- anything that made the whole face smooth: the cheeks are the yardstick

Also caused by
--------------
- whitened teeth, retouched eyes, beauty filters that spare the skin
- rough skin, freckles, a beard on the cheeks, which raise the yardstick
- a mouth or eyes out of focus, or in motion
- strong compression, noise in a dark picture
- spectacles, and lips mistaken for teeth

Needs
-----
A face whose eyes are at least 80 pixels apart, turned by at most 30°, with both eyes open (height / width 0.2 or more) and
the mouth open (inner lips 0.1 or more), with teeth in it, and both cheeks in the picture.

References
----------
- F. Matern, C. Riess, M. Stamminger, "Exploiting Visual Artifacts to Expose Deepfakes and Face Manipulations", IEEE
  WACVW 2019.
- K. I. Laws, "Textured Image Segmentation", University of Southern California, 1980.
- Y. Li, X. Yang, P. Sun, H. Qi, S. Lyu, "Celeb-DF: A Large-Scale Challenging Dataset for DeepFake Forensics", CVPR 2020.
- H. Khalid, S. Tariq, M. Kim, S. S. Woo, "FakeAVCeleb", NeurIPS Datasets and Benchmarks 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Region, Table
from ...media.image import Image
from ...perception.faces import Face, Faces
from ...perception.skin import SkinRegion, SkinRegions
from ...signals.blocks import grey
from ...signals.laws import PAIRS, energies
from ...signals.patches import scattered

BRANCH = "artefacts"
DETECTS = ("replacement", "reenactment")
DEMO = "lab.eyes.smooth"

_APART = 96.0
_MOST_YAW = 30.0
# Measured on 54 of 290 photographs (39 of FFHQ, 13 web portraits, 2 of Unsplash); the others were gated.
_PRISTINE = "In nine of ten of 54 pristine photographs the value stays below −0.6, in half below −1.2."
_LEAST_EYES, _LEAST_MOUTH = 0.2, 0.1
_LEAST_TEETH, _FEWEST_PX = 0.01, 12
_EPSILON = 0.05
# Outlines in the mesh: both eyes (the person's right first), the inner lips.
_EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
_LIPS = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
_CHEEKS = ("right cheek", "left cheek")


@dataclass(frozen=True, slots=True)
class _Looked:
    """One face at its common scale: energies (9, h, w), masks of eyes, teeth and cheeks, and where it lies."""

    face: Face
    energy: np.ndarray
    eyes: np.ndarray
    teeth: np.ndarray
    cheeks: np.ndarray
    left: int
    top: int
    width: int
    height: int

    def mean(self, mask: np.ndarray) -> np.ndarray:
        return np.asarray(np.log(self.energy[:, mask].mean(1, dtype=np.float64) + _EPSILON))

    @property
    def lack(self) -> np.ndarray:
        """Of eyes and teeth: −ln of the ratio to the cheeks, mean over the nine energies; shape (2,)."""
        skin = self.mean(self.cheeks)
        return np.array([float((skin - self.mean(mask)).mean()) for mask in (self.eyes, self.teeth)])


def examine(image: Image, faces: Faces, skin: SkinRegions, *, least_interocular_px: float = 80.0) -> Measurement:
    """Measure how much less detail eyes and teeth hold than is usual beside the cheeks.

    Parameters
    ----------
    image
        The picture.
    faces, skin
        Its faces and the skin of each.
    least_interocular_px
        Least distance between the eyes, pixels.

    Raises
    ------
    NotApplicable
        If no face is large enough and shows open eyes, teeth and cheeks.
    """
    if least_interocular_px < 40:
        raise UsageError(f"least_interocular_px must be 40 or more; it is {least_interocular_px:g}")
    if not faces.faces:
        raise NotApplicable("no face was found in the picture")
    reason = ""
    for face, regions in zip(faces.faces, skin.faces, strict=True):
        unfit = _unfit(face, least_interocular_px)
        looked = unfit or _look(image, face, regions)
        if isinstance(looked, _Looked):
            return _measurement(image, looked)
        reason = reason or looked
    raise NotApplicable(reason)


def _unfit(face: Face, least: float) -> str:
    if face.interocular < least:
        return f"the eyes of the largest face are {face.interocular:.0f} px apart; {least:g} are needed"
    if abs(face.yaw) > _MOST_YAW:
        return f"the head is turned by {abs(face.yaw):.0f}°; at most {_MOST_YAW:g}° are allowed"
    openness = float(face.eye_openness.min())
    if openness < _LEAST_EYES:
        return f"an eye is open by {openness:.2f} of its width; {_LEAST_EYES:g} is needed"
    if face.mouth_opening < _LEAST_MOUTH:
        return f"the mouth is open by {face.mouth_opening:.2f} of its width; {_LEAST_MOUTH:g} is needed to see teeth"
    return ""


def _look(image: Image, face: Face, regions: tuple[SkinRegion, ...]) -> _Looked | str:
    """Return the face at its common scale, or why it cannot be looked at."""
    scale = min(1.0, _APART / face.interocular)
    margin = 0.2 * face.interocular
    (x0, y0), (x1, y1) = face.mesh[:, :2].min(0) - margin, face.mesh[:, :2].max(0) + margin
    left, top = max(floor(x0), 0), max(floor(y0), 0)
    crop = image.pixels[top : max(ceil(y1), 0), left : max(ceil(x1), 0)]
    if min(crop.shape[:2]) < face.interocular:
        return "the face lies mostly outside the picture"
    plane = cv2.resize(grey(crop), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    eyes, mouth, cheeks = (np.zeros(plane.shape, np.uint8) for _ in range(3))
    for mask, polygons in (
        (eyes, [face.mesh[list(ring), :2] for ring in _EYES]),
        (mouth, [face.mesh[list(_LIPS), :2]]),
        (cheeks, [region.polygon for region in regions if region.name in _CHEEKS]),
    ):
        for polygon in polygons:
            placed = (polygon - (left, top) + 0.5) * scale - 0.5
            cv2.fillPoly(mask, [np.rint(placed * 16).astype(np.int32)], 1, shift=4)
    teeth = _teeth(plane, mouth > 0)
    counts = {"the eyes": int(eyes.sum()), "the teeth": int(teeth.sum()), "the cheeks": int(cheeks.sum())}
    if counts["the teeth"] < _LEAST_TEETH * mouth.sum() or min(counts.values()) < _FEWEST_PX:
        few = min(counts, key=lambda name: counts[name])
        return f"{few} cover {counts[few]} pixels at the common scale; {_FEWEST_PX} are needed"
    return _Looked(
        face, energies(plane), eyes > 0, teeth, cheeks > 0, left, top, crop.shape[1], crop.shape[0]
    )  # fmt: skip


def _teeth(plane: np.ndarray, mouth: np.ndarray) -> np.ndarray:
    """Return the brighter of two clusters of brightness inside the lips (two-means, started at the extremes)."""
    values = plane[mouth]
    if values.size < _FEWEST_PX:
        return np.zeros_like(mouth)
    dark, bright = float(values.min()), float(values.max())
    for _ in range(50):
        limit = (dark + bright) / 2
        upper, lower = values[values > limit], values[values <= limit]
        if not upper.size or not lower.size:
            return np.zeros_like(mouth)
        moved = float(lower.mean()), float(upper.mean())
        if moved == (dark, bright):
            break
        dark, bright = moved
    return np.asarray(mouth & (plane > (dark + bright) / 2))


def _measurement(image: Image, looked: _Looked) -> Measurement:
    eyes, teeth = looked.lack
    more = [f"{np.exp(-lack):.2f} times" for lack in (eyes, teeth)]
    return Measurement(
        value=float((eyes + teeth) / 2), unit="ln",
        observation=(
            f"Relative to the cheeks of the same face, the eyes hold {more[0]} the fine detail and the teeth {more[1]} "
            "(geometric mean of nine texture energies)."
        ),
        where=tuple(_regions(looked)), exhibits=(_overlay(image, looked), _table(looked)),
        facts={
            "lack in the eyes (ln)": round(float(eyes), 4), "lack in the teeth (ln)": round(float(teeth), 4),
            "distance of the eyes (px)": round(looked.face.interocular, 1),
            "opening of the mouth": round(looked.face.mouth_opening, 3),
        },
        limits=("The cue describes fakes of about 2018; on later ones it is near chance.",),
        checklist=(_check(looked),),
        features=np.concatenate([looked.mean(looked.eyes), looked.mean(looked.teeth)]).astype(np.float32),
    )  # fmt: skip


def _regions(looked: _Looked) -> list[Region]:
    mesh = looked.face.mesh[:, :2]
    regions = []
    for label, points in (("right eye", _EYES[0]), ("left eye", _EYES[1]), ("teeth", _LIPS)):
        gap = 0.12 * looked.face.interocular
        low, high = mesh[list(points)].min(0) - gap, mesh[list(points)].max(0) + gap
        lack = looked.lack[1 if label == "teeth" else 0]
        regions.append(
            Region(
                x=float(low[0]), y=float(low[1]), width=float(high[0] - low[0]), height=float(high[1] - low[1]),
                label=label, value=round(float(lack), 3),
            )
        )  # fmt: skip
    return sorted(regions, key=lambda region: -(region.value or 0.0))


def _overlay(image: Image, looked: _Looked) -> Map:
    skin = looked.mean(looked.cheeks)
    local = (skin[:, None, None] - np.log(looked.energy + _EPSILON)).mean(0)
    lack = np.where(looked.eyes | looked.teeth, local, np.nan).astype(np.float32)
    wide = cv2.resize(lack, (looked.width, looked.height), interpolation=cv2.INTER_NEAREST)
    return Map(
        name="Lack of detail in eyes and teeth",
        values=scattered(image.height, image.width, [(looked.left, looked.top, wide)]), unit="ln", low=-4.0, high=0.0,
        caption="−ln of the detail relative to the mean of the cheeks: 0 is as smooth as the cheeks, −4 some fifty times "
        f"their detail. {_PRISTINE}",
    )  # fmt: skip


def _table(looked: _Looked) -> Table:
    columns = [np.exp(looked.mean(mask)) - _EPSILON for mask in (looked.eyes, looked.teeth, looked.cheeks)]
    rows = [("".join(pair), *(f"{column[i]:.2f}" for column in columns)) for i, pair in enumerate(PAIRS)]
    return Table(
        name="Texture energies", columns=("masks", "eyes", "teeth", "cheeks"), rows=tuple(rows),
        caption="Mean energy at a distance of the eyes of 96 pixels or less. L: level, E: edge, S: spot, R: ripple.",
    )  # fmt: skip


def _check(looked: _Looked) -> Check:
    return Check(
        question="Are teeth a single bright blot, or eyes blurred discs, where the rest of the face is sharp?",
        hint="Out of focus, whitened or retouched teeth look alike; compare with brows, lashes and lips.",
        where=tuple(_regions(looked)),
    )
