"""A small case with everything a case can hold, and ways to spoil it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
from PIL import Image

from veridical.store.case import Case
from veridical.store.ledger import Origin, Particulars

REPORT = '{"schema_version": "1.4", "conclusion": "inconclusive"}'


def picture(path: Path, seed: int = 0, side: int = 12) -> Path:
    noise = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    Image.fromarray(noise).save(path, quality=40)
    return path


def small_case(folder: Path, media: Path) -> Case:
    case = Case.create(folder, Particulars(name="K 12", question="Was it altered?", examiner="A. Examiner"))
    case.agree("It was altered.", "It was not altered.", agreed_with="the requester", agreed_at="2026-11-20")
    exhibit, _ = case.add(picture(media / "photo.jpg"), Origin(source="https://example.org/1", by="B"))
    case.note("The sky looks odd.", kind="observation", exhibit=1)
    case.record(exhibit, REPORT, {"band": "inconclusive"}, command="veridical case examine")
    return case


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(path: Path, place: int, bit: int = 1) -> None:
    mode = path.stat().st_mode
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[place] ^= bit
    path.write_bytes(data)
    path.chmod(mode)


def in_child(work: object) -> int:
    """Run a function in a forked process and return how it ended; what pytest holds is not torn down twice."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()  # type: ignore[operator]
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
