"""Dips of two eyes: each counts once, against the open level around it."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.blinks import find_blinks, find_closures, opening_of

LEVELS = {"least_depth": 0.2, "each_depth": 0.1, "shortest_s": 0.03, "longest_s": 0.5}
FPS = 30.0


def found(opening: np.ndarray, **levels: float) -> list[tuple[float, float]]:
    both = np.column_stack([opening, opening])
    seen = find_blinks(np.arange(len(opening)) / FPS, both, **(LEVELS | levels))
    return [(one.start_s, one.end_s) for one in seen]


def test_eyes_that_tremble_while_closed_count_once() -> None:
    opening = np.ones(60)
    opening[20:26] = [0.2, 0.35, 0.3, 0.36, 0.22, 0.9]
    assert len(found(opening)) == 1


def test_eyes_that_open_half_way_between_count_twice() -> None:
    opening = np.ones(80)
    opening[20:24], opening[24:30], opening[30:34] = 0.2, 0.7, 0.2
    assert len(found(opening)) == 2


def test_a_blink_of_half_open_eyes_is_measured_against_them() -> None:
    opening = np.ones(200)
    opening[80:] = 0.5
    opening[120:124] = 0.25
    (seen,) = find_blinks(np.arange(200) / FPS, np.column_stack([opening, opening]), **LEVELS)
    assert seen.deepest == pytest.approx(0.5)
    assert seen.right == seen.left == pytest.approx(0.5)


def test_a_dip_of_eyes_that_are_closed_already_is_none() -> None:
    opening = np.ones(200)
    opening[60:160] = 0.4
    opening[100:104] = 0.2
    assert len(found(opening)) == 1
    assert found(opening, least_level=0.45) == []


def test_closures_have_their_length_also_at_the_ends() -> None:
    opening = np.ones(200)
    opening[:30], opening[80:86], opening[140:] = 0.3, 0.2, 0.4
    both = np.column_stack([opening, opening])
    spans = find_closures(np.arange(200) / FPS, both, below=0.45, longer_than_s=0.5)
    assert spans == pytest.approx(np.array([(0.0, 29.5 / FPS), (139.5 / FPS, 199.5 / FPS)]))
    assert find_closures(np.arange(200) / FPS, both + [0.0, 1.0], below=0.45, longer_than_s=0.5) == ()


def test_a_slow_lowering_of_the_lids_is_no_blink() -> None:
    times = np.arange(120) / FPS
    assert found(1 - 0.5 * np.exp(-(((times - 2) / 0.8) ** 2))) == []


def test_a_single_closed_frame_counts_with_its_width() -> None:
    opening = np.ones(60)
    opening[30] = 0.3
    ((start, end),) = found(opening)
    assert (start + end) / 2 == pytest.approx(1.0)
    assert end - start == pytest.approx(1 / FPS)
    assert found(opening, shortest_s=0.05) == []


def test_noise_alone_holds_no_blink() -> None:
    random = np.random.default_rng(4)
    blinks = sum(len(found(1 + random.normal(0, sigma, 900))) for sigma in (0.01, 0.03, 0.08) for _ in range(10))
    assert blinks == 0


def test_the_opening_is_the_mean_of_shares_of_the_open_level() -> None:
    random = np.random.default_rng(1)
    share = random.uniform(0.1, 1, (400, 2))
    share /= np.percentile(share, 95, axis=0)
    assert opening_of(0.3 * share, 0.2 * share) == pytest.approx(share)
    hidden = share.copy()
    hidden[3, 1] = np.nan
    assert np.isnan(opening_of(0.3 * hidden, 0.2 * hidden)[3, 1])


def test_too_short_a_stretch_holds_none() -> None:
    assert find_blinks(np.arange(2.0), np.ones((2, 2)), **LEVELS) == ()
