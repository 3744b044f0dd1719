"""The folder for a moment: gone when left, also after a fault, and after a killed process with the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from veridical.reencode.scratch import PREFIX, scratch, sweep


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_private_and_gone_when_left(home: Path) -> None:
    with scratch() as folder:
        (folder / "evidence.png").write_bytes(b"x")
        assert folder.stat().st_mode & 0o077 == 0
    assert not list(home.iterdir())
    with pytest.raises(ValueError, match="fault"), scratch() as folder:
        (folder / "evidence.png").write_bytes(b"x")
        raise ValueError("fault")
    assert not list(home.iterdir())


def test_what_a_killed_process_leaves_is_swept_and_a_living_one_keeps_its_own(home: Path) -> None:
    script = (
        "import sys, time, tempfile; tempfile.tempdir = sys.argv[1]\n"
        "from veridical.reencode.scratch import scratch\n"
        "with scratch() as folder:\n"
        "    (folder / 'evidence.png').write_bytes(b'x'); print(folder, flush=True); time.sleep(60)\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True) for _ in "ab"
    ]
    try:
        folders = [Path(one.stdout.readline().strip()) for one in both if one.stdout]
        os.kill(both[0].pid, signal.SIGKILL)
        both[0].wait()
        assert folders[0].exists()
        sweep()
        assert not folders[0].exists() and (folders[1] / "evidence.png").exists()
    finally:
        for one in both:
            one.kill()
            one.communicate()


def test_folders_of_others_stay(home: Path) -> None:
    (home / f"{PREFIX}bare").mkdir()
    (home / "else").mkdir()
    (home / f"{PREFIX}link").symlink_to(home / "else")
    sweep()
    assert len(list(home.iterdir())) == 3
