"""``veridical case``: from the command line, as a person types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from veridical.cli._app import app
from veridical.report.to_json import from_json
from veridical.store.case import Case

HEAD = re.compile(r"Log: (\d+) entr(?:y|ies), head ([0-9a-f]{64})")


def run(*words: object) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["case", *map(str, words)])
    return result.exit_code, result.output + (str(result.exception) if result.exception else "")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(path, quality=80)
    return path


@pytest.fixture
def case(tmp_path: Path, photo: Path) -> Path:
    folder = tmp_path / "K"
    assert run("new", folder, "--name", "K 1", "--question", "Altered?", "--examiner", "A. Examiner")[0] == 0
    assert (
        run("add", folder, photo, "--obtained-from", "https://example.org", "--obtained-at", "2026-01-02T03:04+01:00")[
            0
        ]
        == 0
    )
    return folder


def head(said: str) -> tuple[str, ...]:
    found = HEAD.search(said)
    assert found, said
    return found.groups()


def test_every_command_that_writes_prints_the_head(case: Path, photo: Path, tmp_path: Path) -> None:
    commands: list[list[object]] = [
        ["add", case, photo], ["agree", case, "--first", "a", "--second", "b", "--with", "C", "--at", "2026-01-01"],
        ["note", case, "seen", "--kind", "observation", "--exhibit", 1, "--by", "D"], ["transfer", case, "to E"],
        ["amend", case, "--authority", "order 7"], ["export", case, "--out", tmp_path / "out"],
    ]  # fmt: skip
    for number, words in enumerate(commands, 3):
        code, said = run(*words)
        assert code == 0, said
        opened = Case.open(case).head
        assert head(said) == (str(number), opened.sha256)
        assert run("check", case, "--head", opened.sha256)[0] == 0
    code, said = run("show", case, "--log")
    assert code == 0
    for text in (
        "Altered?",
        "order 7",
        "https://example.org",
        "2026-01-02T03:04:00+01:00",
        "seen",
        "D",
        "to E",
        "(1) a (2) b",
    ):
        assert text in said


def test_examining_keeps_each_report(case: Path, tmp_path: Path) -> None:
    code, said = run("examine", case, "--only", "spatial.error_level")
    assert code == 0, said
    code, said = run("examine", case)
    assert code != 0
    assert "every exhibit has a report" in said
    code, said = run("examine", case, 1, "--only", "spatial.error_level")
    assert code == 0, said
    opened = Case.open(case)
    assert len(opened.ledger.examined) == 2
    report = from_json(opened.report(opened.ledger.examined[0]))
    assert report.exhibit.sha256 == opened.exhibit(1).sha256
    assert report.exhibit.path == "media/0001-photo.jpg"
    assert opened.ledger.examined[0].summary["statement"] == report.conclusion.statement
    code, said = run("show", case, 1, "--out", tmp_path / "pages")
    assert code == 0, said
    names = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert len(names) == 6
    assert json.loads((tmp_path / "pages" / "0003-0001-photo.jpg.report.json").read_text())["schema_version"]
    code, said = run("show", case, 1, "--out", tmp_path / "pages")
    assert code != 0
    assert "is there already" in said


def test_a_report_with_observations_is_kept_beside_the_first(case: Path, photo: Path, tmp_path: Path) -> None:
    run("examine", case, "--only", "spatial.error_level")
    run("show", case, 1, "--out", tmp_path / "pages")
    (made,) = (tmp_path / "pages").glob("*.json")
    code, said = run("keep", case, made)
    assert code != 0
    assert "in the case already, as entry 3" in said
    plain = json.loads(made.read_text())
    seen = {"finding": "spatial.error_level", "item": 1, "question": "?", "answer": "present"}
    plain["observations"] = [{**seen, "note": "", "examiner": "A", "when": ""}]
    made.write_text(json.dumps(plain))
    code, said = run("keep", case, made, "--by", "B")
    assert code == 0, said
    opened = Case.open(case)
    assert [one.source for one in opened.ledger.examined] == ["", str(made)]
    assert opened.report(opened.ledger.examined[1]) == made.read_text()
    assert (opened.entries()[-1].action, opened.entries()[-1].actor) == ("report kept", "B")
    assert "with 1 observation" in run("show", case)[1]
    plain["exhibit"]["sha256"] = "0" * 64
    made.write_text(json.dumps(plain))
    assert "no exhibit of this case" in run("keep", case, made)[1]
    assert run("keep", case, photo)[0] != 0
    assert run("check", case)[0] == 0


def test_what_cannot_be_examined_is_reported_and_kept(case: Path, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("a letter")
    code, said = run("add", case, text)
    assert code == 0
    assert "cannot be examined" in said
    code, said = run("examine", case, 2, "--only", "spatial.error_level")
    assert code == 1
    opened = Case.open(case)
    assert opened.ledger.examined[-1].summary["error"]
    assert run("check", case)[0] == 0


def test_a_changed_working_copy_is_not_examined(case: Path) -> None:
    copy = case / "media" / "0001-photo.jpg"
    copy.chmod(0o600)
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    code, said = run("examine", case, "--only", "spatial.error_level")
    assert code == 1
    assert "was changed" in said
    code, said = run("check", case)
    assert code == 1
    assert "NOT as it was written: 1 problem" in said
    assert Case.open(case).head.count == 2


def test_one_file_that_is_refused_keeps_no_other_out(case: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (9, 9)).save(other)
    code, said = run("add", case, tmp_path / "nothing.jpg", other)
    assert code == 1
    assert "there is no such file" in said
    assert "Exhibit 2" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", "K", "--name", "again"], "not empty"),
        (["note", "nowhere", "x"], "does not exist"),
        (["show", "K", "7"], "it has exhibit 1 only"),
        (["note", "K", "x", "--kind", "remark"], "a note is one of"),
        (["note", "K", "x", "--exhibit", "3"], "no exhibit 3"),
        (["add", "K", "photo.jpg", "--obtained-at", "2026-01-02T03:04"], "says no zone"),
        (["add", "K", "photo.jpg", "--obtained-at", "yesterday"], "takes a time such as"),
        (["add", "K", "photo.jpg", "--obtained-at", "2999-01-01"], "in the future"),
        (["add", "K", "photo.jpg", "--nature", "copy"], "original or derivative"),
        (["agree", "K", "--first", "a", "--second", "a"], "two propositions"),
        (["amend", "K"], "nothing to change"),
        (["examine", "K", "--only", "spatial.nothing"], "spatial.nothing"),
        (["export", "K", "--out", "photo.jpg"], "is there already"),
        (["check", "media"], "holds no case"),
        (["list", "nowhere"], "is no folder"),
    ],
)
def test_wrong_use_is_told_and_changes_nothing(
    case: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(case.parent)
    (case.parent / "media").mkdir()
    before = Case.open(case).head
    code, text = run(*words)
    assert code != 0
    assert said in text
    assert Case.open(case).head == before


def test_cases_are_listed_and_damaged_ones_named(case: Path, tmp_path: Path) -> None:
    code, said = run("list", tmp_path)
    assert code == 0
    assert "K 1" in said
    run("new", tmp_path / "L", "--name", "L 2")
    (tmp_path / "L" / "HEAD").unlink()
    code, said = run("list", tmp_path)
    assert "K 1" in said
    assert (code, "is missing" in said) == (1, True)
    repository = tmp_path / "repository"  # of another program
    repository.mkdir()
    (repository / "HEAD").write_text("ref: refs/heads/main")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert "repository" not in run("list", tmp_path)[1]
    (tmp_path / "empty").mkdir()
    assert "no case lies in" in run("list", tmp_path / "empty")[1]
