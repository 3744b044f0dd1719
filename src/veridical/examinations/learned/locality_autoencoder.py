"""Does a code that keeps real and fake faces apart put this face into its half for fakes, and where?

Method
------
Each face is cut out upright, 128 pixels wide, and encoded by the network of an autoencoder that this project trained:
convolutions down to 16 by 16 places. One half of the channels is for real faces, the other for fake ones: in training, only
the half of the right kind was handed to the decoder, which had to draw the face from it, and its mean magnitude was drawn to 1,
that of the other half to 0. For three in a hundred of the blends, those that the network was least sure of and placed worst,
masks were asked for, and the magnitude of the fake half was drawn to these. The value is the mean magnitude of the fake half
less that of the real half. The map shows the fake half, place by place. Of several faces the highest value counts.

What a high value means
-----------------------
The face resembles faces whose inner part came from another picture, or generated ones, more than real faces that went through
the same scaling and coding.

What it cannot see
------------------
- what 128 pixels a face do not show: fine traces of the pixels are gone
- swaps: those of people and in ways left out of training it ranked no better than chance, and its map found their masks less
  well than an ellipse in the middle of the face would
- faces of recent systems: those of the StyleGAN family and of Stable Diffusion 1.4 it ranked better than chance though it had
  not been taught with them, those of recent diffusion models not. See docs/models/locality_autoencoder.md

Also caused by
--------------
- make-up, retouching, beauty filters, uneven light on the face, a beard's or a shadow's edge
- strong compression, enlarged faces, noise
- faces unlike those it was taught with. Nothing was audited for skin colour, origin, age or sex; it is not fair to all

Needs
-----
A face of at least 24 pixels between the eyes.

References
----------
- M. Du, S. Pentyala, Y. Li, X. Hu, "Towards Generalizable Deepfake Detection with Locality-Aware AutoEncoder", CIKM, 2020,
  arXiv:1909.05999.
- K. Shiohara, T. Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR, 2022 (the fakes with known masks).
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Map, Measurement, Region, Scalar
from ...media.image import Image
from ...perception.face_code import FaceCode, FaceCodes
from ...perception.faces import Faces

BRANCH = "anomaly"
DETECTS = ("synthesis",)
DEMO = "lab.swap.face"

_HIGH = 3.0
_MAP_SIDE = 512


def examine(image: Image, faces: Faces, codes: FaceCodes) -> Measurement:
    """Compare how active both halves of the code of each face are.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    codes
        The codes of the largest of them.

    Raises
    ------
    NotApplicable
        If no face is large enough.
    """
    if not codes.codes:
        raise NotApplicable(faces.too_small())
    ranked = sorted(codes.codes, key=lambda code: code.real - code.fake)
    first = ranked[0]
    value = first.fake - first.real
    which = "the face" if len(ranked) == 1 else f"the face that lies farthest, of {len(ranked)},"
    facts: dict[str, Scalar] = {
        "faces judged": len(ranked), "fake half": round(first.fake, 4), "real half": round(first.real, 4),
        "highest place of the map": round(float(first.attention.max()), 3),
        "pixels of the face to one it was judged by": round(1 / max(first.chip.scale, 1e-6), 2),
    }  # fmt: skip
    return Measurement(
        value=value, unit="1",
        observation=f"Of {which} the half of the code for fakes has a mean magnitude of {first.fake:.2f}, that for real faces "
        f"{first.real:.2f}; the difference is {value:+.2f}.",
        where=tuple(_region(faces, one) for one in ranked), exhibits=(_map(image, ranked),), facts=facts,
        limits=_limits(first),
    )  # fmt: skip


def _region(faces: Faces, code: FaceCode) -> Region:
    x0, y0, x1, y1 = map(float, faces.faces[code.index].box)
    return Region(
        x=x0, y=y0, width=x1 - x0, height=y1 - y0, label="fake less real half of the code",
        value=round(code.fake - code.real, 3),
    )  # fmt: skip


def _map(image: Image, ranked: list[FaceCode]) -> Map:
    scale = min(1.0, _MAP_SIDE / max(image.height, image.width))
    shape = max(round(image.height * scale), 1), max(round(image.width * scale), 1)
    values = np.full(shape, np.nan, np.float32)
    for code in reversed(ranked):
        laid = code.chip.resized(scale).laid_back(code.attention, shape)
        values = np.where(np.isnan(laid), values, laid)
    return Map(
        name="Where the half for fakes answers", values=values.astype(np.float32), unit="1", low=0.0, high=_HIGH,
        caption="Mean magnitude of that half at each of 16 by 16 places of the face; it was drawn to the masks of few fakes. A "
        "real face has such places too.",
    )  # fmt: skip


def _limits(code: FaceCode) -> tuple[str, ...]:
    limits = [
        "It was taught with few faces, and ranked generated faces of sources left out better than chance, swaps no better "
        "(docs/models/locality_autoencoder.md)."
    ]
    if code.chip.scale > 1:
        limits.append("The face is smaller than the 128 pixels that it was judged by, and was enlarged.")
    return tuple(limits)
