import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import grid_alignment
from veridical.media.image import Image
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea")
AREA = (slice(96, 240), slice(128, 272))


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def moved(photograph: np.ndarray, down: int, right: int, *, quality: int = 60, last: int = 95) -> np.ndarray:
    """Saved at 90; one area was saved at a lower quality on a grid that begins elsewhere; saved again."""
    low = photograph.copy()
    low[down:, right:] = recompress(np.ascontiguousarray(photograph[down:, right:]), quality)
    host = recompress(photograph, 90)
    host[AREA] = low[AREA]
    return recompress(host, last)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_area_on_another_grid_is_found_and_its_grid_named(name: str) -> None:
    photograph = getattr(data, name)()
    control = grid_alignment.examine(image(recompress(recompress(photograph, 90), 95)))
    found = grid_alignment.examine(image(moved(photograph, 3, 6)))
    assert found.value > control.value + 0.5
    assert found.facts["grid of the strongest area"] == "3 down, 6 right"
    first = found.where[0]
    middle = first.x + first.width / 2, first.y + first.height / 2
    assert AREA[1].start < middle[0] < AREA[1].stop
    assert AREA[0].start < middle[1] < AREA[0].stop


@pytest.mark.parametrize(("down", "right"), [(0, 4), (5, 0), (1, 7), (4, 4)])
def test_every_kind_of_shift_is_told(down: int, right: int) -> None:
    found = grid_alignment.examine(image(moved(data.astronaut(), down, right, quality=50)))
    assert found.facts["grid of the strongest area"] == f"{down} down, {right} right"


def test_the_map_is_high_where_the_area_is() -> None:
    values = grid_alignment.examine(image(moved(data.astronaut(), 2, 5))).exhibits[0].values
    scale = values.shape[0] / 512
    inside = np.zeros(values.shape, bool)
    inside[tuple(slice(round(s.start * scale), round(s.stop * scale)) for s in AREA)] = True
    assert np.nanmedian(values[inside]) > 3
    assert np.nanmedian(values[~inside]) < 1


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, 7), (5, 5)])
def test_the_main_grid_is_named(down: int, right: int) -> None:
    cropped = recompress(data.astronaut(), 80)[(8 - down) % 8 :, (8 - right) % 8 :]
    found = grid_alignment.examine(image(cropped))
    assert found.facts["main grid"] == f"{down} down, {right} right"
    assert found.value < 0.2


def test_a_picture_without_a_grid_has_none() -> None:
    noise = np.random.default_rng(0).integers(60, 190, (384, 320, 3)).astype(np.uint8)
    found = grid_alignment.examine(image(noise))
    assert found.value == 0
    assert found.facts["main grid"] is None
    assert "no JPEG grid" in found.observation
    assert "no grid of its own" in found.limits[0]


def test_a_grid_that_is_everywhere_does_not_count() -> None:
    """A JPEG that was cropped and saved again at higher quality has a second grid all over."""
    texture = np.random.default_rng(1).normal(128, 25, (520, 520, 3)).clip(0, 255).astype(np.uint8)
    photograph = np.asarray(Pillow.fromarray(texture).resize((1040, 1040), Pillow.Resampling.BICUBIC))
    cropped = recompress(np.ascontiguousarray(recompress(photograph, 60)[3:, 5:]), 96)
    found = grid_alignment.examine(image(cropped))
    names = {found.facts["main grid"], found.facts["grid of the whole picture before"]}
    assert "5 down, 3 right" in names
    assert found.value == 0


def test_knobs_and_what_is_not_applicable() -> None:
    exhibit = image(moved(data.astronaut(), 3, 6))
    assert grid_alignment.examine(exhibit, beyond=7.0).value <= grid_alignment.examine(exhibit).value
    with pytest.raises(UsageError, match="above 0"):
        grid_alignment.examine(exhibit, beyond=0)
    with pytest.raises(NotApplicable, match="200 × 300"):
        grid_alignment.examine(image(data.astronaut()[:300, :200]))
    with pytest.raises(NotApplicable, match="0 of"):
        grid_alignment.examine(image(np.full((256, 300, 3), 90, np.uint8)))


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(moved(data.coffee(), 3, 6))
    before = exhibit.pixels.copy()
    first, second = grid_alignment.examine(exhibit), grid_alignment.examine(exhibit)
    assert first.value == second.value
    assert first.where == second.where
    np.testing.assert_array_equal(first.exhibits[0].values, second.exhibits[0].values)
    np.testing.assert_array_equal(exhibit.pixels, before)


@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA is not set")
def test_pristine_photographs_stay_low() -> None:
    values = []
    for path in sorted(Path(os.environ["VERIDICAL_DATA"]).glob("images/unsplash-*.jpg"))[:20]:
        with Pillow.open(path) as picture:
            values.append(grid_alignment.examine(image(np.asarray(picture.convert("RGB")))).value)
    assert np.quantile(values, 0.9) < 0.2
