"""Triangular filters against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.filter_banks import linear_corners_hz, mel_corners_hz, triangles
from veridical.signals.mel import mel_filters


def test_a_triangle_has_its_peak_and_feet_where_the_corners_are() -> None:
    filters = triangles(np.array([100.0, 300.0, 700.0]), 160, 16000)  # a bin every 100 Hz
    assert filters.shape == (81, 1)
    expected = np.zeros(81)
    expected[1:8] = [0, 0.5, 1, 0.75, 0.5, 0.25, 0]
    assert filters[:, 0] == pytest.approx(expected, abs=1e-6)


def test_neighbours_sum_to_one_between_the_outer_peaks() -> None:
    filters = triangles(linear_corners_hz(70, 0, 4000), 1024, 16000)
    hertz = np.fft.rfftfreq(1024, 1 / 16000)
    inside = (hertz >= 4000 / 71) & (hertz <= 4000 * 70 / 71)
    assert filters[inside].sum(1) == pytest.approx(1, abs=1e-5)
    assert not filters[hertz > 4000].any()


def test_filters_of_equal_area_are_the_lower_the_wider() -> None:
    corners = np.array([100.0, 300.0, 700.0, 2000.0])
    even = triangles(corners, 16000, 16000, area_hz=3.0)  # a bin every hertz
    assert even.sum(0) == pytest.approx(3.0, rel=1e-5)
    assert even.max(0) == pytest.approx([2 * 3 / 600, 2 * 3 / 1700], rel=1e-5)


def test_mel_filters_have_area_one_each() -> None:
    filters = mel_filters(16000, 16000, 40, 8000.0)
    assert filters.shape == (40, 8001)
    assert filters.sum(1) == pytest.approx(1, rel=1e-3)


def test_corners_of_the_mel_scale_rise_by_even_steps_of_it() -> None:
    corners = mel_corners_hz(10, 200, 6000)
    mel = 1127.01048 * np.log(1 + corners / 700)  # the same scale written with the natural logarithm
    assert np.diff(mel) == pytest.approx(np.diff(mel)[0])
    assert corners[[0, -1]] == pytest.approx([200, 6000])
