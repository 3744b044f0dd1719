"""Swells do not repeat; the voice of the lab rises where it is told to."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.lab.mood import swell, voiced
from veridical.lab.scene import FPS
from veridical.lab.speech import RATE, babble
from veridical.signals.pitch import HOP_S, pitch


@pytest.mark.parametrize("seed", range(4))
def test_swells_go_up_and_down_and_no_shift_repeats_them(seed: int) -> None:
    course = swell(np.random.default_rng(seed), 20.0)
    assert len(course) == 20 * FPS and course.min() >= 0 and course.max() <= 1 and np.ptp(course) > 0.6
    centred = (course - course.mean()) / course.std()
    apart = [np.mean(centred * np.roll(centred, shift)) for shift in range(45, len(course) - 45)]
    assert max(apart) < 0.75


def test_speech_is_the_same_as_ever_without_a_rise_and_higher_with_one() -> None:
    plain, flat, risen = (
        babble(np.random.default_rng(3), 6.0, rise=rise) for rise in (None, np.zeros(9), np.repeat([0.0, 0.5], 50))
    )
    assert np.array_equal(plain, flat)
    steps = np.arange(600) * HOP_S
    change = np.log2(pitch(risen, RATE) / np.nanmedian(pitch(plain, RATE)))[:600]
    early, late = (np.nanmedian(change[part]) for part in (steps < 2.8, steps > 3.4))
    assert early == pytest.approx(0, abs=0.12) and late == pytest.approx(0.5, abs=0.12)


def test_a_moved_speaker_is_louder() -> None:
    mood = np.repeat([0.0, 1.0], 3 * FPS)
    sound = voiced(np.random.default_rng(1), mood, 6.0)
    calm, moved = (np.sqrt(np.mean(part**2)) for part in np.split(sound, 2))
    assert 20 * np.log10(moved / calm) == pytest.approx(18, abs=3)
