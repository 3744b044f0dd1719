"""Features of speech against formulas written another way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from veridical.signals.speech_features import BANDS, MEL_BANDS, RATE, speech_features


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE, size: float = 0.5) -> np.ndarray:
    return (size * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def test_a_hundred_steps_a_second_centred_at_their_times() -> None:
    sound = np.zeros(RATE * 2, np.float32)
    sound[int(0.73 * RATE)] = 1.0
    features = speech_features(sound, RATE)
    assert len(features) == 200
    assert abs(int(np.argmax(features.level_db)) - 73) <= 1


def test_the_level_of_a_tone_is_its_power() -> None:
    features = speech_features(tone(1000), RATE)
    assert features.level_db[20:80] == pytest.approx(10 * np.log10(0.5**2 / 2), abs=0.1)


@pytest.mark.parametrize("number", range(len(BANDS)))
def test_a_tone_is_heard_in_its_band_alone(number: int) -> None:
    low, high = BANDS[number]
    bands = speech_features(tone((low + high) / 2), RATE).bands_db[50]
    assert int(np.argmax(bands)) == number
    assert bands[number] > np.delete(bands, number).max() + 30


def test_the_bands_agree_with_a_spectrogram_made_elsewhere() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    hertz, _, density = signal.spectrogram(
        noise[50 * 160 - 200 : 50 * 160 + 200], RATE, signal.get_window("hann", 400), 400, 0, 512, detrend=False
    )
    for (low, high), found in zip(BANDS, speech_features(noise, RATE).bands_db[50], strict=True):
        there = density[(hertz >= low) & (hertz < high), 0].sum() * (hertz[1] - hertz[0])
        assert found == pytest.approx(10 * np.log10(there), abs=0.05)


def test_mel_bands_rise_with_the_frequency_by_the_mel_formula() -> None:
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (80, 7800))
    for number in (2, 8, 15, 22):
        mel = low + (high - low) * (number + 1) / (MEL_BANDS + 1)
        heard = speech_features(tone(700 * (10 ** (mel / 2595) - 1)), RATE).mel_db[50]
        assert int(np.argmax(heard)) == number


def test_a_voice_is_periodic_and_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    buzz = signal.sawtooth(2 * np.pi * 120 * np.arange(RATE) / RATE).astype(np.float32) * 0.3
    noise = rng.normal(0, 0.2, RATE).astype(np.float32)
    assert speech_features(buzz, RATE).voicing[10:90].min() > 0.95
    assert np.median(speech_features(noise, RATE).voicing[10:90]) < 0.4
    # half the power is the voice: the autocorrelation is the share of the periodic part
    mixed = speech_features(buzz + noise * np.float32(buzz.std() / noise.std()), RATE).voicing[10:90]
    assert np.median(mixed) == pytest.approx(0.5, abs=0.1)


def test_flux_marks_the_onset_alone() -> None:
    sound = np.concatenate([np.zeros(RATE // 2, np.float32), np.random.default_rng(2).normal(0, 0.1, RATE // 2)])
    flux = speech_features(sound, RATE).flux_db
    assert 47 <= int(np.argmax(flux)) <= 51
    assert flux[:45].max() == 0
    assert flux.max() > 5 * np.median(flux[55:])


def test_long_sound_in_blocks_is_what_short_sound_is() -> None:
    sound = np.random.default_rng(3).normal(0, 0.1, 65 * RATE).astype(np.float32)
    whole = speech_features(sound, RATE)
    assert len(whole) == 6500
    for around in (3000, 6000):
        part = speech_features(sound[(around - 100) * 160 : (around + 100) * 160], RATE)
        for name in ("mel_db", "bands_db", "voicing"):
            near = slice(around - 50, around + 50)
            assert np.allclose(getattr(whole, name)[near], getattr(part, name)[50:150], atol=1e-3)


def test_other_rates_and_channels_give_the_same() -> None:
    at_16 = speech_features(tone(440, 2.0), RATE)
    at_48 = speech_features(np.stack([tone(440, 2.0, 48000)] * 2, 1), 48000)
    assert abs(len(at_16) - len(at_48)) <= 1
    assert np.abs(at_16.level_db[20:180] - at_48.level_db[20:180]).max() < 0.1


@pytest.mark.parametrize(
    "sound", [np.zeros(0, np.float32), np.zeros(100, np.float32), np.full(3000, np.nan, np.float32)]
)
def test_nothing_stays_finite(sound: np.ndarray) -> None:
    features = speech_features(sound, RATE)
    assert len(features) == -(-len(sound) // 160)
    for name in ("mel_db", "bands_db", "level_db", "voicing", "flux_db"):
        assert np.isfinite(getattr(features, name)).all()
