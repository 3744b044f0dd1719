import numpy as np
import pytest

from veridical.signals import blocks


@pytest.mark.parametrize(("height", "width"), [(16, 16), (2050, 40), (1030, 9000)])
def test_tiles_cover_every_pixel_once(height: int, width: int) -> None:
    seen = np.zeros((height, width), np.uint8)
    for rows, columns in blocks.tiles(height, width):
        assert rows.start % 16 == columns.start % 16 == 0
        seen[rows, columns] += 1
    assert (seen == 1).all()


def test_grey_is_the_weighted_mean_of_the_channels() -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]], np.uint8)
    np.testing.assert_allclose(blocks.grey(pixels), [[76.245, 149.685, 29.07, 9]], rtol=1e-5)


def test_block_mean_leaves_out_incomplete_blocks() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (37, 50)).astype(np.uint8)
    expected = plane[:32, :48].reshape(2, 16, 3, 16).mean((1, 3))
    np.testing.assert_allclose(blocks.block_mean(plane, 16), expected, rtol=1e-5)


def test_local_mean_counts_only_neighbours_inside() -> None:
    values = np.arange(16, dtype=np.float32).reshape(4, 4)
    inside = np.zeros((4, 4), bool)
    inside[0, 0] = inside[1, 1] = inside[3, 3] = True
    mean = blocks.local_mean(np.where(inside, values, np.nan), inside, 3)
    assert mean[0, 0] == pytest.approx(2.5)
    assert mean[3, 3] == pytest.approx(15)
    assert mean[0, 3] == 0


def test_a_covering_map_lies_over_the_picture() -> None:
    height, width = 16 * 5 + 8, 16 * 7 + 12
    values = np.arange(35, dtype=np.float32).reshape(5, 7)
    cover = blocks.covering(values, height, width, pitch=16)
    # The cell under the centre of any block holds its value; the pixels beyond the last whole block hold nothing.
    for row in range(5):
        for column in range(7):
            y = int((row + 0.5) * 16 / height * cover.shape[0])
            x = int((column + 0.5) * 16 / width * cover.shape[1])
            assert cover[y, x] == values[row, column]
    assert np.isnan(cover[-1]).all()
    assert np.isnan(cover[:, -1]).all()


def test_bounding_rectangle() -> None:
    mask = np.zeros((6, 6), bool)
    mask[2, 1] = mask[4, 3] = True
    region = blocks.bounding(mask, pitch=16, label="x", value=1.0)
    assert (region.x, region.y, region.width, region.height) == (16, 32, 48, 48)
