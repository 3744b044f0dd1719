"""Where a pixel of the display lies in the stored picture, for every orientation."""

import numpy as np
import pytest

from veridical.media.image import upright
from veridical.media.video import Frame
from veridical.perception._placement import ORIENTATION_OF_ROTATION, box_to_native, to_native


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_displayed_pixel_is_found_in_the_stored_picture(orientation: int) -> None:
    stored = np.arange(5 * 7 * 3).reshape(5, 7, 3)
    shown = upright(stored, orientation)
    y, x = np.mgrid[: shown.shape[0], : shown.shape[1]]
    native = to_native(np.stack([x, y], -1).astype(float), orientation, shown.shape).astype(int)
    assert (stored[native[..., 1], native[..., 0]] == shown).all()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotation_of_a_player_has_its_orientation(rotation: int) -> None:
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    frame = Frame(0, 0.0, True, "I", pixels, rotation)
    assert (upright(pixels, ORIENTATION_OF_ROTATION[rotation]) == frame.display).all()


def test_a_box_stays_ordered_and_further_columns_are_kept() -> None:
    assert box_to_native(np.array([1.0, 2.0, 4.0, 3.0]), 3, (10, 20, 3)).tolist() == [15, 6, 18, 7]
    assert to_native(np.array([[1.0, 2.0, 9.0]]), 6, (10, 20)).tolist() == [[2, 18, 9]]
