"""Recipes that ask for a portrait get one: the demonstration face enlarged, or a large picture of the user's."""

import numpy as np
import pytest
from PIL import Image

from veridical.errors import UsageError
from veridical.lab import engine, label, source, watermark
from veridical.lab.recipe import Portrait, Recipe

RECIPE = Recipe(id="lab.test.test", wants="portrait", knobs={}, description="A test.", function=lambda: None)


def load(path=None):
    return source.load(RECIPE, path, "the author", np.random.default_rng(0))[0]


def test_the_demonstration_face_fills_the_portrait():
    portrait = load()
    assert isinstance(portrait, Portrait)
    assert portrait.pixels.shape == (1280, 1280, 3)
    assert portrait.face.width > 0.7 * 1280
    # The whites beside the iris are brighter than the iris, which lies between the corners.
    for eye in portrait.eyes:
        row = portrait.pixels[round((eye.top + eye.bottom) / 2), round(eye.x0) : round(eye.x1)].mean(1)
        third = len(row) // 3
        assert row[third:-third].min() < row[:third].max()
        assert row[third:-third].min() < row[-third:].max()


def test_a_portrait_carries_the_marks_after_a_change_of_the_eyes():
    marked = engine.mark(load(), 0x1234ABCD)
    assert isinstance(marked, Portrait)
    for eye in marked.eyes:
        marked.pixels[round(eye.top) : round(eye.bottom), round(eye.x0) : round(eye.x1)] = 90
    assert label.seen(marked.pixels)
    assert watermark.read(marked.pixels).payload == 0x1234ABCD


@pytest.mark.parametrize("side", [999, 1000])
def test_a_portrait_of_the_users_has_a_thousand_pixels(tmp_path, side):
    path = tmp_path / "mine.png"
    Image.new("RGB", (1000, side), (90, 80, 70)).save(path)
    if side < 1000:
        with pytest.raises(UsageError, match="1000×999"):
            load(path)
    else:
        assert isinstance(load(path), Portrait)
