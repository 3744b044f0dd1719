"""From recordings to an enrolled voice: what is spoken, and by whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from veridical import voice_enrolment, voices
from veridical.cache import PerceptCache
from veridical.errors import ModelMissing, UsageError
from veridical.lab.speech import RATE, babble
from veridical.models import store
from veridical.voices import Recording

from .simulated import sounding

MODELS = ("silero.vad", "voice.identity")


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Who speaks in each recording, by its name."""
    monkeypatch.setenv("VERIDICAL_VOICES", str(tmp_path / "store"))
    whose: dict[str, str] = {}

    def hear(path: Path, **_: object) -> Recording:
        return sounding(whose[path.stem], ord(path.stem), seconds=4)

    monkeypatch.setattr(voice_enrolment, "hear", hear)
    return whose


def paths(names: str) -> list[Path]:
    return [Path(f"{name}.wav") for name in names]


def test_recordings_of_one_voice_are_all_learned_from(heard: dict[str, str]) -> None:
    heard.update(dict.fromkeys("abc", "anna"))
    told: list[int] = []
    made, checks = voice_enrolment.enrol("anna", paths("abc"), tell=told.append)
    assert len(made.recordings) == 3 and voices.listed() == (made,) and told == [0, 1, 2]
    assert all(one.distance is not None and one.distance < 0.2 and one.matches for one in checks)


def test_a_recording_of_somebody_else_is_named_and_left_out(heard: dict[str, str]) -> None:
    heard.update(dict.fromkeys("acd", "anna"), b="ben")
    made, checks = voice_enrolment.enrol("anna", paths("abcd"))
    assert len(made.recordings) == 3
    assert [one.path.name for one in checks if not one.matches] == ["b.wav"]
    between = 1 - voices.middle(sounding("anna", 1).embeddings) @ voices.middle(sounding("ben", 2).embeddings)
    assert checks[1].distance == pytest.approx(between, abs=0.1)


def test_too_little_speech_without_the_stranger_names_him(
    heard: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.update(a="anna", b="anna", c="ben")
    monkeypatch.setattr(voices, "LEAST_S", 9.0)
    with pytest.raises(UsageError, match=r"c\.wav \(.*left out: another voice.*9 s are needed"):
        voice_enrolment.enrol("anna", paths("abc"))
    assert voices.names() == ()


@pytest.mark.parametrize("second", ["b", "bd"])
def test_where_no_more_than_half_agree_nobody_is_enrolled(heard: dict[str, str], second: str) -> None:
    every = "ab" if second == "b" else "abcd"
    heard.update({name: "ben" if name in second else "anna" for name in every})
    with pytest.raises(UsageError, match=r"hold different voices: that of .\.wav is .* from that of .\.wav"):
        voice_enrolment.enrol("anna", paths(every))
    assert voices.names() == ()


def test_one_recording_is_taken_as_it_is_and_a_taken_name_is_told_before_hearing(heard: dict[str, str]) -> None:
    heard.update(a="anna")
    with pytest.raises(UsageError, match="4.0 s of speech"):
        voice_enrolment.enrol("anna", paths("a"))
    voices.enrol("anna", [sounding("anna", 0)])
    with pytest.raises(UsageError, match="enrolled already"):
        voice_enrolment.enrol("anna", [Path("missing.wav")])


class TestFiles:
    def test_a_picture_and_silence_hold_no_voice(self, tmp_path: Path) -> None:
        from PIL import Image

        Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
        soundfile.write(tmp_path / "a.wav", np.zeros(64000), 16000)
        with pytest.raises(UsageError, match="holds no sound"):
            voice_enrolment.hear(tmp_path / "a.png")
        if all(store.is_present(one) for one in MODELS):
            with pytest.raises(UsageError, match=r"a\.wav: there are 0.00 s of speech.*leave it out"):
                voice_enrolment.hear(tmp_path / "a.wav", cache=PerceptCache(None, most_bytes=0))

    def test_without_the_models_it_says_what_to_type(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "none"))
        monkeypatch.delenv("VERIDICAL_MODELS", raising=False)
        soundfile.write(tmp_path / "a.wav", babble(np.random.default_rng(0), 3.0), RATE)
        with pytest.raises(ModelMissing, match="veridical models fetch"):
            voice_enrolment.hear(tmp_path / "a.wav", cache=PerceptCache(None, most_bytes=0))

    @pytest.mark.skipif(
        not all(store.is_present(one) for one in MODELS), reason=f"run: veridical models fetch {' '.join(MODELS)}"
    )
    def test_files_are_heard(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VERIDICAL_VOICES", str(tmp_path / "store"))
        for name, seed in (("a", 4), ("b", 5)):
            soundfile.write(tmp_path / f"{name}.wav", babble(np.random.default_rng(seed), 6.0), RATE)
        made, checks = voice_enrolment.enrol(
            "made", [tmp_path / "a.wav", tmp_path / "b.wav"], cache=PerceptCache(None, most_bytes=0)
        )
        assert made.seconds > 6 and len(made.recordings) == 2
        assert all(one.distance is not None and one.distance < 0.2 for one in checks)
