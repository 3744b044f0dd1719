"""An even voice lies above an uneven one; breaths, pauses and times are those that were put in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from veridical import lab
from veridical.errors import NotApplicable
from veridical.examinations.audio.prosody import evenness, examine
from veridical.finding import Chart, Table
from veridical.knowledge.prosody import speaking_reference
from veridical.lab.speech import RATE, babble
from veridical.media.audio import Audio
from veridical.perception.prosody import hear_prosody
from veridical.perception.speech import SpeechSegments
from veridical.signals.speaking import FEATURES

EVEN = np.array([feature.even for feature in FEATURES])


def recording(samples, rate=RATE, start_s=0.0):
    samples = np.asarray(samples, np.float32).reshape(-1, 1)
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=start_s, bit_rate=0)


def segments(audio, times):
    times = np.array(times, float).reshape(-1, 2)
    return SpeechSegments(
        segments=times, voiced=np.zeros(0, np.float32), hop_s=0.032, level_db=np.zeros(0, np.float32),
        speech_seconds=float(np.diff(times).sum()), snr_db=40.0, rate=16000, duration_s=audio.duration_s,
    )  # fmt: skip


def measure(audio, times=None, **knobs):
    speech = segments(audio, [[0, audio.duration_s]] if times is None else times)
    return examine(audio, speech, hear_prosody(audio), **knobs)


def voice(seconds=4.0, *, jitter=0.0, sway=0.0, rate=16000, seed=0):
    """A buzz in syllables of a third of a second: its periods vary by chance, its pitch sways by semitones."""
    random, times = np.random.default_rng(seed), np.arange(round(seconds * rate)) / rate
    course = 120 * 2 ** (sway / 12 * np.sin(2 * np.pi * 0.7 * times))
    each = np.repeat(1 + jitter * random.standard_normal(len(times) // 130 + 1), 130)[: len(times)]
    phase = 2 * np.pi * np.cumsum(course * each) / rate
    loud = 0.15 + np.clip(np.sin(2 * np.pi * 1.5 * times), 0, 1)
    return 0.05 * loud * sum(np.sin(k * phase) / k for k in range(1, 20)) + 1e-4 * random.standard_normal(len(times))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_even_voice_of_the_lab_is_higher_by_a_good_deal(tmp_path, seed):
    made = lab.make("lab.prosody.even", None, tmp_path, seed=seed)
    values, breaths = [], []
    for path in (made.control, made.altered):
        samples, rate = soundfile.read(path, dtype="float32")
        audio = recording(samples, rate)
        level = np.sqrt(np.convolve(samples**2, np.full(2000, 1 / 2000), "same"))
        loud = (level > 0.03).astype(int)
        times = np.flatnonzero(np.diff(loud, prepend=0, append=0)).reshape(-1, 2) / rate
        times = times[(times[:, 1] - times[:, 0] > 0.25) & (times[:, 0] > 0.9)]
        seen = measure(audio, times)
        values.append(seen.value)
        breaths.append(seen.facts["breaths"])
    assert values[1] > values[0] + 0.5
    assert breaths[0] >= 3
    assert breaths[1] <= 1  # a fricative beside a pause can be taken for one


def test_jitter_and_movement_lower_the_value():
    still, rough, lively = (
        measure(recording(voice(jitter=jitter, sway=sway), 16000)) for jitter, sway in ((0, 0.3), (0.015, 0.3), (0, 5))
    )
    assert still.value > rough.value + 0.2
    assert still.value > lively.value + 0.2
    assert lively.features[4] == pytest.approx(2 * 5 * np.sin(0.4 * np.pi), rel=0.1)  # tenth to ninetieth of a sine
    assert rough.facts["jitter_ppq5"] > 3 * still.facts["jitter_ppq5"]


def test_the_value_is_the_documented_sum():
    reference = speaking_reference()
    assert evenness(reference.median, reference) == 0
    one = reference.median + reference.scale * EVEN
    assert evenness(one, reference) == pytest.approx(np.count_nonzero(EVEN) / reference.spread)
    far = reference.median + 100 * reference.scale * EVEN
    assert evenness(far, reference) == pytest.approx(3 * np.count_nonzero(EVEN) / reference.spread)
    others = reference.median + 2 * reference.scale * (EVEN == 0)
    assert evenness(others, reference) == 0


def test_the_reference_is_in_order():
    known = speaking_reference()
    assert (known.low < known.median).all()
    assert (known.median < known.high).all()
    assert (known.scale > 0).all()
    assert known.spread > 0
    assert known.recordings > 100


@pytest.mark.parametrize("gain", [0.05, 1.0])
def test_loudness_and_channels_change_nothing(gain):
    sound = voice(jitter=0.005, sway=2)
    plain = measure(recording(sound, 16000))
    two = replace(recording(sound, 16000), samples=np.stack([gain * sound] * 2, 1).astype(np.float32))
    assert measure(two).value == pytest.approx(plain.value, abs=0.02)


@pytest.mark.parametrize("start_s", [0.0, 3.5])
def test_long_speech_without_pause_or_breath_is_named_on_the_clock_of_the_video(start_s):
    audio = recording(np.tile(voice(5.0, sway=2), 6), 16000, start_s)
    seen = measure(audio, [[1.0, 11.0], [11.5, 30.0]])
    found = {(round(span.start_s - start_s, 1), round(span.end_s - start_s, 1)): span.label for span in seen.where}
    assert found == {
        (1.0, 30.0): "28.5 s of speech without a breath that is heard",
        (11.5, 30.0): "18.5 s of speech without a pause",
        (1.0, 11.0): "10.0 s of speech without a pause",
    }
    assert [span.value for span in seen.where] == sorted((span.value for span in seen.where), reverse=True)
    pitch = next(one for one in seen.exhibits if isinstance(one, Chart) and one.name == "Pitch")
    assert pitch.timeline
    assert pitch.lines[0].x[0] == pytest.approx(start_s, abs=0.02)


def test_a_long_recording_is_measured_in_windows_like_a_short_one():
    short = voice(5.0, jitter=0.003, sway=2)
    one, many = measure(recording(short, 16000)), measure(recording(np.tile(short, 5), 16000))
    assert many.facts["windows"] == 9
    assert many.value == pytest.approx(one.value, abs=0.3)
    assert [chart.name for chart in many.exhibits] == ["Pitch", "Evenness over time", "Against real recordings"]


def test_the_table_holds_every_number():
    seen = measure(recording(voice(jitter=0.005, sway=2), 16000))
    (table,) = (one for one in seen.exhibits if isinstance(one, Table))
    assert len(table.rows) == len(FEATURES) == len(seen.features)
    assert sum(row[-1] == "yes" for row in table.rows) == 7
    assert float(table.rows[0][1]) == pytest.approx(10 ** float(seen.features[0]), abs=0.006)


def test_short_speech_is_said_to_be_too_short_for_breaths():
    assert any("too little" in limit for limit in measure(recording(voice(), 16000)).limits)


def test_babble_is_measured_as_it_comes():
    audio = recording(babble(np.random.default_rng(2), 6.0))
    assert np.isfinite(measure(audio).value)


@pytest.mark.parametrize(
    ("sound", "times", "reason"),
    [
        (voice(), [[0, 1.0]], "1.0 s of speech"),
        (voice(), np.zeros((0, 2)), "0.0 s of speech"),
        (0.01 * np.random.default_rng(0).standard_normal(4 * 16000), [[0, 4]], "periods of a voice"),
    ],
)
def test_what_does_not_suit_is_refused(sound, times, reason):
    with pytest.raises(NotApplicable, match=reason):
        measure(recording(sound, 16000), times)
