from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.behaviour import RATE, correlations, matrix, pairs, windows


def test_white_noise_gives_190_correlations_around_zero_with_the_spread_of_chance() -> None:
    found = np.array([correlations(np.random.default_rng(i).standard_normal((300, 20)))[0] for i in range(50)])
    assert found.shape == (50, 190)
    assert abs(found.mean()) < 0.003
    assert found.std() == pytest.approx(1 / np.sqrt(300), rel=0.03)


def test_a_series_given_twice_correlates_with_itself_exactly() -> None:
    series = np.random.default_rng(1).normal(5, 2, (300, 20))
    series[:, 7] = series[:, 3]
    series[:, 11] = 4 - 2 * series[:, 3]
    found, flat = correlations(series)
    whole = matrix(found, 20)
    assert whole[3, 7] == pytest.approx(1, abs=1e-12) and whole[3, 11] == pytest.approx(-1, abs=1e-12)
    assert np.abs(found).max() <= 1 and not flat.any()


def test_correlations_are_those_of_numpy_in_the_order_of_the_pairs() -> None:
    series = np.random.default_rng(2).standard_normal((77, 6)).cumsum(0)
    found, _ = correlations(series)
    expected = np.corrcoef(series.T)
    np.testing.assert_allclose(found, expected[pairs(6)], atol=1e-12)
    np.testing.assert_allclose(matrix(found, 6), expected, atol=1e-12)
    assert list(zip(*pairs(3), strict=True)) == [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize("level", [0.0, 0.3, -7e5])
def test_a_series_that_stands_still_gives_zero_and_is_flagged(level: float) -> None:
    series = np.random.default_rng(3).standard_normal((300, 4))
    series[:, 2] = level + 1e-9 * level * series[:, 2]
    found, flat = correlations(series)
    assert flat.tolist() == [False, False, True, False]
    assert (matrix(found, 4)[2, [0, 1, 3]] == 0).all() and (matrix(found, 4)[0, [1, 3]] != 0).all()


@pytest.mark.parametrize("fps", [25.0, 30.0, 60.0])
def test_windows_are_found_whatever_the_frame_rate(fps: float) -> None:
    frames = np.arange(int(14 * fps))
    times = frames / fps
    series = np.column_stack([np.sin(2 * times), np.sin(2 * times + np.pi / 3), np.cos(5 * times)])
    found = windows(frames, times, series, window_s=10, step_s=1)
    assert found.starts_s == pytest.approx([0, 1, 2, 3, 4])
    assert found.ends_s - found.starts_s == pytest.approx(10, abs=3 / RATE)
    assert found.features[:, 0] == pytest.approx(0.5, abs=0.12)  # two sines a third of pi apart
    clip = frames < 10 * fps
    assert len(windows(frames[clip], times[clip], series[clip], window_s=10, step_s=1)) == 1


def test_no_window_lies_over_a_gap_or_a_value_that_is_missing() -> None:
    frames = np.arange(900)
    series = np.random.default_rng(4).standard_normal((900, 3))
    keep = (frames < 400) | (frames > 410)
    found = windows(frames[keep], frames[keep] / 30, series[keep], window_s=10, step_s=1)
    assert all(end <= 400 / 30 or start >= 410 / 30 for start, end in zip(found.starts_s, found.ends_s, strict=True))
    assert len(found) == 4 + 7
    series[650, 1] = np.nan
    later = windows(frames[keep], frames[keep] / 30, series[keep], window_s=10, step_s=1)
    assert len(later) == 4
    assert len(windows(frames[:200], frames[:200] / 30, series[:200])) == 0
