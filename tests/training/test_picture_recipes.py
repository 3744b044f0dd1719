"""The yardsticks from pictures to networks, scores and cards, on a handful of generated pictures."""

from __future__ import annotations

import csv
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from veridical.errors import UsageError
from veridical.training import launder, picture_runs, pictures, recipe
from veridical.training.figures import auc
from veridical.training.squares import Squares

pytest.importorskip("torch")
pytest.importorskip("onnx")

_SPEC = importlib.util.spec_from_file_location("made_pictures", Path(__file__).with_name("made_pictures.py"))
made_pictures = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(made_pictures)

TINY = ["--steps", "6", "--batch", "4", "--tune-every", "3", "--draws", "1"]


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    return made_pictures.make(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def mesonet(media, tmp_path_factory):
    out = tmp_path_factory.mktemp("mesonet")
    told = []
    card = recipe.start("mesonet", [str(media), str(out), "--fold", "B", *TINY], lambda *what: told.append(what))
    assert card == out / "card.md"
    return out, told


def scores(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "scores.csv").read_text().splitlines()))


def test_mesonet_leaves_a_network_scores_log_and_card(mesonet):
    out, told = mesonet
    found = scores(out)
    assert {row["condition"] for row in found} == set(launder.CONDITIONS)
    assert {row["file"].partition("-")[0] for row in found} == {"sd14", "webportraits"} and len(found) == 16
    assert {row["statistic"] for row in found} == {"mesonet"} and all(np.isfinite(float(row["value"])) for row in found)
    assert (out / "B/log.jsonl").read_text().count("tune") == 2
    card = (out / "card.md").read_text()
    assert "seed: 0" in card and "--fold B" in card and "AUC, jpeg_75, 4 pictures" in card and "torch 2" in card
    assert "| ended training | fake | kurlyto | 2 |" in card and "sd14" in card.partition("judged")[2]
    assert ("B: loss", 6, 6) in [(what[:7], done, of) for what, done, of in told]


def test_scores_are_those_of_the_exported_network(mesonet, media):
    out, _ = mesonet
    one = next(row for row in scores(out) if row["condition"] == "jpeg_75")
    shown = launder.jpeg(pictures.load(media, one), 75)
    square = launder.scaled(launder.centre(shown), 256, 256)
    session = onnxruntime.InferenceSession(str(out / "B/mesonet.onnx"))
    found = session.run(None, {"pictures": (square.transpose(2, 0, 1)[None] / 255).astype(np.float32)})[0]
    assert float(one["value"]) == pytest.approx(float(found[0]), abs=1e-4)


def test_the_same_command_gives_the_same_scores_and_goes_on_with_what_is_there(mesonet, media, tmp_path):
    out, _ = mesonet
    arguments = [str(media), str(tmp_path), "--fold", "B", "--squares", str(out / "squares"), *TINY]
    recipe.start("mesonet", arguments)
    assert scores(tmp_path) == scores(out)
    with pytest.raises(UsageError, match="another seed"):
        recipe.start("mesonet", [*arguments, "--seed", "1"])
    recipe.start("mesonet", [*arguments, "--seed", "1", "--restart"])
    assert scores(tmp_path) != scores(out)


def test_lite0_learns_from_all_and_from_all_but_a_fold(media, tmp_path):
    arguments = [str(media), str(tmp_path), "--fold", "D", "none", "--side", "64", "--bf16", "--without-tune", *TINY]
    recipe.start("lite0", arguments)
    found = scores(tmp_path)
    assert {row["file"].partition("-")[0] for row in found} == {"attgan"}
    assert {row["condition"] for row in found} == {"native", "jpeg_75", "half"}  # 128 px are too few for common
    assert (tmp_path / "none/lite0.onnx").stat().st_size > 13_000_000
    card = (tmp_path / "card.md").read_text()
    assert "first weights: drawn by chance" in card and "No fold kept back" in card and "ended training" not in card


def test_one_label_alone_teaches_nothing(media, tmp_path):
    own = tmp_path / "pictures"
    shutil.copytree(media, own)
    lines = [line for line in (own / "manifest.csv").read_text().splitlines() if ",fake," not in line or "sd14" in line]
    (own / "manifest.csv").write_text("\n".join(lines))
    with pytest.raises(UsageError, match="one label alone"):
        recipe.start("mesonet", [str(own), str(tmp_path / "out"), "--fold", "B", *TINY])


def test_squares_are_made_once_and_are_the_middle(media, tmp_path):
    rows = pictures.rows(media)
    told = []
    way = Squares(media, tmp_path, rows, 32, lambda *what: told.append(what)).of("native")
    picture = pictures.load(media, rows[0])
    np.testing.assert_array_equal(way.get(rows[0]), launder.scaled(launder.centre(picture), 32, 32))
    assert len(told) == len(rows) and all(way.holds(row) for row in rows)
    again = Squares(media, tmp_path, rows, 32, lambda *what: told.append(what)).of("native")
    np.testing.assert_array_equal(again.get(rows[1]), way.get(rows[1]))
    assert len(told) == len(rows)
    common = Squares(media, tmp_path, rows, 32).of("common")
    assert {row["source"] for row in rows if not common.holds(row)} == {"attgan"}


def test_histories_differ_by_draw_and_are_the_same_every_time(media):
    row = pictures.rows(media)[0]
    picture = pictures.load(media, row)
    one, again, other = (picture_runs_shown(picture, way, row) for way in ("laundered_0", "laundered_0", "laundered_1"))
    np.testing.assert_array_equal(one, again)
    assert one.shape != other.shape or (one != other).any()


def picture_runs_shown(picture, way, row):
    from veridical.training.squares import shown_as

    return shown_as(picture, way, row)


def test_crops_stay_within_and_are_mirrored_as_often_as_not():
    square = np.arange(16 * 16 * 3, dtype=np.uint16).reshape(16, 16, 3)
    stick = picture_runs.Yardstick("x", object, 14, cropped=True, settings=picture_runs.Settings(1), batch=1)
    found = [picture_runs.changed(square, stick, np.random.default_rng(n)) for n in range(100)]
    assert {one.shape for one in found} == {(14, 14, 3)} and stick.stored == 16
    assert np.mean([one[0, 0, 0] > one[0, 1, 0] for one in found]) == pytest.approx(0.5, abs=0.15)
    assert len({int(one.min()) for one in found}) == 9


def test_the_chance_that_a_fake_lies_higher():
    assert auc([True, True, False, False], [3, 2, 1, 0]) == 1.0
    assert auc([True, False], [1, 1]) == 0.5
    assert auc([True, False, False, True], [0.9, 0.8, 0.1, 0.5]) == 0.75
    assert np.isnan(auc([True, True], [1, 2]))
