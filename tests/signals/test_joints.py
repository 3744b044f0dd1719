"""Steps found where they were put, and chance that does not grow with the number of moments."""

import numpy as np
import pytest

from veridical.signals.joints import Cue, contrast


def cue(count, step=0.0, at=0.5, seed=0, bands=6):
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, bands))
    vectors[round(at * count) :] += step
    return Cue(name="x", times=np.arange(count) + 0.5, vectors=vectors)


def look(made, **knobs):
    return contrast(made, np.arange(1.0, len(made.times)), reach_s=knobs.get("reach_s", 12.0), least=4)


@pytest.mark.parametrize("at", [0.3, 0.5, 0.7])
def test_a_step_is_found_where_it_is_and_by_how_much(at):
    seen = look(cue(60, step=3.0, at=at))
    best = int(np.nanargmax(seen.ratio))
    assert best + 1 == 60 * at
    assert seen.ratio[best] > 3
    assert seen.change[best] == pytest.approx(3.0, abs=1.2)


def test_without_a_step_the_largest_ratio_is_near_one_however_long_the_series():
    medians = [np.median([np.nanmax(look(cue(n, seed=s)).ratio) for s in range(15)]) for n in (20, 100, 1000)]
    assert all(0.8 < one < 1.4 for one in medians)
    assert medians[2] < medians[0] + 0.1


def test_the_distance_is_that_of_a_two_sample_comparison():
    made = cue(20, step=1.0)
    seen = contrast(made, np.array([10.0]), reach_s=100.0, least=4)
    scatter = np.sqrt((np.diff(made.vectors, axis=0) ** 2).mean(0) / 2)
    by_hand = made.vectors[10:].mean(0) - made.vectors[:10].mean(0)
    assert seen.change[0] == pytest.approx(by_hand, rel=1e-4)
    null = []
    rest = made.vectors / scatter
    rest = np.concatenate([rest[:10] - rest[:10].mean(0), rest[10:] - rest[10:].mean(0)]) * np.sqrt(10 / 9)
    for seed in range(400):
        mixed = np.random.default_rng(seed).permutation(rest)
        null.append(np.sqrt(((mixed[10:].mean(0) - mixed[:10].mean(0)) ** 2).mean() * 5))
    assert seen.ratio[0] == pytest.approx(np.sqrt(((by_hand / scatter) ** 2).mean() * 5) / np.median(null), rel=0.15)


def test_too_few_units_are_not_compared():
    assert look(cue(7)) is None
    seen = look(cue(12))
    assert np.isnan(seen.ratio[:3]).all() and np.isnan(seen.ratio[-3:]).all() and np.isfinite(seen.ratio[3:-3]).all()
