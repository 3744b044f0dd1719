"""Tiles lie inside the picture at native size, cover it, and are chosen for texture and distance alone."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.picture_tiles import SIDE, chosen, grid


@pytest.mark.parametrize(("height", "width"), [(128, 128), (200, 320), (1024, 1024), (769, 513), (150, 1000)])
def test_the_grid_begins_and_ends_at_the_borders_and_leaves_little_out(height, width):
    corners = grid(height, width)
    assert (corners >= 0).all() and (corners + SIDE <= (height, width)).all()
    seen = np.zeros((height, width), bool)
    for row, column in corners:
        seen[row : row + SIDE, column : column + SIDE] = True
    assert seen.mean() > 0.4 if min(height, width) < 200 else seen.mean() > 0.6
    if height >= 192 and width >= 192:
        assert seen[0, 0] and seen[-1, -1]


def test_tiles_are_the_very_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (300, 410, 3), np.uint8)
    corners, tiles = chosen(pixels, 99)
    assert len(corners) == len(grid(300, 410)) == len(tiles)
    for (row, column), tile in zip(corners, tiles, strict=True):
        np.testing.assert_array_equal(tile, pixels[row : row + SIDE, column : column + SIDE])


def test_too_many_tiles_leave_the_textured_ones_far_apart_and_always_the_same():
    pixels = np.full((1024, 1024, 3), 128, np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)
    pixels[:256, :256] = noise
    pixels[-256:, -256:] = noise
    corners, _ = chosen(pixels, 8)
    in_noise = [(max(row, column) < 256) or (min(row, column) >= 768) for row, column in corners]
    assert len(corners) == 8 and np.mean(in_noise) == 1
    np.testing.assert_array_equal(corners, chosen(pixels.copy(), 8)[0])


@pytest.mark.parametrize(("height", "width"), [(64, 200), (100, 70), (20, 20)])
def test_a_small_picture_is_continued_by_its_mirror_image(height, width):
    pixels = np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)
    corners, tiles = chosen(pixels, 4)
    assert tiles.shape[1:] == (SIDE, SIDE, 3) and (corners[:, 0] == 0).all()
    np.testing.assert_array_equal(
        tiles[0, :height, : min(width, SIDE) - corners[0, 1]], pixels[:, corners[0, 1] : corners[0, 1] + SIDE]
    )
    np.testing.assert_array_equal(tiles[0, height], tiles[0, height - 2])
