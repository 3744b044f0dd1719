"""Sound after a codec is heard at the time at which it was spoken."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.media.coded_sound import Voice, aligned, coded


def chirp(rate: int, seconds: float = 1.5) -> np.ndarray:
    t = np.arange(round(rate * seconds)) / rate
    return (0.3 * np.sin(2 * np.pi * (300 * t + 400 * t**2))).astype(np.float32)


@pytest.mark.parametrize(
    ("codec", "container", "rate", "kbit"),
    [
        ("libmp3lame", "mp3", 16000, 64), ("libmp3lame", "mp3", 44100, 128), ("aac", "adts", 16000, 64),
        ("aac", "ipod", 44100, 96), ("libopus", "ogg", 16000, 24), ("libopencore_amrnb", "amr", 8000, 12.2),
        ("g722", "wav", 16000, 64), ("pcm_mulaw", "wav", 8000, 64), ("pcm_alaw", "wav", 8000, 64),
        ("adpcm_g726", "wav", 8000, 32),
    ],
)  # fmt: skip
def test_each_codec_gives_back_what_was_said_in_time(codec: str, container: str, rate: int, kbit: float):
    sound = chirp(rate)
    heard = coded(Voice(sound, rate, kbit, codec), container)
    assert heard.shape == sound.shape and heard.dtype == np.float32
    middle = slice(rate // 4, -rate // 4)
    alike = np.corrcoef(heard[middle], sound[middle])[0, 1]
    assert 0.9 < alike < 1  # a chirp shifted by a quarter of a period would not be alike at all


@pytest.mark.parametrize("shift", [-300, 0, 7, 1500])
def test_a_shift_is_undone(shift: int):
    sound = np.random.default_rng(0).standard_normal(20000).astype(np.float32)
    moved = np.pad(sound, (shift, 0)) if shift > 0 else sound[-shift:]
    back = aligned(moved, sound, 16000)
    np.testing.assert_array_equal(back[400:19000], sound[400:19000])
    assert len(back) == len(sound)


def test_sound_that_is_like_nothing_stays_where_it_is():
    one, other = np.random.default_rng(0).standard_normal((2, 20000)).astype(np.float32)
    np.testing.assert_array_equal(aligned(one, other, 16000), one)


def test_an_unknown_encoder_is_named():
    with pytest.raises(UsageError, match="no_such"):
        coded(Voice(chirp(8000), 8000, 32, "no_such"), "wav")
