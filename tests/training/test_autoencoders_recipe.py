"""A tiny run of the recipes: autoencoders learn, are written and read again, and copies lie beside their photos."""

from __future__ import annotations

import csv
import importlib.util
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from veridical.errors import NotInstalled, UsageError
from veridical.training import recipe as recipes
from veridical.training.recipes import autoencoders as recipe
from veridical.training.recipes import reconstructions as copies

from . import made_pictures

TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not TORCH, reason="needs torch")


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return coloured patches with a little noise."""
    random = np.random.default_rng(seed)
    patches = random.integers(0, 256, (9, 9, 3)).astype(np.uint8).repeat(60, 0).repeat(60, 1)[:height, :width]
    return np.clip(patches + random.normal(0, 6, patches.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    for seed in range(2):
        Image.fromarray(photo(180, 200, seed)).save(tmp_path / f"{seed}.png")
    return tmp_path


def test_crops_come_from_the_photos_and_from_the_seed(folder):
    pictures = recipe.photos(folder)
    assert len(pictures) == 6 and min(min(one.shape[:2]) for one in pictures) >= recipe.SIDE
    one, other = (next(recipe.crops(pictures, np.random.default_rng(2))) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert one.shape == (recipe.BATCH, 3, recipe.SIDE, recipe.SIDE) and 0 <= one.min() < one.max() <= 1


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no photo"):
        recipe.photos(tmp_path)


def test_without_torch_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match="veridical\\[train\\]"):
        recipe.train("nearest_8", recipe.photos(folder), steps=1)


@needs_torch
def test_the_recipe_trains_writes_and_its_copies_come_nearer(folder):
    from veridical.training import reconstructions

    arguments = [str(folder), str(folder / "out"), "--only", "bilinear_4", "--steps", "45"]
    card = recipes.start("autoencoders", arguments).read_text(encoding="utf-8")
    assert "2 photos" in card and "| bilinear_4.npz |" in card and "| plain at the end |" in card and "seed: 0" in card
    log = list(csv.DictReader((folder / "out/bilinear_4.csv").read_text(encoding="utf-8").splitlines()))
    assert float(log[-1]["plain"]) < 0.9 * float(log[0]["plain"])
    assert (folder / "out/bilinear_4.npz").stat().st_size < 600_000
    way = reconstructions.ways(folder / "out")["decoded_bilinear_4"]
    copy = way(photo(180, 200), 0)
    assert np.abs(copy.astype(float) - photo(180, 200)).mean() < 25


def test_copies_lie_beside_the_photos_and_are_not_made_twice(tmp_path, monkeypatch):
    Image.fromarray(photo(420, 400)).save(tmp_path / "a.png")
    row = {"file": "a.png", "source": "one", "label": "real"}
    ways = {"published_same": lambda picture, seed: picture, "plain": lambda picture, seed: 255 - picture}
    assert copies.make(tmp_path, tmp_path / "out", row, ways) == 2
    assert copies.make(tmp_path, tmp_path / "out", row, ways) == 0
    found = {path.parent.name: np.asarray(cv2.imread(str(path))) for path in (tmp_path / "out").glob("*/a.png")}
    sizes = {name: picture.shape[:2] for name, picture in found.items()}
    whole, half = (384, 384), (192, 192)
    assert sizes == {
        "original": whole,
        "plain": whole,
        "published_same": whole,
        "published_same_spectrum": whole,
        "original_half": half,
        "published_same_half": half,
    }
    middle = copies.middle(photo(420, 400))
    np.testing.assert_array_equal(found["original"][..., ::-1], middle)
    np.testing.assert_array_equal(middle[0, 0], photo(420, 400)[16, 8])


def test_copies_are_made_by_name_with_a_card(tmp_path):
    pictures = made_pictures.make(tmp_path / "in", each=1, side=64)
    arguments = [str(pictures), str(tmp_path / "out"), "--only", "rotated", "wavelet"]
    card = recipes.start("reconstructions", arguments).read_text(encoding="utf-8")
    real = sum(label == "real" for _, label in made_pictures.KINDS)
    assert f"{2 * real} copies of {real} photos in 2 ways" in card and "| copied | real | ffhq | 1 |" in card
    assert "fake" not in {path.stem.split("-")[1] for path in (tmp_path / "out").glob("*/*.png")}
    with pytest.raises(UsageError, match="no way turned; there are .*rotated"):
        recipes.start("reconstructions", [*arguments, "turned"])
    with pytest.raises(SystemExit):
        recipes.start("reconstructions", [*arguments, "--published", "no_folder"])


def test_a_decoder_that_is_not_there_is_answered_with_those_that_are(folder):
    pytest.importorskip("torch")
    with pytest.raises(UsageError, match="no decoder bilinear; there are .*bilinear_4"):
        recipes.start("autoencoders", [str(folder), str(folder / "out"), "--only", "bilinear"])


def test_only_real_photos_are_copied_and_not_too_many_of_a_source():
    given = [{"file": str(k), "source": "ab"[k % 2], "label": "fake" if k == 3 else "real"} for k in range(10)]
    assert [row["file"] for row in copies.chosen(given, 2)] == ["0", "1", "2", "5"]
