"""Lines are found at the rate at which they were put in, and not in sound without a beat."""

import numpy as np
import pytest
from scipy import signal

from veridical.signals.vocoder_traces import (
    FRAME_RATES,
    GRID_HZ,
    MULTIPLES,
    line_evidence,
    vocoder_traces,
)

RATE = 16000
RATES = list(FRAME_RATES.values())


def noise(seconds=4.0, seed=0):
    """Noise with the slope of speech, in syllables."""
    random, times = np.random.default_rng(seed), np.arange(round(seconds * RATE)) / RATE
    coloured = signal.lfilter([1], [1, -0.9], random.standard_normal(len(times)))
    return 0.02 * coloured * (0.05 + np.clip(np.sin(2 * np.pi * 1.3 * times), 0, 1))


def times(sound):
    return np.arange(len(sound)) / RATE


def modulated(sound, hertz, depth=0.25):
    """A periodic change of strength: what a cosine and its second multiple make."""
    phase = 2 * np.pi * hertz * times(sound)
    return sound * (1 + depth * np.cos(phase) + depth / 2 * np.cos(2 * phase + 1))


def humming(sound, hertz, level=3e-5):
    """Weak tones at all multiples of a frequency."""
    orders = np.arange(1, int(7000 / hertz))
    phases = np.random.default_rng(9).uniform(0, 2 * np.pi, len(orders))
    return sound + level * sum(
        np.cos(2 * np.pi * k * hertz * times(sound) + p) for k, p in zip(orders, phases, strict=True)
    )


@pytest.mark.parametrize("row", range(3))
def test_a_modulation_is_found_at_its_rate_alone(row):
    found = vocoder_traces(modulated(noise(), RATES[row]), RATE)
    assert found.lines[0, row, 0] > 6
    assert np.delete(found.lines[0, :, 0], row).max() < 4
    assert GRID_HZ[found.modulation[0].argmax()] == pytest.approx(RATES[row], abs=0.3)


@pytest.mark.parametrize("row", range(2))
def test_tones_are_found_at_multiples_of_their_rate_alone(row):
    found = vocoder_traces(humming(noise(), RATES[row]), RATE)
    assert found.lines[0, row, 1] > 6
    assert np.abs(found.lines[0, 1 - row, 1]) < 4
    assert found.tones[0, row, 0].argmax() == found.tones.shape[-1] // 2


def test_a_stage_of_upsampling_shows_at_its_own_multiple():
    found = vocoder_traces(humming(noise(), 8 * RATES[0], level=1e-4), RATE)
    assert MULTIPLES[found.lines[0, 0, 1:].argmax()] in (8, 16)


@pytest.mark.parametrize("beat", [modulated, humming])
def test_a_beat_at_another_rate_is_no_trace(beat):
    plain = line_evidence(vocoder_traces(noise(), RATE).lines)[0]
    off = line_evidence(vocoder_traces(beat(noise(), 89.3), RATE).lines)[0]
    assert off < 4.5
    assert line_evidence(vocoder_traces(beat(noise(), RATES[0]), RATE).lines)[0] > max(off, plain) + 2


def test_sound_without_a_beat_seldom_has_evidence():
    values = [line_evidence(vocoder_traces(noise(seed=seed), RATE).lines)[0] for seed in range(40)]
    assert np.median(values) < 3.4
    assert np.mean(np.array(values) > 4.5) <= 0.05


def test_a_voice_of_steady_pitch_near_the_beat_is_no_trace():
    sound = noise(seed=4)
    pitch = 86.13 * 2 ** (0.1 * np.sin(2 * np.pi * 0.5 * times(sound)))  # it sways, as voices do
    buzz = np.clip(signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE), -1, 1)
    voice = 0.05 * signal.lfilter([1], [1, -1.6, 0.8], buzz) + 0.2 * sound
    assert line_evidence(vocoder_traces(voice, RATE).lines)[0] < 5


def test_phases_of_one_click_a_frame_cohere_and_those_of_noise_do_not():
    clicks = np.zeros(4 * RATE)
    clicks[::400] = 1.0
    clicks += 1e-4 * np.random.default_rng(0).standard_normal(len(clicks))
    coherent = np.nanmean(vocoder_traces(clicks, RATE).coherence)
    scattered = np.nanmean(vocoder_traces(np.random.default_rng(1).standard_normal(4 * RATE), RATE).coherence)
    assert coherent > scattered + 0.1


def test_fast_modulation_has_a_larger_share_where_it_was_put_in():
    sound = np.random.default_rng(2).standard_normal(4 * RATE)
    slow, fast = (sound * (1 + 0.8 * np.cos(2 * np.pi * hertz * times(sound))) for hertz in (5, 40))
    assert (vocoder_traces(fast, RATE).fast > vocoder_traces(slow, RATE).fast + 1).all()


def test_empty_bands_are_told():
    low = signal.sosfilt(signal.butter(16, 3300, fs=RATE, output="sos"), noise(seed=5))
    found = vocoder_traces(low, RATE)
    assert np.isnan(found.coherence[0]).tolist() == [False] * 3 + [np.isnan(found.coherence[0, 3])] + [True] * 3


@pytest.mark.parametrize("seconds, windows", [(0.9, 0), (1.5, 1), (5.9, 1), (6.5, 2), (9.0, 2), (41.0, 10)])
def test_windows_cover_the_recording(seconds, windows):
    found = vocoder_traces(noise(seconds), RATE)
    assert len(found) == windows
    if windows:
        assert found.spans_s[0, 0] == 0
        assert found.spans_s[-1, 1] == pytest.approx(seconds, abs=0.011)
        np.testing.assert_allclose(found.spans_s[1:, 0], found.spans_s[:-1, 1])


def test_silence_is_left_out_and_other_rates_are_read():
    sound = np.concatenate([noise(4.0), np.zeros(4 * RATE), noise(4.0, seed=1)])
    assert vocoder_traces(sound, RATE).spans_s[:, 0].tolist() == [0, 8]
    wide = signal.resample_poly(modulated(noise(), RATES[0]), 441, 160)
    found = vocoder_traces(np.stack([wide, wide], 1), 44100)
    assert found.lines[0, 0, 0] > 6


@pytest.mark.parametrize("constant", [0.0, 0.5, -1.0])
def test_a_constant_is_silence(constant):
    assert len(vocoder_traces(np.full(4 * RATE, constant, np.float32), RATE)) == 0


def test_a_constant_under_sound_changes_nothing():
    plain, raised = (vocoder_traces(noise() + constant, RATE) for constant in (0.0, 0.25))
    np.testing.assert_allclose(raised.lines, plain.lines, atol=0.05)
