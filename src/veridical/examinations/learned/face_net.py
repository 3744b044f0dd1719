"""Was part of the face laid over another picture, and which part?

Method
------
Each of the three largest faces is cut out upright at 256 pixels and goes once through a compact network of our own (encoder of
EfficientNet-Lite0, light decoder). It draws a mask, the share that a pasted picture would have in each of 64 × 64 cells, and
its boundary; a score rests on both maps and on the features where they are high. It was taught with real faces and with
blends made of them, each pair with the same history of scaling and compression, to tell the two apart and not to claim more in
the score than the mask shows. The value is the score, log-odds, of the face in which it is highest.

What a high value means
-----------------------
To the network the face looks more like one that was blended than like the untouched faces it was taught with. The mask says
which part it takes for pasted. The number is not calibrated, and 0 is no border.

What it cannot see
------------------
- pictures generated as a whole, reenactment without a seam, swapped heads
- swaps by networks that draw the whole face and its surroundings, or after which strong compression removed the traces
- what a swap shows of another identity: it looks at seams and texture, never at whose face it is

On swaps by five methods that it was not taught, of faces from sources left out, it ranks a swap above an untouched face with an
AUC of 0.81 to 0.85 (chance is 0.5); clips of real swaps decide nothing: it ranked them well or worse than chance, as it had
learned from these sources or those. The mask covers the usual place of pasted faces and is no outline. Generated pictures score
a little lower than real ones. See docs/validation/blending.md.

Also caused by
--------------
- strong make-up, masks, glasses, beards and hands across the face; hard shadows and coloured light
- portrait modes, beauty filters and retouching, which do blend
- small faces, enlarged much; pictures cut close to the face: one in nine to five of such a source (UTKFace) stood out

Needs
-----
A face of at least 24 pixels between the eyes.

References
----------
- K. Shiohara, T. Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022.
- L. Li et al., "Face X-ray for More General Face Forgery Detection", CVPR 2020.
- H. Dang, F. Liu, J. Stehouwer, X. Liu, A. Jain, "On the Detection of Digital Face Manipulation", CVPR 2020.
- M. Tan, Q. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region
from ...media.image import Image
from ...perception.face_masks import FaceMask, FaceMasks
from ...perception.faces import Face, Faces
from ...signals.chip_maps import highest, over_picture, parts
from ...signals.face_areas import filled, oval

BRANCH = "classification"
DETECTS = ("replacement",)
DEMO = "lab.edit.face"

_ENLARGED = 1.5


def examine(image: Image, faces: Faces, masks: FaceMasks, *, inside: float = 0.5) -> Measurement:
    """Find the face with the highest score, and draw the masks over the picture.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    masks
        What the network sees in the largest of them.
    inside
        From which value of the mask, 0 to 1, a cell counts as pasted.

    Raises
    ------
    NotApplicable
        If no face is large enough.
    """
    if not 0 < inside < 1:
        raise UsageError(f"inside must lie between 0 and 1; it is {inside}")
    if not masks.masks:
        raise NotApplicable(faces.too_small())
    judged = sorted(masks.masks, key=lambda one: -one.score)
    top = judged[0]
    value = top.score
    share = _share_of_face(top, faces.faces[top.index], inside)
    pasted = [region for one in judged for region in _parts(one, inside)]
    laid = over_picture([(one.mask, one.chip) for one in judged], (image.height, image.width))
    which = "the face" if len(judged) == 1 else f"the highest of {len(judged)} faces"
    return Measurement(
        value=value, unit="ln of odds, not calibrated",
        observation=f"The network gives {which} log-odds of {value:+.2f} of being a blend, which are not calibrated; "
        f"its mask covers {100 * share:.0f} % of the face.",
        where=tuple(pasted),
        exhibits=(
            Map(
                name="What the network takes for pasted", values=laid, unit="1", low=0.0, high=1.0,
                caption="Share of a pasted picture in each place; nothing is said outside the faces that were judged.",
            ),
        ),
        facts={
            "faces_judged": len(judged),
            "mask_share_of_face": round(share, 3),
            "mask_highest": round(highest(top.mask), 3),
            "boundary_highest": round(highest(top.boundary), 3),
            "parts": len(pasted),
            "chip_pixels_per_pixel": round(top.chip.scale, 2),
        },
        limits=_limits(top),
    )  # fmt: skip


def _share_of_face(mask: FaceMask, face: Face, inside: float) -> float:
    """Return the share of the face's oval that the mask covers."""
    cells = mask.mask.shape[0]
    outline = (mask.chip.points(oval(face.mesh)) + 0.5) * (cells / mask.pixels.shape[0]) - 0.5
    within = filled(outline.astype(np.float32), cells, cells)
    return float((mask.mask[within] >= inside).mean()) if within.any() else 0.0


def _parts(mask: FaceMask, inside: float) -> list[Region]:
    return [
        Region(
            x=part.box[0], y=part.box[1], width=part.box[2], height=part.box[3], label="taken for pasted",
            value=round(part.mean, 3),
        )
        for part in parts(mask.mask, mask.chip, least=inside)
    ]  # fmt: skip


def _limits(top: FaceMask) -> tuple[str, ...]:
    limits = [
        "Learned from blends of a few hundred real and synthesised faces; on swaps by other methods, of sources left out, its "
        "AUC was 0.81 to 0.85, and on clips of real swaps it decided nothing (docs/validation/blending.md).",
        "The mask tends to the usual place of a pasted face; its edge is no outline of what was pasted.",
    ]
    if top.chip.scale > _ENLARGED:
        limits.append(f"The face was enlarged {top.chip.scale:.1f} times: traces it never held cannot show.")
    return tuple(limits)
