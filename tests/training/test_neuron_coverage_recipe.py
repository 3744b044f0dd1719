"""The direction is that within folds, pristine faces have mean 0 and deviation 1, and the table says what it holds."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.knowledge.neuron_coverage import LAYERS, terms
from veridical.training.recipes import neuron_coverage as recipe
from veridical.training.recipes.neuron_coverage import Answers


def answers(random: np.random.Generator, *, layer: int = 4, shift: float = 1.0, count: int = 400) -> Answers:
    """Two folds far apart in all layers; generated faces differ in one layer, and one fold holds many more of them."""
    fold = np.repeat(["A", "B"], count)
    generated = np.concatenate([random.random(count) < 0.8, random.random(count) < 0.2])
    odds = random.normal(0, 0.3, (2 * count, LAYERS)) + np.where(fold == "A", 1.0, -1.0)[:, None]
    odds[:, layer] += shift * generated
    return Answers(
        1 / (1 + np.exp(-odds)), np.exp(random.normal(0, 0.1, (2 * count, LAYERS))), random.uniform(1, 2, 2 * count),
        generated, fold,
    )  # fmt: skip


def test_it_finds_the_layer_and_not_the_fold() -> None:
    given = answers(np.random.default_rng(0))
    direction = recipe.learned(given, shrinkage=0.05)
    assert np.argmax(direction.weights) == 4
    assert np.abs(np.delete(direction.weights, 4)).max() < 0.5 * direction.weights[4]
    values = direction.value(terms(given.coverage, given.unevenness))
    pristine = values[~given.generated]
    assert pristine.mean() == pytest.approx(0, abs=1e-9) and pristine.std() == pytest.approx(1)
    for fold in "AB":
        own = given.fold == fold
        assert values[own & given.generated].mean() - values[own & ~given.generated].mean() > 1


def test_a_fold_without_generated_faces_gives_no_direction() -> None:
    given = answers(np.random.default_rng(1))
    lone = given.fold == "B"
    kept = ~(lone & given.generated)
    pruned = Answers(*(getattr(given, name)[kept] for name in Answers.__dataclass_fields__))
    assert np.argmax(recipe.learned(pruned, shrinkage=0.05).weights) == 4


def test_the_table_holds_what_the_program_reads() -> None:
    given = answers(np.random.default_rng(2))
    made = recipe.table(given, np.full(LAYERS, 0.1), recipe.learned(given), (10, 20))
    pristine = ~given.generated
    np.testing.assert_allclose(made["coverage_band"][1], np.median(given.coverage[pristine], 0), rtol=1e-5)
    np.testing.assert_allclose(
        made["lengths"][:, 50], [np.median(given.lengths[o]) for o in (pristine, ~pristine)], rtol=1e-5
    )
    assert made["faces"].tolist() == [10, 20]
    inside = (given.coverage[pristine] >= made["coverage_band"][0]) & (
        given.coverage[pristine] <= made["coverage_band"][2]
    )
    assert inside.mean() == pytest.approx(0.9, abs=0.01)


def test_thresholds_come_from_pristine_faces_alone(monkeypatch) -> None:
    class Face:
        def __init__(self, fold: str, label: str, number: float) -> None:
            self.row, self.number = {"fold": fold, "label": label}, number

    monkeypatch.setattr(recipe, "laundered", lambda face, draw: face.number)
    monkeypatch.setattr(
        recipe, "layers_of", lambda crop: (None, [np.full((2, 3, 3), crop), np.full((4, 1, 1), 2 * crop)])
    )
    given = [Face("A", "real", 1.0), Face("A", "fake", 50.0), Face("A", "real", 3.0), Face("A", "real", 90.0)]
    found = recipe.thresholds([*given, Face("B", "real", 5.0), Face("C", "fake", 7.0)], each=2)  # type: ignore[list-item]
    assert sorted(found) == ["A", "B"]
    np.testing.assert_allclose(found["A"], [[1, 2], [3, 6]])
    np.testing.assert_allclose(found["B"], [[5, 10]])
