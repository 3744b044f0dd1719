"""Does a seam run through the face, along which two pictures were blended?

Method
------
Each of the three largest faces is cut out upright at 256 pixels, from above the hairline to below the chin, with some of its
surroundings. A compact network of our own (the encoder of EfficientNet-Lite0 and a light decoder) draws the boundary: for
each of 64 × 64 cells 4 M (1 − M), where M is the share that a pasted picture would have there; it is 1 where both weigh the
same and 0 where only one is seen. The network was taught with faces that nobody swapped: each was blended with a changed
copy of itself or with the inner face of another person, along many kinds of masks, and went through the same compression and
scaling as the untouched face beside it. The value is the mean of the highest 3 % of the boundary map, of the face in which
it is highest.

What a high value means
-----------------------
On both sides of a line in the face noise, sharpness, colour or compression differ, as where a face was laid over another or a
part was retouched and blended in. The value is not calibrated.

What it cannot see
------------------
- pictures generated as a whole, and reenactment whose whole picture is generated: they have no seam
- seams outside the chip: swapped heads, neck, hair, background
- blends that a soft edge, strong compression or reduction left no trace of; faces with less than about 60 pixels between the
  eyes are enlarged and seen less sharply

On swaps by five methods that it was not taught, of faces from sources left out, it ranks a swap above an untouched face with an
AUC of 0.80 to 0.84 (chance is 0.5); clips of real swaps decide nothing: it was worse than chance there if it had learned from
other sources. The boundary lies where faces usually end even if it is not seen: it is no outline. See
docs/validation/blending.md.

Also caused by
--------------
- strong make-up, face masks, beards with a hard edge, glasses, hands or hair across the face
- a face partly in shadow or coloured light; portrait modes that blur by depth; beauty filters, which do blend
- the rim of a picture close to the face: one in ten to five of small, tightly cut pictures (UTKFace) stood out

Needs
-----
A face of at least 24 pixels between the eyes.

References
----------
- L. Li, J. Bao, T. Zhang, H. Yang, D. Chen, F. Wen, B. Guo, "Face X-ray for More General Face Forgery Detection", CVPR 2020.
- K. Shiohara, T. Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022.
"""

from __future__ import annotations

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region
from ...media.image import Image
from ...perception.face_masks import FaceMask, FaceMasks
from ...perception.faces import Faces
from ...signals.chip_maps import highest, over_picture, parts

BRANCH = "blending"
DETECTS = ("replacement",)
DEMO = "lab.edit.face"

_ENLARGED = 1.5


def examine(image: Image, faces: Faces, masks: FaceMasks, *, seam: float = 0.5) -> Measurement:
    """Find the face with the clearest blending boundary, and draw the boundaries over the picture.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    masks
        What the network sees in the largest of them.
    seam
        Least boundary, 0 to 1, of a part that is listed.

    Raises
    ------
    NotApplicable
        If no face is large enough.
    """
    if not 0 < seam < 1:
        raise UsageError(f"seam must lie between 0 and 1; it is {seam}")
    if not masks.masks:
        raise NotApplicable(faces.too_small())
    judged = sorted(((highest(one.boundary), one) for one in masks.masks), key=lambda row: -row[0])
    value, clearest = judged[0]
    which = "the face" if len(judged) == 1 else f"the clearest of {len(judged)} faces"
    seams = [region for _, one in judged for region in _seams(one, seam)]
    laid = over_picture([(one.boundary, one.chip) for _, one in judged], (image.height, image.width))
    return Measurement(
        value=value, unit="1",
        observation=f"In {which} the strongest part of the blending boundary that the network draws reaches {value:.2f} "
        "(0 none, 1 two pictures of equal weight).",
        where=tuple(seams),
        exhibits=(
            Map(
                name="Blending boundary", values=laid, unit="1", low=0.0, high=1.0,
                caption="0 where one picture is seen, 1 where two meet; nothing is said outside the faces that were judged.",
            ),
        ),
        facts={
            "faces_judged": len(judged),
            "seams": len(seams),
            "boundary_share": round(float((clearest.boundary >= seam).mean()), 4),
            "chip_pixels_per_pixel": round(clearest.chip.scale, 2),
        },
        limits=_limits(clearest),
    )  # fmt: skip


def _seams(mask: FaceMask, seam: float) -> list[Region]:
    return [
        Region(
            x=part.box[0], y=part.box[1], width=part.box[2], height=part.box[3], label="seam", value=round(part.mean, 3)
        )
        for part in parts(mask.boundary, mask.chip, least=seam)
    ]  # fmt: skip


def _limits(clearest: FaceMask) -> tuple[str, ...]:
    limits = ["The network says where a seam would be; whether it is one must be seen in the picture."]
    if clearest.chip.scale > _ENLARGED:
        limits.append(
            f"The face was enlarged {clearest.chip.scale:.1f} times: fine traces of a seam that it never held cannot show."
        )
    return tuple(limits)
