"""The head parts labels, not collections; a tiny run leaves a table, scores of folds kept back alone, and a card."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from veridical.errors import ModelMissing
from veridical.knowledge import picture_head
from veridical.models import store
from veridical.perception.picture_encoding import BLOCKS, MODELS
from veridical.training import recipe
from veridical.training.recipes.picture_head import direction, head

_SPEC = importlib.util.spec_from_file_location("made_pictures", Path(__file__).with_name("made_pictures.py"))
made_pictures = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(made_pictures)


def simulated(random: np.random.Generator, d: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Six sources of 40; axis 0 tells the labels in each, axis 1 tells collections and by chance the labels better."""
    fake, source, points = [], [], []
    for n in range(6):
        centre = np.zeros(d)
        centre[0] = 1.0 * (n % 2)
        centre[1] = [-4, -2, 0, 4, 1, 3][n] + 1.5 * (n % 2)
        points.append(random.normal(0, 1, (40, d)) + centre)
        fake += [bool(n % 2)] * 40
        source += [f"s{n}"] * 40
    return np.concatenate(points), np.array(fake), np.array(source)


def test_what_tells_collections_apart_is_not_followed():
    points, fake, source = simulated(np.random.default_rng(0))
    along, offset = direction(points, fake, source)
    assert along[0] > 2 * abs(along[1])
    plain = points[fake].mean(0) - points[~fake].mean(0)
    assert plain[1] > plain[0]  # the mere difference of means follows the collections
    assert abs((points @ along + offset)[fake].mean() + (points @ along + offset)[~fake].mean()) < 1.0


def test_log_odds_have_the_scale_of_a_fitted_logistic():
    random = np.random.default_rng(1)
    d = sum(BLOCKS.values())
    fake = np.arange(300) % 2 == 1
    points = random.normal(0, 1, (300, d))
    points[fake, 5] += 2
    rows = [{"label": "fake" if one else "real", "source": f"s{n % 6}"} for n, one in enumerate(fake)]
    weights, offset = head(points, rows)
    odds = points @ weights + offset
    assert odds[fake].mean() > 0 > odds[~fake].mean()
    assert np.mean((odds > 0) == fake) > 0.75


def test_a_table_is_read_as_it_was_written(tmp_path):
    weights = np.arange(4, dtype=np.float32)
    np.savez(tmp_path / "t.npz", weights=weights, offset=-1.5, pictures=np.array([7, 9]), sources=3)
    found = picture_head.read((tmp_path / "t.npz").read_bytes())
    assert found.pictures == (7, 9) and found.sources == 3
    np.testing.assert_allclose(found.log_odds(np.ones((2, 4))), [4.5, 4.5])


def test_a_run_on_a_handful_of_pictures(tmp_path):
    if not store.is_present(MODELS[0]):
        pytest.skip("not on this machine: veridical models fetch clip.b16")
    media = made_pictures.make(tmp_path / "pictures", each=1, side=256)
    out = tmp_path / "out"
    arguments = [str(media), str(out), "--fold", "B", "none", "--draws", "1"]
    card = recipe.start("picture_head", arguments)
    assert "Fold B kept back" in card.read_text()
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["file"].partition("-")[0] for row in rows} == {"sd14", "webportraits"} and len(rows) == 8
    found = picture_head.read((out / "picture_head.npz").read_bytes())
    assert found.weights.shape == (sum(BLOCKS.values()),) and found.pictures == (6, 6)
    by_label = {row["file"].partition("-")[0]: float(row["value"]) for row in rows if row["condition"] == "native"}
    assert by_label["sd14"] > by_label["webportraits"]
    kept = {one.name: one.stat().st_mtime_ns for one in out.glob("encodings_*.npy")}
    recipe.start("picture_head", arguments)
    assert kept == {one.name: one.stat().st_mtime_ns for one in out.glob("encodings_*.npy")}


def test_without_the_encoder_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "locate", lambda name: None)
    media = made_pictures.make(tmp_path / "pictures", each=1, side=64)
    with pytest.raises(ModelMissing, match="models fetch"):
        recipe.start("picture_head", [str(media), str(tmp_path / "out")])


def test_encodings_of_another_manifest_are_not_taken_for_these(tmp_path):
    if not store.is_present(MODELS[0]):
        pytest.skip("not on this machine: veridical models fetch clip.b16")
    media, out = made_pictures.make(tmp_path / "pictures", each=1, side=96), tmp_path / "out"
    arguments = [str(media), str(out), "--fold", "none", "--draws", "1"]
    recipe.start("picture_head", arguments)
    with (media / "manifest.csv").open("a") as file:
        file.write("sd14-fake-0.png,fake,sd14,sd14 fake,sd14-1\n")
    recipe.start("picture_head", arguments)
    assert sorted(np.load(one).shape[0] for one in out.glob("encodings_*.npy")) == [12, 13]
