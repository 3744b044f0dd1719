"""The spectrogram of a recording against sines whose time, pitch and level are known."""

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.perception.sound_picture import picture_sound


def recording(samples, rate, start_s=0.0):
    samples = np.asarray(samples, np.float32)
    return Audio(
        samples=samples.reshape(len(samples), -1), rate=rate, codec="flac", lossless=True, bits=16, start_s=start_s, bit_rate=0
    )  # fmt: skip


def burst(rate, hz, at_s, length_s, whole_s, amplitude=1.0):
    time = np.arange(int(whole_s * rate)) / rate
    return amplitude * np.sin(2 * np.pi * hz * time) * ((time >= at_s) & (time < at_s + length_s))


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("whole_s", [5, 90, 700])
def test_a_tone_stands_at_its_time_its_frequency_and_its_level(rate, whole_s):
    at, length, hz = 0.6 * whole_s, 0.1 * whole_s, 0.3 * rate
    seen = picture_sound(recording(burst(rate, hz, at, length, whole_s, 0.5), rate, start_s=2.0))
    rows, columns = seen.levels.shape
    assert rows <= 256 and columns <= 1600
    centres = seen.starts_s + (np.arange(columns) + 0.5) * (seen.ends_s - seen.starts_s) / columns
    loudest = seen.levels.max(0)
    sounding = centres[loudest > loudest.max() - 3]
    slack = 2 * (seen.ends_s - seen.starts_s) / columns + seen.window_s
    assert sounding[0] == pytest.approx(2 + at, abs=slack) and sounding[-1] == pytest.approx(2 + at + length, abs=slack)
    row = seen.levels[:, loudest.argmax()].argmax()
    assert (row + 0.5) / rows * seen.highest_hz == pytest.approx(hz, rel=0.02)
    # half of full scale has -6 dB; pooled bins spread it over two or three, a bin's edge costs 1.4 dB
    assert -13 <= loudest.max() <= -6
    assert seen.levels.min() == -127


def test_whole_recordings_are_covered_and_channels_in_opposite_phase_do_not_cancel():
    tone = burst(16000, 1000, 0, 10, 10)
    seen = picture_sound(recording(np.stack([tone, -tone], 1), 16000))
    assert seen.channels == 2
    assert 0 <= seen.starts_s < 0.02 and 9.97 < seen.ends_s <= 10
    assert (seen.levels.max(0) > -3).all()


def test_memory_does_not_grow_with_a_recording_and_odd_numbers_are_no_harm():
    samples = np.zeros((16000, 1), np.float32)
    samples[:100] = np.nan
    samples[5000:5010] = np.inf
    assert np.abs(picture_sound(recording(samples, 16000)).levels.astype(int)).max() <= 127
    long = picture_sound(recording(np.broadcast_to(np.float32(0), (16000 * 1800, 1)), 16000))
    assert long.levels.size <= 1600 * 256 and (long.levels == -127).all()


def test_less_than_a_window_has_no_spectrogram():
    with pytest.raises(NotApplicable, match="lasts 10 ms"):
        picture_sound(recording(np.zeros(160), 16000))


@pytest.mark.parametrize("rate", [1, 100, 4000, 192000])
def test_odd_rates_have_one_too(rate):
    noise = np.random.default_rng(1).normal(0, 0.1, max(rate, 40))
    seen = picture_sound(recording(noise, rate))
    assert seen.levels.size and seen.ends_s <= len(noise) / rate
