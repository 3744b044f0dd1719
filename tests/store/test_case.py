"""A case holds what was put in: copies, hashes, times, propositions, notes, reports; its log is a chain anyone can follow."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from veridical.errors import CaseDamaged, MediaChanged, NotMedia, UsageError
from veridical.report.casework import from_toml
from veridical.store import chain, durable
from veridical.store.case import Case
from veridical.store.export import export
from veridical.store.facts import facts_of, to_toml
from veridical.store.ledger import Origin, Particulars
from veridical.store.verify import verify

from .cases import REPORT, files, picture, small_case


def test_an_exhibit_is_copied_hashed_twice_and_left_alone(tmp_path):
    case = Case.create(tmp_path / "K", Particulars(name="K", examiner="A"))
    media = picture(tmp_path / "photo.jpg")
    os.utime(media, ns=(1_000_000_000_000_000_000, 1_100_000_000_123_000_000))
    media.chmod(0o640)
    before = media.stat()
    exhibit, entry = case.add(media, Origin(source="a telephone", by="B"))
    after = media.stat()
    for name in ("st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_mode", "st_size", "st_ino"):
        assert getattr(before, name) == getattr(after, name), name
    said = subprocess.run(["sha256sum", media], capture_output=True, text=True, check=True).stdout.split()[0]
    said_too = subprocess.run(["sha512sum", media], capture_output=True, text=True, check=True).stdout.split()[0]
    assert (exhibit.sha256, exhibit.sha512, exhibit.bytes) == (said, said_too, before.st_size)
    assert exhibit.modified == "2004-11-09T11:33:20.123+00:00"
    assert (exhibit.format, exhibit.name, exhibit.path) == ("jpeg", "photo.jpg", str(media))
    copy = case.copy_of(exhibit)
    assert copy.read_bytes() == media.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o444
    assert exhibit.origins == (Origin(source="a telephone", by="B"),)
    assert entry.actor == "A"
    assert datetime.fromisoformat(entry.time).utcoffset().total_seconds() == 0


def test_the_same_content_is_no_second_exhibit_and_is_written_down(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    other = tmp_path / "other.jpg"
    other.write_bytes((tmp_path / "photo.jpg").read_bytes())
    exhibit, entry = case.add(other, Origin(source="another witness"))
    assert (exhibit.number, entry.action, entry.details["name"]) == (1, "exhibit added again", "other.jpg")
    assert [one.source for one in exhibit.origins] == ["https://example.org/1", "another witness"]
    assert len(case.exhibits()) == 1
    assert verify(case.folder).remarks == ()


@pytest.mark.parametrize("name", ["-rf.jpg", "\u202egpj.exe", "a\nb.jpg", "..jpg", "ünï.jpg", b"\xff\xfe.jpg"])
def test_odd_names_are_kept_in_the_log_and_harmless_on_disk(tmp_path, name):
    case = Case.create(tmp_path / "K", Particulars(name="K"))
    media = tmp_path / (os.fsdecode(name) if isinstance(name, bytes) else name)
    picture(tmp_path / "x.png").rename(media)
    exhibit, _ = case.add(media)
    assert exhibit.name == media.name
    assert Path(exhibit.copy).parent == Path("media")
    assert Path(exhibit.copy).name.isprintable()
    assert len(os.fsencode(Path(exhibit.copy).name)) < 200
    assert verify(case.folder).problems == ()
    assert chain.from_lines(one.line for one in case.entries()) == case.entries()


def test_long_names_are_cut(tmp_path):
    case = Case.create(tmp_path / "K", Particulars(name="K"))
    exhibit, _ = case.add(picture(tmp_path / ("é" * 120 + ".png")))
    assert exhibit.copy.endswith("é.png")
    assert case.copy_of(exhibit).exists()


def test_what_is_no_file_is_refused_with_a_word(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("nothing", "no such file"), ("", "folder"), ("empty.jpg", "empty"), ("pipe", "pipe")):
        with pytest.raises(NotMedia, match=said):
            case.add(tmp_path / name)
    assert len(case.entries()) == 5
    exhibit, _ = case.add(Path(__file__))  # a text can be evidence
    assert exhibit.format == ""


def test_a_file_that_changes_while_it_is_copied_is_refused(tmp_path, monkeypatch):
    case = small_case(tmp_path / "K", tmp_path)
    media = picture(tmp_path / "more.png")
    real = durable._open_untouched

    def changing(path):
        handle = real(path)
        if path == media:
            with media.open("ab") as file:
                file.write(b"x")
            os.utime(media, ns=(0, 0))
        return handle

    monkeypatch.setattr(durable, "_open_untouched", changing)
    real_fstat, seen = os.fstat, []

    def growing(handle):
        found = real_fstat(handle)
        if found.st_ino == media.stat().st_ino and not seen:
            seen.append(1)
            with media.open("ab") as file:
                file.write(b"y")
        return found

    monkeypatch.setattr(durable.os, "fstat", growing)
    with pytest.raises(MediaChanged, match="changed while it was copied"):
        case.add(media)
    monkeypatch.undo()
    assert len(case.entries()) == 5
    assert verify(case.folder).remarks == ()


def test_a_copy_that_reads_back_otherwise_is_refused(tmp_path, monkeypatch):
    case = small_case(tmp_path / "K", tmp_path)
    monkeypatch.setattr(durable, "hashes", lambda path: durable.Hashes(bytes=1, sha256="", sha512="", modified=""))
    with pytest.raises(MediaChanged, match="its working copy is not what was read"):
        case.add(picture(tmp_path / "more.png", seed=4))
    monkeypatch.undo()
    assert verify(case.folder).remarks == ()


def test_particulars_can_be_completed_and_the_log_keeps_what_stood_there(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    case.amend({"authority": "court order 7", "examiner": "C"}, by="A. Examiner")
    assert (case.particulars.authority, case.particulars.examiner) == ("court order 7", "C")
    assert case.particulars.question == "Was it altered?"
    assert case.note("x").actor == "C"
    assert case.entries()[0].details["particulars"]["examiner"] == "A. Examiner"
    with pytest.raises(UsageError, match="nothing to change"):
        case.amend({})


def test_propositions_say_whether_they_came_before_the_examination(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    assert not case.ledger.propositions[0].after_examination
    case.agree("a", "b")
    assert case.ledger.propositions[1].after_examination
    exhibit, _ = case.add(picture(tmp_path / "two.png", seed=2))
    case.agree("c", "d", exhibit=exhibit.number)
    assert not case.ledger.propositions[2].after_examination
    with pytest.raises(UsageError, match="two propositions"):
        case.agree("same", "same ")


def test_a_new_report_replaces_none(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    first = case.ledger.examined[0]
    second = case.record(case.exhibit(1), REPORT + "\n", {"band": "x"})
    assert case.report(first) == REPORT
    assert case.report(second) == REPORT + "\n"
    assert [one.exhibit for one in case.ledger.examined] == [1, 1]
    assert verify(case.folder).reports == 2


def test_a_transfer_hashes_anew_and_refuses_a_changed_copy(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    entry = case.transfer("to C")
    assert entry.details["hashes"][0]["sha256"] == case.exhibit(1).sha256
    copy = case.copy_of(case.exhibit(1))
    copy.chmod(0o600)
    copy.write_bytes(b"x" * copy.stat().st_size)
    with pytest.raises(CaseDamaged, match="working copy .* was changed"):
        case.transfer("to D")
    assert len(case.entries()) == 6


def test_exhibits_and_notes_that_are_none_are_told(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    with pytest.raises(UsageError, match="it has exhibit 1 only"):
        case.exhibit(2)
    with pytest.raises(UsageError, match="a note is one of"):
        case.note("x", kind="remark")
    with pytest.raises(UsageError, match="empty"):
        case.note("  ")


def test_what_is_no_case_or_no_place_for_one_is_told(tmp_path):
    with pytest.raises(UsageError, match="does not exist; make a case with"):
        Case.open(tmp_path / "nothing")
    with pytest.raises(UsageError, match="holds no case"):
        Case.open(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(UsageError, match="not empty"):
        Case.create(tmp_path / "full", Particulars(name="K"))
    with pytest.raises(UsageError, match="needs a name"):
        Case.create(tmp_path / "K", Particulars(name=" "))
    (tmp_path / "there").mkdir()
    assert Case.create(tmp_path / "there", Particulars(name="K")).head.count == 1


def test_a_case_can_be_read_where_nothing_can_be_written(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    for path in [*files(case.folder), *(one for one in case.folder.rglob("*") if one.is_dir()), case.folder]:
        path.chmod(0o555)
    before = {one: one.stat().st_mtime_ns for one in [*case.folder.rglob("*"), case.folder]}
    assert verify(case.folder).problems == ()
    assert Case.open(case.folder).entries() == case.entries()
    assert {one: one.stat().st_mtime_ns for one in [*case.folder.rglob("*"), case.folder]} == before
    for path in [case.folder, *case.folder.rglob("*")]:
        path.chmod(0o755)


def test_a_case_can_be_moved_and_copied(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    subprocess.run(["cp", "-r", case.folder, tmp_path / "copy"], check=True)
    case.folder.rename(tmp_path / "moved")
    for name in ("copy", "moved"):
        assert verify(tmp_path / name).problems == ()
        Case.open(tmp_path / name).note("here now")


# --- the chain -------------------------------------------------------------------------------------------------------


def test_the_chain_can_be_followed_without_veridical(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    previous = "0" * 64
    for number, line in enumerate((one.line for one in case.entries()), 1):
        plain = json.loads(line)
        sha256 = plain.pop("sha256")
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode("ascii")).hexdigest() == sha256
        assert (plain["previous"], plain["number"]) == (previous, number)
        previous = sha256


def test_any_change_of_an_exported_log_is_found(tmp_path):
    lines = [one.line for one in small_case(tmp_path / "K", tmp_path).entries()]
    assert len(chain.from_lines(lines)) == 5
    for changed in (
        lines[1:], [lines[0], *lines[2:]], [lines[0], lines[2], lines[1], *lines[3:]], [*lines, lines[0]],
        [*lines[:3], lines[3].replace("sky", "sea"), lines[4]], [*lines[:4], lines[4].replace(":", ": ", 1)], [*lines, "{}"],
    ):  # fmt: skip
        with pytest.raises(CaseDamaged):
            chain.from_lines(changed)


@pytest.mark.parametrize("body", [None, 7, 0.5, b"{}", "", "[]", "[" * 100_000, '{"number":1}'])
def test_whatever_stands_in_the_place_of_an_entry_is_told(body):
    with pytest.raises(CaseDamaged, match="an entry of the log was changed"):
        chain.read(body, "0" * 64)


def test_the_log_takes_no_fraction():
    with pytest.raises(TypeError, match="no float"):
        chain.canonical({"a": [1, {"b": 0.5}]})
    assert chain.canonical({"b": [True, None, "ä\udcff"], "a": 1}) == '{"a":1,"b":[true,null,"\\u00e4\\udcff"]}'


def test_a_clock_that_was_set_back_is_remarked(tmp_path, monkeypatch):
    case = small_case(tmp_path / "K", tmp_path)

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2001, 1, 1, tzinfo=tz)

    monkeypatch.setattr("veridical.store.entering.datetime", Earlier)
    case.note("yesterday")
    checked = verify(case.folder)
    assert checked.problems == ()
    assert "the clock of the machine was set back" in checked.remarks[0]


def test_the_head_that_was_written_down_is_looked_for(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    early = case.entries()[2].sha256
    assert verify(case.folder, written_down=early[:16].upper()).written_down == 3
    assert "does not hold" in verify(case.folder, written_down="ab" * 32).problems[0]
    assert "eight digits" in verify(case.folder, written_down=early[:4]).problems[0]


# --- for others ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_export_holds_everything_and_checks_itself(tmp_path, name):
    case = small_case(tmp_path / "K", tmp_path)
    entry = export(case, tmp_path / name, with_media=True, pages=lambda text: {".html": f"<p>{len(text)}"})
    folder = tmp_path / "out"
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            archive.extractall(folder)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "hashes.sha256"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256((folder / "hashes.sha256").read_bytes()).hexdigest() == entry.details["hashes_sha256"]
    lines = (folder / "log.jsonl").read_text().splitlines()
    assert chain.from_lines(lines) == case.entries()[:-1]
    assert (folder / "reports" / "0005-0001-photo.jpg.report.json").read_text() == REPORT
    assert (folder / "reports" / "0005-0001-photo.jpg.report.html").exists()
    assert (folder / "media" / "0001-photo.jpg").read_bytes() == (tmp_path / "photo.jpg").read_bytes()
    assert json.loads((folder / "case.json").read_text())["particulars"]["name"] == "K 12"
    assert case.entries()[-1].action == "exported"
    assert not list(tmp_path.glob(".new-*"))


def test_media_leave_a_case_only_when_asked(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    export(case, tmp_path / "out")
    assert not (tmp_path / "out" / "media").exists()


def test_an_export_replaces_nothing_and_takes_nothing_that_was_changed(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    (tmp_path / "there").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        export(case, tmp_path / "there")
    with pytest.raises(UsageError, match="in the case itself"):
        export(case, case.folder / "out")
    stored = case.folder / case.ledger.examined[0].stored
    stored.chmod(0o600)
    stored.write_bytes(b"x")
    with pytest.raises(CaseDamaged, match="was changed"):
        export(case, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert len(case.entries()) == 5


def test_facts_for_the_examiners_report_come_from_the_log(tmp_path):
    case = small_case(tmp_path / "K", tmp_path)
    case.amend({"requester": 'Court "of" X\nsecond line', "authority": "order \x7f 7"})
    case.transfer("to C")
    case.note("looked through", kind="review", by="D")
    facts = facts_of(case, case.exhibit(1))
    assert (facts.case, facts.question, facts.obtained_from) == ("K 12", "Was it altered?", "https://example.org/1")
    assert facts.transfers[0].sha256 == case.exhibit(1).sha256
    assert "before the first examination: (1) It was altered. (2) It was not altered." in facts.agreed
    assert facts.technical_review.endswith("D: looked through")
    assert facts.competence == ""  # was never given: the report names it as open
    assert from_toml(to_toml(facts)) == facts
