"""From pictures to rules, networks, scores and the table of generators, on a handful of generated pictures."""

from __future__ import annotations

import csv
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from veridical.signals.picture_tiles import chosen
from veridical.training import launder, pictures, recipe
from veridical.training.recipes.image_net import direction, planes

_SPEC = importlib.util.spec_from_file_location("made_pictures", Path(__file__).with_name("made_pictures.py"))
made_pictures = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(made_pictures)
TINY = ["--pairs", "12", "--tiles", "2", "--steps", "4", "--batch", "2"]


def test_the_direction_is_the_one_in_which_pairs_part_not_the_one_in_which_pictures_differ():
    random = np.random.default_rng(0)
    content = random.normal(0, 10, (400, 1, 3)) * [0, 1, 1]  # shared by both of a pair
    pairs = content + random.normal(0, 1, (400, 2, 3)) * [1, 1, 5]
    pairs[:, 1, 0] += 1.5
    found, offset = direction(pairs)
    assert found[0] > 0.5 and abs(found[1]) < 0.2 and abs(found[2]) < 0.05
    right = np.mean(pairs[:, 1] @ found > pairs[:, 0] @ found)
    assert right > 0.8
    odds = pairs @ found + offset
    assert abs(odds.mean()) < 1e-6
    # Its length is the log-odds of a pair: those at 2 are right about as often as that says.
    step = (pairs[:, 1] - pairs[:, 0]) @ found
    assert 1 / (1 + np.exp(-abs(step).mean())) == pytest.approx(right, abs=0.1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    media = made_pictures.make(tmp_path_factory.mktemp("pictures"))
    out = tmp_path_factory.mktemp("image_net")
    card = recipe.start("image_net", [str(media), str(out), "--fold", "B", "none", *TINY])
    return media, out, card.read_text()


def scores(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "scores.csv").read_text().splitlines()))


def test_only_the_fold_kept_back_is_scored_and_the_card_says_by_what(made):
    _, out, card = made
    found = scores(out)
    assert {row["file"].partition("-")[0] for row in found} == {"sd14", "webportraits"} and len(found) == 16
    assert "drawn by chance" in card and "Fold B kept back" in card and "| learned from | fake | attgan | 2 |" in card
    learned = card.partition("Fold B kept back")[2].partition("## ")[0]
    assert "| learned from | fake | sd14" not in learned and "| judged | fake | sd14 | 2 |" in learned


def test_scores_are_those_of_the_exported_network_on_tiles_at_native_size(made):
    media, out, _ = made
    one = next(row for row in scores(out) if row["condition"] == "jpeg_75")
    tiles = chosen(launder.jpeg(pictures.load(media, one), 75), 2)[1]
    session = onnxruntime.InferenceSession(str(out / "B/pixel_net.onnx"))
    odds, features = session.run(None, {"tiles": planes(tiles)})
    assert float(one["value"]) == pytest.approx(float(odds.mean()), abs=1e-3) and features.shape == (2, 304)


def test_smooth_fakes_are_told_from_noise_in_a_fold_not_learned_from(made):
    _, out, _ = made
    values = {
        (row["file"].partition("-")[0]): float(row["value"]) for row in scores(out) if row["condition"] == "native"
    }
    assert values["sd14"] > values["webportraits"]


def test_the_table_knows_the_generators_of_all_folds(made):
    _, out, _ = made
    with np.load(out / "none/image_net.npz", allow_pickle=False) as table:
        assert list(table["counts"]) == [12, 4, 2, 2, 2] and table["names"][0] == "real photographs"
        assert all(np.isfinite(table[name]).all() for name in ("means", "middle", "axes", "gates"))


def test_features_of_pairs_are_kept_and_give_the_same_again(made):
    media, out, _ = made
    before = scores(out)
    kept = sorted(out.glob("pairs_*.npy"))
    times = [one.stat().st_mtime_ns for one in kept]
    recipe.start("image_net", [str(media), str(out), "--fold", "B", *TINY])
    assert [one.stat().st_mtime_ns for one in kept] == times and len(kept) == 4
    assert scores(out) == before


def test_pairs_of_another_manifest_are_not_taken_for_these(made, tmp_path):
    media, out, _ = made
    shutil.copytree(media, tmp_path / "pictures")
    shutil.copytree(out, tmp_path / "out")
    with (tmp_path / "pictures/manifest.csv").open("a") as file:
        file.write("sd14-fake-0.png,fake,sd14,sd14 fake,sd14-1\n")
    recipe.start("image_net", [str(tmp_path / "pictures"), str(tmp_path / "out"), "--fold", "B", *TINY])
    assert len(list((tmp_path / "out").glob("pairs_*.npy"))) > len(list(out.glob("pairs_*.npy")))
