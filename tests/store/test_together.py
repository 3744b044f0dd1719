"""Two processes at one case: one after the other, nothing lost; and what the disk refuses leaves the case as it was."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from veridical.errors import UsageError
from veridical.store import database, durable, lock, seal
from veridical.store.case import Case
from veridical.store.verify import verify

from .cases import files, in_child, picture, small_case

WRITER = """
import sys
from veridical.store.case import Case
case = Case.open(sys.argv[1])
for n in range(int(sys.argv[3])):
    case.note(f"{sys.argv[2]} {n}")
"""


def test_processes_that_write_at_once_take_turns(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)
    names, each = ["a", "b", "c"], 8
    running = [subprocess.Popen([sys.executable, "-c", WRITER, case.folder, one, str(each)]) for one in names]
    while any(one.poll() is None for one in running):
        checked = verify(case.folder)  # and whoever checks meanwhile sees a whole case
        assert (checked.problems, checked.remarks) == ((), ())
        assert len(Case.open(case.folder).entries()) >= 5
    assert [one.returncode for one in running] == [0, 0, 0]
    case.refresh()
    notes = [one.text for one in case.ledger.notes if one.kind == "note"]
    for name in names:
        assert [one for one in notes if one.startswith(name)] == [f"{name} {n}" for n in range(each)]
    assert len(case.entries()) == 5 + 3 * each
    assert verify(case.folder).problems == ()


def test_who_waits_is_told_so_and_gives_up_with_a_word(tmp_path, monkeypatch):
    case = small_case(tmp_path / "case", tmp_path)
    monkeypatch.setattr(lock, "LONGEST_WAIT_S", 0.2)
    waited = []
    with (case.folder / "LOCK").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another command has held"):
            Case.open(case.folder, waiting=lambda: waited.append(1)).note("x")
        assert Case.open(case.folder).entries()  # reading does not wait for a long copy
    assert waited == [1]
    case.note("free again")


def test_an_entry_waits_for_those_who_read_the_log(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)
    handle = os.open(case.folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    writing = threading.Thread(target=lambda: Case.open(case.folder).note("x"))
    writing.start()
    time.sleep(0.3)
    assert writing.is_alive()
    os.close(handle)
    writing.join(10)
    assert len(Case.open(case.folder).entries()) == 6


@pytest.mark.parametrize("at", ["draft", "commit", "rename", "checkpoint"])
def test_a_disk_that_refuses_leaves_the_case_as_it_was_or_the_entry_accepted(tmp_path, monkeypatch, at):
    case = small_case(tmp_path / "case", tmp_path)
    before = {one: one.read_bytes() for one in files(case.folder)}

    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        if at == "draft":
            patched.setattr(durable.Replacement, "__enter__", refuse)
        elif at == "commit":
            patched.setattr(database, "_migrate", refuse)
        elif at == "rename":
            patched.setattr(durable.Replacement, "finish", refuse)
        else:
            patched.setattr(database, "_into_one_file", refuse)
        if at == "checkpoint":  # HEAD names it already
            case.note("x")
        else:
            with pytest.raises(UsageError, match="No space left on device"):
                case.note("x")
    if at != "checkpoint":
        assert {one: one.read_bytes() for one in files(case.folder)} == before
    assert verify(case.folder).problems == ()
    case.note("y")
    assert [one.text for one in case.ledger.notes][1:] == (["x", "y"] if at == "checkpoint" else ["y"])
    assert verify(case.folder).remarks == ()


@pytest.mark.parametrize("what", ["add", "record"])
def test_a_file_whose_entry_the_disk_refuses_is_taken_back(tmp_path, monkeypatch, what):
    case = small_case(tmp_path / "case", tmp_path)
    media = picture(tmp_path / "more.png", seed=3)
    before = {one: one.read_bytes() for one in files(case.folder)}
    with monkeypatch.context() as patched:
        refuse = lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))  # noqa: E731
        patched.setattr(database, "_migrate", refuse)
        with pytest.raises(UsageError, match="Make room"):
            case.add(media) if what == "add" else case.record(case.exhibit(1), "{}", {"band": "x"})
    assert {one: one.read_bytes() for one in files(case.folder)} == before
    assert verify(case.folder).remarks == ()


def test_a_full_disk_is_said_and_nothing_of_the_exhibit_stays(tmp_path, monkeypatch):
    case = small_case(tmp_path / "case", tmp_path)
    before = {one: one.read_bytes() for one in files(case.folder)}
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(Exception, match="No space left on device"):
        case.add(picture(tmp_path / "more.png", seed=3))
    assert {one: one.read_bytes() for one in files(case.folder)} == before


def test_the_tables_are_append_only_for_any_program(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)
    connection = sqlite3.connect(case.folder / "case.db")
    for statement in (
        "UPDATE entries SET body = '{}' WHERE number = 2", "DELETE FROM entries WHERE number = 5",
        "INSERT OR REPLACE INTO entries SELECT number, body, sha256 FROM entries WHERE number = 2",
        f"INSERT INTO entries VALUES (9, '{{}}', '{'0' * 64}')", f"REPLACE INTO entries VALUES (3, '{{}}', '{'0' * 64}')",
    ):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match="append-only|without a gap"):
            connection.execute(statement)
    connection.rollback()
    assert connection.execute("SELECT number, action FROM log").fetchall() == [
        (one.number, one.action) for one in case.entries()
    ]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_trigger_that_was_taken_away_is_found(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)
    connection = sqlite3.connect(case.folder / "case.db")
    connection.execute("DROP TRIGGER entries_stay")
    connection.commit()
    connection.close()
    assert any("triggers" in one for one in verify(case.folder).problems)


def test_a_database_of_before_is_migrated_by_the_first_command_that_writes(tmp_path, monkeypatch):
    case = small_case(tmp_path / "case", tmp_path)
    with monkeypatch.context() as patched:
        newer = (*database.MIGRATIONS, lambda connection: connection.execute("CREATE TABLE more (x INTEGER)"))
        patched.setattr(database, "MIGRATIONS", newer)
        assert verify(case.folder).problems == ()
        case.note("x")
        assert verify(case.folder).problems == ()
        with database.reading(case.folder / "case.db", case.head.database) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    with pytest.raises(UsageError, match="newer version"):
        Case.open(case.folder)
    with pytest.raises(UsageError, match="newer version"):
        verify(case.folder)


def test_the_log_is_synchronous_and_in_wal_mode(tmp_path):
    connection = database._connect(tmp_path / "x.db")
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_head_of_a_newer_version_is_told_from_a_changed_one(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)
    path = case.folder / "HEAD"
    path.chmod(0o600)
    text = path.read_text().replace("veridical case 1", "veridical case 2")
    path.write_text(text)
    with pytest.raises(Exception, match="was changed"):
        Case.open(case.folder)
    path.write_text(seal._signed(text.rpartition("this ")[0]))
    with pytest.raises(UsageError, match="newer version"):
        Case.open(case.folder)


def test_another_program_that_has_the_log_open_does_no_harm(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)
    ask = "print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM log').fetchone(), flush=True)"
    hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM log')"
    words = [sys.executable, "-c", f"{hold}; {ask}; input()", case.folder / "case.db"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "(5,)\n"
        with pytest.raises(UsageError, match="locked"):
            case.note("x")
        assert other.communicate("\n")[0] == ""
    assert verify(case.folder).problems == ()
    case.note("y")
    assert [one.action for one in case.entries()][5:] in (["noted"], ["recovered", "noted"])
    assert (verify(case.folder).problems, verify(case.folder).remarks) == ((), ())


def test_what_another_program_left_beside_the_log_is_cleared_up(tmp_path):
    case = small_case(tmp_path / "case", tmp_path)

    def killed():
        other = sqlite3.connect(case.folder / "case.db")
        other.execute("CREATE TABLE more (x)")
        other.commit()
        os._exit(0)

    in_child(killed)
    assert (case.folder / "case.db-shm").exists()
    checked = verify(case.folder)
    assert checked.problems == ()
    assert "case.db-shm, case.db-wal" in checked.remarks[0]
    case.note("x")
    assert [one.action for one in case.entries()][-2:] == ["recovered", "noted"]
    assert (verify(case.folder).problems, verify(case.folder).remarks) == ((), ())
