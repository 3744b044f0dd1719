from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from veridical import enrolment, persons, voice_enrolment, voices
from veridical.cli._app import app
from veridical.errors import ModelMissing, UsageError

from ..simulated import footage, pictures, portrait_series, sounding


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_CAMERAS", str(tmp_path / "store"))
    monkeypatch.setenv("VERIDICAL_PERSONS", str(tmp_path / "persons"))
    monkeypatch.setenv("VERIDICAL_VOICES", str(tmp_path / "voices"))


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["enrol", *map(str, words)])
    return result.exit_code, " ".join((result.output + str(result.exception or "")).split())


def test_a_camera_is_enrolled_listed_and_removed(tmp_path: Path) -> None:
    pictures(tmp_path / "taken", ordinary=0, side=256)
    pictures(tmp_path / "strange", flats=1, ordinary=0, sensor=5, side=256)[0].rename(tmp_path / "taken" / "zz.jpg")
    code, said = run("camera", tmp_path / "taken", "--name", "mine")
    assert code == 0, said
    assert "left out: zz.jpg does not match the others" in said
    assert "enrolled mine: 6 pictures of 256 × 256 pixels" in said
    assert "mine" in run("list")[1]
    assert run("remove", "mine") == (0, "removed mine")
    assert "no camera is enrolled" in run("list")[1]


@pytest.mark.parametrize(("make", "said"), [(False, "is no folder"), (True, "holds no pictures")])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, make: bool, said: str) -> None:
    folder = tmp_path / "empty"
    if make:
        folder.mkdir()
    code, output = run("camera", folder, "--name", "mine")
    assert code != 0
    assert said in output


def test_a_broken_picture_ends_it_with_one_line(tmp_path: Path) -> None:
    paths = pictures(tmp_path / "taken", ordinary=0, side=256)
    paths[0].write_bytes(paths[0].read_bytes()[:200])
    code, _ = run("camera", tmp_path / "taken", "--name", "mine")
    assert code == 1
    assert "no camera is enrolled" in run("list")[1]


def test_a_person_is_enrolled_listed_and_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, object] = {}

    def enrol(name: str, clips: list[Path], **options: object) -> tuple[persons.Person, tuple[enrolment.Compared, ...]]:
        asked.update(options, clips=clips)
        made = persons.enrol(name, footage(portrait_series()))
        distances = (0.3, None, 0.71)
        return made, tuple(enrolment.Compared(path=p, distance=d) for p, d in zip(clips, distances, strict=True))

    monkeypatch.setattr(enrolment, "enrol", enrol)
    code, said = run("person", "anna", "a.mp4", "b.mp4", "c.mp4", "--face", "left", "--window", "8", "--replace")
    assert code == 0, said
    assert asked["clips"] == [Path("a.mp4"), Path("b.mp4"), Path("c.mp4")]
    assert (asked["face"], asked["window_s"], asked["replace"]) == ("left", 8.0, True)
    assert "left out: c.mp4 shows another face than the others (distance 0.71)" in said and "left out: a" not in said
    assert "not checked whether the face is the same in all clips: b.mp4" in said
    assert "enrolled anna: 3 clips, 39 s in 57 windows of 10 s" in said
    assert "0.6 minutes are little" in said
    assert "anna 0.6 min 57 of 10 s 3" in run("list")[1]
    assert run("remove", "anna") == (0, "removed anna")
    assert "no camera is enrolled, no person and no voice" in run("list")[1]


def test_a_name_that_a_camera_and_a_person_share_is_asked_about(tmp_path: Path) -> None:
    pictures(tmp_path / "taken", ordinary=0, side=256)
    assert run("camera", tmp_path / "taken", "--name", "anna")[0] == 0
    persons.enrol("anna", footage(portrait_series()))
    code, said = run("remove", "anna")
    assert code != 0 and "a camera and a person are called 'anna'" in said
    assert run("remove", "anna", "--kind", "person") == (0, "removed anna")
    assert persons.names() == () and "anna" in run("list")[1]
    assert run("remove", "anna") == (0, "removed anna")
    code, said = run("remove", "anna")
    assert code != 0 and "nothing called 'anna' is enrolled; there are: camera: none; person: none; voice: none" in said


def test_a_voice_is_enrolled_listed_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    def enrol(
        name: str, files: list[Path], **options: object
    ) -> tuple[voices.Voice, tuple[voice_enrolment.Compared, ...]]:
        assert options["replace"] is True
        made = voices.enrol(name, [sounding("anna", seed) for seed in (1, 2)])
        distances = (0.1, 0.12, 0.61)
        return made, tuple(voice_enrolment.Compared(path=p, distance=d) for p, d in zip(files, distances, strict=True))

    monkeypatch.setattr(voice_enrolment, "enrol", enrol)
    code, said = run("voice", "anna", "a.wav", "b.wav", "c.mp4", "--replace")
    assert code == 0, said
    assert "left out: c.mp4 holds another voice than the others (distance 0.61)" in said and "left out: a" not in said
    assert "enrolled anna: 2 recordings, 20 s of speech; left out in turn, they are 0." in said
    assert "20 s of speech are little" in said
    assert "anna 20 s 2" in run("list")[1]
    persons.enrol("anna", footage(portrait_series()))
    code, said = run("remove", "anna")
    assert code != 0 and "a person and a voice are called 'anna'; say which: --kind person, or --kind voice" in said
    assert run("remove", "anna", "--kind", "voice") == (0, "removed anna")
    assert voices.names() == ()


def test_a_recording_of_several_people_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def enrol(heard: list[voices.Recording]) -> Callable[..., tuple[voices.Voice, tuple[()]]]:
        return lambda name, files, **_: (voices.enrol(name, heard, replace=True), ())

    one, other = sounding("anna", 1), sounding("bert", 2)
    both = replace(
        one, speech_s=one.speech_s + other.speech_s, embeddings=np.concatenate([one.embeddings, other.embeddings])
    )
    monkeypatch.setattr(voice_enrolment, "enrol", enrol([both]))
    code, said = run("voice", "anna b", "a.wav")
    assert code == 0 and "left out in turn, pieces of it are" in said
    assert "make sure that only anna b speaks; if not: veridical enrol remove 'anna b'" in said
    monkeypatch.setattr(voice_enrolment, "enrol", enrol([one, sounding("anna", 3)]))
    assert "make sure" not in run("voice", "anna b", "a.wav", "c.wav")[1]


def test_a_voice_that_is_not_clear_is_not_enrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    for error, code in ((UsageError("different voices"), 2), (ModelMissing("voice.identity"), 1)):
        monkeypatch.setattr(voice_enrolment, "enrol", raising(error))
        found, said = run("voice", "anna", "a.wav")
        assert found != 0 and str(error) in said and (code == 2 or found == 1)


def raising(error: Exception) -> Callable[..., object]:
    def enrol(*_: object, **__: object) -> object:
        raise error

    return enrol


def test_a_missing_model_ends_it_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def enrol(*_: object, **__: object) -> persons.Person:
        raise ModelMissing("facemesh.468")

    monkeypatch.setattr(enrolment, "enrol", enrol)
    code, said = run("person", "anna", "a.mp4")
    assert code == 1 and "veridical models fetch facemesh.468" in said
