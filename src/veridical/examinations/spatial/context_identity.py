"""Does the inner face belong to the hair, ears and neck around it?

Method
------
Two crops of each face, which share no pixel, are described apart. The inner face, aligned by eyes and nose, everything outside
its outline blanked, goes through a network for face recognition (dlib): 128 numbers that say whose face it is. A wider crop,
upright, the face blanked, goes through a general network (CLIP): 512 numbers that say what it shows. A linear map (ridge
regression), fitted on real photographs only, says which identity such surroundings let one expect. The disagreement is 1 − the
cosine between the identity of the face and the expected one, both less the mean identity. The value is that of the face that
disagrees most, of the three largest.

What a high value means
-----------------------
The face differs from what such hair, ears, neck and clothing go with: often in sex, age or origin. A face that was swapped into
another head can look like that.

What it cannot see
------------------
- a donor of like sex, age and looks: the surroundings say little more than that, and never whose face it is
- reenactment, retouching and lip-sync, which leave face and head those of one person
- pictures made as a whole, and swaps of the whole head

It is a weak examination: 130 photographs with their own face pasted back and with that of another overlap widely (AUC
0.67 with any donor, 0.57 with one who looks alike; chance is 0.5). A single value says little. The map was fitted on only 139
photographs. See docs/validation/context_identity.md.

Also caused by
--------------
- people who do not look like the photographs it was fitted on: unusual hair for one's sex or age, and groups of people who are
  rare in those photographs. Nothing was audited for skin colour, origin, age or sex; it is not fair to all
- hats, scarves, helmets, hoods, wigs, masks, strong make-up
- black and white, strong colour filters, low light
- profile views

Needs
-----
A face of at least 24 pixels between the eyes, with at least 0.15 of its surroundings in the picture. The models
``face.identity`` and ``clip.b16``.

References
----------
- Y. Nirkin, L. Wolf, Y. Keller, T. Hassner, "DeepFake Detection Based on Discrepancies Between Faces and their Context", IEEE
  Transactions on Pattern Analysis and Machine Intelligence, 2021. The networks here are others, and much less is learned.
- A. Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML, 2021.
- D. E. King, "Dlib-ml: A Machine Learning Toolkit", Journal of Machine Learning Research 10, 2009.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region
from ...knowledge.context_head import disagreement
from ...media.image import Image
from ...perception.faces import Face, Faces
from ...perception.identity import Identities
from ...signals.face_areas import filled, oval

BRANCH = "environment"
DETECTS = ("replacement",)
DEMO = "lab.swap.face"

# The lower end: one in ten of these photographs lies below 0.49.
_LOW, _HIGH = 0.5, 1.25
_MAP_SIDE = 512
# Photographs with their own face pasted back, see docs/validation/context_identity.md.
_PHOTOGRAPHS, _MEDIAN, _USUAL = 130, 0.74, 0.97


def examine(image: Image, faces: Faces, identities: Identities, *, least_held: float = 0.15) -> Measurement:
    """Measure how far the identity of each face is from the one that its surroundings let one expect.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    identities
        Faces and surroundings, described.
    least_held
        Least share of the surroundings that lies in the picture, 0 to 1.

    Raises
    ------
    NotApplicable
        If no face is large enough, or too little is seen around it.
    """
    if not 0 <= least_held <= 1:
        raise UsageError(f"least_held must lie between 0 and 1; it is {least_held}")
    if not identities.identities:
        raise NotApplicable(faces.too_small())
    fit = [one for one in identities.identities if one.held >= least_held]
    if not fit:
        most = max(one.held for one in identities.identities)
        raise NotApplicable(f"{most:.2f} of a face's surroundings lie in the picture; {least_held:g} are needed")
    rows = sorted(((disagreement(one.embedding, one.features), one) for one in fit), key=lambda row: -row[0])
    judged = [(value, faces.faces[one.index]) for value, one in rows]
    value = judged[0][0]
    which = "the face" if len(judged) == 1 else f"the most different of {len(judged)} faces"
    return Measurement(
        value=value, unit="1",
        observation=f"Between the identity of {which} and the one expected from hair, ears, neck and clothing lies "
        f"{value:.2f} (0 the same direction, 1 unrelated, 2 opposite); real photographs: median {_MEDIAN:g}.",
        where=tuple(_region(face, value) for value, face in judged), exhibits=(_map(image, judged),),
        facts={
            "faces judged": len(judged), "surroundings in the picture": round(rows[0][1].held, 3),
            "cosine": round(1 - value, 4),
        },
        limits=("The surroundings say little more than sex, age and looks; a value alone says little.",),
    )  # fmt: skip


def _region(face: Face, value: float) -> Region:
    x0, y0, x1, y1 = map(float, face.box)
    return Region(
        x=x0, y=y0, width=x1 - x0, height=y1 - y0, label="face beside its surroundings", value=round(value, 3)
    )  # fmt: skip


def _map(image: Image, judged: list[tuple[float, Face]]) -> Map:
    scale = min(1.0, _MAP_SIDE / max(image.height, image.width))
    shape = max(round(image.height * scale), 1), max(round(image.width * scale), 1)
    values = np.full(shape, np.nan, np.float32)
    for value, face in reversed(judged):
        mesh = face.mesh.astype(np.float64)
        mesh[:, :2] = (mesh[:, :2] + 0.5) * (shape[1] / image.width, shape[0] / image.height) - 0.5
        values[filled(oval(mesh, 1.0), *shape).astype(bool)] = value
    return Map(
        name="Disagreement of each face with its surroundings", values=values, unit="1", low=_LOW, high=_HIGH,
        caption=f"In {_PHOTOGRAPHS} pristine photographs, not used for the fit, the median is {_MEDIAN:g}, and nine in ten lie "
        f"below {_USUAL:g}.",
    )  # fmt: skip
