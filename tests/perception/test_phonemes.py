"""Words are placed on the clock of the recording, phones carry how well they fit; another language fits worse."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from veridical.errors import NotInstalled
from veridical.media.audio import Audio
from veridical.models import recogniser
from veridical.models.recogniser import Piece
from veridical.perception.phonemes import hear_phonemes
from veridical.perception.speech import SpeechSegments, find_speech

RATE = 16000


def audio(samples: np.ndarray, rate: int = RATE) -> Audio:
    return Audio(
        samples=np.asarray(samples, np.float32).reshape(len(samples), -1), rate=rate, codec="pcm_s16le", lossless=True,
        bits=16, start_s=0.0, bit_rate=0,
    )  # fmt: skip


def spoken(*segments: tuple[float, float], duration_s: float) -> SpeechSegments:
    return SpeechSegments(
        segments=np.array(segments, np.float64).reshape(-1, 2), voiced=np.zeros(0, np.float32), hop_s=0.032,
        level_db=np.zeros(0, np.float32), speech_seconds=sum(b - a for a, b in segments), snr_db=None, rate=RATE,
        duration_s=duration_s,
    )  # fmt: skip


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A recogniser that hears "mob" in whatever it is given; returns the lengths it was given, in samples."""
    heard: list[int] = []

    def recognise(samples: np.ndarray) -> list[str]:
        heard.append(len(samples))
        return ["mob"]

    phones = [Piece("M", 10, 20, -30.0), Piece("AA", 20, 40, -40.0), Piece("B", 40, 45, -25.0)]
    monkeypatch.setattr(recogniser, "recognise", recognise)
    monkeypatch.setattr(recogniser, "align", lambda _, __: [
        (Piece("<sil>", 0, 10, 0.0), [Piece("SIL", 0, 10, 0.0)]), (Piece("mob", 10, 45, -95.0), phones)
    ])  # fmt: skip
    # Free phones: 1 nat a frame worse than 0 up to frame 40, then 1 nat a frame.
    monkeypatch.setattr(recogniser, "listen", lambda _: [Piece("N", 0, 40, -40.0), Piece("D", 40, 45, -5.0)])
    return heard


def test_phones_lie_on_the_clock_of_the_recording_and_their_fit_is_the_difference_a_frame(told: list[int]) -> None:
    found = hear_phonemes(audio(np.zeros(4 * RATE)), spoken((1.1, 2.0), duration_s=4.0))
    assert found.words == ("mob",)
    assert found.phones == ("M", "AA", "B")
    assert found.phone_times == pytest.approx(np.array([(1.1, 1.2), (1.2, 1.4), (1.4, 1.45)]))  # margin of 0.1 s
    # M: -3 against -1 a frame; AA: -2 against -1; B: -5 against -1.
    assert found.fits == pytest.approx([-2.0, -1.0, -4.0])
    assert found.fitting == pytest.approx(2 / 3)
    assert found.phone_words.tolist() == [0, 0, 0]
    assert told == [round(1.1 * RATE)]


def test_short_pauses_are_joined_and_long_speech_is_cut(told: list[int]) -> None:
    hear_phonemes(audio(np.zeros(70 * RATE)), spoken((1, 2), (2.3, 3), (10, 60), duration_s=70.0))
    assert np.array(told) / RATE == pytest.approx([2.2, *[50 / 3 + 0.2] * 3], abs=1e-3)


def test_no_speech_holds_no_words(told: list[int]) -> None:
    found = hear_phonemes(audio(np.zeros(RATE)), spoken(duration_s=1.0))
    assert (found.words, found.phones, found.fitting, found.heard_s) == ((), (), 0.0, 0.0)
    assert told == []


def test_without_the_extra_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser._words.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "pocketsphinx", None)
    with pytest.raises(NotInstalled, match=r"veridical\[alignment\]"):
        hear_phonemes(audio(np.zeros(2 * RATE)), spoken((0, 2), duration_s=2.0))


def test_noise_and_silence_do_not_fit_english() -> None:
    pytest.importorskip("pocketsphinx")
    noise = np.random.default_rng(1).normal(0, 0.1, 3 * RATE)
    for sound in (noise, np.zeros(3 * RATE)):
        assert hear_phonemes(audio(sound), spoken((0, 3), duration_s=3.0)).fitting < 0.5


@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA is not set")
def test_english_fits_better_than_italian() -> None:
    pytest.importorskip("pocketsphinx")
    import soundfile

    folder = Path(os.environ["VERIDICAL_DATA"]) / "audio"
    rows = list(csv.DictReader((folder / "manifest.csv").read_text().splitlines()))

    def fitting(source: str) -> float:
        shares = []
        for row in [row for row in rows if row["source"] == source and row["label"] == "real"][:5]:
            samples, rate = soundfile.read(folder / row["file"], dtype="float32", frames=6 * 48000)
            heard = audio(samples[: 6 * rate], rate)
            shares.append(hear_phonemes(heard, find_speech(heard)).fitting)
        return float(np.median(shares))

    assert fitting("resemblyzer") > 0.7 > 0.6 > fitting("asterisk_it")
