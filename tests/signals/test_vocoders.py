"""The vocoders against what is known of their parts, and mel filters against a formula of their own."""

import numpy as np
import pytest
from scipy import signal

from veridical.signals import vocoders
from veridical.signals.mel import hertz_to_mel, mel_filters, mel_to_hertz
from veridical.signals.pitch import pitch

RATE = 16000


def buzz(hertz, seconds=2.0):
    """A pulse train of fixed pitch through one resonance at 1200 Hz."""
    time = np.arange(round(seconds * RATE)) / RATE
    pulses = (np.diff(np.floor(time * hertz), prepend=0) > 0).astype(float)
    radius = np.exp(-np.pi * 150 / RATE)
    voice = signal.lfilter([1], [1, -2 * radius * np.cos(2 * np.pi * 1200 / RATE), radius**2], pulses)
    return voice / np.abs(voice).max() * 0.3 + 1e-4 * np.random.default_rng(0).standard_normal(len(time))


def test_mel_is_linear_to_a_kilohertz_and_a_factor_of_6_4_is_27_steps():
    np.testing.assert_allclose(hertz_to_mel(np.array([0.0, 200.0, 1000.0, 6400.0])), [0, 3, 15, 42])
    hertz = np.linspace(0, 11025, 50)
    np.testing.assert_allclose(mel_to_hertz(hertz_to_mel(hertz)), hertz, atol=1e-8)


def test_each_mel_filter_has_the_same_area():
    filters = mel_filters(RATE, 8192, 40, 8000.0)
    np.testing.assert_allclose(filters.sum(1) * RATE / 8192, 1.0, rtol=0.02)
    peaks = np.diff(filters.argmax(1))
    assert (peaks > 0).all() and peaks[-1] > 2 * peaks[0]


@pytest.mark.parametrize("make", [vocoders.lpc, vocoders.world_like, vocoders.griffin_lim])
def test_pitch_and_resonance_of_a_copy_are_those_of_its_original(make):
    voice = buzz(125.0)
    copy = make(voice, RATE, np.random.default_rng(1))
    assert len(copy) == len(voice)
    found = pitch(copy.astype(np.float32), RATE)[20:-20]
    assert np.nanmedian(found) == pytest.approx(125.0, rel=0.02)
    hertz, power = signal.welch(copy, RATE, nperseg=256)
    assert hertz[power.argmax()] == pytest.approx(1200, abs=130)


@pytest.mark.parametrize("make", [vocoders.lpc, vocoders.world_like])
def test_noise_becomes_noise(make):
    noise = 0.1 * np.random.default_rng(3).standard_normal(2 * RATE)
    copy = make(noise, RATE, np.random.default_rng(1))
    assert np.isnan(pitch(copy.astype(np.float32), RATE)).mean() > 0.9
    assert abs(np.corrcoef(noise, copy)[0, 1]) < 0.05
    kurtosis = np.mean(copy**4) / np.mean(copy**2) ** 2
    assert kurtosis == pytest.approx(3, abs=0.6)


def test_windows_put_together_again_give_the_sound_back():
    sound = np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    back = vocoders._sound(vocoders._spectra(sound, 512), 5000)
    np.testing.assert_allclose(back, sound, atol=1e-5)


def test_the_filter_of_minimum_phase_has_the_power_asked_for_and_starts_at_once():
    power = 1.0 / np.abs(signal.freqz([1], [1, -0.9], worN=np.linspace(0, np.pi, 513))[1]) ** 2
    response = vocoders._minimum_phase(power)
    np.testing.assert_allclose(np.abs(response) ** 2, power, rtol=1e-6)
    # The inverse of one pole is the filter 1 - 0.9 / z: two taps, which is already of minimum phase.
    taps = np.fft.irfft(response)
    np.testing.assert_allclose(taps[:3], [1, -0.9, 0], atol=1e-6)
