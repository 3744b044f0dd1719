import numpy as np
from scipy import fft
from skimage import data

from veridical.signals import grid
from veridical.signals.blocks import grey


def test_votes_agree_with_another_transform() -> None:
    pixels = data.astronaut()[:70, :93]
    votes = grid.grid_votes(pixels)
    luma = grey(pixels).astype(np.float64)
    middle = np.add.outer(np.arange(8), np.arange(8))
    middle = (middle >= 3) & (middle <= 7)
    assert votes.shape == (7, 10, 64)
    for row, column, index in [(0, 0, 0), (3, 4, 37), (6, 9, 63), (2, 9, 8)]:
        top, left = row * 8 + index // 8, column * 8 + index % 8
        block = fft.dctn(luma[top : top + 8, left : left + 8], norm="ortho")
        expected = -np.log(1 + np.abs(block[middle])).mean()
        np.testing.assert_allclose(votes[row, column, index], expected, atol=1e-3)


def test_tiles_change_nothing(monkeypatch) -> None:
    pixels = data.astronaut()[:300, :280]
    whole = grid.grid_votes(pixels)
    monkeypatch.setattr(grid, "_TILE", (24, 40))
    np.testing.assert_allclose(grid.grid_votes(pixels), whole, atol=1e-5)
