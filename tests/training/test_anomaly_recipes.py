"""Both recipes for anomalies of faces from pictures to table or network, on four small pictures."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from veridical.errors import UsageError
from veridical.models import store
from veridical.training import recipe

_ROWS = (("a", "real", "ffhq"), ("b", "real", "ffhq"), ("c", "fake", "fakefaces"), ("d", "fake", "fakefaces"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One face, moved and relit: two copies are said to be real, two, smoothed, to be fake."""
    random = np.random.default_rng(0)
    where = tmp_path / "pictures"
    where.mkdir()
    with (where / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "label", "category", "generator", "source", "group"))
        for number, (name, label, source) in enumerate(_ROWS):
            pixels = np.roll(data.astronaut()[:300, 60:400], (3 * number, 5 * number), (0, 1))
            pixels = cv2.GaussianBlur(pixels, (0, 0), 1.5) if label == "fake" else pixels
            noisy = np.clip(pixels * (1 - 0.05 * number) + random.normal(0, 3, pixels.shape), 0, 255)
            Pillow.fromarray(noisy.astype(np.uint8)).save(where / f"{name}.png")
            writer.writerow((f"{name}.png", label, "synthesis" if label == "fake" else "real", "", source, ""))
    return where


@pytest.mark.models
def test_coverage_from_pictures_to_the_table(folder: Path, tmp_path: Path) -> None:
    if not store.is_present("face.identity"):
        pytest.skip("not on this machine: veridical models fetch face.identity")
    made = tmp_path / "made/table.npz"
    card = recipe.start("neuron_coverage", [str(folder), str(tmp_path / "cache"), str(made)])
    assert "2 pristine and 2 generated" in card.read_text()
    with np.load(made) as table:
        assert table["faces"].tolist() == [2, 2] and table["weights"].shape == (58,)
        assert all(np.isfinite(table[name]).all() for name in table.files)
    assert len(list((tmp_path / "cache").iterdir())) == len(_ROWS)


@pytest.mark.models
def test_the_autoencoder_from_pictures_to_onnx(folder: Path, tmp_path: Path) -> None:
    if not (find_spec("torch") and find_spec("onnx")):
        pytest.skip("needs torch and onnx")
    made = tmp_path / "made/net.onnx"
    card = recipe.start("locality_autoencoder", [str(folder), str(tmp_path / "cache"), str(made), "--steps", "4"])
    text = card.read_text()
    assert "8 pairs" in text and "4 views of generated faces" in text and made.stat().st_size < 3e6
    with pytest.raises(UsageError, match="real faces to blend"):
        recipe.start(
            "locality_autoencoder", [str(folder), str(tmp_path / "cache"), str(made), "--without", "A", "--steps", "4"]
        )  # fmt: skip
