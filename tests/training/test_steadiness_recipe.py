"""The recipe of the probe's table: what it takes of each source, and the table and the card that it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.knowledge.steadiness import loaded
from veridical.perception.steadiness import Steadiness, SteadyFace
from veridical.signals.mild_changes import NAMES
from veridical.training import recipe as recipes
from veridical.training.recipes import steadiness as recipe

from . import made_pictures


@pytest.fixture
def judged(monkeypatch):
    """No network: each picture holds one face, whose score and shifts follow from its pixels. Returns what was judged."""
    seen = []

    def see(image):
        seen.append(image.pixels)
        random = np.random.default_rng(image.pixels.astype(np.uint64).sum())
        score = float(random.normal(0, 3))
        return Steadiness(
            (SteadyFace(index=0, score=score, changed=score + random.normal(0.5, 0.1, len(NAMES)), scale=1.0),)
        )

    monkeypatch.setattr(recipe, "see_faces", lambda image: image)
    monkeypatch.setattr(recipe, "see_face_masks", lambda image, faces, most: image)
    monkeypatch.setattr(recipe, "see_steadiness", see)
    return seen


def test_the_table_and_its_card_are_left(judged, tmp_path):
    folder = made_pictures.make(tmp_path / "in", each=3, side=48)
    card = recipes.start("steadiness", [str(folder), str(tmp_path / "made/table.npz"), "--most", "2"])
    found = loaded(tmp_path / "made/table.npz")
    kinds = len(made_pictures.KINDS)
    assert found.pictures == len(judged) == 2 * kinds and found.names == NAMES
    assert found.sources == len({source for source, _ in made_pictures.KINDS})
    assert found.network == recipe.hash_of(recipe.NETWORK)
    np.testing.assert_allclose(found.level, 0.5, atol=0.1)
    said = card.read_text(encoding="utf-8")
    assert f"{2 * kinds} faces of {found.sources} sources" in said and found.network in said and "| table.npz |" in said


def test_every_second_picture_of_a_source_and_label_is_laundered(judged, tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "launder", lambda pixels, random: np.zeros_like(pixels))
    list(recipe.gather(made_pictures.make(tmp_path, each=3, side=48)))
    assert sum(not pixels.any() for pixels in judged) == len(made_pictures.KINDS)
