"""The value is the mean of the windows, what stands out is named with its times, and a copy lies above its original."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from veridical import examine as examine_file
from veridical import lab
from veridical.errors import NotApplicable
from veridical.examinations.audio.waveform_net import examine
from veridical.finding import Chart
from veridical.media.audio import Audio
from veridical.perception.speech import SpeechSegments
from veridical.perception.voice_windows import VoiceWindows


def recording(seconds=10.0, rate=16000):
    samples = np.zeros((round(seconds * rate), 1), np.float32)
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=0.0, bit_rate=0)


def speech(seconds=10.0, snr_db=40.0):
    return SpeechSegments(
        segments=np.array([[0.0, seconds]]), voiced=np.zeros(0, np.float32), hop_s=0.032,
        level_db=np.zeros(0, np.float32), speech_seconds=seconds, snr_db=snr_db, rate=16000, duration_s=seconds,
    )  # fmt: skip


def windows(odds, start_s=0.0, left_out=0):
    count = len(odds)
    return VoiceWindows(
        starts_s=np.arange(count) * 0.8, log_odds=np.array(odds, np.float32), spoken=np.ones(count, np.float32),
        window_s=1.6, left_out=left_out, start_s=start_s,
    )  # fmt: skip


def test_the_value_is_the_mean_and_the_line_has_its_times():
    seen = examine(recording(), speech(), windows([-1.0, 0.5, 2.0], start_s=7.0, left_out=2))
    assert seen.value == pytest.approx(0.5)
    assert seen.facts["windows"] == 3 and seen.facts["windows_with_too_little_speech"] == 2
    assert seen.facts["share_of_windows_above_0"] == pytest.approx(0.667)
    (chart,) = (one for one in seen.exhibits if isinstance(one, Chart))
    assert chart.timeline
    np.testing.assert_allclose(chart.lines[0].x, [7.8, 8.6, 9.4], atol=1e-5)
    np.testing.assert_allclose(chart.lines[0].y, [-1, 0.5, 2])


def test_a_stretch_that_stands_out_is_named_with_its_times():
    odds = np.full(40, -2.0)
    odds[20:25] = 3.0
    odds[30] = 1.0
    seen = examine(recording(40), speech(40), windows(odds, start_s=1.0))
    first, second = seen.where
    assert first.start_s == pytest.approx(1 + 20 * 0.8) and first.end_s == pytest.approx(1 + 24 * 0.8 + 1.6)
    assert first.value == pytest.approx(3.0) and second.value == pytest.approx(1.0)
    assert "+3.0" in first.label


def test_an_even_recording_has_no_stretch_however_high_it_lies():
    assert examine(recording(), speech(), windows(np.full(12, 9.0))).where == ()
    assert examine(recording(), speech(), windows([-5.0, 5.0])).where == ()


def test_peaks_of_a_long_recording_are_not_lost_in_the_chart():
    odds = np.full(9001, -1.0)
    odds[4003] = 6.0
    (chart,) = examine(recording(), speech(), windows(odds)).exhibits
    assert len(chart.lines[0].x) <= 4000 and chart.lines[0].y.max() == 6.0


def test_short_and_noisy_speech_is_told():
    seen = examine(recording(), speech(snr_db=8.0), windows([0.1]))
    assert any("rests on 1 window " in one for one in seen.limits)
    assert any("8 dB above the pauses" in one for one in seen.limits)
    assert not any("pauses" in one for one in examine(recording(), speech(), windows([0.1] * 5)).limits)


@pytest.mark.parametrize(
    ("audio", "spoken", "odds", "reason"),
    [
        (recording(rate=6000), speech(), [0.0], "6000 Hz"),
        (recording(), speech(0.4), [0.0], "0.4 s of speech"),
        (recording(), speech(), [], "filled with speech"),
    ],
)
def test_it_says_why_it_cannot(audio, spoken, odds, reason):
    with pytest.raises(NotApplicable, match=reason):
        examine(audio, spoken, windows(odds))


@pytest.mark.models
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_copy_lies_above_its_original(tmp_path: Path, seed: int):
    made = lab.make("lab.vocoder.griffin_lim", None, tmp_path, seed=seed)
    control, altered = (
        examine_file(path, only=["audio.waveform_net"]).findings[0].value for path in (made.control, made.altered)
    )
    assert altered > control + 0.5
