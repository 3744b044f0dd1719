"""Breaths put into pauses are found at their times; clicks, hum, silence and voices are not taken for any."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from veridical.signals.breaths import find_breaths
from veridical.signals.speech_features import speech_features

RATE = 16000
PAUSE = np.array([[2.0, 5.0]])


def recording(inside, level=0.002):
    """Two seconds of a voice, three of pause with a sound from 2.8 s on, two of a voice; a quiet hiss beneath."""
    random = np.random.default_rng(0)
    times = np.arange(2 * RATE) / RATE
    voice = 0.1 * sum(np.sin(2 * np.pi * 130 * k * times) / k for k in range(1, 40))
    pause = np.zeros(3 * RATE)
    pause[round(0.8 * RATE) : round(0.8 * RATE) + len(inside)] += level * inside
    sound = np.concatenate([voice, pause, voice])
    return speech_features((sound + 1e-4 * random.standard_normal(len(sound))).astype(np.float32), RATE)


def hiss(seconds, low=600.0, high=7000.0):
    band = signal.butter(2, [low, high], "bandpass", fs=RATE, output="sos")
    return signal.sosfilt(band, np.random.default_rng(1).standard_normal(round(seconds * RATE)))


@pytest.mark.parametrize("seconds", [0.25, 0.4, 0.8])
def test_a_breath_is_found_where_it_was_put(seconds):
    ((start, end),) = find_breaths(recording(hiss(seconds)), PAUSE)
    assert (start, end) == pytest.approx((2.8, 2.8 + seconds), abs=0.05)


@pytest.mark.parametrize(
    "inside",
    [
        np.zeros(100),
        hiss(0.03),  # a click
        hiss(1.8),  # noise that goes on
        np.sin(2 * np.pi * 150 * np.arange(RATE // 2) / RATE),  # a hum
        np.sin(2 * np.pi * 2000 * np.arange(RATE // 2) / RATE),  # a whistle
    ],
    ids=["nothing", "click", "long noise", "hum", "whistle"],
)
def test_what_is_no_breath_is_left(inside):
    assert find_breaths(recording(inside), PAUSE).shape == (0, 2)


@pytest.mark.parametrize("level", [0.2, 0.00003])
def test_too_loud_and_too_weak_is_no_breath(level):
    assert not len(find_breaths(recording(hiss(0.4), level), PAUSE))


@pytest.mark.parametrize("pauses", [np.zeros((0, 2)), np.array([[0.0, 99.0]])])
def test_without_pauses_or_speech_there_is_none(pauses):
    assert find_breaths(recording(hiss(0.4)), pauses).shape == (0, 2)


def test_nothing_heard_has_no_breaths():
    assert find_breaths(speech_features(np.zeros(0, np.float32), RATE), PAUSE).shape == (0, 2)
