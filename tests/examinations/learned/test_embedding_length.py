"""The value grows with the length of the descriptor, whatever its direction, and is 0 at the mean of pristine faces."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.learned import embedding_length
from veridical.knowledge.neuron_coverage import neuron_norms
from veridical.perception.face_layers import FaceAnswers

from .faces_answered import answer, faces


def examined(length: float) -> float:
    return embedding_length.examine(faces(), FaceAnswers((answer(length=length),))).value


def test_the_value_counts_standard_deviations_of_pristine_faces() -> None:
    norms = neuron_norms()
    for away in (-2.0, 0.0, 1.5):
        assert examined(float(np.exp(norms.length_middle + away * norms.length_spread))) == pytest.approx(
            away, abs=1e-3
        )


def test_the_direction_does_not_matter() -> None:
    other = answer(length=1.5)
    turned = np.random.default_rng(0).normal(size=128)
    turned = dataclasses.replace(other, embedding=(1.5 * turned / np.linalg.norm(turned)).astype(np.float32))
    found = embedding_length.examine(faces(), FaceAnswers((turned,)))
    assert found.value == pytest.approx(examined(1.5), abs=1e-3)
    assert found.facts["length"] == pytest.approx(1.5)


def test_the_longest_counts_and_is_compared_with_pristine_faces() -> None:
    answers = FaceAnswers((answer(0, length=1.2), answer(1, length=9.0)))
    found = embedding_length.examine(faces(2), answers)
    assert found.facts["share of pristine faces below"] == 1.0
    assert [place.x for place in found.where] == [170.0, 20.0]
    pristine, generated, own = found.exhibits[0].lines
    np.testing.assert_allclose(own.x, 9.0)
    assert np.median(generated.x) > np.median(pristine.x)
    assert (
        embedding_length.examine(faces(), FaceAnswers((answer(length=0.1),))).facts["share of pristine faces below"]
        == 0
    )


def test_without_a_large_face_it_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="none of 1 faces"):
        embedding_length.examine(faces(), FaceAnswers(()))
