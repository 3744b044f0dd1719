"""What a run record says of the machine and of veridical's own files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from veridical import environment


def test_the_machine_is_named() -> None:
    said = environment.machine()
    assert said["cpu"]
    assert len(said["veridical files"].removeprefix("SHA-256 ")) == 64


def test_own_files_are_hashed_by_name_and_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "SOURCES", tmp_path)
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("compiled")
    inner = hashlib.sha256(b"1").hexdigest()
    assert environment.own_files.__wrapped__() == hashlib.sha256(f"a.py {inner}\n".encode()).hexdigest()
