"""Do the eyes stand where the alignment of the FFHQ data set puts them?

Method
------
An aid for a person's eye. The face data set FFHQ was cut out of photographs by a fixed rule that puts both eyes at the same
place of a square picture; generators trained on it (the StyleGAN family) put them there too. The centre of each eye is the
middle between its corners in the face mesh of the largest face, in the picture as it is displayed. The template was
measured by us with the same mesh on 215 pictures that went through that alignment: 75 photographs of FFHQ and 140 pictures
of three sources of the StyleGAN2 family; it is their median, made symmetrical. The distance to the template is averaged
over both eyes, in widths of the picture. The value is minus this distance: the nearer to 0, the better the match.

What a high value means
-----------------------
Only that the picture looks as if it went through that alignment and was not cut afterwards. Of the pictures that did, nine
in ten lie within 0.012 picture widths; of 320 photographs of people from three other sources, none within 0.047. A real
photograph aligned by the same rule, such as every picture of FFHQ itself, matches as well as a generated one.

What it cannot see
------------------
- whether an aligned picture is generated or photographed
- generated pictures that were cut, or that come from generators without this alignment, such as most diffusion models
- anything else in the picture

Also caused by
--------------
- photographs of FFHQ, and of other face collections aligned by the same rule
- programs for avatars and face filters that cut portraits by the same rule
- a portrait that happens to be framed alike: alone, in the middle, from the front

Needs
-----
A picture with a face of at least 48 pixels.

References
----------
- T. Karras, S. Laine, T. Aila, "A Style-Based Generator Architecture for Generative Adversarial Networks", CVPR 2019.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Measurement, Region, Table
from ...knowledge.ffhq_alignment import EYES
from ...media.image import Image
from ...perception.faces import Face, Faces
from ...signals.face_frame import displayed, eye_centres

BRANCH = "artefacts"
DETECTS = ("synthesis",)
DEMO = "lab.artefacts.template_eyes"
AID = True

_TEMPLATE = np.array(EYES)
_ASPECT = 0.05


def examine(image: Image, faces: Faces, *, least_px: int = 48) -> Measurement:
    """Measure how far the eyes are from the template.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    least_px
        Least width of the largest face's box in pixels.

    Raises
    ------
    NotApplicable
        If there is no face, or it is too small.
    """
    if least_px < 24:
        raise UsageError(f"least_px must be at least 24; it is {least_px}")
    face = _fit(faces, least_px)
    turned = image.orientation in (5, 6, 7, 8)
    width = image.height if turned else image.width
    eyes = displayed(eye_centres(face.mesh), image.orientation, image.height, image.width)
    eyes = (eyes[np.argsort(eyes[:, 0])] + 0.5) / width
    apart = np.hypot(*(eyes - _TEMPLATE).T)
    distance = float(apart.mean())
    found = _regions(image, face)
    return Measurement(
        value=-distance, unit="picture widths",
        observation=(
            f"The eyes of the largest face are {distance:.3f} picture widths from where the FFHQ alignment puts them."
        ),
        where=found, exhibits=(_table(eyes, apart),),
        facts={"width px": width, "largest face px": round(float(face.box[2] - face.box[0])), "faces": len(faces.faces)},
        checklist=(
            Check(
                question="Is it a lone face, cut so that it fills a square and both eyes stand at the same height?",
                hint="A passport photograph or an avatar is framed alike. The match speaks of the cutting only.",
            ),
        ),
        limits=_limits(image),
    )  # fmt: skip


def _fit(faces: Faces, least_px: int) -> Face:
    if not faces.faces:
        raise NotApplicable("0 faces were found; the places of two eyes are compared with a template")
    width = float(faces.faces[0].box[2] - faces.faces[0].box[0])
    if width < least_px:
        raise NotApplicable(f"the largest face is {width:.0f} pixels wide; its eyes are placed well from {least_px} on")
    return faces.faces[0]


def _regions(image: Image, face: Face) -> tuple[Region, ...]:
    """Mark both eyes, each with a box as wide as a twelfth of the picture."""
    side = image.width / 12
    return tuple(
        Region(
            x=round(float(x) - side / 2, 1), y=round(float(y) - side / 2, 1), width=round(side, 1),
            height=round(side, 1), label=f"the person's {name} eye",
        )
        for (x, y), name in zip(eye_centres(face.mesh), ("right", "left"), strict=True)
    )  # fmt: skip


def _table(eyes: np.ndarray, apart: np.ndarray) -> Table:
    rows = [
        (f"{side} in the picture", f"{eye[0]:.3f}, {eye[1]:.3f}", f"{place[0]:.3f}, {place[1]:.3f}", f"{far:.3f}")
        for side, eye, place, far in zip(("left", "right"), eyes, _TEMPLATE, apart, strict=True)
    ]
    return Table(
        name="places of the eyes", columns=("eye", "found at x, y", "template x, y", "distance"), rows=tuple(rows),
        caption=(
            "In widths of the picture, from its left and its upper edge. Measured on 215 pictures that went through the "
            "FFHQ alignment, real and generated: nine in ten lie within 0.012. Of 320 photographs from other sources "
            "none lies within 0.047."
        ),
    )  # fmt: skip


def _limits(image: Image) -> tuple[str, ...]:
    if abs(image.width / image.height - 1) <= _ASPECT:
        return ()
    return (
        f"The picture has {image.width} × {image.height} pixels; the alignment makes squares, so it was at least cut "
        "since, if it was ever aligned.",
    )
