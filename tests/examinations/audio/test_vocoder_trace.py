"""The beat of a decoder raises the value where it is, names its rate, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from scipy import signal

from veridical import lab
from veridical.errors import NotApplicable
from veridical.examinations.audio import vocoder_trace
from veridical.lab.speech import RATE as WIDE
from veridical.lab.speech import babble
from veridical.media.audio import Audio
from veridical.perception.speech import SpeechSegments

RATE = 16000


def examine(audio, speech_s=None):
    seconds = max(audio.duration_s, 1.0) if speech_s is None else speech_s
    speech = SpeechSegments(
        segments=np.array([[0.0, seconds]]), voiced=np.zeros(0, np.float32), hop_s=0.032,
        level_db=np.zeros(0, np.float32), speech_seconds=seconds, snr_db=40.0, rate=RATE, duration_s=audio.duration_s,
    )  # fmt: skip
    return vocoder_trace.examine(audio, speech)


def recording(samples, rate=RATE, start_s=0.0, codec="pcm_s16le"):
    samples = np.asarray(samples, np.float32).reshape(-1, 1)
    return Audio(
        samples=samples, rate=rate, codec=codec, lossless=codec.startswith("pcm"), bits=16, start_s=start_s, bit_rate=0
    )  # fmt: skip


def beaten(samples, rate, hertz):
    return samples * (1 + 0.4 * np.cos(2 * np.pi * hertz * np.arange(len(samples)) / rate))


@pytest.fixture(scope="module")
def voice():
    return babble(np.random.default_rng(5), 16.0)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_beat_of_the_lab_is_found_by_name(tmp_path, seed):
    made = lab.make("lab.vocoder.frames", None, tmp_path, seed=seed)
    control, altered = (examine(recording(*soundfile.read(path))) for path in (made.control, made.altered))
    assert altered.value > control.value + 2
    assert altered.facts["strongest_frame_rate_hz"] == pytest.approx(22050 / 256, abs=1e-3)
    assert "86.13 Hz (22.05 kHz / 256)" in altered.observation
    assert altered.where and not control.where


def test_only_the_part_with_the_beat_is_named_on_the_clock_of_the_recording(voice):
    whole = voice.copy()
    cut = slice(8 * WIDE, 12 * WIDE)
    whole[cut] = beaten(voice[cut], WIDE, 93.75)
    found = examine(recording(whole, WIDE, start_s=100.0))
    assert [(span.start_s, span.end_s) for span in found.where] == [(108.0, 112.0)]
    assert "93.75 Hz" in found.where[0].label
    course = next(chart for chart in found.exhibits if chart.name == "Lines over time")
    assert course.timeline
    assert course.lines[0].x.tolist() == [102, 106, 110, 114]
    assert course.lines[0].y.argmax() == 2


def test_a_slower_copy_hides_the_beat_as_it_says(voice):
    # one percent slower: the same sound read at another rate
    plain, slower = (
        examine(recording(beaten(voice, WIDE, 22050 / 256), rate)).value for rate in (WIDE, round(WIDE * 0.99))
    )
    assert plain > 6
    assert slower < plain - 2


def test_a_beat_at_a_hundred_hertz_is_said_to_have_other_causes(voice):
    found = examine(recording(beaten(voice, WIDE, 100.0), WIDE))
    assert found.facts["strongest_frame_rate_hz"] == 100
    assert any("mains hum" in limit for limit in found.limits)


def test_hum_of_the_mains_does_not_raise_it(voice):
    times = np.arange(len(voice)) / WIDE
    hum = sum(np.cos(2 * np.pi * 50 * k * times + k) / k for k in range(1, 30))
    plain, humming = (examine(recording(one, WIDE)).value for one in (voice, voice + 0.003 * hum))
    assert humming < plain + 1.5


def test_level_does_not_matter(voice):
    loud, weak = (examine(recording(gain * voice, WIDE)).value for gain in (1.0, 0.05))
    assert weak == pytest.approx(loud, abs=0.05)


def test_what_is_too_short_silent_or_narrow_is_refused(voice):
    for samples, rate, why in (
        (voice[: WIDE // 2], WIDE, "less than a second"),
        (np.zeros(WIDE * 3), WIDE, "less than a second"),
        (voice, 6000, "needs 8000"),
    ):
        with pytest.raises(NotApplicable, match=why):
            examine(recording(samples, rate))


def test_sound_in_which_nobody_speaks_is_refused(voice):
    with pytest.raises(NotApplicable, match=r"only 0\.4 s of speech"):
        examine(recording(beaten(voice, WIDE, 22050 / 256), WIDE), speech_s=0.4)


def test_limits_name_what_limits(voice):
    short = examine(recording(voice[: 2 * WIDE], WIDE, codec="mp3"))
    assert any("2.0 s" in limit for limit in short.limits)
    assert any("mp3" in limit for limit in short.limits)
    low_pass = signal.firwin(801, 3300, fs=WIDE, window=("kaiser", 9.0))
    narrow = examine(recording(np.convolve(voice, low_pass), WIDE))
    assert any("above 4 kHz" in limit for limit in narrow.limits)
