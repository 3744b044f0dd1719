"""Spectra for the network: levels and places of known sounds, and a scale that no level changes."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.voice_windows import BINS, FFT, HOP, RATE, log_spectra, scaled


def test_a_tone_lies_in_its_bin_at_its_power():
    t = np.arange(RATE) / RATE
    seen = log_spectra((0.5 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32))
    assert seen.shape == ((RATE - FFT) // HOP + 1, BINS)
    assert (seen.argmax(1) == 32).all()
    # Parseval: the bins of one side sum to the power of the tone.
    np.testing.assert_allclose(10 * np.log10((10 ** (seen / 10)).sum(1)), 10 * np.log10(0.125), atol=0.05)


def test_noise_is_even_and_of_known_power():
    noise = np.random.default_rng(0).standard_normal(20 * RATE).astype(np.float32) * 0.1
    power = (10 ** (log_spectra(noise).astype(np.float64) / 10)).mean(0)[1:]
    assert power.sum() * 256 / (BINS - 1) == pytest.approx(0.01, rel=0.02)
    assert power.std() < 0.1 * power.mean()


def test_each_window_of_time_is_its_own():
    sound = np.random.default_rng(1).standard_normal(RATE).astype(np.float32)
    whole = log_spectra(sound)
    np.testing.assert_allclose(log_spectra(sound[10 * HOP : 10 * HOP + FFT]), whole[10:11], atol=1e-4)


def test_the_scale_knows_no_level_and_no_depth():
    spectra = np.random.default_rng(2).normal(-60, 15, (160, BINS)).astype(np.float32)
    np.testing.assert_allclose(scaled(spectra), scaled(spectra - 20), atol=1e-4)
    assert scaled(spectra).min() >= 0 and scaled(spectra).max() <= 4
    loud = np.percentile(spectra[:, :128], 95)
    np.testing.assert_allclose(scaled(np.full_like(spectra, loud)), 3)
    deep = spectra.copy()
    deep[:, 200:] = -1000
    assert (scaled(deep)[:, 200:] == 0).all()
