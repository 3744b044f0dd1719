"""Mild changes: each does what its name says, nothing more, and the same every time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.signals import mild_changes
from veridical.signals.mild_changes import NAMES, changed


def picture(seed: int = 0, side: int = 96) -> np.ndarray:
    random = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(random.random((side, side, 3)) * 255, (0, 0), 4)
    return np.clip((smooth - 127) * 4 + 127, 5, 250).astype(np.uint8)


def test_they_are_twelve_of_the_same_size_and_always_the_same():
    pixels = picture()
    before = pixels.copy()
    first, second = changed(pixels), changed(pixels)
    assert len(first) == 12 and tuple(first) == NAMES
    np.testing.assert_array_equal(pixels, before)
    for name, copy in first.items():
        assert copy.shape == pixels.shape and copy.dtype == np.uint8
        np.testing.assert_array_equal(copy, second[name])
        assert (copy != pixels).any(), name


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mirrored"])
def test_none_changes_a_smooth_picture_by_more_than_a_few_levels(name):
    pixels = picture()
    inner = slice(8, -8)
    apart = np.abs(changed(pixels)[name].astype(float) - pixels)[inner, inner]
    assert apart.mean() < 6


def test_moves_go_where_they_say():
    pixels = picture()
    copies = changed(pixels)
    np.testing.assert_array_equal(copies["mirrored"], pixels[:, ::-1])
    np.testing.assert_array_equal(copies["one pixel right"][:, 1:], pixels[:, :-1])
    np.testing.assert_array_equal(copies["one pixel down"][1:], pixels[:-1])
    spot = np.zeros((97, 97, 3), np.uint8)
    spot[48, 88] = 255  # 40 pixels right of the middle
    y, x = np.argwhere(changed(spot)["turned by 0.7°"][..., 0] > 60).mean(0)
    assert (x - 48) == pytest.approx(40, abs=0.6) and (y - 48) == pytest.approx(-0.49, abs=0.5)
    columns = np.argwhere(changed(spot)["enlarged by 2 %"][..., 0] > 60)[:, 1]
    assert columns.mean() == pytest.approx(88.8, abs=0.5)


def test_noise_has_its_size_and_six_bits_have_64_levels():
    grey = np.full((96, 96, 3), 120, np.uint8)
    noisy = changed(grey)["noise of 2 levels"].astype(float)
    assert noisy.std() == pytest.approx(mild_changes.NOISE, abs=0.1) and noisy.mean() == pytest.approx(120, abs=0.1)
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (8, 1, 3))
    coarse = changed(ramp)["six bits"]
    assert len(np.unique(coarse)) == 64 and np.abs(coarse.astype(int) - ramp).max() <= 2
