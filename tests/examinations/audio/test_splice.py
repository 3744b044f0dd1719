"""Joints found where another floor, another room or another voice begins, and not where the same goes on."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from veridical.errors import NotApplicable
from veridical.examinations.audio.splice import examine
from veridical.lab.recipe import Sound
from veridical.lab.speech import RATE, babble
from veridical.lab.splice import other_room
from veridical.media.audio import Audio
from veridical.perception.joints import hear_joints


def recording(samples, rate=RATE):
    samples = np.asarray(samples, np.float32)
    return Audio(
        samples=samples[:, None], rate=rate, codec="pcm_s16le", lossless=True, bits=16, start_s=0.0, bit_rate=0
    )  # fmt: skip


def measure(audio, **knobs):
    return examine(audio, hear_joints(audio), **knobs)


def speech(seed, seconds=16.0, noise_db=-58.0, second_db=None):
    random = np.random.default_rng(seed)
    voice = babble(random, seconds)
    level = np.full(len(voice), noise_db)
    if second_db is not None:
        level[len(voice) // 2 :] = second_db
    return voice + 10 ** (level / 20) * random.standard_normal(len(voice))


@pytest.mark.parametrize("seed", range(3))
def test_a_rise_of_the_noise_floor_is_found_at_its_time(seed):
    plain, joined = measure(recording(speech(seed))), measure(recording(speech(seed, second_db=-46)))
    assert joined.value > 1.4 * plain.value
    assert joined.facts["joint_s"] == pytest.approx(8, abs=1)
    assert joined.facts["noise_floor_ratio"] > 2.5
    assert joined.where[0].start_s - 0.6 <= 8 <= joined.where[0].end_s + 0.6
    assert "noise floor" in joined.where[0].label
    moved = float(joined.exhibits[1].rows[0][-1].split()[1])
    assert 6 < moved < 15  # 12 dB, of which breaths near the floor hide a part


def test_a_room_that_sets_in_slows_the_dying_away():
    dry = speech(1, 24.0, noise_db=-66)
    half, n = len(dry) // 2, round(0.5 * RATE)
    echo = np.random.default_rng(0).standard_normal(n) * 10 ** (-3 * np.arange(n) / n)
    wet = dry + signal.fftconvolve(dry, 0.7 * echo / np.linalg.norm(echo))[: len(dry)]
    seen = measure(recording(np.concatenate([dry[:half], wet[half:]])))
    assert seen.value > 1.3 * measure(recording(dry)).value
    assert seen.facts["dying_away_ratio"] > 1.5
    assert seen.facts["joint_s"] == pytest.approx(12, abs=1.5)


def test_the_demonstration_holds_on_other_draws():
    # Not on every one: in draw 13 breaths fill the pauses of the first half, in control and altered alike.
    higher = 0
    for seed in range(11, 19):
        random = np.random.default_rng(seed)
        pair = other_room(Sound(samples=babble(random, 13.0), rate=RATE), random)
        assert np.array_equal(pair.control[: 6 * RATE], pair.altered[: 6 * RATE])
        assert not np.array_equal(pair.control[7 * RATE :], pair.altered[7 * RATE :])
        control, altered = (measure(recording(one)).value for one in (pair.control, pair.altered))
        higher += altered > 1.4 * control
    assert higher >= 7


def test_the_value_does_not_grow_with_length():
    values = {s: np.median([measure(recording(speech(k, s))).value for k in range(4)]) for s in (12.0, 90.0)}
    assert values[90.0] < 1.1 * values[12.0]
    assert values[90.0] < 1.3


def test_the_value_does_not_depend_on_loudness():
    sound = speech(2, second_db=-48)
    assert measure(recording(0.3 * sound)).value == pytest.approx(measure(recording(sound)).value, rel=0.05)


def test_times_are_those_of_the_video_that_the_sound_belongs_to():
    audio = recording(speech(0, second_db=-46))
    here, there = measure(audio), measure(replace(audio, start_s=3.0))
    assert there.facts["joint_s"] == pytest.approx(here.facts["joint_s"] + 3)
    assert there.where[0].start_s == pytest.approx(here.where[0].start_s + 3)
    assert there.exhibits[0].lines[0].x[0] == pytest.approx(here.exhibits[0].lines[0].x[0] + 3)
    assert there.exhibits[0].timeline
    assert there.value == here.value


def test_it_says_what_it_lacks():
    with pytest.raises(NotApplicable, match="0 of 4 comparisons"):
        measure(recording(np.zeros(RATE)))
    with pytest.raises(NotApplicable, match="4000 Hz"):
        measure(recording(speech(0), rate=4000))
    with pytest.raises(NotApplicable, match="of 4 comparisons"):
        measure(recording(speech(0, 2.0)))
