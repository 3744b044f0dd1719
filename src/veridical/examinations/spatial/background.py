"""Do lines behind a person bend that ought to be straight, or do pieces of other faces stand at the edge?

Method
------
Outside the person, line segments are found (LSD) in the luminance, at 1.5 megapixels or less, and chained where one nearly
continues the other (a turn of at most 14°). Of each chain of at least a tenth of the picture's shorter side, the bend is the
farthest point from the straight line between its ends, as a share of its length. The value is the mean bend, weighted by
length, in thousandths. Faces that the edge of the picture cuts are listed beside that. It is an aid: a person looks at the
lines that bend most and says what they are.

What a high value means
-----------------------
Edges of doors, shelves and walls that ought to be straight bend, as where a program has warped a body or a face, or a generator
has drawn a background that it did not understand.

What it cannot see
------------------
- backgrounds without lines, or out of focus
- lines behind the person, and those broken into pieces shorter than a thirtieth of the picture
- whether a thing is straight in the world: round things bend by themselves

Also caused by
--------------
- wide-angle lenses, which bend lines towards the edges
- arches, branches, fabric, furniture with curves
- panoramas, and pictures of pages that are not flat

Needs
-----
A picture of at least 256 × 256 pixels with a person, and at least four lines outside it.

References
----------
- R. Grompone von Gioi, J. Jakubowicz, J.-M. Morel, G. Randall, "LSD: a Line Segment Detector", Image Processing On Line, 2012.
- T. Karras, S. Laine, T. Aila, "A Style-Based Generator Architecture for Generative Adversarial Networks", CVPR, 2019.
"""

from __future__ import annotations

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Region
from ...media.image import Image
from ...perception.faces import Faces
from ...perception.person import PersonMask
from ...signals.straight_lines import Chain, chains

AID = True
BRANCH = "artefacts"
DETECTS = ("synthesis", "editing")
DEMO = "lab.background.warp"

_SMALLEST = 256
_WORKING = 1_500_000
_FEWEST, _LEAST = 4, 0.1
_PERSON = 0.3
_MOST_PLACES = 5
_HIGHEST = 40.0


def examine(image: Image, person: PersonMask, faces: Faces, *, least_length: float = _LEAST) -> Measurement:
    """Measure how far nearly straight lines of the background bend.

    Parameters
    ----------
    image
        The picture.
    person, faces
        Where people are, and their faces.
    least_length
        Least length of a line, as a share of the picture's shorter side.

    Raises
    ------
    NotApplicable
        If the picture is too small, shows nobody, or has too few lines outside the person.
    """
    if not 0.02 <= least_length <= 1:
        raise UsageError(f"least_length must be 0.02 to 1; it is {least_length:g}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; a background needs {_SMALLEST} × {_SMALLEST}"
        )
    if not faces.faces:
        raise NotApplicable("no face was found: there is no person whose background could be looked at")
    scale = min(1.0, (_WORKING / (image.height * image.width)) ** 0.5)
    size = (round(image.width * scale), round(image.height * scale))
    plane = cv2.cvtColor(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    behind = person.over(size[1], size[0]) < _PERSON
    found = chains(np.asarray(plane), behind, least=least_length * min(size))
    if len(found) < _FEWEST:
        raise NotApplicable(f"{len(found)} lines are long enough outside the person; {_FEWEST} are needed")
    lengths, bends = (np.array([getattr(one, name) for one in found]) for name in ("length", "bend"))
    value = 1000 * float((lengths * bends).sum() / lengths.sum())
    worst = sorted((one for one in found if one.bend > 0), key=lambda one: -one.bend * one.length)[:_MOST_PLACES]
    places = tuple(_region(one, scale) for one in worst)
    cut = _cut_faces(image, faces)
    return Measurement(
        value=value, unit="thousandths of the length",
        observation=(
            f"{len(found)} nearly straight lines were found outside the person; on average they bend by {value:.1f} "
            f"thousandths of their length, the most bent by {1000 * bends.max():.0f}. {len(cut) or 'No'} face"
            f"{' is' if len(cut) == 1 else 's are'} cut by the edge of the picture."
        ),
        where=places + cut, exhibits=(_map(image, found, scale),),
        facts={"lines": len(found), "largest bend": round(float(bends.max()), 5), "faces at the edge": len(cut)},
        checklist=_checks(places, cut),
    )  # fmt: skip


def _region(one: Chain, scale: float) -> Region:
    low, high = one.points.min(0) / scale, one.points.max(0) / scale
    return Region(
        x=float(low[0]), y=float(low[1]), width=float(max(high[0] - low[0], 1)), height=float(max(high[1] - low[1], 1)),
        label="a line that bends", value=round(1000 * one.bend, 2),
    )  # fmt: skip


def _cut_faces(image: Image, faces: Faces) -> tuple[Region, ...]:
    regions = []
    for face in faces.faces[1:]:
        x0, y0, x1, y1 = (float(v) for v in face.box)
        if x0 <= 1 or y0 <= 1 or x1 >= image.width - 1 or y1 >= image.height - 1:
            left, top = max(x0, 0.0), max(y0, 0.0)
            width, height = max(min(x1, image.width) - left, 1.0), max(min(y1, image.height) - top, 1.0)
            regions.append(Region(x=left, y=top, width=width, height=height, label="a face at the edge"))
    return tuple(regions)


def _map(image: Image, found: list[Chain], scale: float) -> Map:
    """Draw every line with its bend."""
    shrink = min(1.0, 1024 / max(image.height, image.width))
    values = np.full((round(image.height * shrink), round(image.width * shrink)), np.nan, np.float32)
    for one in sorted(found, key=lambda chain: chain.bend):
        points = np.rint(one.points * shrink / scale).astype(np.int32)
        drawn = cv2.polylines(np.zeros(values.shape, np.uint8), [points], isClosed=False, color=1, thickness=3)
        values[drawn > 0] = 1000 * one.bend
    return Map(
        name="Lines outside the person and how far they bend", values=values, unit="thousandths of the length", low=0.0,
        high=_HIGHEST, caption="0: straight. Only nearly straight lines are drawn; what is round on purpose bends too.",
    )  # fmt: skip


def _checks(places: tuple[Region, ...], cut: tuple[Region, ...]) -> tuple[Check, ...]:
    return (
        Check(
            question="Does a line bend that is straight in the world?",
            hint="Lenses bend lines towards the edges evenly. A bend beside a head or a waist that straightens further "
            "away does not come from a lens.",
            where=places,
        ),
        Check(
            question="Is there a piece of another person at the edge that makes no sense?",
            hint="Look along all edges: half faces, hands and hair that belong to nobody.",
            where=cut,
        ),
        Check(question="Does the background hold things that cannot be, or lettering that cannot be read?"),
    )
