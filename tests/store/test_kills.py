"""kill -9 at any instant: nothing accepted is lost, the chain verifies, the case can go on."""

from __future__ import annotations

import hashlib
import os
import random
import select
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from veridical.errors import UsageError
from veridical.store.case import Case
from veridical.store.ledger import Particulars
from veridical.store.verify import verify

from .cases import REPORT, in_child, picture, small_case

CALLS = {
    "chmod", "close", "connect", "copyfile", "execute", "fchmod", "flush", "fsync", "mkdir", "open", "read", "replace",
    "rename", "rmdir", "serialize", "unlink", "write",
}  # fmt: skip
STEP = 4
"""Every fourth call is enough for every run of the tests; with 1 it is every call."""
RANDOM_KILLS = 40


def killed_before(call: int) -> None:
    """Kill this process before the n-th call that could touch the disk."""
    count = 0

    def watch(frame, event, function):
        nonlocal count
        if event == "c_call" and function.__name__ in CALLS:
            count += 1
            if count == call:
                sys.setprofile(None)
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def accepted(reader: int) -> list[str]:
    with os.fdopen(reader, "rb") as file:
        return file.read().decode().split()


def must_go_on(folder: Path, said: list[str]) -> None:
    """Nothing accepted is lost, the chain verifies, and the next command leaves no trace of the kill but in the log."""
    checked = verify(folder)
    assert checked.problems == ()
    assert set(said) <= {one.sha256 for one in Case.open(folder).entries()}
    case = Case.open(folder)
    case.note("and on")
    after = verify(folder)
    assert (after.problems, after.remarks) == ((), ())
    assert set(said) <= {one.sha256 for one in case.entries()}
    for one in case.exhibits():
        assert hashlib.sha256(case.copy_of(one).read_bytes()).hexdigest() == one.sha256
    assert all(case.report(one) for one in case.ledger.examined)


def work(folder: Path, media: Path, writer: int) -> None:
    case = Case.open(folder)
    _, entry = case.add(media)
    os.write(writer, f"{entry.sha256}\n".encode())
    case.record(case.exhibits()[-1], REPORT + " " * len(case.entries()), {"band": "inconclusive"})
    os.write(writer, f"{case.entries()[-1].sha256}\n".encode())
    os.write(writer, f"{case.note('seen').sha256}\n".encode())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_kill_before_any_call_that_touches_the_disk_loses_nothing_accepted(tmp_path):
    base = small_case(tmp_path / "base", tmp_path)
    media = picture(tmp_path / "second.png", seed=2)
    before = media.stat(), media.read_bytes()
    recovered, codes, said_at = 0, [], []
    for call in range(1, 2000, STEP):
        folder = tmp_path / "case"
        shutil.copytree(base.folder, folder)
        reader, writer = os.pipe()

        def killed(call=call, folder=folder, writer=writer):
            killed_before(call)
            work(folder, media, writer)
            sys.setprofile(None)

        codes.append(in_child(killed))
        os.close(writer)
        said = accepted(reader)
        said_at.append(len(said))
        must_go_on(folder, said)
        recovered += any(one.action == "recovered" for one in Case.open(folder).entries())
        shutil.rmtree(folder)
        if codes[-1] == 0:
            break
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert codes[-1] == 0
    assert len(codes) > 100 / STEP  # it was killed inside the work, not before it
    assert said_at == sorted(said_at)
    assert said_at[-1] == 3
    assert recovered > 30 / STEP
    assert (media.stat().st_mtime_ns, media.read_bytes()) == (before[0].st_mtime_ns, before[1])


def test_a_kill_while_a_case_is_made_leaves_none_or_a_whole_one(tmp_path):
    whole = []
    for call in range(1, 500, STEP):
        folder = tmp_path / f"K{call}"

        def killed(call=call, folder=folder):
            killed_before(call)
            Case.create(folder, Particulars(name="K"))
            sys.setprofile(None)

        code = in_child(killed)
        whole.append(folder.exists())
        if folder.exists():
            must_go_on(folder, [])
        else:
            with pytest.raises(UsageError, match="does not exist"):
                Case.open(folder)
            Case.create(folder, Particulars(name="K"))
        if code == 0:
            break
    assert whole.count(False) > 20 / STEP
    assert whole[-1]
    Case.create(tmp_path / "last", Particulars(name="K"))
    assert not list(tmp_path.glob(".new-*"))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_kill_during_the_recovery_from_a_kill_is_recovered_from(tmp_path):
    base = small_case(tmp_path / "base", tmp_path)
    media = picture(tmp_path / "second.png", seed=2)
    chance = random.Random(5)
    for _ in range(10):
        folder = tmp_path / "case"
        shutil.copytree(base.folder, folder)
        reader, writer = os.pipe()

        def killed(folder=folder, writer=writer):
            killed_before(chance.randrange(1, 400))
            work(folder, media, writer)
            sys.setprofile(None)

        for _ in range(3):
            in_child(killed)
            chance.random()
        os.close(writer)
        must_go_on(folder, accepted(reader))
        shutil.rmtree(folder)


def test_kill_9_at_random_instants(tmp_path):
    """Real kills from outside, also within calls of SQLite and of the system."""
    case = small_case(tmp_path / "case", tmp_path)
    chance = random.Random(11)
    said: list[str] = []
    for number in range(RANDOM_KILLS):
        media = picture(tmp_path / f"{number}.png", seed=100 + number, side=64)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                while True:
                    work(case.folder, media, writer)
            finally:
                os._exit(1)
        os.close(writer)
        time.sleep(chance.uniform(0.0, 0.3))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert select.select([reader], [], [], 1)[0]
        said += accepted(reader)
        must_go_on(case.folder, said)
    assert len(said) > 10  # it was not always killed before it had done anything
