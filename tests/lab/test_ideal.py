"""The ideal face is more vivid within the face, and nothing else changes."""

import numpy as np
import pytest

from veridical.lab import ideal
from veridical.lab.recipe import Box, Eye, Picture


@pytest.fixture
def picture() -> Picture:
    y, x = np.mgrid[:200, :180].astype(np.float32)
    waves = np.stack([np.sin(x / 9), np.sin(y / 7), np.sin((x + y) / 11)], 2)
    eyes = tuple(Eye(x0=at - 10, y0=80, x1=at + 10, y1=80, top=75, bottom=85) for at in (70.0, 110.0))
    return Picture(
        pixels=(130 + 25 * waves).astype(np.uint8), label=Box(x=0, y=0, width=8, height=8),
        face=Box(x=40, y=30, width=100, height=140), eyes=eyes, mouth=None,
    )  # fmt: skip


def test_colours_grow_and_only_the_face_changes(picture: Picture) -> None:
    pair = ideal.face(picture, np.random.default_rng(0))
    inside = pair.mask
    spread = [one.pixels[100:140, 70:110].std(2).mean() for one in (pair.control, pair.altered)]
    assert spread[1] > 1.3 * spread[0]
    for one in (pair.control, pair.altered):
        np.testing.assert_array_equal(one.pixels[~inside], picture.pixels[~inside])
    assert pair.altered.pixels[inside].mean() > pair.control.pixels[inside].mean() + 5


def test_without_strength_nothing_is_left_to_tell(picture: Picture) -> None:
    pair = ideal.face(picture, np.random.default_rng(0), strength=0.0)
    assert np.abs(pair.control.pixels.astype(int) - pair.altered.pixels).mean() < 2
