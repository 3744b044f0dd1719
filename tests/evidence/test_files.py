"""Which data files weigh a run, by name and hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from veridical.evidence import files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    for name in (
        "tables/spatial.a.json",
        "tables/spatial.b.json",
        "tables/fusion.image.json",
        "tables/fusion.audio.json",
    ):
        (tmp_path / name).write_text(name)
    (tmp_path / "populations.json").write_text("{}")
    (tmp_path / "files.py").write_text("")
    return tmp_path


def test_tables_of_what_is_asked_and_of_the_kind_are_used(folder: Path) -> None:
    found = files.used(["spatial.a", "spatial.c"], "image", folder)
    assert list(found) == ["populations.json", "tables/fusion.image.json", "tables/spatial.a.json"]
    assert found["tables/spatial.a.json"].read_text() == "tables/spatial.a.json"


def test_an_unopened_file_has_no_fused_model(folder: Path) -> None:
    assert list(files.used([], "", folder)) == ["populations.json"]


def test_hashes_are_of_the_shipped_files() -> None:
    found = files.hashes([], "image")
    content = (files.FOLDER / "populations.json").read_bytes()
    assert found["populations.json"] == hashlib.sha256(content).hexdigest()


def test_own_tables_and_scales_go_first(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "spatial.b.json").write_text("own")
    (own / "spatial.d.json").write_text("own, and not asked")
    (own / "my scale").write_text("{}")
    monkeypatch.setenv("VERIDICAL_TABLES", str(own))
    monkeypatch.setenv("VERIDICAL_SCALE", str(own / "my scale"))
    found = files.used(["spatial.a", "spatial.b"], "audio", folder)
    assert found["tables/spatial.a.json"] == folder / "tables/spatial.a.json"
    assert found["tables/spatial.b.json"] == own / "spatial.b.json"
    assert found[files.OWN_SCALE] == own / "my scale"
    assert "tables/spatial.d.json" not in found
