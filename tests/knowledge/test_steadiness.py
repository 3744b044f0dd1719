"""The population of pristine pictures: what it finds in made-up shifts whose law is known."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from veridical import knowledge
from veridical.knowledge.steadiness import arrays, fitted, loaded
from veridical.knowledge.steadiness import population as shipped
from veridical.signals import mild_changes

NAMES = tuple("abcdefghijkl")
MIX = np.eye(12) + 0.6 * np.eye(12, k=1)


def faces(many: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, and those of changed copies: the shift falls with the score, changes beside each other shift alike."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 3, many)
    shifts = 0.5 - 0.2 * scores[:, None] + 0.3 * random.standard_normal((many, 12)) @ MIX
    return scores, scores[:, None] + shifts, np.arange(many) % 5


def population():
    scores, changed, kinds = faces(600)
    return fitted(NAMES, scores, changed, np.array([f"source {kind}" for kind in kinds]), "hash")


def test_it_finds_line_and_spread() -> None:
    found = population()
    np.testing.assert_allclose(found.level, 0.5, atol=0.06)
    np.testing.assert_allclose(found.slope, -0.2, atol=0.03)
    np.testing.assert_allclose(found.spread, 0.3 * np.sqrt((MIX**2).sum(0)), rtol=0.12)
    assert found.pictures == 600 and found.sources == 5 and found.network == "hash"


def test_others_of_that_law_lie_about_one_and_below_the_tail_as_often_as_it_says() -> None:
    found = population()
    scores, changed, _ = faces(2000, seed=1)
    values = np.array([found.unsteadiness(float(s), c) for s, c in zip(scores, changed, strict=True)])
    assert np.sqrt((values**2).mean()) == pytest.approx(1, abs=0.1)
    for share in (0.9, 0.95):
        assert (values < found.below(share)).mean() == pytest.approx(share, abs=0.03)


def test_shifts_that_no_pristine_picture_has_stand_out_whichever_way_they_go() -> None:
    found = population()
    usual = found.usual(1.0)
    for way in (+1, -1):
        away = found.unsteadiness(1.0, 1.0 + usual + way * 2.0)
        assert away > found.below(0.99)
    assert found.unsteadiness(1.0, 1.0 + usual) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(found.standardised(1.0, 1.0 + usual + found.deviation(1.0)), 1)


def test_shifts_are_measured_by_how_large_they_are_at_that_score() -> None:
    """Faces of low scores shift a tenth as much here: a shift that is usual of the others stands out of them."""
    random = np.random.default_rng(3)
    scores = random.uniform(-5, 5, 800)
    changed = scores[:, None] + np.where(scores < 0, 0.03, 0.3)[:, None] * random.standard_normal((800, 12))
    found = fitted(NAMES, scores, changed, np.array([f"source {i % 4}" for i in range(800)]), "")
    low, high = (found.deviation(score).mean() for score in (-4.0, 4.0))
    assert low < 0.3 * high
    shift = 0.3 * random.standard_normal(12)
    assert found.unsteadiness(-4.0, -4.0 + shift) > found.below(0.99) > found.unsteadiness(4.0, 4.0 + shift)


def test_a_score_beyond_those_it_knows_is_taken_for_the_end() -> None:
    found = population()
    np.testing.assert_array_equal(found.usual(1e3), found.usual(found.scores[1]))


def test_what_is_stored_comes_back(tmp_path) -> None:
    found = population()
    with (tmp_path / "a.npz").open("wb") as file:
        np.savez(file, **arrays(found))
    back = loaded(tmp_path / "a.npz")
    scores, changed, _ = faces(5, seed=2)
    for score, others in zip(scores, changed, strict=True):
        assert back.unsteadiness(float(score), others) == found.unsteadiness(float(score), others)
    assert (back.names, back.network, back.below(0.9)) == (NAMES, "hash", found.below(0.9))


def test_the_table_that_comes_with_the_program_is_of_the_network_that_comes_with_it() -> None:
    found = shipped("face_net")
    assert found.network == hashlib.sha256((files(knowledge) / "face_net.onnx").read_bytes()).hexdigest()
    assert found.names == mild_changes.NAMES
