"""What an ensemble learns from simulated scores: noise and scores upside down count little, missing ones nothing."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.knowledge.ensemble import from_json
from veridical.training.figures import auc
from veridical.training.pictures import FOLDS
from veridical.training.recipe import start
from veridical.training.recipes import ensemble as recipe
from veridical.training.recipes.ensemble import Scores, fit, fused, held_out, trusted

CONDITIONS = ("native", "jpeg_75")


def ranked(values, labels):
    return auc(labels == 1, values)


def simulated(gaps, *, missing=0.0, source_spread=0.3, a_source=24, seed=0):
    """Return scores whose fakes lie ``gaps`` standard deviations above real pictures, by member; sources differ a little."""
    random = np.random.default_rng(seed)
    keys, values, labels, sources, folds = [], [], [], [], []
    for fold, by_label in FOLDS.items():
        for label, names in by_label.items():
            for source in names:
                shift = random.normal(0, source_spread, len(gaps))
                for number in range(a_source):
                    own = shift + np.array(gaps) * (label == "fake") + random.normal(0, 1, len(gaps))
                    for condition in CONDITIONS:
                        value = 50 + 7 * (own + random.normal(0, 0.3, len(gaps)))
                        keys.append((condition, f"{source}-{label}-{number}"))
                        values.append(np.where(random.random(len(gaps)) < missing, np.nan, value))
                        labels.append(int(label == "fake"))
                        sources.append(source)
                        folds.append(fold)
    names = tuple(f"m{i}" for i in range(len(gaps)))
    return Scores(names, keys, np.array(values), np.array(labels), np.array(sources), np.array(folds))


def test_two_equal_members_are_better_than_one():
    scores = simulated([1.2, 1.2])
    alone = ranked(scores.values[:, 0], scores.labels)
    assert ranked(held_out(scores), scores.labels) > alone + 0.03


def test_a_member_of_noise_and_one_upside_down_do_not_count_more_than_the_good_one():
    scores = simulated([2.5, 0.0, -0.5])
    made = fit(scores, 1.0)
    good, noise, down = (one.slope for one in made.members)
    assert good > 1 and abs(noise) < 0.1 * good and down == 0
    trust, found = trusted(scores)
    assert trust > 0.5 and found[trust] > found[0.0] + recipe.CLEARLY
    assert ranked(held_out(scores), scores.labels) > ranked(scores.values[:, 0], scores.labels) - 0.02


def test_equal_members_keep_equal_weights():
    scores = simulated([1.0, 1.0, 1.0])
    trust, _ = trusted(scores)
    slopes = [one.slope for one in fit(scores, trust).members]
    assert trust == 0 and np.ptp(slopes) < 1e-12


def test_missing_scores_are_carried_and_add_nothing():
    scores = simulated([1.2, 1.2, 1.2], missing=0.4)
    value = held_out(scores)
    assert np.isfinite(value).all()
    none = np.isnan(scores.values).all(1)
    assert none.any() and (value[none] == 0).all()
    full = np.isfinite(scores.values).all(1)
    assert ranked(value[full], scores.labels[full]) > ranked(value, scores.labels) > 0.7


def test_log_odds_are_of_the_right_size():
    """Two independent normal members, each with a gap of one standard deviation: a slope of 1 each, 0 half-way between."""
    scores = simulated([1.0, 1.0], source_spread=0.0, a_source=400)
    made = fit(scores, 0.0)
    value = fused(made, scores)
    assert abs(np.mean(value)) < 0.15
    for low, high in ((-2, -1), (0, 1), (1, 2)):
        inside = (value > low) & (value < high)
        share = np.mean(scores.labels[inside] == 1) / np.mean(scores.labels == 1)
        other = np.mean(scores.labels[inside] == 0) / np.mean(scores.labels == 0)
        assert np.log(share / other) == pytest.approx((low + high) / 2, abs=0.35)


def test_a_member_that_scored_one_label_alone_is_left_out():
    scores = simulated([1.0, 1.0])
    scores.values[scores.labels == 1, 1] = np.nan
    assert [one.name for one in fit(scores, 0.0).members] == ["m0"]


def test_a_member_without_any_spread_does_no_harm():
    scores = simulated([1.5, 0.0])
    scores.values[:, 1] = 3.0
    assert np.isfinite(held_out(scores)).all()
    assert ranked(held_out(scores), scores.labels) == pytest.approx(
        ranked(held_out(only(scores, 0)), scores.labels), abs=0.02
    )


def only(scores, number):
    return Scores(
        scores.members[:1], scores.keys, scores.values[:, [number]], scores.labels, scores.sources, scores.folds
    )


def test_what_is_held_out_does_not_depend_on_the_labels_of_its_fold():
    scores = simulated([1.0, 0.8])
    there = scores.folds == "B"
    first = held_out(scores)[there]
    scores.labels[there] = 1 - scores.labels[there]
    np.testing.assert_array_equal(first, held_out(scores)[there])


@pytest.fixture
def folder(tmp_path):
    """A manifest and the scores of two members on disk."""
    scores = simulated([1.5, 1.0], a_source=6)
    (tmp_path / "scores").mkdir()
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "label", "source", "generator", "group"))
        seen = dict.fromkeys(file for _, file in scores.keys)
        for name in seen:
            source, label, _ = name.rsplit("-", 2)
            writer.writerow((name, label, source, "", ""))
    for number, name in enumerate(("one", "two")):
        with (tmp_path / f"scores/{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("condition", "file", "statistic", "value"))
            for (condition, picture), value in zip(scores.keys, scores.values[:, number], strict=True):
                writer.writerow((condition, picture, f"{name} main", value))
                writer.writerow((condition, picture, f"{name} other", -value))
    return tmp_path


def test_the_recipe_writes_a_table_that_is_read_again_and_a_card(folder):
    out = folder / "out"
    card = start("ensemble", [str(folder), str(folder / "scores"), str(out), "--members", "one", "two"])
    scores = recipe.read(folder / "scores", ("one", "two"), recipe.rows(folder))
    made = from_json((out / "ensemble.json").read_text())
    assert made == fit(scores, made.trust)
    assert "Member two" in card.read_text()
    lines = list(csv.DictReader((out / "scores.csv").read_text().splitlines()))
    assert {line["statistic"] for line in lines} == {"ensemble"}
    assert len(lines) == len({(line["condition"], line["file"]) for line in lines}) == len(scores.keys)


def test_what_all_but_one_say_is_written_where_there_are_three(folder):
    (folder / "scores/three.csv").write_text((folder / "scores/two.csv").read_text())
    start("ensemble", [str(folder), str(folder / "scores"), str(folder / "out"), "--members", "one", "two", "three"])
    lines = list(csv.DictReader((folder / "out/scores.csv").read_text().splitlines()))
    assert {line["statistic"] for line in lines} == {
        "ensemble",
        *(f"ensemble but {n}" for n in ("one", "two", "three")),
    }


def test_a_member_without_scores_is_named(folder):
    with pytest.raises(UsageError, match=r"three\.csv"):
        recipe.read(folder / "scores", ("one", "three"), recipe.rows(folder))
