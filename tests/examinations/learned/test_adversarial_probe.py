"""The probe: the face that is least steady counts; what is usual comes from the table; gates and words."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from veridical import knowledge
from veridical.errors import NotApplicable
from veridical.examinations.learned import adversarial_probe
from veridical.knowledge.steadiness import population
from veridical.perception.face_masks import NETWORK
from veridical.perception.faces import Faces
from veridical.perception.steadiness import Steadiness, SteadyFace
from veridical.signals.mild_changes import NAMES

from ..spatial.faces_of import portrait

USUAL = population("face_net")


def face(*, score: float = 0.0, away: float = 0.0, index: int = 0, scale: float = 0.5) -> SteadyFace:
    """A face whose score shifts as usual, and by ``away`` deviations more under every change."""
    changed = score + USUAL.usual(score) + away * USUAL.deviation(score)
    return SteadyFace(index=index, score=score, changed=changed, scale=scale)


def middle() -> float:
    return float(np.mean(USUAL.scores))


def test_the_table_is_of_the_network_and_the_changes_that_are_asked() -> None:
    import hashlib

    assert USUAL.names == NAMES
    assert USUAL.network == hashlib.sha256((files(knowledge) / NETWORK).read_bytes()).hexdigest()
    assert 1 < USUAL.below(0.9) < USUAL.below(0.95) <= USUAL.below(0.99)


def test_a_face_that_shifts_as_usual_has_no_value_and_more_deviations_a_higher_one() -> None:
    image, faces, _ = portrait(2.0)
    values = [
        adversarial_probe.examine(image, faces, Steadiness((face(score=middle(), away=away),))).value
        for away in (0.0, 1.0, 3.0, -9.0)
    ]
    assert values[0] == pytest.approx(0, abs=1e-6)
    assert values == sorted(values) and values[-1] > USUAL.below(0.95)
    assert values[2] == pytest.approx(3 * values[1])


def test_the_least_steady_face_counts_and_each_is_shown() -> None:
    image, faces, _ = portrait(2.0)
    two = Faces((faces.faces[0], faces.faces[0]))
    seen = Steadiness((face(score=middle(), away=1.0), face(score=middle(), away=6.0, index=1)))
    found = adversarial_probe.examine(image, two, seen)
    assert found.value == pytest.approx(USUAL.unsteadiness(middle(), seen.faces[1].changed))
    assert [place.value for place in found.where] == sorted((place.value for place in found.where), reverse=True)
    assert "the least steady of 2 faces" in found.observation and f"{found.value:.2f}" in found.observation
    chart, table = found.exhibits
    np.testing.assert_allclose(chart.lines[0].y, seen.faces[1].changed - seen.faces[1].score, rtol=1e-5)
    assert [row[0] for row in table.rows] == list(NAMES)
    assert {row[3] for row in table.rows} == {"+6.0"}


def test_it_warns_of_enlarged_faces_and_of_scores_beyond_the_table() -> None:
    image, faces, _ = portrait(2.0)
    usual = adversarial_probe.examine(image, faces, Steadiness((face(score=middle()),)))
    odd = adversarial_probe.examine(image, faces, Steadiness((face(score=USUAL.scores[1] + 5, scale=3.0),)))
    assert len(odd.limits) == len(usual.limits) + 2
    assert any("3.0-fold" in limit for limit in odd.limits)


def test_without_a_face_that_is_large_enough_it_is_not_applicable() -> None:
    image, faces, _ = portrait(2.0)
    with pytest.raises(NotApplicable, match="24 pixels"):
        adversarial_probe.examine(image, faces, Steadiness(()))
