"""Pulse trains with known jitter, shimmer and noise; expected values come from the times and strengths they were made with."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from veridical.signals.pitch import pitch
from veridical.signals.voice_quality import BAND_HZ, RATE, _amplitudes, find_periods, voice_quality

FINE = 8  # pulses are placed to an eighth of a sample


def pulses(hertz, *, jitter=0.0, shimmer=0.0, snr_db=None, seconds=3.0, seed=0):
    """Return the sound, the true periods in samples, and the true strengths."""
    random = np.random.default_rng(seed)
    count = int(seconds * hertz)
    times = np.round(np.cumsum(RATE / hertz * (1 + jitter * random.standard_normal(count))) * FINE) / FINE
    strength = 1 + shimmer * random.standard_normal(count)
    n = int(times[-1]) + 200
    train = np.zeros(n * FINE)
    train[(times * FINE).astype(int)] = strength
    at = np.arange(int(0.012 * RATE * FINE)) / RATE / FINE
    sound = signal.fftconvolve(train, np.exp(-np.pi * 400 * at) * np.sin(2 * np.pi * 700 * at))[: n * FINE : FINE]
    sound /= sound.std()
    if snr_db is not None:
        band = signal.firwin(401, BAND_HZ, pass_zero=False, fs=RATE)
        noise = signal.fftconvolve(random.standard_normal(n), band, "same")
        sound += noise / noise.std() * 10 ** (-snr_db / 20)
    return (0.1 * sound).astype(np.float32), np.diff(times), strength


def heard(sound, rate=RATE):
    return voice_quality(find_periods(sound, rate, pitch(sound, rate)))


def ppq(values, count):
    """Praat's definition, one place at a time."""
    half = count // 2
    off = [abs(values[i] - values[i - half : i + half + 1].mean()) for i in range(half, len(values) - half)]
    return 100 * np.mean(off) / values.mean()


@pytest.mark.parametrize("hertz", [95.0, 120.0, 210.0])
@pytest.mark.parametrize("jitter", [0.003, 0.005, 0.01])
def test_jitter_is_that_of_the_train(hertz, jitter):
    sound, periods, _ = pulses(hertz, jitter=jitter)
    seen = heard(sound)
    assert seen.periods > 0.9 * len(periods)
    assert seen.jitter_local == pytest.approx(100 * np.abs(np.diff(periods)).mean() / periods.mean(), rel=0.1)
    assert seen.jitter_rap == pytest.approx(ppq(periods, 3), rel=0.1)
    assert seen.jitter_ppq5 == pytest.approx(ppq(periods, 5), rel=0.1)


@pytest.mark.parametrize("hertz", [95.0, 120.0, 200.0])
@pytest.mark.parametrize("shimmer", [0.03, 0.1])
def test_shimmer_is_that_of_the_train(hertz, shimmer):
    sound, _, strength = pulses(hertz, shimmer=shimmer)
    seen = heard(sound)
    assert seen.shimmer_local == pytest.approx(100 * np.abs(np.diff(strength)).mean() / strength.mean(), rel=0.1)
    assert seen.shimmer_apq3 == pytest.approx(ppq(strength, 3), rel=0.1)
    assert seen.shimmer_db == pytest.approx(np.abs(np.diff(20 * np.log10(strength))).mean(), rel=0.1)


@pytest.mark.parametrize("snr_db", [5, 10, 15, 20, 25])
def test_noise_is_that_of_the_train(snr_db):
    sound, _, _ = pulses(120, snr_db=snr_db)
    assert heard(sound).hnr_db == pytest.approx(snr_db, abs=1.0)


def test_a_regular_train_has_next_to_no_jitter_and_shimmer():
    seen = heard(pulses(120)[0])
    assert seen.jitter_local < 0.1
    assert seen.shimmer_db < 0.02
    assert seen.hnr_db > 30


def test_a_glide_is_no_jitter():
    phase = np.cumsum(np.linspace(100, 160, 3 * RATE)) / RATE
    sound = 0.1 * sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 9))
    seen = heard(sound.astype(np.float32))
    assert seen.jitter_ppq5 < 0.1
    assert seen.periods > 350


@pytest.mark.parametrize("rate", [8000, 44100])
def test_the_sampling_rate_changes_little(rate):
    sound, periods, _ = pulses(120, jitter=0.01)
    other = signal.resample_poly(sound, rate, RATE) if rate == 8000 else signal.resample_poly(sound, 441, 160)
    seen = heard(other.astype(np.float32), rate)
    assert seen.jitter_local == pytest.approx(100 * np.abs(np.diff(periods)).mean() / periods.mean(), rel=0.15)


def test_long_recordings_are_the_same_in_blocks():
    part, periods, _ = pulses(120, jitter=0.01, seconds=4)
    gap = np.zeros(RATE // 2, np.float32)
    long = np.concatenate([part, gap] * 16)  # a good minute: three blocks
    found = find_periods(long, RATE, pitch(long, RATE))
    assert voice_quality(found).jitter_local == pytest.approx(heard(part).jitter_local, rel=0.02)
    assert (np.diff(found.times_s)[np.diff(found.run) == 0] > 0).all()
    assert len(found.times_s) == pytest.approx(16 * len(periods), rel=0.03)
    assert found.times_s[-1] == pytest.approx(len(long) / RATE - 0.5, abs=0.1)


def test_runs_are_not_compared_with_each_other():
    low, high = pulses(100, seconds=1)[0], pulses(200, seconds=1)[0]
    seen = heard(np.concatenate([low, np.zeros(RATE // 4, np.float32), 5 * high]))
    assert seen.jitter_local < 0.2
    assert seen.shimmer_db < 0.1


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(RATE), np.random.default_rng(0).standard_normal(RATE)])
def test_silence_and_noise_have_no_periods_or_few(sound):
    seen = heard(sound.astype(np.float32))
    assert seen.periods < 10


def test_nothing_voiced_is_no_number():
    seen = heard(np.zeros(RATE, np.float32))
    assert np.isnan(seen.jitter_local)
    assert np.isnan(seen.hnr_db)


def test_amplitudes_are_those_of_a_window_around_each_mark():
    sound = np.random.default_rng(5).standard_normal(4000)
    marks = np.cumsum(np.random.default_rng(6).uniform(60, 160, 36))
    gaps = np.diff(marks)
    expected = []
    for i, mark in enumerate(marks):
        reach = min(gaps[max(i - 1, 0)], gaps[min(i, len(gaps) - 1)]) / 2
        inside = [k for k in range(len(sound)) if abs(k - mark) <= reach]
        weights = [0.5 + 0.5 * np.cos(np.pi * (k - mark) / reach) for k in inside]
        expected.append(np.sqrt(np.average(sound[inside] ** 2, weights=weights)))
    assert marks[-1] < len(sound)
    assert _amplitudes(sound, marks) == pytest.approx(expected, rel=1e-9)
