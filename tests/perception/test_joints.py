"""Pauses, speech and its ends are gathered with the levels and times that were put there."""

import numpy as np
import pytest

from veridical.media.audio import Audio
from veridical.perception.joints import hear_joints

RATE = 16000


def recording(samples, start_s=0.0):
    return Audio(
        samples=np.asarray(samples, np.float32)[:, None], rate=RATE, codec="pcm_s16le", lossless=True, bits=16,
        start_s=start_s, bit_rate=0,
    )  # fmt: skip


def bursts(count=8, floor_db=-60.0, seed=0):
    """Half a second of noise and half a second of floor, in turn."""
    random = np.random.default_rng(seed)
    on = np.repeat(np.tile([1.0, 0.0], count), RATE // 2)
    return (0.1 * on + 10 ** (floor_db / 20)) * random.standard_normal(len(on))


@pytest.mark.parametrize("step", [6.0, 15.0])
def test_pauses_have_the_times_and_the_levels_of_the_floor(step):
    first, second = hear_joints(recording(bursts(floor_db=-60))), hear_joints(recording(bursts(floor_db=-60 + step)))
    assert 14 <= len(first.pauses_s) <= 18
    assert ((first.pauses_s % 1) > 0.5).all()
    assert np.median(second.pauses_db - first.pauses_db[: len(second.pauses_db)]) == pytest.approx(step, abs=1)


def test_ends_lie_at_the_ends_and_fall_less_in_a_room():
    dry = hear_joints(recording(bursts()))
    assert dry.ends_s % 1 == pytest.approx(0.5, abs=0.1)
    sound = bursts()
    echo = np.random.default_rng(1).standard_normal(RATE // 2) * 10 ** (-3 * np.arange(RATE // 2) / (RATE // 2))
    wet = sound + np.convolve(sound, 0.7 * echo / np.linalg.norm(echo))[: len(sound)]
    assert hear_joints(recording(wet)).ends_db[:, 4].mean() < dry.ends_db[:, 4].mean() - 8


def test_digital_silence_is_no_pause_and_empty_sound_gives_nothing():
    sound = bursts(floor_db=-200)
    assert len(hear_joints(recording(sound)).pauses_s) == 0
    for quiet in (np.zeros(1600), np.zeros(RATE * 3)):
        seen = hear_joints(recording(quiet, start_s=2.0))
        assert len(seen.pauses_s) == len(seen.voiced_s) == len(seen.ends_s) == 0
        assert seen.start_s == 2.0
