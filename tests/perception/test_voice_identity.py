"""Voices described where speech is, by the network and by the bookkeeping around it."""

import numpy as np
import pytest
import soxr

from veridical.errors import NotApplicable
from veridical.lab.speech import RATE, babble
from veridical.media.audio import Audio
from veridical.models import runtime, store
from veridical.perception import voice_identity
from veridical.perception.speech import SpeechSegments, find_speech
from veridical.perception.voice_identity import describe_voice

MODELS = ("silero.vad", "voice.identity")
needs_models = pytest.mark.skipif(
    not all(store.is_present(one) for one in MODELS), reason=f"run: veridical models fetch {' '.join(MODELS)}"
)


def recording(samples, rate=16000, start_s=0.0):
    samples = np.asarray(samples, np.float32)
    return Audio(
        samples=samples.reshape(len(samples), -1), rate=rate, codec="pcm_s16le", lossless=True, bits=16, start_s=start_s,
        bit_rate=0,
    )  # fmt: skip


def speech(*segments, duration_s):
    found = np.array(segments, float).reshape(-1, 2)
    return SpeechSegments(
        segments=found, voiced=np.zeros(1, np.float32), hop_s=0.032, level_db=np.zeros(1, np.float32),
        speech_seconds=float(np.diff(found).sum()), snr_db=None, rate=16000, duration_s=duration_s,
    )  # fmt: skip


@pytest.fixture
def ear(monkeypatch):
    """In place of the network: hands on what it was given."""
    heard = []

    def net(mels):
        heard.append(mels.copy())
        return (np.tile(mels.reshape(len(mels), -1)[:, :1], (1, 256)),)

    monkeypatch.setattr(runtime, "torch", lambda name: net)
    monkeypatch.setattr(voice_identity, "side_by_side", map)  # what it was given comes in order
    return heard


def tone(seconds, hertz=1000.0, rate=16000):
    return 0.1 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


class TestWindows:
    def test_they_lie_in_speech_and_reach_across_pauses(self, ear):
        trace = describe_voice(
            recording(tone(6)), speech((0.5, 2.5), (4.0, 5.0), duration_s=6.0), hop_s=0.8
        )  # fmt: skip
        assert len(trace) == 4  # 3 s of speech: (3 - 1.6) / 0.4 and one
        # 10 ms frames, each of 25 ms
        np.testing.assert_allclose(trace.starts_s, [0.4875, 0.8875, 1.2875, 1.6875])
        np.testing.assert_allclose(trace.ends_s, np.array([2.09, 2.49, 4.39, 4.79]) + 0.0125, atol=1e-9)
        assert (trace.speech_s, trace.duration_s, trace.hop_s) == (3.0, 6.0, 0.4)

    def test_times_are_on_the_clock_of_the_video(self, ear):
        whole = speech((0.0, 2.0), duration_s=2.0)
        plain, late = (describe_voice(recording(tone(2), start_s=at), whole) for at in (0.0, 1.25))
        np.testing.assert_allclose(late.starts_s - plain.starts_s, 1.25)

    def test_a_long_recording_gives_the_windows_that_its_pieces_give(self, ear):
        sound = np.random.default_rng(0).standard_normal(16000 * 95) * np.repeat(np.linspace(0.01, 0.3, 95), 16000)
        describe_voice(recording(sound), speech((0.0, 95.0), duration_s=95.0), hop_s=0.4, finer_below_s=0)
        seen = np.concatenate(ear)
        ear.clear()
        start = 16000 * 40 // 6400 * 6400
        describe_voice(
            recording(sound[start - 6400 :]), speech((0.4, 55.0), duration_s=55.4), hop_s=0.4, finer_below_s=0
        )  # fmt: skip
        part = np.concatenate(ear)
        assert len(seen) == 234
        first = start // 6400
        np.testing.assert_allclose(part[:50], seen[first : first + 50], rtol=2e-3, atol=1e-7)

    def test_no_speech_is_left_out_between_windows_however_far_apart_they_are_asked_for(self, ear):
        trace = describe_voice(recording(tone(80)), speech((0.0, 80.0), duration_s=80.0), hop_s=3.0)
        assert trace.hop_s == 1.6
        np.testing.assert_allclose(np.diff(trace.starts_s)[1:], 1.6)
        assert len(trace) == 50

    def test_the_mel_spectrum_of_a_tone_peaks_in_its_band_and_has_one_level(self, ear):
        for gain in (0.001, 1.0):
            describe_voice(recording(gain * tone(2)), speech((0.2, 1.9), duration_s=2.0))
        quiet, loud = ear
        assert quiet.shape == (1, 160, 40)
        np.testing.assert_allclose(quiet, loud, rtol=1e-3, atol=1e-9)
        assert loud.mean() == pytest.approx(0.01, rel=1e-3)
        # 40 bands from 0 to 45.2 mel (15 mel at 1 kHz): the middle of band i is at (i + 1) · 45.2 / 41 mel
        assert (loud[0].argmax(1) == round(15 / (45.245 / 41)) - 1).all()

    def test_little_speech_and_none_are_named(self, ear):
        for segments in ((), ((0.0, 1.0),)):
            with pytest.raises(NotApplicable, match=r"a voice needs 1.6 s"):
                describe_voice(recording(tone(3)), speech(*segments, duration_s=3.0))
        assert not ear

    def test_silence_gives_finite_numbers(self, ear):
        trace = describe_voice(recording(np.zeros(48000)), speech((0.0, 3.0), duration_s=3.0))
        assert np.isfinite(trace.vectors).all()


@needs_models
class TestNetwork:
    def described(self, sound, rate=RATE):
        audio = recording(sound, rate)
        vectors = describe_voice(audio, find_speech(audio)).vectors
        centre = vectors.mean(0)
        return centre / np.linalg.norm(centre)

    def test_one_voice_is_nearer_to_itself_than_to_a_deeper_one(self):
        first, again, deep = (babble(np.random.default_rng(seed), 8.0) for seed in (0, 4, 0))
        deep = soxr.resample(deep, RATE, RATE / 0.7)
        one, same, other = (self.described(sound) for sound in (first, again, deep))
        assert one @ same > one @ other + 0.08

    def test_rate_channels_and_gain_change_little(self):
        sound = babble(np.random.default_rng(0), 6.0)
        plain = self.described(sound)
        for changed, rate in (
            (soxr.resample(sound, RATE, 16000), 16000),
            (np.stack([sound, sound], 1), RATE),
            (sound / 30, RATE),
        ):
            assert plain @ self.described(changed, rate) > 0.99
