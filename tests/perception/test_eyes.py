"""Drawn eyes in an enlarged face are seen where and how they were drawn."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from skimage import data
from skimage.filters import threshold_yen

from veridical.errors import NotApplicable
from veridical.lab import eyes as drawing
from veridical.lab import source
from veridical.lab.recipe import Portrait, Recipe
from veridical.media.image import upright
from veridical.perception._pupil import yen
from veridical.perception.eyes import Eyes, see_eyes
from veridical.perception.faces import Faces, see_faces


@cache
def portrait() -> Portrait:
    recipe = Recipe(id="lab.a.b", wants="portrait", knobs={}, description="A test.", function=lambda: None)
    made, _ = source.load(recipe, None, "", np.random.default_rng(0))
    assert isinstance(made, Portrait)
    return made


@cache
def drawn() -> np.ndarray:
    return drawing.highlights(portrait(), np.random.default_rng(0)).control.pixels


def truth() -> tuple[np.ndarray, float]:
    """Centres and radius of the drawn irises, left in the picture (the person's right) first."""
    middles = [((eye.x0 + eye.x1) / 2, (eye.top + eye.bottom) / 2) for eye in portrait().eyes]
    return np.array(middles) + [0, 0.04 * drawing._radius(portrait().eyes)], drawing._radius(portrait().eyes)


def look(still, pixels: np.ndarray, orientation: int = 1) -> Eyes:
    image = still(pixels, orientation)
    return see_eyes(image, see_faces(image))


def test_irises_pupils_and_highlights_are_found_as_they_were_drawn(models, still) -> None:
    (pair,) = look(still, drawn()).pairs
    centres, radius = truth()
    for eye, (x, y) in zip(pair.eyes, centres, strict=True):
        assert np.hypot(eye.x - x, eye.y - y) < 0.08 * radius
        assert eye.radius == pytest.approx(radius, rel=0.05)
        assert np.sqrt(eye.pupil.sum() / np.pi) == pytest.approx(drawing._PUPIL_SHARE * radius, rel=0.05)
        assert eye.separability > 5 and eye.clear > 0.9
        rows, columns = np.nonzero(eye.highlights)
        angle = np.degrees(np.arctan2(y - eye.top - rows.mean(), columns.mean() + eye.left - x))
        assert angle == pytest.approx(drawing._LIGHT[0], abs=8)
        assert len(rows) == pytest.approx(np.pi * (0.13 * radius) ** 2, rel=0.3)
        assert not (eye.pupil & ~eye.opening).any()


@pytest.mark.parametrize("orientation", [3, 5, 6, 8])
def test_eyes_of_a_turned_picture_are_given_in_native_pixels(models, still, orientation: int) -> None:
    stored = upright(drawn(), {6: 8, 8: 6}.get(orientation, orientation))
    (plain,), (turned,) = look(still, drawn()).pairs, look(still, stored, orientation).pairs
    for one, other in zip(plain.eyes, turned.eyes, strict=True):
        assert other.radius == pytest.approx(one.radius, rel=0.06)
        assert other.pupil.sum() == pytest.approx(one.pupil.sum(), rel=0.06)
        # The pupil is black wherever it lies.
        assert stored[other.cut][other.pupil].mean() < 30


def test_a_dark_iris_cannot_be_told_from_its_pupil(models, still) -> None:
    pixels = drawn().copy()
    (pair,) = look(still, pixels).pairs
    for eye in pair.eyes:
        rows, columns = np.mgrid[eye.cut]
        iris = np.hypot(columns - eye.x, rows - eye.y) < eye.radius
        pixels[eye.cut][iris & ~eye.highlights] = 14
    (dark,) = look(still, pixels).pairs
    assert max(eye.separability for eye in dark.eyes) < 3


def test_small_faces_are_left_out_with_their_numbers(models, astronaut, still) -> None:
    seen = look(still, astronaut)
    assert (seen.pairs, seen.faces) == ((), 1)
    with pytest.raises(NotApplicable, match=r"radius of [3-6]\.\d px; 12 are needed"):
        seen.fit(least_radius_px=12, most_yaw=20)
    image = still(np.full((50, 50, 3), 90, np.uint8))
    with pytest.raises(NotApplicable, match="no face"):
        see_eyes(image, Faces(())).fit(least_radius_px=12, most_yaw=20)


def test_the_threshold_of_yen_is_that_of_another_implementation() -> None:
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(60, 6, 900), random.normal(220, 6, 60)]).clip(0, 255).astype(np.uint8)
    assert yen(values) == pytest.approx(threshold_yen(values), abs=1)
    assert yen(data.camera()) == pytest.approx(threshold_yen(data.camera()), abs=1)


def test_same_twice_and_inputs_unchanged(models, still) -> None:
    image = still(drawn())
    before = image.pixels.copy()
    first, second = look(still, image.pixels), look(still, image.pixels)
    np.testing.assert_array_equal(image.pixels, before)
    for one, other in zip(first.pairs[0].eyes, second.pairs[0].eyes, strict=True):
        np.testing.assert_array_equal(one.pupil, other.pupil)
        assert (one.x, one.y, one.radius) == (other.x, other.y, other.radius)
