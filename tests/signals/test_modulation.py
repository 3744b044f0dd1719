"""Modulation spectra and long-term averages against tones whose movement is known."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.modulation import long_term_average, modulation_spectrum
from veridical.signals.time_frequency import log_spectrogram

RATE = 16000


@pytest.mark.parametrize("hertz", [4.0, 9.0, 20.0])
def test_a_tone_that_swells_moves_at_that_frequency(hertz: float) -> None:
    time = np.arange(3 * RATE) / RATE
    sound = (1 + 0.3 * np.sin(2 * np.pi * hertz * time)) * np.sin(2 * np.pi * 1000 * time)
    level = log_spectrogram(sound.astype(np.float32), window=320, hop=160)[:, 32]
    at, shares = modulation_spectrum(level[:, None], 100, window=128, hop=64)
    assert at[shares[:, 0].argmax()] == pytest.approx(hertz, abs=100 / 128)
    near = np.abs(at - hertz) < 2
    assert shares[near, 0].sum() > 0.9


def test_shares_are_those_of_a_transform_written_out() -> None:
    courses = np.random.default_rng(0).standard_normal((64, 2))
    at, shares = modulation_spectrum(courses, 50, window=64, hop=32)
    n = np.arange(64)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / 64)
    centred = (courses - np.average(courses, axis=0, weights=window)) * window[:, None]
    power = np.abs(np.exp(-2j * np.pi * np.arange(33)[:, None] * n / 64) @ centred) ** 2
    assert shares == pytest.approx(power[1:] / power[1:].sum(0))
    assert at == pytest.approx(np.arange(1, 33) * 50 / 64)


def test_size_and_offset_do_not_matter_and_what_stands_still_has_no_share() -> None:
    course = np.random.default_rng(1).standard_normal((200, 1))
    _, plain = modulation_spectrum(course, 100)
    _, moved = modulation_spectrum(7 * course + 50, 100)
    assert moved == pytest.approx(plain)
    _, still = modulation_spectrum(np.full((200, 1), 3.0), 100)
    assert not still.any()


@pytest.mark.parametrize("frames", [0, 1, 5, 63])
def test_short_courses_stay_finite(frames: int) -> None:
    at, shares = modulation_spectrum(np.random.default_rng(2).standard_normal((frames, 3)), 100)
    assert shares.shape == (len(at), 3) == (32, 3)
    assert np.isfinite(shares).all()


def test_the_long_term_average_is_the_mean_power_in_db_of_the_whole() -> None:
    power = np.array([[1.0, 3.0], [3.0, 1.0], [2.0, 8.0]])
    expected = 10 * np.log10(np.array([2.0, 4.0]) / 6)
    assert long_term_average(power) == pytest.approx(expected)
    assert long_term_average(100 * power) == pytest.approx(expected)
    assert (long_term_average(np.zeros((4, 3))) == -100).all()
