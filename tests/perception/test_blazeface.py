"""Anchors, merging and geometry of the detectors' answers."""

import numpy as np
import pytest

from veridical.perception import _blazeface as blazeface
from veridical.perception import _finder
from veridical.perception._mesh import Roi, cut


def row(x0: float, y0: float, x1: float, y1: float, score: float) -> np.ndarray:
    return np.array([x0, y0, x1, y1, *range(12), score], np.float32)


def test_anchors_as_the_cards_tell() -> None:
    short, full = (blazeface._anchors(detector) for detector in (blazeface.SHORT, blazeface.FULL))
    assert short.shape == (896, 2) and full.shape == (2304, 2)
    assert short[:3].tolist() == [[4, 4], [4, 4], [12, 4]] and short[512:519, 0].tolist() == [8] * 6 + [24]
    assert full[:2].tolist() == [[2, 2], [6, 2]] and full[-1].tolist() == [190, 190]


def test_overlap_and_share() -> None:
    one = np.array([0.0, 0, 10, 10])
    others = np.array([[5.0, 0, 15, 10], [2, 2, 4, 4], [20, 20, 30, 30], [3, 3, 3, 3]])
    assert blazeface.overlap(one, others) == pytest.approx([1 / 3, 0.04, 0, 0])
    assert blazeface.inside(one, others) == pytest.approx([0.5, 1, 0, 0])


def test_overlapping_answers_become_their_weighted_average() -> None:
    merged = blazeface.average_overlapping(
        np.stack([row(0, 0, 10, 10, 0.6), row(2, 0, 12, 10, 0.3), row(50, 50, 60, 60, 0.5)])
    )
    assert merged[0, :4] == pytest.approx([2 / 3, 0, 32 / 3, 10], abs=1e-5) and merged[0, 16] == pytest.approx(0.6)
    assert merged[1, :4].tolist() == [50, 50, 60, 60]
    assert blazeface.average_overlapping(np.zeros((0, 17), np.float32)).shape == (0, 17)


def test_the_best_of_overlapping_and_nested_answers_is_kept() -> None:
    rows = np.stack([row(0, 0, 10, 10, 0.6), row(1, 1, 11, 11, 0.9), row(3, 3, 6, 6, 0.7), row(40, 0, 50, 10, 0.5)])
    assert blazeface.keep_best(rows)[:, 16] == pytest.approx([0.9, 0.5])


@pytest.mark.parametrize("length", [1, 191, 192, 193, 337, 1000])
def test_tiles_cover_everything_and_share_a_face(length: int) -> None:
    starts = _finder._starts(length)
    assert starts[0] == 0 and max(starts) + 192 >= length
    assert all(b - a <= 192 - 48 for a, b in zip(starts, starts[1:], strict=False))


def test_a_cut_square_shows_its_middle_whatever_its_turn_and_size() -> None:
    y, x = np.mgrid[0:400, 0:500].astype(np.float32)
    picture = np.stack([x / 2, y / 2, 0 * x], -1)
    for side, turn in ((64.0, 0.0), (64.0, 0.7), (300.0, -0.4), (30.0, 2.0)):
        square = cut(picture, Roi(250.0, 200.0, side, turn), 64)
        assert square[31:33, 31:33].mean((0, 1))[:2] == pytest.approx([125, 100], abs=0.3)
        # One pixel to the right in the square is a step in the direction of the turn.
        slope = (square[32, 40] - square[32, 24])[:2] * 2 / 16
        assert slope == pytest.approx(side / 64 * np.array([np.cos(turn), np.sin(turn)]), abs=0.1)
