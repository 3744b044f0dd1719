"""What the recipe for smooth voices does to a known sound."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from scipy import signal

from veridical import lab
from veridical.errors import UsageError

RATE = 16000


def flutter(seconds: float = 6.0) -> np.ndarray:
    """Noise through a filter that jumps between two shapes every tenth of a second."""
    random = np.random.default_rng(0)
    noise = random.standard_normal(round(seconds * RATE))
    dark, bright = signal.lfilter([1], [1, -0.9], noise), signal.lfilter([1, -0.9], [1], noise)
    turns = (np.arange(len(noise)) // (RATE // 10)) % 2
    sound = np.where(turns == 1, dark / dark.std(), bright / bright.std())
    return (0.1 * sound).astype(np.float32)


def tilt(samples: np.ndarray) -> np.ndarray:
    """Level below 1 kHz above that of 3 to 6 kHz, dB, every 10 ms."""
    hertz, _, power = signal.spectrogram(samples, RATE, nperseg=320, noverlap=160)
    low, high = power[(hertz > 100) & (hertz < 1000)].sum(0), power[(hertz > 3000) & (hertz < 6000)].sum(0)
    return 10 * np.log10(low / high)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "flutter.wav"
    soundfile.write(path, flutter(), RATE)
    return path


def made(source, folder, **knobs):
    files = lab.make("lab.voice.smooth", source, folder, consent="made by a test", knobs=knobs)
    return [soundfile.read(path, dtype="float32")[0][2 * RATE :] for path in (files.control, files.altered)]


def test_the_envelope_glides_where_it_jumped(source, tmp_path):
    control, altered = made(source, tmp_path / "made")
    moves = [np.abs(np.diff(tilt(one))) for one in (control, altered)]
    assert np.percentile(moves[1], 95) < 0.75 * np.percentile(moves[0], 95)
    assert altered.std() == pytest.approx(control.std(), rel=0.5)


def test_a_longer_window_leaves_less_of_the_jumps(source, tmp_path):
    spreads = [tilt(made(source, tmp_path / str(over), over_s=over)[1]).std() for over in (0.03, 0.09, 0.3)]
    assert spreads[0] > spreads[1] > spreads[2]


def test_the_control_is_the_recording(source, tmp_path):
    control, _ = made(source, tmp_path / "made")
    last, sound = control[-2 * RATE :], flutter()
    first = int(np.argmax(signal.correlate(sound, last, "valid")))
    assert np.corrcoef(sound[first : first + len(last)], last)[0, 1] > 0.99


def test_odd_knobs_are_refused(source, tmp_path):
    with pytest.raises(UsageError, match="over_s"):
        lab.make("lab.voice.smooth", source, tmp_path / "made", consent="made by a test", knobs={"over_s": 2.0})
