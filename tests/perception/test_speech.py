"""Speech found where it was put, by the network and by the bookkeeping around it."""

import os
from pathlib import Path

import numpy as np
import pytest
import soxr

from veridical.errors import NotApplicable
from veridical.lab.speech import babble
from veridical.media.audio import Audio
from veridical.models import runtime, store
from veridical.perception.speech import find_speech

RATE = 44100
needs_model = pytest.mark.skipif(not store.is_present("silero.vad"), reason="run: veridical models fetch silero.vad")


def recording(samples, rate=RATE):
    samples = np.asarray(samples, np.float32)
    return Audio(
        samples=samples.reshape(len(samples), -1), rate=rate, codec="pcm_s16le", lossless=True, bits=16, start_s=0.0, bit_rate=0
    )  # fmt: skip


class Loudness:
    """In place of the network: speech is what is loud. Keeps what it was given."""

    def __init__(self):
        self.pieces = []

    def __call__(self, piece, state, rate):
        assert piece.shape == (1, 576)
        assert rate == 16000
        assert (state == len(self.pieces)).all()
        self.pieces.append(piece[0].copy())
        loud = np.sqrt((piece[0, 64:] ** 2).mean())
        return np.array([[loud > 0.05]], np.float32), state + 1


@pytest.fixture
def loudness(monkeypatch):
    net = Loudness()
    monkeypatch.setattr(runtime, "onnx", lambda name: net)
    return net


def noise(seconds, level, rate=16000, seed=0):
    return level * np.random.default_rng(seed).standard_normal(round(seconds * rate))


def test_segments_lie_where_the_sound_is_loud(loudness):
    sound = np.concatenate([noise(2, 0.001), noise(1.5, 0.1), noise(1, 0.001), noise(3, 0.1), noise(0.5, 0.001)])
    found = find_speech(recording(sound, 16000))
    assert np.allclose(found.segments, [[2, 3.5], [4.5, 7.5]], atol=0.08)
    assert found.speech_seconds == pytest.approx(4.5, abs=0.2)
    assert found.snr_db == pytest.approx(40, abs=1)
    assert found.duration_s == 8
    assert len(found.voiced) == len(found.level_db) == 250
    assert found.hop_s == 0.032


def test_every_piece_carries_the_end_of_the_one_before_also_across_blocks(loudness):
    sound = noise(62, 0.1).astype(np.float32)
    find_speech(recording(sound, 16000))
    heard = np.concatenate([loudness.pieces[0][:64], *(piece[64:] for piece in loudness.pieces)])
    assert (heard[:64] == 0).all()
    assert np.array_equal(heard[64 : 64 + len(sound)], sound)
    assert all(np.array_equal(b[:64], a[-64:]) for a, b in zip(loudness.pieces, loudness.pieces[1:], strict=False))


def test_another_rate_and_two_channels_are_heard_as_16_khz_mono(loudness):
    rate = 48000
    left = noise(31, 0.1, rate).astype(np.float32)
    find_speech(recording(np.stack([left, np.zeros_like(left)], 1), rate))
    heard = np.concatenate([piece[64:] for piece in loudness.pieces])[: 31 * 16000]
    expected = soxr.resample(left / 2, rate, 16000)
    assert np.allclose(heard[1000:-1000], expected[1000:-1000], atol=1e-4)


def test_short_pauses_are_filled_and_short_bursts_dropped(loudness):
    sound = np.concatenate(
        [noise(1, 0.1), noise(0.06, 0.001), noise(1, 0.1), noise(1, 0.001), noise(0.1, 0.1), noise(1, 0.001)]
    )
    found = find_speech(recording(sound, 16000))
    assert np.allclose(found.segments, [[0, 2.06]], atol=0.08)
    kept = find_speech_again(sound, shortest_speech_s=0.05)
    assert len(kept.segments) == 2


def find_speech_again(sound, **knobs):
    runtime.onnx("any").pieces.clear()
    return find_speech(recording(sound, 16000), **knobs)


def test_without_a_pause_or_without_speech_there_is_no_signal_to_noise_ratio(loudness):
    assert find_speech(recording(noise(3, 0.1), 16000)).snr_db is None
    quiet = find_speech_again(noise(3, 0.001))
    assert quiet.snr_db is None
    assert quiet.segments.shape == (0, 2)
    assert quiet.speech_seconds == 0
    assert find_speech_again(np.concatenate([noise(1, 0.1), np.zeros(16000)])).snr_db is None  # digital silence


def test_values_that_are_no_numbers_are_heard_as_silence(loudness):
    found = find_speech(recording(np.full(16000, np.nan), 16000))
    assert found.speech_seconds == 0
    assert np.isfinite(found.level_db).all()


def test_an_instant_or_a_crawl_is_not_applicable(loudness):
    with pytest.raises(NotApplicable, match="lasts 10 ms"):
        find_speech(recording(np.zeros(160), 16000))
    with pytest.raises(NotApplicable, match="4000 Hz"):
        find_speech(recording(np.zeros(16000), 4000))


@needs_model
@pytest.mark.models
def test_the_network_finds_made_speech_where_it_was_put():
    random = np.random.default_rng(3)
    said = babble(random, 3)
    hiss = [1e-3 * random.standard_normal(round(seconds * RATE)) for seconds in (2, 3, 1.5)]
    found = find_speech(recording(np.concatenate([hiss[0], said, hiss[1], said, hiss[2]])))
    inside = [(start, end) for start, end in found.segments if end > 1.9 and start < 11.2]
    assert len(inside) == len(found.segments)  # nothing in the hiss before and after
    assert not any(start < 7.8 and end > 5.3 for start, end in found.segments)  # nor in that between
    assert found.segments[0, 0] == pytest.approx(2, abs=0.15)
    assert found.speech_seconds > 4
    assert found.snr_db > 20


@needs_model
@pytest.mark.models
def test_the_network_finds_no_speech_in_tones_noise_and_silence():
    time = np.arange(4 * RATE) / RATE
    chord = 0.1 * sum(np.sin(2 * np.pi * hz * time) for hz in (220, 277, 330, 440))
    hiss = 0.1 * np.random.default_rng(0).standard_normal(len(time))
    for sound in (0.3 * np.sin(2 * np.pi * 440 * time), chord, hiss, 0 * time):
        assert find_speech(recording(sound)).speech_seconds == 0


@needs_model
@pytest.mark.models
@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA is not set")
def test_the_network_finds_real_speech_where_it_was_put():
    import soundfile

    for path in sorted(Path(os.environ["VERIDICAL_DATA"]).glob("audio/emodb-*.flac"))[:5]:
        said, rate = soundfile.read(path, dtype="float32")
        hiss = 3e-4 * np.random.default_rng(0).standard_normal((2, 3 * rate))
        found = find_speech(recording(np.concatenate([hiss[0], said / np.abs(said).max() / 2, hiss[1]]), rate))
        assert found.segments[0, 0] == pytest.approx(3, abs=0.5)
        assert found.segments[-1, 1] == pytest.approx(3 + len(said) / rate, abs=0.5)
