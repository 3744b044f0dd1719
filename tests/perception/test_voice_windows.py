"""Windows of speech: where they lie, that none is missed, and that blocks of a long recording leave no seam."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.media.audio import Audio
from veridical.models import runtime
from veridical.perception import voice_windows
from veridical.perception.speech import SpeechSegments
from veridical.perception.voice_windows import WINDOW
from veridical.signals.voice_windows import FFT, HOP, log_spectra, scaled

RATE = 16000


def recording(samples, rate=RATE, start_s=0.0):
    samples = np.asarray(samples, np.float32).reshape(-1, 1)
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=start_s, bit_rate=0)


def segments(audio, times):
    times = np.array(times, float).reshape(-1, 2)
    return SpeechSegments(
        segments=times, voiced=np.zeros(0, np.float32), hop_s=0.032, level_db=np.zeros(0, np.float32),
        speech_seconds=float(np.diff(times).sum()), snr_db=40.0, rate=16000, duration_s=audio.duration_s,
    )  # fmt: skip


@pytest.fixture
def seen(monkeypatch):
    """Stand in for the network; what it is shown is kept, and its answer is the mean of each window."""
    shown = []

    def net(spectra):
        shown.extend(spectra)
        return (spectra.mean((1, 2)),)

    monkeypatch.setattr(runtime, "shipped", lambda name: net)
    return shown


@pytest.mark.parametrize("seconds", [3.3, 4.0, 29.9, 61.3])
def test_windows_go_from_begin_to_end_without_a_seam(seen, seconds):
    sound = np.random.default_rng(0).standard_normal(round(seconds * RATE)).astype(np.float32) * 0.05
    audio = recording(sound)
    found = voice_windows.hear_voice_windows(audio, segments(audio, [[0, seconds]]))
    whole = log_spectra(sound)
    firsts = np.round(found.starts_s * RATE / HOP).astype(int)
    assert firsts[0] == 0 and firsts[-1] == len(whole) - WINDOW
    assert (np.diff(firsts) <= 80).all() and (np.diff(firsts) > 0).all()
    assert len(found.log_odds) == len(found.spoken) == len(firsts) == len(seen)
    for first, one in zip(firsts, seen, strict=True):
        np.testing.assert_allclose(one, scaled(whole[first : first + WINDOW]), atol=1e-4)


def test_windows_without_speech_are_left_out(seen):
    audio = recording(np.random.default_rng(0).standard_normal(20 * RATE) * 0.05, start_s=3.0)
    found = voice_windows.hear_voice_windows(audio, segments(audio, [[5, 10]]))
    assert found.starts_s.min() >= 3.7 and found.starts_s.max() <= 8.1
    assert (found.spoken >= 0.6).all() and found.left_out > 15 and found.start_s == 3.0
    assert found.left_out + len(found.starts_s) == 22


def test_a_short_recording_is_repeated(seen):
    sound = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 0.05
    audio = recording(sound)
    found = voice_windows.hear_voice_windows(audio, segments(audio, [[0, 1]]), least_spoken=0.5)
    assert found.starts_s.tolist() == [0.0]
    whole = scaled(np.resize(log_spectra(sound), (WINDOW, 224)))
    np.testing.assert_allclose(seen[0], whole, atol=1e-4)


def test_nothing_is_heard_in_less_than_a_spectrum(seen):
    audio = recording(np.ones(FFT - 1))
    assert len(voice_windows.hear_voice_windows(audio, segments(audio, [[0, 0.03]])).log_odds) == 0


def test_the_network_that_is_shipped_judges_windows_for_themselves():
    """Each window gets its own number, whatever lies beside it in the batch, and its level does not count."""
    net = runtime.shipped(voice_windows.NETWORK)
    spectra = np.stack(
        [scaled(log_spectra(np.random.default_rng(seed).standard_normal(60000) * 0.1)[:WINDOW]) for seed in range(3)]
    )
    together = net(spectra)[0]
    assert together.shape == (3,) and np.isfinite(together).all()
    alone = np.concatenate([net(one[None])[0] for one in spectra])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    blind = spectra.copy()
    blind[:, :, 128:] = 0  # above 4 kHz it sees nothing
    np.testing.assert_allclose(net(blind)[0], together, atol=1e-5)
