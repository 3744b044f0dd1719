"""Curves over shifts of the sound, against the plain formula and known causes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from veridical.signals.lip_sync import RATE, STEPS_AROUND, Curve, Heard, at_step, compare, fit_weights, lip_movement


def movement(seconds: float, seed: int = 0, features: int = 9) -> np.ndarray:
    made = gaussian_filter1d(np.random.default_rng(seed).normal(0, 1, (round(seconds * RATE), features)), 5, axis=0)
    return np.asarray(made / made.std(0))


def heard(lips: np.ndarray, start_s: float = 0.0, spoken: np.ndarray | None = None) -> Heard:
    return Heard(
        lips=lips[:, [*range(9), 0, 2, 6]],
        spoken=np.ones(len(lips), bool) if spoken is None else spoken,
        start_s=start_s,
    )


@pytest.mark.parametrize("later", [-0.62, -0.1, 0.0, 0.34, 0.9])
def test_the_shift_of_the_sound_is_found(later: float) -> None:
    lips = movement(12)
    noisy = lips + np.random.default_rng(1).normal(0, 1, lips.shape)
    curve = compare(heard(lips, start_s=later), [(0.0, noisy)], most_s=1.0).curve()
    assert curve.offset_s == pytest.approx(later, abs=0.011)
    assert curve.confidence > 8
    assert curve.lead > 10


def test_the_curve_is_the_plain_formula() -> None:
    sound, lips = movement(10, 1), movement(10, 2) + 0.3 * movement(10, 1)
    spoken = np.random.default_rng(4).random(1000) < 0.7
    sums = compare(heard(sound, 0.25, spoken), [(0.5, lips[:300]), (4.2, lips[300:800])], most_s=0.4)
    curve = sums.curve()
    for lag, found in zip(np.round(curve.lags_s * RATE).astype(int), curve.agreement, strict=True):
        x, y = [], []
        for start, part in ((0.5, lips[:300]), (4.2, lips[300:800])):
            for i, row in enumerate(part):
                at = i + round((start - 0.25) * RATE) + lag
                if 0 <= at < 1000 and spoken[at]:
                    x.append(sound[at])
                    y.append(row)
        r = [np.corrcoef(np.array(x)[:, k], np.array(y)[:, k])[0, 1] for k in range(9)]
        z = np.arctanh(r) * np.sqrt(len(x) / 10)
        assert found == pytest.approx((sum(z) / 3 + (z[0] + z[2] + z[6]) / 12**0.5) / 1.25**0.5, abs=1e-3)


def test_windows_hold_only_their_seconds() -> None:
    sound = movement(20, 1)
    lips = np.concatenate([sound[:1000], movement(10, 2)])
    sums = compare(heard(sound), [(0.0, lips)], most_s=0.5)
    assert sums.curve(slice(0, 4)).confidence > 6
    assert sums.curve(slice(0, 4)).offset_s == pytest.approx(0, abs=0.01)
    assert sums.curve(slice(12, 16)).confidence < 4


def test_long_stretches_are_what_short_ones_are() -> None:
    sound = movement(150, 5)
    lips = sound + movement(150, 6)
    whole = compare(heard(sound), [(0.0, lips)], most_s=0.1).curve()
    parts = compare(heard(sound), [(0.0, lips[:7000]), (70.0, lips[7000:])], most_s=0.1).curve()
    assert whole.agreement == pytest.approx(parts.agreement, abs=1e-2)


def test_strangers_agree_by_chance_alone() -> None:
    curves = [
        compare(heard(movement(8, 2 * k)), [(0.0, movement(8, 2 * k + 1))], most_s=1.0).curve() for k in range(20)
    ]
    everything = np.concatenate([curve.agreement for curve in curves])
    assert abs(everything.mean()) < 0.3
    assert 0.7 < everything.std() < 2.0
    assert np.median([curve.confidence for curve in curves]) < 2.5


def test_too_little_speech_gives_a_flat_curve() -> None:
    spoken = np.zeros(800, bool)
    spoken[100:140] = True
    curve = compare(heard(movement(8), spoken=spoken), [(0.0, movement(8))], most_s=0.5).curve()
    assert not curve.agreement.any()
    assert curve.confidence == 0


def test_the_peak_lies_between_the_shifts() -> None:
    lags = np.arange(-50, 51, 2) / 100
    curve = Curve(lags_s=lags, agreement=10 - 40 * (lags - 0.127) ** 2)
    assert curve.offset_s == pytest.approx(0.127, abs=1e-6)
    assert Curve(lags_s=lags, agreement=lags).offset_s == pytest.approx(0.5)


def test_the_map_that_made_the_lips_is_fitted() -> None:
    random = np.random.default_rng(0)
    sound = gaussian_filter1d(random.normal(0, 1, (40_000, 26)), 3, axis=0)
    weights = random.normal(0, 1, (9, 26, 9))
    around = [at_step(sound, step) for step in STEPS_AROUND]
    lips = sum(x @ w for x, w in zip(around, weights, strict=True))
    found = fit_weights([(np.concatenate(around, 1), np.asarray(lips))], ridge=1e-6)
    assert found == pytest.approx(weights, abs=0.02)


def test_lips_are_brought_to_even_steps_and_cut_at_gaps() -> None:
    frames = np.r_[0:100, 130:200]
    times = frames / 25
    shape = np.sin(2 * np.pi * 3 * times)[:, None] * np.ones(9) + 5 + times[:, None] / 10
    (first, one), (second, two) = lip_movement(times, frames, shape)
    assert (first, second) == (0.0, pytest.approx(5.2))
    assert (len(one), len(two)) == (397, 277)
    steps = np.arange(50, 350) / RATE
    assert np.corrcoef(one[50:350, 0], np.sin(2 * np.pi * 3 * steps))[0, 1] > 0.99
    assert abs(one.mean()) < 0.1  # neither the level nor the slow drift is left
