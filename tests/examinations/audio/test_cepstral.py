"""Vocoder copies of a voice lie above the voice, at their times; a fixed filter, loudness and length do not matter."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import soundfile
from scipy import signal

from veridical import lab
from veridical.errors import NotApplicable
from veridical.examinations.audio.cepstral import FRAME_S, examine, in_speech, windows_scored
from veridical.finding import Chart, Table
from veridical.knowledge.cepstral import CepstralTable, cepstral_table
from veridical.lab.speech import RATE, babble
from veridical.media.audio import Audio
from veridical.perception.speech import SpeechSegments
from veridical.signals.cepstra import cepstra_of


def recording(samples, rate=RATE, start_s=0.0):
    samples = np.asarray(samples, np.float32).reshape(-1, 1)
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=start_s, bit_rate=0)


def segments(audio, times=None):
    times = np.array([[0, audio.duration_s]] if times is None else times, float).reshape(-1, 2)
    return SpeechSegments(
        segments=times, voiced=np.zeros(0, np.float32), hop_s=0.032, level_db=np.zeros(0, np.float32),
        speech_seconds=float(np.diff(times).sum()), snr_db=40.0, rate=16000, duration_s=audio.duration_s,
    )  # fmt: skip


def measure(samples, rate=RATE, times=None, start_s=0.0, **knobs):
    audio = recording(samples, rate, start_s)
    return examine(audio, segments(audio, times), **knobs)


def voice(seed=0, seconds=12.0):
    return signal.resample_poly(babble(np.random.default_rng(seed), seconds), 160, 441)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_smoothed_voice_lies_above_its_original(tmp_path, seed):
    made = lab.make("lab.voice.smooth", None, tmp_path, seed=seed)
    control, altered = (measure(*soundfile.read(path, dtype="float32")).value for path in (made.control, made.altered))
    assert altered > control + 0.5


def test_more_smoothing_raises_it_more(tmp_path):
    values = []
    for over in (0.03, 0.06, 0.12):
        made = lab.make("lab.voice.smooth", None, tmp_path / f"{over}", knobs={"over_s": over})
        values.append(measure(*soundfile.read(made.altered, dtype="float32")).value)
    assert values[0] < values[1] < values[2]


def test_a_smoothed_part_lifts_the_windows_there(tmp_path):
    made = lab.make("lab.voice.smooth", None, tmp_path)
    plain, smooth = (soundfile.read(path, dtype="float32")[0][-12 * RATE :] for path in (made.control, made.altered))
    whole, mixed = (np.concatenate([plain, middle, plain]) for middle in (plain, smooth))
    course = [measure(one).exhibits[0].lines[0] for one in (whole, mixed)]
    lift = course[1].y - course[0].y
    assert lift[(course[0].x > 14.1) & (course[0].x < 21.9)].min() > 0.3
    assert np.abs(lift[(course[0].x < 9.9) | (course[0].x > 26.1)]).max() < 0.02


def test_loudness_and_a_mild_fixed_filter_change_little():
    sound = voice(2)
    plain = measure(sound, 16000).value
    assert measure(0.1 * sound, 16000).value == pytest.approx(plain, abs=0.02)
    filtered = signal.lfilter([1, -0.4], [1], sound)
    assert measure(filtered, 16000).value == pytest.approx(plain, abs=0.15)


def test_only_speech_counts():
    sound = voice(3, 8.0)
    noise = 0.1 * np.random.default_rng(0).standard_normal(8 * 16000)
    alone = measure(sound, 16000)
    both = measure(np.concatenate([sound, noise]), 16000, times=[[0, 8]])
    course = both.exhibits[0].lines[0]
    assert course.y[:2] == pytest.approx(alone.exhibits[0].lines[0].y[:2], abs=1e-3)
    assert course.x.max() <= 9.1  # windows that hold less than a second of speech are left out


def test_windows_reach_the_end_and_keep_the_clock():
    found = measure(voice(4, 21.0), 16000, start_s=5.0)
    course = found.exhibits[0].lines[0]
    assert course.x[0] == pytest.approx(5 + 2, abs=0.05)
    assert course.x[-1] == pytest.approx(5 + 19, abs=0.05)
    assert np.diff(course.x)[:-1] == pytest.approx(2, abs=0.02)
    assert found.value == pytest.approx(course.y.mean(), abs=1e-5)
    assert isinstance(found.exhibits[0], Chart) and found.exhibits[0].timeline and isinstance(found.exhibits[1], Table)
    above = int((course.y > cepstral_table().high).sum())
    assert found.observation.endswith(f": {above} of {len(course.y)}.") and "%" not in found.observation
    for span in found.where:
        assert 5 <= span.start_s < span.end_s <= 26.1 and span.value > cepstral_table().high


def test_the_scores_of_a_window_are_those_written_out():
    ones, zeros = np.ones((1, 60)), np.zeros((1, 60))
    weights = np.zeros(40)
    weights[[2, 22]] = 0.5, -3.0
    table = CepstralTable((np.ones(1), zeros, ones), (np.ones(1), zeros + 1, ones), (5.0, 2.0), weights, 0.25)
    values = cepstra_of(voice(5, 3.0), 16000)
    scores = windows_scored(values, np.ones(len(values), bool), table)
    first = np.gradient(values.astype(float), axis=0) * 2
    first[[0, -1]] /= 2
    second = np.gradient(first, axis=0) * 2
    second[[0, -1]] /= 2
    # log N(x; 1) − log N(x; 0) = Σ x − 30; coefficients about their mean sum to nothing
    assert scores.envelope == pytest.approx([((first + second).sum(1).mean() - 30 - 5) / 2], abs=1e-3)
    spread = [part[:, 2].std() for part in (values, first, second)]
    known = 0.5 * np.log(spread[1] / spread[0]) - 3 * np.log(spread[2] / spread[1]) - 0.25
    assert scores.values == pytest.approx([known], abs=0.05)


def test_frames_are_in_speech_by_their_middle():
    marked = in_speech(np.array([[0.0, 0.1], [0.2, 0.3]]), 30)
    middles = np.arange(30) * FRAME_S + 0.015
    assert (marked == ((middles < 0.1) | ((middles >= 0.2) & (middles < 0.3)))).all()
    assert not in_speech(np.zeros((0, 2)), 5).any()


def test_too_little_speech_is_refused():
    with pytest.raises(NotApplicable, match="1 s of speech"):
        measure(voice(6, 0.8), 16000)
    with pytest.raises(NotApplicable, match="1 s of speech"):
        measure(voice(6, 8.0), 16000, times=np.zeros((0, 2)))
    assert np.isfinite(measure(np.zeros(5 * 16000), 16000).value)


def test_memory_grows_slowly_with_length():
    sound = np.tile(voice(7, 20.0).astype(np.float32), 60)  # twenty minutes
    tracemalloc.start()
    found = measure(sound, 16000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.facts["windows"] > 590
    assert peak < 60e6
