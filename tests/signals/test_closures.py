"""Closures of the lips are found where they were cut into speech-like sound, and nowhere in steady sound."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.knowledge.closures import closure_weights
from veridical.lab.lips import with_closures
from veridical.lab.speech import RATE, babble
from veridical.signals.closures import BANDS, OFFSETS, dips, find_closures, surroundings
from veridical.signals.speech_features import speech_features


def test_cut_closures_are_found_at_their_times() -> None:
    found = cut = other = 0
    for seed in range(3):
        random = np.random.default_rng(seed)
        sound, truth = with_closures(babble(random, 10), random, per_s=1.5)
        middles = find_closures(sound, RATE).mean(1)
        truths = np.array(truth).mean(1)
        near = np.abs(middles[:, None] - truths).min(0) < 0.06
        found, cut = found + int(near.sum()), cut + len(truths)
        other += int((np.abs(middles[:, None] - truths).min(1) >= 0.06).sum())
    assert cut >= 20
    assert found > 0.5 * cut
    assert other < found


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_silence_noise_and_steady_tones_hold_none(rate: int) -> None:
    times = np.arange(4 * rate) / rate
    for sound in (
        np.zeros(len(times)),
        np.random.default_rng(0).normal(0, 0.1, len(times)),
        sum(np.sin(2 * np.pi * 120 * k * times) / k for k in range(1, 20)) * 0.1,
        np.zeros(0),
        np.ones(3),
    ):
        assert find_closures(np.asarray(sound), rate).shape == (0, 2)


def test_a_dip_is_a_quiet_place_between_two_loud_ones() -> None:
    rate = 16000
    sound = np.random.default_rng(1).normal(0, 0.1, 3 * rate)
    sound[round(1.0 * rate) : round(1.08 * rate)] *= 0.05  # a short gap
    sound[round(2.0 * rate) : round(2.6 * rate)] *= 0.05  # a pause, too long for a closure
    assert dips(speech_features(sound, rate)) * 0.01 == pytest.approx([1.04], abs=0.03)


def test_the_description_does_not_depend_on_loudness() -> None:
    random = np.random.default_rng(2)
    sound, _ = with_closures(babble(random, 6), random, per_s=1.0)
    loud, quiet = (speech_features(gain * sound, RATE) for gain in (1.0, 0.25))
    places = dips(loud)
    assert len(places)
    one, other = surroundings(loud, places), surroundings(quiet, places)
    assert one.shape == (len(places), len(OFFSETS) * (BANDS + 1))
    spectra = len(OFFSETS) * BANDS
    assert other[:, :spectra] == pytest.approx(one[:, :spectra], abs=0.05)


def test_the_weights_fit_the_description() -> None:
    weights, bias, level = closure_weights()
    assert weights.shape == (len(OFFSETS) * (BANDS + 1),)
    assert np.isfinite([bias, level]).all()
