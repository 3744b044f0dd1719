"""The pattern moves every pixel around the face by its levels and nothing else; it is the same in every picture."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.lab.adversarial import pattern
from veridical.lab.recipe import Box, Picture, StillPair


def made(levels: int = 6, fill: int = 120, seed: int = 0) -> tuple[Picture, StillPair]:
    pixels = np.full((600, 500, 3), fill, np.uint8)
    picture = Picture(
        pixels=pixels, label=Box(x=100, y=400, width=300, height=60), face=Box(x=120, y=100, width=260, height=320)
    )
    return picture, pattern(picture, np.random.default_rng(seed), levels=levels)


@pytest.mark.parametrize("levels", [2, 6])
def test_each_value_moves_by_the_levels_inside_the_mask_and_the_label_stays(levels: int) -> None:
    picture, pair = made(levels)
    assert pair.mask is not None
    apart = pair.altered.pixels.astype(int) - pair.control.pixels
    assert set(np.unique(apart[pair.mask])) == {-levels, levels}
    assert not apart[~pair.mask].any() and not apart[picture.label.cut].any()
    inside = pair.mask[picture.face.cut] if picture.face is not None else pair.mask
    assert inside[:290].all()
    assert abs(apart[pair.mask].mean()) < 0.1 * levels


def test_no_level_leaves_the_scale_and_the_draw_does_not_matter() -> None:
    _, bright = made(fill=253)
    assert bright.altered.pixels.max() == 255
    first, second = (made(seed=seed)[1].altered.pixels for seed in (1, 2))
    np.testing.assert_array_equal(first, second)


def test_cells_are_as_fine_as_the_crop_of_a_network() -> None:
    """The crop of this face is 416 pixels wide: a cell covers 1.6 pixels."""
    _, pair = made()
    row = pair.altered.pixels[200, 130:370, 0].astype(int)
    runs = np.diff(np.flatnonzero(np.diff(row) != 0))
    assert runs.min() == 1 and 2.5 < runs.mean() < 4.5  # two cells to a change, on average
