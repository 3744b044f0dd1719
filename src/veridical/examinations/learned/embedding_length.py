"""Is the face more of a face, to a network that recognises faces, than photographed ones are?

Method
------
Each face, aligned by eyes and nose, goes through a network that was made to recognise faces (dlib, as published, not trained
further): 128 numbers, whose direction says whose face it is. Their length says how strongly the network answers at all. It is
known to grow with how well a face can be recognised. The value is the logarithm of that length, less the mean of pristine
faces, over their standard deviation. Of several faces the highest counts. Nothing was learned but that mean and deviation.

What a high value means
-----------------------
The face is clearer, more typical and better lit than most photographed faces: generated portraits are, oftener than
photographs, and those of the StyleGAN family most of all. Very good photographs are too.

What it cannot see
------------------
- swaps, edits and retouching: the face of a real portrait stays as typical as it was
- generated faces that look like snapshots: of recent diffusion models it saw less than of older systems
- anything outside the face. See docs/models/neuron_coverage.md for what it was worth on each source

Also caused by
--------------
- portraits of models and actors, studio light, make-up, a frontal view; pictures that were chosen for their quality
- faces of people whom the network was taught with much, who are answered to more strongly; people who are rare in its
  training are answered to less. Nothing was audited for skin colour, origin, age or sex; it is not fair to all
- lower: blur, masks, hands, profile views, black and white, children

Needs
-----
A face of at least 24 pixels between the eyes, and the model ``face.identity``.

References
----------
- D. E. King, "Dlib-ml: A Machine Learning Toolkit", Journal of Machine Learning Research 10, 2009 (the network).
- R. Ranjan, C. D. Castillo, R. Chellappa, "L2-constrained Softmax Loss for Discriminative Face Verification", 2017,
  arXiv:1703.09507 (the length of a face's features grows with its quality).
- B. Schölkopf et al., "Estimating the Support of a High-Dimensional Distribution", Neural Computation 13(7), 2001 (the density
  over all 128 numbers, which ranked faces less well than their length alone).
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Region, Scalar
from ...knowledge.neuron_coverage import NeuronNorms, neuron_norms
from ...perception.face_layers import FaceAnswer, FaceAnswers
from ...perception.faces import Faces

BRANCH = "anomaly"
DETECTS = ("synthesis",)
DEMO = "lab.ideal.face"


def examine(faces: Faces, answers: FaceAnswers) -> Measurement:
    """Measure how long the descriptor of each face is.

    Parameters
    ----------
    faces
        The faces of the picture.
    answers
        What the network answers to the largest of them.

    Raises
    ------
    NotApplicable
        If no face is large enough.
    """
    if not answers.answers:
        raise NotApplicable(faces.too_small())
    norms = neuron_norms()
    rows = sorted(((norms.length_value(one.embedding), one) for one in answers.answers), key=lambda row: -row[0])
    value, answer = rows[0]
    length = float(np.linalg.norm(answer.embedding))
    below = float(np.searchsorted(norms.lengths[0], length) / (norms.lengths.shape[1] - 1))
    which = "the face" if len(rows) == 1 else f"the most typical of {len(rows)} faces"
    facts: dict[str, Scalar] = {
        "faces judged": len(rows), "length": round(length, 4),
        "median of pristine faces": round(float(np.median(norms.lengths[0])), 4),
        "share of pristine faces below": round(min(below, 1.0), 2),
    }  # fmt: skip
    return Measurement(
        value=value, unit="standard deviations of pristine faces",
        observation=f"The descriptor of {which} has the length {length:.3f}, {value:+.2f} standard deviations from the mean of "
        f"pristine faces; {100 * min(below, 1.0):.0f} % of those that it was compared with are shorter.",
        where=tuple(_region(faces, one, own) for own, one in rows), exhibits=(_chart(norms, length),), facts=facts,
        limits=(
            f"Compared with {norms.faces[0]} pristine faces of few sources, some of them snapshots: a good portrait lies high.",
        ),
    )  # fmt: skip


def _region(faces: Faces, answer: FaceAnswer, value: float) -> Region:
    x0, y0, x1, y1 = map(float, faces.faces[answer.index].box)
    return Region(
        x=x0, y=y0, width=x1 - x0, height=y1 - y0, label="length of the descriptor", value=round(value, 3)
    )  # fmt: skip


def _chart(norms: NeuronNorms, length: float) -> Chart:
    share = np.linspace(0, 100, norms.lengths.shape[1], dtype=np.float32)
    lines = [
        Line(name=name, x=own.astype(np.float32), y=share)
        for name, own in zip(("pristine faces", "generated and edited faces"), norms.lengths, strict=True)
    ]
    lines.append(Line(name="this face", x=np.full(2, length, np.float32), y=np.array([0, 100], np.float32)))
    return Chart(
        name="Length of the descriptor", lines=tuple(lines), x_name="length", x_unit="1", y_name="share of faces below",
        y_unit="%", caption="Both curves are those of the faces that mean and deviation were taken from.",
    )  # fmt: skip
