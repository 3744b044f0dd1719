"""Is a face blurred more, or less, than the hair, neck and rim of the head around it?

Method
------
At every edge point of the head the blur is measured: the gradient after two known Gaussian blurs gives the standard deviation,
in pixels, of the Gaussian that makes such an edge of a sharp step. The two blurs (0.4 and 1 pixel) are doubled, at most
twice, where the surroundings are softer. Edge points inside the face (its outline shrunk to 0.88: eyes, brows, nose, mouth)
are compared with those in the ring around it (1.08 to 1.8 times the outline) that lie on the person or its rim, not in the
background: hair, ears, jaw, neck and collar stand at nearly the distance of the face, so that the depth of field hardly
parts them. Compared are the medians, weighted by gradient. The value is the absolute natural logarithm of their ratio
(0.69 is twice as blurred) for the face where it is largest.

What a high value means
-----------------------
The face was enlarged from fewer pixels, smoothed, or sharpened, and its surroundings were not: many face swaps are made at a
fixed small size. Blurrier and sharper faces count alike; the sign is in the observation.

What it cannot see
------------------
- a face that is swapped at the full resolution of the picture
- a picture made or smoothed as a whole
- edits after which the whole picture was reduced until both sides are equally sharp
- faces without edges in their surroundings (bald heads before a plain wall)

Also caused by
--------------
- a depth of field shallower than a head: a near face in sharp focus, its ears and hair out of it
- fine hair against smooth skin, beards against bare skin
- skin-smoothing filters, make-up, soft light
- spectacles, hats and hands in front of the face
- motion blur of the head against the body; strong compression of small faces

Needs
-----
A face at least 48 pixels wide, with at least 40 edge points inside it and 40 in its surroundings.

References
----------
- S. Zhuo, T. Sim, "Defocus Map Estimation from a Single Image", Pattern Recognition 44(9), 2011.
- K. Bahrami, A. C. Kot, L. Li, H. Li, "Blurred Image Splicing Localization by Exposing Blur Type Inconsistency", IEEE
  Transactions on Information Forensics and Security 10(5), 2015.
- Y. Li, S. Lyu, "Exposing DeepFake Videos by Detecting Face Warping Artifacts", CVPR Workshops, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region, Scalar
from ...media.image import Image
from ...perception.faces import Faces
from ...perception.person import PersonMask
from ...signals.blocks import covering, grey
from ...signals.edge_blur import Edges, edge_blur, weighted_median
from ...signals.face_areas import filled, oval

BRANCH = "environment"
DETECTS = ("replacement", "editing")
DEMO = "lab.environment.resolution"

_INNER, _RING = 0.88, (1.08, 1.8)
_NARROWEST = 48.0
_FEWEST = 40
_PERSON = 0.02
_GRADIENT = 2.0
_SCALES = (1.0, 2.0, 4.0)
# The blurs are doubled where the surroundings are softer than this, in units of the scale.
_SOFT = 1.6
_FEWEST_IN_BLOCK = 3
# Nine in ten of the 740 real pictures of the labelled media with such a face, as they are, stay below this.
_PHOTOGRAPHS, _USUAL = 740, 0.35


@dataclass(frozen=True, slots=True)
class _Head:
    """One head: the corner of its part of the picture, its edge points, and which of them lie where."""

    x: int
    y: int
    shape: tuple[int, int]
    edges: Edges
    inside: np.ndarray
    around: np.ndarray
    scale: float

    @property
    def face_px(self) -> float:
        return weighted_median(self.edges.blur[self.inside], self.edges.gradient[self.inside])

    @property
    def surroundings_px(self) -> float:
        return weighted_median(self.edges.blur[self.around], self.edges.gradient[self.around])

    @property
    def ratio(self) -> float:
        return float(np.log(self.face_px / self.surroundings_px))

    @property
    def enough(self) -> bool:
        return min(int(self.inside.sum()), int(self.around.sum())) >= _FEWEST


def examine(image: Image, faces: Faces, person: PersonMask | None, *, outer: float = _RING[1]) -> Measurement:
    """Measure how differently a face and the head around it are blurred.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    person
        Where people are; without it the ring around the face is not told from the background.
    outer
        How far the ring reaches, as a multiple of the outline of the face.

    Raises
    ------
    NotApplicable
        If there is no face, or none that is wide enough and has edges enough inside and around it.
    """
    if outer <= _RING[0]:
        raise UsageError(f"outer must be above {_RING[0]}; it is {outer}")
    heads = _heads(image, faces, person, outer)
    ratios = [head.ratio for head in heads]
    most = int(np.argmax(np.abs(ratios)))
    head = heads[most]
    return Measurement(
        value=abs(ratios[most]), unit="ln",
        observation=(
            f"Edges inside {'the face' if len(heads) == 1 else f'the most different of {len(heads)} faces'} are blurred by "
            f"{head.face_px:.2f} px ({int(head.inside.sum())} edge points), those of the head around it by "
            f"{head.surroundings_px:.2f} px ({int(head.around.sum())}): the face is {np.exp(abs(ratios[most])):.2f} times "
            f"as {'blurred' if ratios[most] > 0 else 'sharp'}."
        ),
        where=tuple(_region(heads[i]) for i in np.argsort(-np.abs(ratios), kind="stable")),
        exhibits=_maps(image, heads), facts=_facts(heads), limits=_limits(image, faces, person, heads),
    )  # fmt: skip


def _heads(image: Image, faces: Faces, person: PersonMask | None, outer: float) -> list[_Head]:
    if not faces.faces:
        raise NotApplicable("no face was found; sharpness is compared between a face and the head around it")
    widest = max(float(np.ptp(face.mesh[:, 0])) for face in faces.faces)
    if widest < _NARROWEST:
        raise NotApplicable(f"the largest face is {widest:.0f} px wide; the comparison needs {_NARROWEST:.0f}")
    seen = [_head(image, face.mesh, person, outer) for face in faces.faces if np.ptp(face.mesh[:, 0]) >= _NARROWEST]
    heads = [head for head in seen if head.enough]
    if not heads:
        inside, around = (max(int(getattr(head, side).sum()) for head in seen) for side in ("inside", "around"))
        raise NotApplicable(
            f"at most {inside} edge points lie inside a face and {around} around it; the comparison needs {_FEWEST} each"
        )
    return heads


def _head(image: Image, mesh: np.ndarray, person: PersonMask | None, outer: float) -> _Head:
    outline = oval(mesh, outer)
    size = np.array([image.width, image.height])
    x0, y0 = np.clip(np.floor(outline.min(0)).astype(int), 0, size - 1)
    x1, y1 = np.clip(np.ceil(outline.max(0)).astype(int) + 1, 1, size)
    luma = grey(image.pixels[y0:y1, x0:x1])
    face, near, far = (filled(oval(mesh, by) - (x0, y0), *luma.shape) for by in (_INNER, _RING[0], outer))
    head = None
    for scale in _SCALES:
        edges = edge_blur(luma, scale=scale, least=_GRADIENT / scale)
        at = edges.rows, edges.columns
        around = far[at] & ~near[at]
        if person is not None:
            around &= person.at(edges.columns + x0, edges.rows + y0, image.width, image.height) > _PERSON
        head = _Head(int(x0), int(y0), luma.shape, edges, face[at], around, scale)
        if not head.enough or head.surroundings_px < _SOFT * scale:
            break
    assert head is not None  # noqa: S101
    return head


def _region(head: _Head) -> Region:
    rows, columns = head.edges.rows[head.inside], head.edges.columns[head.inside]
    side = "blurred" if head.ratio > 0 else "sharp"
    return Region(
        x=float(head.x + columns.min()), y=float(head.y + rows.min()), width=float(np.ptp(columns) + 1),
        height=float(np.ptp(rows) + 1), label=f"face: more {side} than the head around it", value=round(head.ratio, 4),
    )  # fmt: skip


def _facts(heads: list[_Head]) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {"faces compared": len(heads)}
    for number, head in enumerate(heads, 1):
        facts[f"face {number}: blur inside, px"] = round(head.face_px, 3)
        facts[f"face {number}: blur around, px"] = round(head.surroundings_px, 3)
        facts[f"face {number}: coarser blur used, px"] = head.scale
    return facts


def _maps(image: Image, heads: list[_Head]) -> tuple[Map, Map]:
    widest = max(head.shape[1] for head in heads)
    pitch = 8 if widest < 500 else 16 if widest < 1500 else 32
    shape = (-(-image.height // pitch), -(-image.width // pitch))
    apart, blur = (np.full(shape, np.nan, np.float32) for _ in range(2))
    for head in reversed(heads):
        told = head.inside | head.around
        rows = (head.edges.rows[told] + head.y) // pitch
        columns = (head.edges.columns[told] + head.x) // pitch
        cell = rows * shape[1] + columns
        weight = head.edges.gradient[told].astype(np.float64)
        count, total, logs = (
            np.bincount(cell, values, shape[0] * shape[1]).reshape(shape)
            for values in (None, weight, weight * np.log(head.edges.blur[told]))
        )
        filled = count >= _FEWEST_IN_BLOCK
        mean = logs[filled] / total[filled]
        blur[filled] = np.exp(mean)
        apart[filled] = mean - np.log(head.surroundings_px)
    size = {"height": image.height, "width": image.width}
    return (
        Map(
            name="Blur against that of the head around the face", values=covering(apart, **size, pitch=pitch), unit="ln",
            low=-1.5, high=1.5, diverging=True,
            caption="Above 0: blurrier than the typical edge around the face, below 0: sharper; 0.69 is a factor of two. "
            "Single soft or sharp features are in every face: what counts is the face as a whole. In nine of ten of "
            f"{_PHOTOGRAPHS} pristine photographs the typical edges differ by less than {_USUAL:g}. Only heads are judged.",
        ),
        Map(
            name="Blur of edges", values=covering(blur, **size, pitch=pitch), unit="px", low=0.0, high=4.0,
            caption="Standard deviation of the Gaussian that makes such edges of sharp steps; empty without edges.",
        ),
    )  # fmt: skip


def _limits(image: Image, faces: Faces, person: PersonMask | None, heads: list[_Head]) -> tuple[str, ...]:
    limits = []
    if person is None:
        limits.append("Where the person ends is not known: edges of the background count as surroundings.")
    if (left := len(faces.faces) - len(heads)) > 0:
        limits.append(f"{left} of {len(faces.faces)} faces are too small or have too few edges to be compared.")
    if image.jpeg is not None and image.jpeg.quality < 75:
        limits.append(
            f"The file was saved at about JPEG quality {image.jpeg.quality}: block edges count as sharp edges."
        )
    return tuple(limits)
