"""Clicks found at their sample, above sound that a filter predicts."""

import numpy as np
import pytest
from scipy import signal

from veridical.signals.clicks import strongest_clicks

RATE = 16000


def voice_like(seconds, seed=0):
    """Noise through a resonance: predictable, but never silent."""
    random = np.random.default_rng(seed)
    return 0.01 * signal.lfilter([1], [1, -1.8, 0.9], random.standard_normal(round(seconds * RATE)))


@pytest.mark.parametrize("at", [5000, 23456, 200001])
def test_a_click_is_found_at_its_sample_over_blocks_of_any_number(at):
    sound = voice_like(40)
    sound[at] += 0.5
    times, stands = strongest_clicks(sound, RATE)
    assert times[0] * RATE == pytest.approx(at, abs=1)
    assert stands[0] > 12
    assert stands[1] < 6
    assert (np.diff(stands) <= 0).all()


def test_a_jump_of_phase_in_a_tone_is_found():
    time = np.arange(3 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 200 * time + np.where(time < 1.5, 0, 2.0))
    noise = 1e-3 * np.random.default_rng(0).standard_normal(len(tone))
    times, stands = strongest_clicks(tone + noise, RATE)
    assert times[0] == pytest.approx(1.5, abs=0.001)
    assert stands[0] > 10


def test_times_hold_at_another_rate_and_short_sound_has_none():
    sound = np.zeros(2 * 44100) + 1e-3 * np.random.default_rng(0).standard_normal(2 * 44100)
    sound[44100] = 0.5
    assert strongest_clicks(sound, 44100)[0][0] == pytest.approx(1.0, abs=0.002)
    assert [len(one) for one in strongest_clicks(np.zeros(1000), RATE)] == [0, 0]
