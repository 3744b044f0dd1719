"""Channels leave length and time alone, do what they are named for, and treat both members of a pair alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from veridical.errors import NotApplicable
from veridical.signals.speech_level import active_level, sounding
from veridical.training import channels

RATE = 16000


def voice(seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    """Harmonics of a pitch that glides, with syllables and a little noise up to 8 kHz."""
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 25 * np.sin(2 * np.pi * 0.7 * t)) / RATE
    tones = sum(np.sin(n * phase) / n for n in range(1, 30))
    syllables = np.clip(np.sin(2 * np.pi * 3 * t), 0, 1) ** 0.5
    return (0.1 * syllables * (tones + 0.3 * random.standard_normal(len(t)))).astype(np.float32)


def level_db(sound: np.ndarray, low: float, high: float) -> float:
    hertz, power = signal.welch(sound, RATE, nperseg=1024)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].mean() + 1e-20))


@pytest.mark.parametrize("name", channels.CHANNELS)
@pytest.mark.parametrize("seed", range(3))
def test_each_channel_keeps_length_and_time(name: str, seed: int):
    sound = voice()
    heard = channels.CHANNELS[name](sound, np.random.default_rng(seed))
    assert heard.dtype == np.float32 and heard.shape == sound.shape and np.isfinite(heard).all()
    alike = signal.correlate(heard, sound, "full", "fft")
    assert abs(int(signal.correlation_lags(len(heard), len(sound))[np.argmax(alike)])) <= 8  # half a millisecond
    assert alike.max() > 0.4 * np.sqrt((heard**2).sum() * (sound**2).sum())
    assert not np.array_equal(heard, sound)


@pytest.mark.parametrize("name", channels.CHANNELS)
def test_the_same_seed_gives_the_same_sound(name: str):
    one, other = (channels.CHANNELS[name](voice(), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", channels.CHANNELS)
def test_what_is_drawn_does_not_rest_on_what_is_said(name: str):
    left = []
    for seed in (0, 1):
        random = np.random.default_rng(9)
        channels.CHANNELS[name](voice(seed=seed), random)
        left.append(random.random())
    assert left[0] == left[1]


@pytest.mark.parametrize("name", ["mobile", "landline", "call_band"])
def test_a_telephone_leaves_nothing_above_its_band(name: str):
    heard = channels.CHANNELS[name](voice(), np.random.default_rng(1))
    assert level_db(heard, 5000, 7000) < level_db(heard, 1000, 2000) - 35


def test_noise_has_the_level_it_is_drawn_with():
    sound = voice()
    for seed in range(6):
        added = channels.noise(sound, np.random.default_rng(seed)) - sound
        snr = active_level(sound, RATE) - 10 * np.log10(np.mean(added.astype(np.float64) ** 2))
        assert 14.9 < snr < 40.1


def test_a_room_dies_away_after_a_click():
    click = np.zeros(RATE, np.float32)
    click[100] = 1
    heard = channels.room(click, np.random.default_rng(2))
    assert np.argmax(np.abs(heard)) == 100 and heard[100] == pytest.approx(1, abs=1e-6)
    energy = [float((heard[first : first + 800] ** 2).sum()) for first in (500, 2500, 4500)]
    assert energy[0] > energy[1] > energy[2]


def test_a_pair_meets_one_channel():
    """What a linear channel does to the sum of two sounds is what it does to each: so both met the same one."""
    one, other = voice(seed=0), voice(seed=1)
    for name in ("room", "microphone", "call_band", "low_pass"):
        three = (channels.CHANNELS[name](x, np.random.default_rng(4)) for x in (one, other, one + other))
        first, second, both = three
        np.testing.assert_allclose(first + second, both, atol=2e-4)


def test_chains_hold_one_to_three_channels_and_mostly_a_codec():
    chains = [channels.drawn(np.random.default_rng(seed)) for seed in range(300)]
    assert {len(chain) for chain in chains} == {1, 2, 3}
    order = list(channels.CHANNELS)
    assert all([order.index(name) for name in chain] == sorted(order.index(name) for name in chain) for chain in chains)
    assert {name for chain in chains for name in chain} == set(order)
    assert 0.6 < np.mean([any(name in order[-6:] for name in chain) for chain in chains]) < 0.95


@pytest.mark.parametrize("seed", range(8))
def test_a_chain_ends_in_the_processing_that_all_recordings_share(seed: int):
    silence = np.zeros(8000, np.float32)
    heard = channels.random_channel(np.concatenate([silence, voice(), silence]), np.random.default_rng(seed))
    assert active_level(heard, RATE) == pytest.approx(-26, abs=0.6)
    assert level_db(heard, 7400, 8000) < level_db(heard, 100, 1000) - 60
    assert len(heard) < 3 * RATE


def test_a_copy_is_cut_where_its_original_is():
    silence = np.zeros(8000, np.float32)
    original = np.concatenate([silence, voice(), silence])
    bounds = sounding(original, RATE)
    heard = channels.random_channel(original + 1e-3, np.random.default_rng(0), bounds=bounds)
    assert len(heard) == bounds[1] - bounds[0]


def test_silence_is_refused():
    with pytest.raises(NotApplicable, match="silent"):
        channels.random_channel(np.zeros(RATE, np.float32), np.random.default_rng(0))
