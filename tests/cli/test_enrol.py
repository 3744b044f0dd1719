from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from veridical.cli._app import app

from ..simulated import pictures


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_CAMERAS", str(tmp_path / "store"))
    monkeypatch.setenv("VERIDICAL_PERSONS", str(tmp_path / "persons"))


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
