"""Do the layers of a face network answer to this face as they do to pristine ones?

Method
------
Each face, aligned by eyes and nose, goes through a network that was made to recognise faces (dlib, as published, not trained
further). What each of its 29 layers passes on is boiled down to two numbers. Coverage is the share of its neurons (a map at
one place) that answer more than the mean neuron of that layer does to pristine faces. Unevenness is the spread of its neurons
over their mean. The value is a fixed linear map of these 58 numbers: the direction in which generated faces part from pristine
ones of the same part of the training pictures, relative to how far faces differ there; pristine faces of the training have
mean 0 and standard deviation 1. Of several faces the highest counts. The chart shows each layer beside the middle nine tenths
of pristine faces.

What a high value means
-----------------------
Lines, textures and parts of the face excite the network as they did in generated faces: early layers answer to fine detail,
late ones to what makes a face somebody's. It is no more than a resemblance.

What it cannot see
------------------
- swaps and other blends: beside the faces they were made of it ranked them no better than chance
- whose face it is, and anything outside the crop
- systems unlike those that were learned from. Where real and generated faces show the same kind of portrait (faces of FFHQ
  beside those of StyleGAN) it ranked little better than chance; its better numbers stand where they show other people, in
  other light. Part of what it says is what kind of portrait this is. See docs/models/neuron_coverage.md

Also caused by
--------------
- studio portraits, make-up, retouching, beauty filters, smiles, a view straight from the front
- faces unlike those it was learned from: the network was made to tell people apart, and age, sex and origin move its layers.
  Nothing was audited for skin colour, origin, age or sex; it is not fair to all
- black and white, hats, glasses, hands before the face, strong blur

Needs
-----
A face of at least 24 pixels between the eyes, and the model ``face.identity``.

References
----------
- R. Wang, F. Juefei-Xu, L. Ma, X. Xie, Y. Huang, J. Wang, Y. Liu, "FakeSpotter: A Simple yet Robust Baseline for Spotting
  AI-Synthesized Fake Faces", IJCAI, 2020, arXiv:1909.06122. The network here is another; thresholds come from pristine faces
  alone; unevenness is new.
- D. E. King, "Dlib-ml: A Machine Learning Toolkit", Journal of Machine Learning Research 10, 2009 (the network).
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Region, Scalar
from ...knowledge.neuron_coverage import LAYERS, NeuronNorms, neuron_norms
from ...perception.face_layers import FaceAnswer, FaceAnswers
from ...perception.faces import Faces

BRANCH = "anomaly"
DETECTS = ("synthesis",)
DEMO = "lab.ideal.face"

_GROUPS = (("first third", 0, 10), ("middle third", 10, 20), ("last third", 20, 29))


def examine(faces: Faces, answers: FaceAnswers) -> Measurement:
    """Measure how far the answers of the layers lie in the direction of generated faces.

    Parameters
    ----------
    faces
        The faces of the picture.
    answers
        What the layers answer to the largest of them.

    Raises
    ------
    NotApplicable
        If no face is large enough.
    """
    if not answers.answers:
        raise NotApplicable(faces.too_small())
    norms = neuron_norms()
    rows = sorted(((_shares(norms, one), one) for one in answers.answers), key=lambda row: -float(row[0].sum()))
    shares, answer = rows[0]
    value = float(shares.sum())
    outside = _outside(norms.coverage_band, answer.coverage)
    which = "the face" if len(rows) == 1 else f"the face that lies farthest, of {len(rows)},"
    facts: dict[str, Scalar] = {
        "faces judged": len(rows),
        "layers outside the band": int(outside.sum()),
        "mean coverage": round(float(answer.coverage.mean()), 4),
        "mean coverage of pristine faces": round(float(norms.coverage_band[1].mean()), 4),
        **{f"share of the {name}": round(float(shares[first:end].sum()), 3) for name, first, end in _GROUPS},
    }
    return Measurement(
        value=value, unit="standard deviations of pristine faces",
        observation=f"The layers answer to {which} {value:+.2f} standard deviations of pristine faces towards generated ones; "
        f"the coverage of {int(outside.sum())} of {LAYERS} layers lies outside the middle nine tenths of pristine faces.",
        where=tuple(_region(faces, one, float(own.sum())) for own, one in rows),
        exhibits=(
            _chart("Coverage of each layer", "share of neurons above the threshold", norms.coverage_band, answer.coverage),
            _chart("Unevenness of each layer", "spread / mean", norms.unevenness_band, answer.unevenness),
        ),
        facts=facts, limits=_limits(norms),
    )  # fmt: skip


def _shares(norms: NeuronNorms, answer: FaceAnswer) -> np.ndarray:
    return norms.shares(answer.coverage, answer.unevenness)


def _outside(band: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.asarray((values < band[0]) | (values > band[2]))


def _region(faces: Faces, answer: FaceAnswer, value: float) -> Region:
    x0, y0, x1, y1 = map(float, faces.faces[answer.index].box)
    return Region(
        x=x0, y=y0, width=x1 - x0, height=y1 - y0, label="answers of the layers", value=round(value, 3)
    )  # fmt: skip


def _chart(name: str, meaning: str, band: np.ndarray, values: np.ndarray) -> Chart:
    layers = np.arange(1, LAYERS + 1, dtype=np.float32)
    drawn = (
        ("one in twenty pristine faces lies below", band[0]),
        ("median of pristine faces", band[1]),
        ("one in twenty pristine faces lies above", band[2]),
        ("this face", values),
    )
    return Chart(
        name=name, lines=tuple(Line(name=what, x=layers, y=np.asarray(y, np.float32)) for what, y in drawn),
        x_name="layer, from the first to the last", x_unit="1", y_name=meaning, y_unit="1",
        caption="A single layer outside the band says nothing: of 29, one or two of a pristine face lie there.",
    )  # fmt: skip


def _limits(norms: NeuronNorms) -> tuple[str, ...]:
    return (
        f"Learned from {norms.faces[0]} pristine and {norms.faces[1]} generated faces; on sources and generators left out it "
        "ranked them better than chance and far from surely, and portraits of the same kind hardly at all "
        "(docs/models/neuron_coverage.md).",
    )
