"""Does the score of our own network for faces change under mild changes more than it does in pristine pictures?

Method
------
Pixels can be moved by a few levels, along the gradients of a network, so that it takes a fake for real. Such a pattern fits
the pixels exactly, and much of it is lost as soon as they move. So ``learned.face_net`` is asked about each face and about
twelve copies: mirrored, moved by a pixel right and down and by half a pixel, enlarged by 2 %, turned by 0.7°, JPEG 95, 90 and
85, blurred by half a pixel, noise of 2 levels (always the same), six bits. How far scores of pristine faces shift under each is
known: a line over the score, and the correlations around it. The value is the root mean square of the twelve shifts less
that line, whitened by these correlations. That of the face that is least steady counts, of the three largest.

What a high value means
-----------------------
The score hangs on how the pixels lie exactly: it rises or falls once the picture is moved or saved anew. Pictures attacked
by gradients do that, and then a low score of ``learned.face_net`` says nothing. 1 is what pristine faces have on average; the
observation says below which value 95 % of them stay.

What it cannot see
------------------
- an attacker who knows this probe and lowers its value together with the score: it saw none of those
- seven attacks in ten by a single coarse step of 4 or 8 levels (one in three of 4 levels with an earlier network); attacks of
  ten steps, of 1 to 8 levels, it saw all, where 5 % of pristine faces raise it (18 to 20 faces attacked;
  docs/validation/robustness.md)
- what is printed, a patch that is seen, and laundering by other means than gradients
- attacks on other networks than our own for faces
- whether the picture is a fake: it is an alarm about the network, not about the picture

Also caused by
--------------
- noise: of pictures with ±4 levels of plain noise one in five, with an earlier network two in three, exceed what 95 % of
  pristine faces stay below
- faces at the border of what the network knows: very blurred, very small and enlarged, stylised
- a border of the picture that runs through the crop, text or a logo across the face
- fakes whose seam is so faint that the network sees it in some of the copies only

Needs
-----
A face of at least 24 pixels between the eyes.

References
----------
- N. Carlini, H. Farid, "Evading Deepfake-Image Detectors with White- and Black-Box Attacks", CVPR Workshops, 2020.
- W. Xu, D. Evans, Y. Qi, "Feature Squeezing: Detecting Adversarial Examples in Deep Neural Networks", NDSS, 2018.
- A. Athalye, N. Carlini, D. Wagner, "Obfuscated Gradients Give a False Sense of Security", ICML, 2018 (why such alarms can be
  evaded).
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Region, Table
from ...knowledge.steadiness import Population, population
from ...media.image import Image
from ...perception.faces import Face, Faces
from ...perception.steadiness import Steadiness, SteadyFace

BRANCH = "anomaly"
DETECTS = ("replacement", "synthesis", "editing")
DEMO = "lab.adversarial.pattern"

_NETWORK = "face_net"


def examine(image: Image, faces: Faces, steadiness: Steadiness) -> Measurement:
    """Measure how unsteady the score of each face is.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces.
    steadiness
        Scores of the faces and of their changed copies.

    Raises
    ------
    NotApplicable
        If no face is large enough.
    """
    if not steadiness.faces:
        raise NotApplicable(faces.too_small())
    usual = population(_NETWORK)
    rows = sorted(
        ((usual.unsteadiness(one.score, one.changed), one) for one in steadiness.faces), key=lambda row: -row[0]
    )
    value, least = rows[0]
    shifts = least.changed - least.score
    which = "the face" if len(rows) == 1 else f"the least steady of {len(rows)} faces"
    return Measurement(
        value=value, unit="1",
        observation=f"The score of {which} is {least.score:+.2f} and shifts by {shifts.min():+.2f} to {shifts.max():+.2f} "
        f"under twelve mild changes: {value:.2f} times what pristine faces of that score do; 95 % of them stay below "
        f"{usual.below(0.95):.2f}.",
        where=tuple(_region(faces.faces[one.index], number) for number, one in rows),
        exhibits=(_chart(usual, least), _table(usual, least)),
        facts={
            "faces judged": len(rows), "score": round(least.score, 3), "mean shift": round(float(shifts.mean()), 3),
            "greatest shift": round(float(shifts[np.abs(shifts).argmax()]), 3),
            "pristine faces below, 95 %": round(usual.below(0.95), 3),
            "pristine faces below, 99 %": round(usual.below(0.99), 3),
        },
        limits=_limits(usual, least),
    )  # fmt: skip


def _region(face: Face, value: float) -> Region:
    x0, y0, x1, y1 = map(float, face.box)
    return Region(x=x0, y=y0, width=x1 - x0, height=y1 - y0, label="face whose score shifts", value=round(value, 3))


def _limits(usual: Population, face: SteadyFace) -> tuple[str, ...]:
    limits = [
        f"What is usual was learned from {usual.pictures} pristine faces of {usual.sources} sources; another kind of picture "
        "may be less steady without any attack.",
        "An attacker who knows this probe can evade it.",
    ]
    if face.scale > 1.5:
        limits.append(f"The face was enlarged {face.scale:.1f}-fold for the network: mild changes are less mild there.")
    if not usual.scores[0] <= face.score <= usual.scores[1]:
        limits.append("The score lies beyond those of the pristine faces that the table was made of.")
    return tuple(limits)


def _chart(usual: Population, face: SteadyFace) -> Chart:
    x = np.arange(1, len(usual.names) + 1, dtype=np.float32)
    expected, apart = usual.usual(face.score), usual.deviation(face.score)
    lines = [
        Line(name="this face", x=x, y=(face.changed - face.score).astype(np.float32)),
        Line(name="usual", x=x, y=expected.astype(np.float32)),
        Line(name="usual, two deviations above", x=x, y=(expected + 2 * apart).astype(np.float32)),
        Line(name="usual, two deviations below", x=x, y=(expected - 2 * apart).astype(np.float32)),
    ]
    return Chart(
        name="Shift of the score under mild changes", lines=tuple(lines), x_name="change", x_unit="number",
        y_name="shift of the score", y_unit="1",
        caption="; ".join(f"{i} {name}" for i, name in enumerate(usual.names, 1)) + ".",
    )  # fmt: skip


def _table(usual: Population, face: SteadyFace) -> Table:
    away = usual.standardised(face.score, face.changed)
    expected = usual.usual(face.score)
    rows = zip(usual.names, face.changed - face.score, expected, away, strict=True)
    return Table(
        name="Each change", columns=("change", "shift", "usual", "deviations away"),
        rows=tuple((name, f"{shift:+.2f}", f"{mean:+.2f}", f"{z:+.1f}") for name, shift, mean, z in rows),
    )  # fmt: skip
