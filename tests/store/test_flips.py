"""One flipped bit, anywhere in a case: found."""

from __future__ import annotations

import random

import pytest

from veridical.errors import CaseDamaged
from veridical.store import database
from veridical.store.case import Case
from veridical.store.verify import verify

from .cases import die, files, flip, in_child, small_case

SAMPLED = 400


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    return small_case(folder / "K12", folder).folder


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory):
    """A case whose last command was killed between the acceptance of its entry and the end of its work on the database."""
    folder = tmp_path_factory.mktemp("cut_off")
    made = small_case(folder / "K12", folder)

    def killed():
        database._into_one_file = lambda connection: die()
        made.note("accepted, and then killed " * 20)

    assert in_child(killed) == -9
    return made.folder


def places(path, chance, most=SAMPLED):
    size = path.stat().st_size
    return range(size) if size <= most else sorted(chance.sample(range(size), most))


def missed(folder, path, where, chance):
    left = []
    for place in where:
        bit = 1 << chance.randrange(8)
        flip(path, place, bit)
        if not verify(folder).problems:
            left.append(place)
        flip(path, place, bit)
    return left


def test_a_case_that_was_left_alone_has_no_fault(case):
    checked = verify(case)
    assert (checked.problems, checked.remarks) == ((), ())
    assert (checked.entries, checked.exhibits, checked.reports) == (5, 1, 1)


@pytest.mark.parametrize("name", ["HEAD", "case.db", "media", "reports"])
def test_every_flipped_bit_is_found(case, name):
    chance = random.Random(name)
    of_name = [path for path in files(case) if path.relative_to(case).parts[0] == name]
    assert of_name
    for path in of_name:
        assert missed(case, path, places(path, chance), chance) == []
    assert verify(case).problems == ()


@pytest.mark.parametrize("spoil", ["lost", "unreadable"])
def test_of_a_damaged_log_nothing_is_said_to_be_whole_or_left_by_a_kill(tmp_path, spoil):
    folder = small_case(tmp_path / "K12", tmp_path).folder
    before = sorted(str(path.relative_to(folder)) for path in files(folder) if path.parent != folder)
    if spoil == "lost":
        (folder / "case.db").unlink()
    else:
        flip(folder / "case.db", (folder / "case.db").read_bytes().index(b"sky looks odd"))
    checked = verify(folder)
    said = " ".join(checked.remarks)
    assert checked.problems
    assert "killed" not in said
    assert "whole" not in said
    assert not any("is no file of this case" in one for one in checked.problems)
    assert all(name in said for name in before)
    (folder / "elsewhere.txt").write_text("put there")
    assert any("elsewhere.txt is no file of this case" in one for one in verify(folder).problems)


def test_the_pages_of_the_database_that_hold_nothing_are_covered_too(case):
    path = case / "case.db"
    data = path.read_bytes()
    empty = [place for place in range(len(data)) if data[place] == 0]
    chance = random.Random(1)
    assert len(empty) > 500
    assert missed(case, path, chance.sample(empty, 200), chance) == []


def test_flips_in_what_a_killed_command_left_are_found(cut_off):
    checked = verify(cut_off)
    assert checked.problems == ()
    assert checked.entries == 6
    assert any("killed" in one for one in checked.remarks)
    chance = random.Random(2)
    for name in ("HEAD", "case.db-wal"):
        path = cut_off / name
        assert missed(cut_off, path, places(path, chance), chance) == []


def test_a_flip_in_a_page_that_the_wal_holds_changes_nothing_and_any_other_is_found(cut_off):
    """In the cut-off state a page of the file counts only where the WAL has no newer one."""
    chance = random.Random(3)
    head = Case.open(cut_off).head
    path = cut_off / "case.db"
    for place in places(path, chance):
        bit = 1 << chance.randrange(8)
        flip(path, place, bit)
        if not verify(cut_off).problems:
            assert Case.open(cut_off).head == head  # every byte of the state that HEAD names is there
        flip(path, place, bit)


def test_a_damaged_log_is_not_written_to(case, tmp_path):
    path = case / "case.db"
    place = path.read_bytes().rindex(b"The sky looks odd")
    flip(path, place)
    try:
        before = {one: one.read_bytes() for one in files(case)}
        with pytest.raises(CaseDamaged, match="changed"):
            Case.open(case)
        assert {one: one.read_bytes() for one in files(case)} == before
        assert any("entry" in one for one in verify(case).problems)
    finally:
        flip(path, place)
    Case.open(case)


def test_the_end_of_the_log_cannot_be_cut_off(tmp_path):
    made = small_case(tmp_path / "K12", tmp_path)
    early = {one.name: one.read_bytes() for one in files(made.folder)}
    written_down = made.note("the last word").sha256
    for name in ("case.db", "HEAD"):
        later = (made.folder / name).read_bytes()
        (made.folder / name).chmod(0o600)
        (made.folder / name).write_bytes(early[name])
        if name == "case.db":  # HEAD is kept: found by itself
            assert verify(made.folder).problems
    assert later != early["HEAD"]
    # who puts back HEAD as well is found by what was written down
    assert verify(made.folder).problems == ()
    assert "does not hold the entry" in verify(made.folder, written_down=written_down).problems[0]


def test_files_that_are_gone_or_too_many_are_found(tmp_path):
    made = small_case(tmp_path / "K12", tmp_path)
    for path in files(made.folder):
        kept = path.rename(tmp_path / "aside")
        assert [one for one in _problems(made.folder) if path.name in one], path
        kept.rename(path)
    (made.folder / "media" / "extra.jpg").write_bytes(b"x")
    assert "media/extra.jpg is no file of this case" in verify(made.folder).problems[0]


def _problems(folder):
    return verify(folder).problems
