"""Copies of a voice keep what a vocoder measures, and lose what it does not."""

import numpy as np
import pytest
from scipy import signal

from veridical import lab
from veridical.errors import UsageError
from veridical.lab import speech, vocoder
from veridical.lab.recipe import Sound
from veridical.lab.sound_marks import tones

RATE = speech.RATE
RECIPES = [vocoder.griffin_lim, vocoder.lpc_copy, vocoder.world_copy]


@pytest.fixture(scope="module")
def sound():
    voice = speech.babble(np.random.default_rng(4), 4.0)
    return Sound(samples=np.concatenate([tones(speech.RATE), voice]).astype(np.float32), rate=speech.RATE)


def band_levels(samples):
    """Power of half-kilohertz bands from 0.25 to 7.25 kHz, in steps of 64 ms, by a transform of another kind."""
    narrow = signal.resample_poly(samples, 160, 441)
    power = signal.spectrogram(narrow, 16000, nperseg=1024, noverlap=0)[2]
    return np.log10(np.add.reduceat(power[16:464], np.arange(0, 448, 32), 0) + 1e-9)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_copy_says_the_same_and_is_another_wave(sound, recipe):
    made = recipe(sound, np.random.default_rng(1))
    assert made.rate == RATE and not made.marked
    assert len(made.control) == len(made.altered) == pytest.approx(4.0 * RATE, abs=4)
    power = [np.mean(one.astype(float) ** 2) for one in (made.control, made.altered)]
    assert power[1] == pytest.approx(power[0], rel=1e-3)
    here, there = band_levels(made.control), band_levels(made.altered)
    loud = here > here.max() - 4
    assert np.corrcoef(here[loud], there[loud])[0, 1] > 0.9
    assert abs(np.corrcoef(made.control, made.altered)[0, 1]) < 0.9


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_seed_makes_the_same_copy(sound, recipe):
    first, second = (recipe(sound, np.random.default_rng(7)).altered for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("recipe", RECIPES)
def test_both_files_end_at_the_same_frequency(sound, recipe):
    made = recipe(sound, np.random.default_rng(1))
    for samples in (made.control, made.altered):
        hertz, power = signal.welch(samples, RATE, nperseg=4096)
        assert power[hertz > 7850].mean() < 1e-4 * power[(hertz > 5000) & (hertz < 7000)].mean()


def test_what_cannot_be_made_is_refused(sound):
    with pytest.raises(UsageError, match="at least 8000 Hz"):
        vocoder.lpc_copy(Sound(samples=np.zeros(20000, np.float32), rate=6000), np.random.default_rng(0))
    with pytest.raises(UsageError, match="at least 1"):
        vocoder.griffin_lim(sound, np.random.default_rng(0), iterations=0)


def test_the_beat_of_frames_is_at_the_rate_of_the_frames(sound):
    made = vocoder.frames(sound, np.random.default_rng(1), depth_percent=10.0, lines_db=-30.0)
    quotient = made.altered - made.control * (made.control @ made.altered) / (made.control @ made.control)
    power = np.abs(np.fft.rfft(quotient**2)) ** 2
    hertz = np.fft.rfftfreq(len(quotient), 1 / RATE)
    near = (hertz > 80) & (hertz < 92)
    assert hertz[near][power[near].argmax()] == pytest.approx(22050 / 256, abs=0.3)


def test_the_recipes_are_found():
    assert {"lab.vocoder.frames", "lab.vocoder.griffin_lim", "lab.vocoder.lpc_copy", "lab.vocoder.world_copy"} <= set(
        lab.recipes()
    )
