"""Pitch, loudness, brightness and rate of sounds of known make."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.media.audio import Audio
from veridical.perception.prosody import hear_prosody

RATE = 16000


def audio(samples: np.ndarray) -> Audio:
    return Audio(samples=np.asarray(samples, np.float32).reshape(-1, 1), rate=RATE, codec="pcm_s16le", lossless=True,
                 bits=16, start_s=0.0, bit_rate=0)  # fmt: skip


def tone(hertz: float, seconds: float = 2.0, gain: float = 0.1) -> np.ndarray:
    return gain * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


def test_all_series_have_one_value_every_ten_milliseconds() -> None:
    heard = hear_prosody(audio(tone(200)))
    assert heard.duration_s == 2.0
    for series in (heard.pitch_hz, heard.level_db, heard.tilt_db, heard.centroid_hz, heard.syllables_per_s):
        assert series.shape == (200,)
        assert series.dtype == np.float32


def test_a_tone_has_its_pitch_level_and_brightness() -> None:
    low, high = hear_prosody(audio(tone(200))), hear_prosody(audio(tone(3000)))
    middle = slice(20, -20)
    assert np.median(low.pitch_hz[middle]) == pytest.approx(200, rel=0.01)
    assert np.median(low.level_db[middle]) == pytest.approx(10 * np.log10(0.1**2 / 2), abs=0.3)
    assert np.median(low.centroid_hz[middle]) == pytest.approx(200, abs=60)
    assert np.median(high.centroid_hz[middle]) == pytest.approx(3000, rel=0.05)
    assert np.median(low.tilt_db[middle]) < -20 < 20 < np.median(high.tilt_db[middle])


def test_twice_as_loud_is_six_decibels_and_nothing_else() -> None:
    one, other = hear_prosody(audio(tone(200))), hear_prosody(audio(tone(200, gain=0.2)))
    assert np.median(other.level_db - one.level_db) == pytest.approx(6.02, abs=0.05)
    assert other.centroid_hz[20:-20] == pytest.approx(one.centroid_hz[20:-20], rel=0.01)


@pytest.mark.parametrize("rate", [3.0, 6.0])
def test_bursts_are_counted_a_second(rate: float) -> None:
    times = np.arange(6 * RATE) / RATE
    noise = np.random.default_rng(0).normal(0, 0.1, len(times)) * ((times * rate) % 1 < 0.5) + 1e-5 * np.sign(times - 3)
    heard = hear_prosody(audio(noise))
    assert np.median(heard.syllables_per_s[150:-150]) == pytest.approx(rate, rel=0.25)


def test_silence_is_finite_but_for_its_pitch() -> None:
    heard = hear_prosody(audio(np.zeros(RATE)))
    assert not np.isfinite(heard.pitch_hz).any()
    assert np.isfinite([heard.level_db, heard.tilt_db, heard.centroid_hz, heard.syllables_per_s]).all()
