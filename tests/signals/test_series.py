"""Series over time, against constructions whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from veridical.signals.series import (
    above_middle,
    correlation_at_lags,
    evenly,
    lasting,
    long_enough,
    most_of,
    peaks_kept,
    standardised,
    stretches,
    within,
)


def test_a_track_is_split_where_frames_are_missing() -> None:
    found = stretches(np.array([3, 4, 5, 8, 10, 11]))
    assert [run.tolist() for run in found] == [[0, 1, 2], [4, 5]]
    assert [len(run) for run in stretches(np.array([3, 4, 5, 8, 10, 11]), least=1)] == [3, 1, 2]
    assert stretches(np.array([], int)) == []


def test_a_picture_that_stands_for_long_splits_a_track_of_variable_frame_rate() -> None:
    frames, times = np.arange(100), np.arange(100) / 30
    times[40:] += 3.0  # frame 39 is shown for three seconds
    assert [run.tolist() for run in stretches(frames, times)] == [list(range(40)), list(range(40, 100))]
    # dropped frames, and a slow clip, are no stall
    times = np.arange(100) / 30 + 0.1 * (np.arange(100) >= 40)
    assert len(stretches(frames, times)) == len(stretches(frames, np.arange(100) / 2.0)) == 1
    assert stretches(np.array([], int), np.array([])) == [] and stretches(np.array([7]), np.array([0.2])) == []


@pytest.mark.parametrize("clock", [np.round, np.floor, np.ceil])
@pytest.mark.parametrize("fps", [23.976, 25, 30, 60])
def test_a_stretch_lasts_to_the_end_of_its_last_frame(clock: Callable[[np.ndarray], np.ndarray], fps: float) -> None:
    times = clock(1000 * np.arange(round(8 * fps)) / fps) / 1000  # milliseconds, as files have them
    assert lasting(times) == pytest.approx(8, abs=0.03) and long_enough(lasting(times), 8)
    assert not long_enough(lasting(times[: round(7.8 * fps)]), 8)
    assert lasting(times[:1]) == lasting(times[:0]) == 0


def test_most_of_a_track_is_four_fifths_of_the_time_in_which_it_is_seen() -> None:
    frames = np.r_[0:100, 200:300]  # seen for 8 s of 12 at 25 frames a second
    times = frames / 25
    assert most_of(6.5, frames, times) and not most_of(6.3, frames, times)


def test_times_within_spans_are_those_that_a_comparison_with_each_finds() -> None:
    rng = np.random.default_rng(0)
    times = rng.uniform(-1, 11, 400)
    starts = np.sort(rng.uniform(0, 9, 12))
    spans = np.column_stack([starts, starts + rng.uniform(0, 1.5, 12)])  # some overlap, one may hold another
    every = ((times[:, None] >= spans[:, 0]) & (times[:, None] < spans[:, 1])).any(1)
    assert 0.2 < every.mean() < 0.9
    assert (within(times, spans) == every).all()
    assert not within(times, np.zeros((0, 2))).any()


def test_a_straight_line_stays_one_in_even_steps() -> None:
    times = np.array([1.0, 1.03, 1.08, 1.1, 1.2])
    steps, values = evenly(times, np.stack([2 * times, -times], 1), 50)
    assert steps[0] == 1.0 and len(steps) == 11 and np.allclose(np.diff(steps), 0.02)
    assert np.allclose(values, np.stack([2 * steps, -steps], 1))


def test_a_single_measurement_stays_itself() -> None:
    steps, values = evenly(np.array([2.0]), np.array([[5.0, 6.0]]), 25)
    assert steps.tolist() == [2.0] and values.tolist() == [[5.0, 6.0]]


def test_a_constant_series_becomes_zero_not_nan() -> None:
    found = standardised(np.stack([np.full(9, 1e6), np.arange(9.0)], 1))
    assert not found[:, 0].any() and found[:, 1].std() == pytest.approx(1)


@pytest.mark.parametrize("lag", [-7, 0, 4])
def test_the_lag_of_a_copy_is_found(lag: int) -> None:
    noise = np.random.default_rng(0).normal(size=300)
    found = correlation_at_lags(noise[20:280], noise[20 - lag : 280 - lag], 10)
    assert found.argmax() - 10 == lag and found.max() == pytest.approx(1)
    # the same by numpy, at one lag
    a, b = noise[20:280], noise[20 - lag : 280 - lag]
    assert found[13] == pytest.approx(np.corrcoef(a[:-3], b[3:])[0, 1])


def test_runs_above_the_middle_are_found_highest_first():
    values = np.zeros(30)
    values[3:5], values[10:13], values[29] = 4.0, [5.0, 7.0, 6.0], 2.5
    assert above_middle(values, 2.0) == [(10, 13, 6.0), (3, 5, 4.0), (29, 30, 2.5)]
    assert above_middle(values, 3.0, most=1) == [(10, 13, 6.0)]
    assert above_middle(values[:3], 2.0) == [] and above_middle(np.ones(9), 0.5) == []


@pytest.mark.parametrize("count", [0, 1, 7, 100, 101, 999])
def test_a_thinned_series_keeps_its_peaks_and_their_places(count):
    values = np.random.default_rng(count).standard_normal(count)
    firsts, highest = peaks_kept(values, 100)
    assert len(firsts) == len(highest) <= 100
    if count:
        assert highest.max() == values.max()
        at = int(values.argmax())
        assert firsts[highest.argmax()] <= at < firsts[highest.argmax()] + -(-count // 100)
