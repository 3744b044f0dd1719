"""Windows of 3.84 s from the first word to the last, and the spectrum that the network is shown."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.models import runtime
from veridical.perception import speech_encoding
from veridical.perception.speech import SpeechSegments
from veridical.perception.speech_encoding import WINDOW, WINDOW_S, encode_speech, spectra
from veridical.signals import side_by_side
from veridical.signals.speech_level import low_passed

RATE = 16000


def recording(samples, rate=RATE, start_s=0.0):
    samples = np.asarray(samples, np.float32).reshape(-1, 1)
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=start_s, bit_rate=0)


def segments(audio, *times):
    times = np.array(times, float).reshape(-1, 2)
    return SpeechSegments(
        segments=times, voiced=np.zeros(0, np.float32), hop_s=0.032, level_db=np.zeros(0, np.float32),
        speech_seconds=float(np.diff(times).sum()), snr_db=40.0, rate=RATE, duration_s=audio.duration_s,
    )  # fmt: skip


def noise(seconds):
    return np.random.default_rng(0).standard_normal(round(seconds * RATE)).astype(np.float32) * 0.05


@pytest.fixture
def shown(monkeypatch):
    """Stand in for the network and keep what it is shown, window after window."""
    seen = []

    def net(given):
        seen.append(given[0])
        return (np.full((1, 1024), float(len(seen)), np.float32),)

    monkeypatch.setattr(runtime, "torch", lambda name: net)
    monkeypatch.setattr(speech_encoding, "side_by_side", map)
    return seen


def test_answers_belong_to_their_windows_on_two_cores(monkeypatch):
    monkeypatch.setattr(side_by_side, "cores", lambda: 2)
    monkeypatch.setattr(runtime, "torch", lambda name: lambda given: (given[:, 0, :140, :8].reshape(1, -1)[:, :1024],))
    audio = recording(noise(90))
    found = encode_speech(audio, segments(audio, (0, 90)))
    whole = low_passed(audio.samples[:, 0])
    assert len(found.starts_s) == 24
    for start, features in zip(found.starts_s, found.features, strict=True):
        at = round(start * RATE)
        np.testing.assert_allclose(features, spectra(whole[at : at + WINDOW])[0, :128, :8].ravel(), atol=1e-2)


@pytest.mark.parametrize("seconds", [4.0, 29.98, 31.0, 90.7])
def test_windows_go_from_the_first_word_to_the_last_without_a_seam(shown, seconds):
    audio = recording(noise(seconds), start_s=2.0)
    first, last = 0.11, seconds - 0.03
    found = encode_speech(audio, segments(audio, (first, last)))
    starts = found.starts_s - 2.0
    assert starts[0] == pytest.approx(first, abs=1e-3) and found.ends_s[-1] - 2 == pytest.approx(last, abs=1e-3)
    assert (np.diff(starts) > 0).all() and np.diff(starts).max(initial=0) <= WINDOW_S + 1e-6
    whole = low_passed(audio.samples[:, 0])
    for start, one in zip(starts, shown, strict=True):
        at = round(start * RATE)
        # Above the band there is next to nothing, of which the compression of magnitudes makes much.
        np.testing.assert_allclose(one[:, :140], spectra(whole[at : at + WINDOW])[:, :140], atol=2e-3)


def test_short_recordings_overlap_and_long_ones_do_not(shown):
    short, long = recording(noise(20)), recording(noise(80))
    few = encode_speech(short, segments(short, (0, 20)))
    assert np.diff(few.starts_s)[0] == pytest.approx(WINDOW_S / 2)
    many = encode_speech(long, segments(long, (0, 80)))
    assert np.diff(many.starts_s)[0] == pytest.approx(WINDOW_S)


def test_windows_without_speech_are_left_out(shown):
    audio = recording(noise(90))
    found = encode_speech(audio, segments(audio, (0, 10), (80, 90)))
    assert found.left_out > 10
    assert ((found.ends_s <= 12.5) | (found.starts_s >= 77)).all()
    assert len(found.features) == len(found.starts_s) == len(shown)


def test_a_short_recording_is_repeated(shown):
    audio = recording(noise(2.0))
    found = encode_speech(audio, segments(audio, (0.5, 1.5)))
    assert found.ends_s[0] - found.starts_s[0] == pytest.approx(1.0)
    said = low_passed(audio.samples[:, 0])[8000:24000]
    np.testing.assert_allclose(shown[0], spectra(np.tile(said, 4)[:WINDOW]), atol=2e-3)


def test_silence_is_not_encoded(shown):
    audio = recording(noise(5))
    with pytest.raises(NotApplicable, match="nobody speaks"):
        encode_speech(audio, segments(audio))
    with pytest.raises(NotApplicable, match="40%"):
        encode_speech(audio, segments(audio, (0, 0.3), (4.6, 4.9)))


def test_the_spectrum_is_that_of_each_frame_with_its_magnitude_compressed():
    sound = np.sin(2 * np.pi * 1000 * np.arange(WINDOW) / RATE) * 0.25
    seen = spectra(sound)
    assert seen.shape == (2, 161, 384)
    # The direct sum for one frame: it begins 80 samples before its 160.
    piece = sound[160 * 7 - 80 : 160 * 7 + 240] / 0.25
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(320) / 320)
    for bin_ in (3, 20, 77):
        value = (piece * hann * np.exp(-2j * np.pi * bin_ * np.arange(320) / 320)).sum()
        value *= max(abs(value), 1e-12) ** (0.3 - 1)
        np.testing.assert_allclose(seen[:, bin_, 7], [value.real, value.imag], atol=2e-3)
    assert np.hypot(*seen[:, :, 200]).argmax() == 20


def test_level_does_not_matter():
    sound = noise(WINDOW_S)
    np.testing.assert_allclose(spectra(sound), spectra(sound * 7), atol=1e-4)


def test_memory_of_windows_does_not_grow(shown, monkeypatch):
    audio = recording(noise(200))
    longest = []
    low = speech_encoding.low_passed
    monkeypatch.setattr(speech_encoding, "low_passed", lambda cut: longest.append(len(cut)) or low(cut))
    encode_speech(audio, segments(audio, (0, 200)))
    assert max(longest) == WINDOW + 320
