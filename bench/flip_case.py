"""Flip a random bit of every byte of every file of a small case, one at a time, and see whether the check finds it.

python bench/flip_case.py [SEED]

Two states: a case at rest, and one whose last command was killed when its entry was accepted and still lay in the WAL.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from veridical.errors import VeridicalError
from veridical.store import database
from veridical.store.case import Case
from veridical.store.ledger import Origin, Particulars
from veridical.store.verify import verify


def small_case(home: Path) -> Case:
    media = home / "photo.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 24, 3), np.uint8)).save(media, quality=50)
    case = Case.create(home / "case", Particulars(name="K", question="Was it altered?", examiner="A. Examiner"))
    case.agree("It was altered.", "It was not.", agreed_with="the requester")
    exhibit, _ = case.add(media, Origin(source="https://example.org"))
    for n in range(2):
        case.note(f"note {n}", kind="observation", exhibit=1)
        case.record(exhibit, f'{{"report": {n}}}', {"band": "inconclusive"})
    return case


def cut_off(case: Case) -> None:
    """Kill a command between the acceptance of its entry and the end of its work on the database."""
    pid = os.fork()
    if pid == 0:
        database._into_one_file = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        case.note("accepted " * 100)
    os.waitpid(pid, 0)


def flipped(folder: Path, chance: random.Random) -> dict[str, tuple[int, int, int]]:
    """Return, for each file, its bytes, the flips that were found, and those after which the case was provably the same."""
    found: dict[str, tuple[int, int, int]] = {}
    before = Case.open(folder)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        path.chmod(0o600)
        data = path.read_bytes()
        seen = same = 0
        for place in range(len(data)):
            changed = bytearray(data)
            changed[place] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            if verify(folder).problems:
                seen += 1
            else:
                same += is_same(before)
        path.write_bytes(data)
        found[str(path.relative_to(folder))] = len(data), seen, same
    return found


def is_same(before: Case) -> bool:
    """Whether every byte of the database that HEAD names, every entry, report and copy can still be read."""
    try:
        now = Case.open(before.folder)
    except VeridicalError:
        return False
    return now.head == before.head and now.entries() == before.entries()


def main(seed: int = 0) -> int:
    missed = 0
    with tempfile.TemporaryDirectory() as home:
        case = small_case(Path(home))
        for state in ("at rest", "killed"):
            if state == "killed":
                cut_off(case)
            for name, (count, seen, same) in flipped(case.folder, random.Random(seed)).items():
                told = f"{seen} found, {same} without effect, {count - seen - same} missed"
                print(f"{state:<8} {name[:40]:<40} {count:>6} bytes: {told}", flush=True)
                missed += count - seen - same
    print(f"{missed} missed")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
