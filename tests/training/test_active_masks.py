"""Masks are asked for where the network is unsure and looks beside the face, once for each picture."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.training.active_masks import choose, expected_area, need, overlap


def square(at: int) -> np.ndarray:
    plane = np.zeros((16, 16), np.float32)
    plane[at : at + 4, at : at + 4] = 3.0
    return plane


def test_overlap_is_the_intersection_over_the_union() -> None:
    expected = (square(4) > 0).astype(np.float32)
    maps = np.stack([square(4), square(6), square(10), np.zeros((16, 16))])
    np.testing.assert_allclose(overlap(maps, expected), [1, 4 / 28, 0, 0], atol=1e-6)


def test_the_expected_area_is_an_upright_ellipse_in_the_middle() -> None:
    area = expected_area(64)
    assert area[32, 32] == 1 and area[0, 0] == 0
    np.testing.assert_array_equal(area, area[:, ::-1])
    assert area.mean() == pytest.approx(np.pi * 0.31 * 0.42, abs=0.01)
    assert area.any(1).sum() > area.any(0).sum()


def test_the_unsure_and_the_misplaced_need_masks_most() -> None:
    area = expected_area(16)
    inside, corner = area * 2, np.zeros((16, 16), np.float32)
    corner[:3, :3] = 1
    maps = np.stack([inside, inside, corner, corner])
    needs = need(np.array([0.9, -0.1, 0.9, 0.1]), maps, area)
    np.testing.assert_array_equal(np.argsort(-needs), [3, 2, 1, 0])
    np.testing.assert_allclose(need(np.array([-5.0]), maps[:1], area), [0], atol=1e-6)
    assert need(np.array([0.9]), maps[2:3], area, placing=0.0)[0] == pytest.approx(0.1)


def test_no_two_of_one_group_and_none_again() -> None:
    needs = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    groups = ["a", "a", "b", "c", "b"]
    np.testing.assert_array_equal(choose(needs, 2), [0, 1])
    np.testing.assert_array_equal(choose(needs, 9, groups=groups), [0, 2, 3])
    np.testing.assert_array_equal(choose(needs, 9, groups=groups, asked=[4]), [0, 3])
    np.testing.assert_array_equal(choose(needs, 1, asked=[0]), [1])
    assert len(choose(needs, 0)) == 0
    np.testing.assert_array_equal(choose(np.ones(4), 2), [0, 1])  # equals in their order
    with pytest.raises(UsageError, match="2 groups"):
        choose(needs, 1, groups=["a", "b"])
