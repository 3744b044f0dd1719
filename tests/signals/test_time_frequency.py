"""Spectrograms and group delays against direct sums and against filters whose delay is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from veridical.signals.time_frequency import (
    constant_q,
    constant_q_hz,
    frames_of,
    group_delay,
    log_spectrogram,
    modified_group_delay,
)

RATE = 16000


def tone(hertz: float, seconds: float = 0.5, size: float = 1.0) -> np.ndarray:
    return (size * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def test_a_spectrogram_is_the_direct_sum() -> None:
    noise = np.random.default_rng(0).normal(0, 0.2, 2000).astype(np.float32)
    found = log_spectrogram(noise, window=400, hop=160, fft=512)
    n = np.arange(400)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / 400)
    for frame, one in ((0, 17), (3, 100), (10, 256)):
        part = noise[frame * 160 : frame * 160 + 400].astype(float)
        total = (part * window * np.exp(-2j * np.pi * one * n / 512)).sum() * 2 / window.sum()
        assert found[frame, one] == pytest.approx(20 * np.log10(abs(total)), abs=1e-2)


def test_a_full_scale_sine_has_0_db_and_silence_the_floor() -> None:
    assert log_spectrogram(tone(1000), fft=512).max() == pytest.approx(0, abs=0.01)
    assert log_spectrogram(np.zeros(800, np.float32)) == pytest.approx(-100)


def test_a_constant_q_bin_is_the_direct_sum_of_its_own_periods() -> None:
    noise = np.random.default_rng(1).normal(0, 0.3, 6000).astype(np.float32)
    found = constant_q(noise, RATE, low_hz=100, per_octave=12, bins=72, hop=160)
    quality = 1 / (2 ** (1 / 12) - 1)
    longest = int(np.ceil(quality * RATE / 100))
    longest += longest % 2
    for index in (0, 30, 71):
        hertz = 100 * 2 ** (index / 12)
        length = int(np.ceil(quality * RATE / hertz))
        first = 2 * 160 + (longest - length) // 2
        n = np.arange(length)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * n / length)
        part = noise[first : first + length].astype(float)
        total = (part * window * np.exp(-2j * np.pi * hertz / RATE * n)).sum() * 2 / window.sum()
        assert found[2, index] == pytest.approx(20 * np.log10(abs(total)), abs=0.05)


def test_a_tone_stands_in_its_bin_and_an_octave_is_twelve_bins() -> None:
    for index in (10, 22, 60):
        spectrum = constant_q(tone(100 * 2 ** (index / 12)), RATE).mean(0)
        assert int(spectrum.argmax()) == index
        assert spectrum[index] == pytest.approx(0, abs=0.1)
    assert constant_q_hz(100, 12, 13)[-1] == pytest.approx(200)


def test_a_logarithmic_chirp_rises_evenly_over_the_bins() -> None:
    time = np.arange(2 * RATE) / RATE
    sound = signal.chirp(time, 150, 2, 2400, method="logarithmic")
    track = constant_q(sound.astype(np.float32), RATE, per_octave=24, bins=130).argmax(1)
    steps = np.arange(len(track))[10:-10]
    slope, start = np.polyfit(steps, track[10:-10], 1)
    assert slope == pytest.approx(24 * 4 / 200, rel=0.02)  # four octaves in 200 steps
    assert np.abs(track[10:-10] - (start + slope * steps)).max() < 1.5


def test_bins_above_half_the_rate_are_refused() -> None:
    with pytest.raises(ValueError, match="half the rate"):
        constant_q(tone(100), RATE, low_hz=1000, bins=72)


def resonator() -> tuple[list[float], list[float]]:
    radius, angle = 0.95, 2 * np.pi * 1200 / RATE
    return [1.0, 0.3], [1.0, -2 * radius * np.cos(angle), radius**2]


def test_the_group_delay_of_an_impulse_response_is_that_of_the_filter() -> None:
    b, a = resonator()
    impulse = signal.lfilter(b, a, np.eye(1, 1024)[0])
    delay = group_delay(impulse[None], 2048)[0]
    _, known = signal.group_delay((b, a), np.fft.rfftfreq(2048) * 2 * np.pi)
    assert delay == pytest.approx(known, abs=1e-6)
    # a delay of the sound is a delay of every frequency
    later = group_delay(np.concatenate([np.zeros(37), impulse[:-37]])[None], 2048)[0]
    assert later - delay == pytest.approx(37, abs=1e-6)


def test_with_all_its_coefficients_and_no_exponents_the_modified_delay_is_the_plain_one() -> None:
    frame = np.random.default_rng(2).standard_normal((3, 400)) * np.hamming(400)
    whole = modified_group_delay(frame, 512, alpha=1, gamma=1, lifter=257)
    assert whole == pytest.approx(group_delay(frame, 512), rel=1e-6, abs=1e-6)


def test_the_modified_delay_is_not_spiky_where_the_plain_one_is() -> None:
    b, a = resonator()
    random = np.random.default_rng(3)
    pulses = np.zeros(4000)
    pulses[::110] = 1
    voice = signal.lfilter(b, a, pulses + 0.01 * random.standard_normal(4000))
    frames = frames_of(voice, 480, 240) * np.hamming(480)
    rough = [
        float(np.median(np.abs(np.diff(one, axis=1)).max(1) / np.abs(one).mean(1)))
        for one in (group_delay(frames, 1024), modified_group_delay(frames, 1024))
    ]
    assert rough[1] < 0.3 * rough[0]


def test_silence_and_short_sound_stay_finite() -> None:
    assert not group_delay(np.zeros((2, 400)), 512).any()
    assert np.isfinite(modified_group_delay(np.zeros((2, 400)), 512)).all()
    assert constant_q(np.zeros(100, np.float32), RATE).shape == (0, 72)
    assert log_spectrogram(np.zeros(100, np.float32)).shape == (0, 257)
