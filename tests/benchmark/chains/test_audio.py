"""Steps for recordings, checked by their spectra, levels and times."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy import signal

from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.media.exhibit import open_exhibit

RATE = 44100

Make = Callable[..., Any]


def power_db(sound: np.ndarray, rate: int, low: float, high: float) -> float:
    f, p = signal.welch(sound, rate, "blackmanharris", 2048)
    return float(10 * np.log10(p[(f >= low) & (f < high)].mean() + 1e-20))


def test_common_has_one_rate_form_level_and_no_silence(recording: Path, put: Make) -> None:
    made = put("common", recording)
    of = soundfile.info(made)
    assert (of.format, of.subtype, of.samplerate, of.channels) == ("WAV", "PCM_16", 16000, 1)
    sound, _ = soundfile.read(made)
    assert len(sound) / 16000 == pytest.approx(2.0, abs=0.03)
    starts = np.arange(0, 1.7, 0.3)  # of syllables, which last 250 ms
    spoken = np.concatenate([sound[round((s + 0.015) * 16000) : round((s + 0.235) * 16000)] for s in starts])
    assert 10 * np.log10((spoken**2).mean()) == pytest.approx(-26, abs=0.2)


def test_common_has_the_band_of_its_name(put: Make, tmp_path: Path) -> None:
    t = np.arange(2 * RATE) / RATE
    tones = sum(0.1 * np.sin(2 * np.pi * f * t) for f in (1000, 6900, 7400, 7900, 12000))
    soundfile.write(tmp_path / "tones.wav", tones, RATE, "FLOAT")
    sound, _ = soundfile.read(put("common", tmp_path / "tones.wav"))
    middle = sound[4000:20000]
    amplitude = {f: 20 * np.log10(abs(np.mean(middle * np.exp(-2j * np.pi * f * np.arange(16000) / 16000))) + 1e-12)
                 for f in (1000, 4000, 6900, 7400, 7900)}  # fmt: skip
    assert amplitude[6900] == pytest.approx(amplitude[1000], abs=0.1)
    for f in (4000, 7400, 7900):  # 12 kHz would fold to 4 kHz
        assert amplitude[f] < amplitude[1000] - 65


def test_level_and_leading_silence_of_the_source_leave_no_trace(recording: Path, put: Make, tmp_path: Path) -> None:
    sound, _ = soundfile.read(recording)
    soundfile.write(tmp_path / "quiet.wav", sound[4410:] * 0.05, RATE, "FLOAT")
    one, _ = soundfile.read(put("common", recording), dtype="int16")
    two, _ = soundfile.read(put("common", tmp_path / "quiet.wav"), dtype="int16")
    assert len(one) == len(two)
    assert np.abs(one.astype(int) - two).max() <= 3


def test_clicks_at_the_ends_count_as_silence(put: Make, tmp_path: Path, voice: Make) -> None:
    sound = np.zeros(4 * RATE)
    sound[2 * RATE : 3 * RATE] = voice(1.0)
    sound[1000:1200] = 0.3
    soundfile.write(tmp_path / "click.wav", sound, RATE)
    assert soundfile.info(put("common", tmp_path / "click.wav")).duration == pytest.approx(1.0, abs=0.07)


@pytest.mark.parametrize(
    ("rate", "scale", "reason"), [(8000, 1.0, "sampled at 8000 Hz; common needs 16000"), (16000, 0.0, "silent")]
)  # fmt: skip
def test_what_cannot_be_made_common_is_left_out(
    rate: int, scale: float, reason: str, put: Make, tmp_path: Path, voice: Make
) -> None:
    soundfile.write(tmp_path / "a.wav", scale * voice(1.0, rate), rate)
    with pytest.raises(NotApplicable, match=reason):
        put("common", tmp_path / "a.wav")


def test_nothing_but_clicks_is_left_out(put: Make, tmp_path: Path) -> None:
    sound = np.zeros(16000)
    sound[[3000, 9000]] = 0.9
    soundfile.write(tmp_path / "a.wav", sound, 16000)
    with pytest.raises(NotApplicable, match="nothing in it lasts 30 ms"):
        put("common", tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("mp3_64", "mp3", 44100), ("mp3_128", "mp3", 44100), ("opus_16", "opus", 48000), ("opus_32", "opus", 48000),
     ("aac_64", "aac", 44100)],
)  # fmt: skip
def test_codecs(name: str, codec: str, rate: int, recording: Path, put: Make) -> None:
    made = put(name, recording)
    with open_exhibit(made) as exhibit:
        audio = exhibit.stream(Audio)
    assert (audio.codec, audio.rate, audio.channels) == (codec, rate, 1)
    assert audio.duration_s == pytest.approx(3.5, abs=0.1)
    kbit = int(name.split("_")[1])
    assert 0.4 * kbit < 8 * made.stat().st_size / 3.5 / 1000 < 1.3 * kbit  # half of it is silence
    assert not re.search(rb"Lav[cf]\d", made.read_bytes())
    with open_exhibit(recording) as exhibit:
        source = exhibit.stream(Audio).mono
    for low, high in ((300, 1000), (1000, 3000)):
        assert power_db(audio.mono, rate, low, high) == pytest.approx(power_db(source, RATE, low, high), abs=2)


def test_codecs_take_low_rates(put: Make, tmp_path: Path, voice: Make) -> None:
    soundfile.write(tmp_path / "a.wav", voice(1.0, 8000), 8000)
    for name, rate in (("mp3_128", 16000), ("aac_64", 16000), ("opus_32", 48000)):
        with open_exhibit(put(name, tmp_path / "a.wav")) as exhibit:
            assert exhibit.stream(Audio).rate == rate


def test_telephone(put: Make, tmp_path: Path, voice: Make) -> None:
    random = np.random.default_rng(1)
    soundfile.write(tmp_path / "noise.wav", 0.1 * random.standard_normal(3 * RATE), RATE, "FLOAT")
    made = put("telephone", tmp_path / "noise.wav")
    of = soundfile.info(made)
    assert (of.subtype, of.samplerate, of.channels) == ("ULAW", 8000, 1)
    sound, _ = soundfile.read(made)
    inside = power_db(sound, 8000, 400, 3300)
    assert inside == pytest.approx(10 * np.log10(0.01 * 2 / RATE), abs=0.3)
    for low, high in ((0, 150), (3650, 4000)):  # what is left is the noise of the µ-law steps, 38 dB down
        assert power_db(sound, 8000, low, high) < inside - 30
    soundfile.write(tmp_path / "low.wav", voice(1.0, 6000), 6000)
    with pytest.raises(NotApplicable, match="telephone needs 8000 Hz"):
        put("telephone", tmp_path / "low.wav")


def test_noise_stands_20_db_below_the_speech(recording: Path, put: Make) -> None:
    sound, rate = soundfile.read(put("noise_20db", recording))
    source, _ = soundfile.read(recording)
    noise = sound - source[:, 0]
    assert rate == RATE
    assert 20 * np.log10(0.1 / noise.std()) == pytest.approx(20, abs=0.3)  # syllables have an RMS of 0.1
    assert power_db(noise, rate, 100, 2000) == pytest.approx(power_db(noise, rate, 15000, 20000), abs=0.5)


def test_reverb_dies_away_as_fast_as_it_says(put: Make, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    burst = np.zeros(3 * RATE)
    burst[RATE : 2 * RATE] = 0.1 * random.standard_normal(RATE)
    soundfile.write(tmp_path / "burst.wav", burst, RATE, "FLOAT")
    sound, rate = soundfile.read(put("reverb", tmp_path / "burst.wav"))
    tail = sound[2 * RATE + 200 :]
    energy = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1][: RATE // 2] + 1e-12)  # Schroeder's integral
    energy -= energy[0]
    start, end = np.argmax(energy < -5), np.argmax(energy < -25)
    assert (end - start) / rate * 3 == pytest.approx(0.5, abs=0.06)
    before, after = (float((part[RATE : 2 * RATE] ** 2).mean()) for part in (burst, sound))
    assert 10 * np.log10(after / before) == pytest.approx(0, abs=0.5)
    early = sound[RATE + 100 : RATE + 20000]
    # Direct and reverberant sound add up as 1 : 10^(-0.5); the direct one is found by its likeness.
    direct = np.dot(early, burst[RATE + 100 : RATE + 20000]) / np.dot(burst[RATE:], burst[RATE:]) * RATE / 19900
    assert direct == pytest.approx(1 / np.sqrt(1 + 10**-0.5), abs=0.05)
