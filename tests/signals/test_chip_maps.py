"""Maps of chips: their highest part, connected parts as boxes of the picture, and several over one picture."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.chip_maps import highest, over_picture, parts
from veridical.signals.face_chips import Chip


def chip(x: float = 100, y: float = 50, scale: float = 2.0) -> Chip:
    """Return a chip of 256 pixels whose corner lies at (x, y) of the picture, enlarged ``scale`` times."""
    move = np.array([[scale, 0, -scale * x], [0, scale, -scale * y]])
    return Chip(pixels=np.zeros((256, 256, 3), np.uint8), move=move)


def test_the_highest_part_is_the_mean_of_the_highest_cells():
    values = np.zeros((10, 10), np.float32)
    values[0, :3] = 0.9, 0.6, 0.3
    assert highest(values, 0.03) == pytest.approx(0.6)
    assert highest(values, 0.01) == pytest.approx(0.9)
    assert highest(np.full((64, 64), 0.25, np.float32)) == pytest.approx(0.25)


def test_parts_are_boxes_of_the_picture_largest_first():
    values = np.zeros((64, 64), np.float32)
    values[0:8, 0:16] = 0.8
    values[40:60, 40:60] = 0.7
    values[30, 5] = 1.0
    found = parts(values, chip())
    assert [part.mean for part in found] == pytest.approx([0.7, 0.8])
    # 16 cells are 64 pixels of the chip and 32 of the picture; the corner of the chip is the corner of pixel (100, 50).
    assert found[1].box == pytest.approx((99.75, 49.75, 32, 16), abs=0.5)
    assert found[0].share == pytest.approx(400 / 4096)


def test_a_mirrored_chip_has_boxes_of_positive_size():
    turned = Chip(pixels=np.zeros((256, 256, 3), np.uint8), move=np.array([[-1.0, 0, 300], [0, 1.0, -20]]))
    values = np.zeros((64, 64), np.float32)
    values[:, :10] = 1
    (part,) = parts(values, turned)
    assert part.box == pytest.approx((261, 19.5, 40, 256), abs=0.6)


def test_where_chips_overlap_the_higher_value_is_shown_and_elsewhere_nothing():
    low, high = np.full((64, 64), 0.2, np.float32), np.full((64, 64), 0.9, np.float32)
    laid = over_picture([(low, chip()), (high, chip(x=160))], (400, 600))
    assert laid.shape == (341, 512)
    scale = 512 / 600
    at = lambda x, y: laid[round(y * scale), round(x * scale)]  # noqa: E731
    assert (
        at(120, 100) == pytest.approx(0.2) and at(200, 100) == pytest.approx(0.9) and at(250, 100) == pytest.approx(0.9)
    )
    assert np.isnan(at(20, 20)) and np.isnan(at(550, 390))
