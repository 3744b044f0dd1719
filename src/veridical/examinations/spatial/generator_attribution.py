"""Which known generator leaves traces most like those of this picture, if any does?

Method
------
Three kinds of traces are compared: the scale β of the 63 block frequencies (logarithm), the rule by which a pixel follows from
its neighbours (kernels of 3 × 3 and 5 × 5 for each colour), and the azimuthal average of the spectrum. For pictures of the same
condition (JPEG quality, or small JPEG) a table holds the mean of each known group: photographs by collection, and generators.
Distances are root mean squares in standard units of the spread within groups; each group has a radius that holds nine in ten of
its own pictures, each measured from the mean of the others. The answer is the nearest group within whose radius the picture
lies, or "unknown". The value is the distance to the nearest photographs less that to the nearest generator.

What a high value means
-----------------------
The traces are nearer to those of a known generator than to those of the photographs in the table. The table was fitted on the
labelled media of this project, and the value is of little use beyond them: where all pictures went through the same scaling and
compression, generated ones lay above photographs in 87 of 100 comparisons if their makers were in the table, in 58 if they
were not, and most pictures of a maker that was left out were taken for photographs or for another generator rather than
"unknown". docs/validation/attribution.md has the figures. Read the answer as what the picture resembles, not who made it.

What it cannot see
------------------
- generators that are not in the table: after equal processing at most one in three of the pictures of a generator left out
  were called unknown, the others were taken for photographs or for another generator
- photographs of a collection that is not in the table: after equal processing up to six in ten were taken for a generator's
- pictures that were resized, edited or compressed further: the traces are then those of the last processing
- the difference between a generator and the collection in which its pictures came: both leave traces

Also caused by
--------------
- size, sharpness, noise and compression that resemble how a generator's pictures were saved
- photographs of a kind that the table does not hold

Needs
-----
A picture of at least 256 × 256 pixels in a condition for which two or more generators and two or more collections of
photographs are known.

References
----------
- O. Giudice, L. Guarnera, S. Battiato, "Fighting Deepfakes by Detecting GAN DCT Anomalies", Journal of Imaging 7(8):128, 2021.
- L. Guarnera, O. Giudice, S. Battiato, "DeepFake Detection by Analyzing Convolutional Traces", CVPR Workshops, 2020.
- R. Durall, M. Keuper, J. Keuper, "Watch Your Up-Convolution: CNN Based Generative Deep Neural Networks Are Failing to
  Reproduce Spectral Distributions", CVPR, 2020.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Measurement, Table
from ...knowledge.references import TRACES, Group, Reference, condition_of, nearest, reference
from ...media.image import Image
from ...perception.neighbour_prediction import NeighbourPrediction
from ...perception.picture_spectrum import PictureSpectrum
from ...signals.dct import block_scales
from ...signals.traces import block_features, radial_features

BRANCH = "forensics"
DETECTS = ("synthesis",)
DEMO = "lab.generated.published"

LEAST_GROUPS = 2
"""Generators, and collections of photographs, that a condition needs: with one of a kind, two collections are compared."""
_SMALLEST = 256
_MOST_GROUPS = 8


def examine(image: Image, neighbours: NeighbourPrediction, spectrum: PictureSpectrum) -> Measurement:
    """Find the known group whose traces are nearest.

    Raises
    ------
    NotApplicable
        If the picture is too small, or too few groups are known in its condition.
    """
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; traces are compared from {_SMALLEST} × {_SMALLEST}"
        )
    condition = condition_of(None if image.jpeg is None else image.jpeg.quality, image.width, image.height)
    known = reference(condition, TRACES[0])
    vectors = {
        TRACES[0]: block_features(block_scales(image.pixels)[0]), TRACES[1]: neighbours.features,
        TRACES[2]: radial_features(spectrum.radial),
    }  # fmt: skip
    groups = nearest(known, vectors) if known is not None else ()
    made = [pair for pair in groups if not pair[0].real]
    real = [pair for pair in groups if pair[0].real]
    if known is None or min(len(made), len(real)) < LEAST_GROUPS:
        raise NotApplicable(
            f"{len(made)} generators and {len(real)} collections of photographs are known in the condition '{condition}'; "
            f"{LEAST_GROUPS} of each are needed"
        )
    answer = _answer(groups)
    return Measurement(
        value=real[0][1] - made[0][1], unit="standard units", observation=_said(answer, groups, known),
        exhibits=(_table(groups, known),),
        facts={
            "answer": answer, "condition": condition, "nearest generator": made[0][0].name,
            "distance to it": round(made[0][1], 4), "nearest photographs": real[0][0].source,
            "distance to them": round(real[0][1], 4),
        },
        limits=(
            f"{len(made)} generators and {len(real)} collections of photographs are known in this condition. What comes from "
            "any other was mostly taken for one of these when that was tried.",
        ),
        features=np.concatenate([vectors[name] for name in TRACES]).astype(np.float32),
    )  # fmt: skip


def _answer(groups: tuple[tuple[Group, float], ...]) -> str:
    for group, distance in groups:
        if group.radius is not None and distance <= group.radius:
            return "nearest to the population of photographs" if group.real else group.name
    return "unknown"


def _said(answer: str, groups: tuple[tuple[Group, float], ...], known: Reference) -> str:
    group, distance = groups[0]
    start = (
        f"Among {len(groups)} groups known in the condition '{known.condition}', the nearest is {_named(group)}, "
        f"{distance:.2f} standard units away (nine in ten of its own pictures lie within "
        f"{'an unknown radius' if group.radius is None else f'{group.radius:.2f}'}). "
    )
    if answer == "unknown":
        return start + "The picture lies beyond the radius of every group: the answer is unknown."
    return start + f"The answer is: {answer}."


def _named(group: Group) -> str:
    return f"photographs ({group.source})" if group.real else f"{group.name} ({group.source})"


def _table(groups: tuple[tuple[Group, float], ...], known: Reference) -> Table:
    return Table(
        name=f"Nearest groups: {known.condition}", columns=("group", "pictures", "distance", "radius", "within"),
        rows=tuple(
            (_named(group), str(group.count), f"{distance:.2f}", "–" if group.radius is None else f"{group.radius:.2f}",
             "yes" if group.radius is not None and distance <= group.radius else "no")
            for group, distance in groups[:_MOST_GROUPS]
        ),
        caption="Distances in standard units of the spread within groups. A name is an answer only within its radius, and no "
        "proof even there.",
    )  # fmt: skip
