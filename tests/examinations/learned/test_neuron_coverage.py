"""The value is what the weights make of the layers; the chart shows them beside pristine ones; the table is sane."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.learned import neuron_coverage
from veridical.knowledge.neuron_coverage import LAYERS, neuron_norms, terms
from veridical.perception.face_layers import FaceAnswers

from .faces_answered import answer, faces


def test_the_middle_pristine_face_lies_at_nought_within_the_band() -> None:
    found = neuron_coverage.examine(faces(), FaceAnswers((answer(),)))
    assert found.value == pytest.approx(0, abs=1e-4)
    assert found.facts["layers outside the band"] == 0
    assert found.unit == "standard deviations of pristine faces"


@pytest.mark.parametrize("layer", [0, 13, 28])
def test_one_layer_moves_the_value_by_its_weight(layer: int) -> None:
    share = np.zeros(LAYERS)
    share[layer] = 3.0
    found = neuron_coverage.examine(faces(), FaceAnswers((answer(share=share),)))
    assert found.value == pytest.approx(3 * neuron_norms().weights[layer], abs=1e-3)
    thirds = [found.facts[f"share of the {name} third"] for name in ("first", "middle", "last")]
    assert np.flatnonzero(np.abs(thirds) > 1e-3).tolist() == [min(layer // 10, 2)]


def test_the_face_that_lies_farthest_counts_and_each_has_its_place() -> None:
    towards = np.sign(neuron_norms().weights[:LAYERS])
    answers = FaceAnswers((answer(0), answer(1, share=towards)))
    found = neuron_coverage.examine(faces(2), answers)
    assert found.value == pytest.approx(np.abs(neuron_norms().weights[:LAYERS]).sum(), abs=1e-2)
    assert [place.x for place in found.where] == [170.0, 20.0]
    assert found.where[0].value == pytest.approx(found.value, abs=1e-3)
    assert found.facts["faces judged"] == 2


def test_the_charts_show_this_face_beside_the_band() -> None:
    given = answer(share=4.0)
    found = neuron_coverage.examine(faces(), FaceAnswers((given,)))
    coverage, unevenness = found.exhibits
    for chart, values in ((coverage, given.coverage), (unevenness, given.unevenness)):
        low, middle, high, own = chart.lines
        np.testing.assert_allclose(own.y, values, rtol=1e-6)
        assert (low.y <= middle.y).all() and (middle.y <= high.y).all() and len(own.x) == LAYERS
    beyond = (coverage.lines[3].y > coverage.lines[2].y).sum()
    assert beyond > 20 and found.facts["layers outside the band"] == beyond


def test_without_a_large_face_it_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="none of 2 faces"):
        neuron_coverage.examine(faces(2), FaceAnswers(()))


def test_terms_are_finite_at_the_ends() -> None:
    ends = terms(np.array([0.0] * 28 + [1.0]), np.zeros(LAYERS))
    assert np.isfinite(ends).all() and ends.shape == (2 * LAYERS,)
    assert ends[0] == pytest.approx(-ends[28])


def test_the_table_is_of_pristine_faces() -> None:
    norms = neuron_norms()
    assert (norms.thresholds > 0).all() and (norms.spread > 0).all()
    assert ((norms.coverage_band >= 0) & (norms.coverage_band <= 1)).all()
    assert (np.diff(norms.lengths, axis=1) >= 0).all()
    assert min(norms.faces) > 100
