from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from veridical.cli._app import app
from veridical.report.model import ReportedCheck
from veridical.report.to_json import from_json, to_json

from ..report.reports import make_photo


@pytest.fixture
def report(tmp_path: Path) -> Path:
    made = make_photo()
    check = ReportedCheck(question="Does one ear lack its earring?", hint="", where=(), pictures=())
    first = replace(made.findings[0], aid=True, checklist=(check,))
    path = tmp_path / "photo.report.json"
    path.write_text(to_json(replace(made, findings=(first, *made.findings[1:]))))
    return path


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["observe", *map(str, words)])
    return result.exit_code, result.output + (str(result.exception) if result.exception else "")


def test_ticks_are_added_to_a_new_report_and_the_old_one_stays(report: Path) -> None:
    before = report.read_bytes()
    tick = "spatial.error_level:1=present"
    code, said = run(report, "--tick", tick, "--by", "A. Examiner", "--note", "left ear")
    assert code == 0, said
    assert "1 observation in the report" in said
    (new,) = (path for path in report.parent.glob("*.report.json") if path != report)
    (one,) = from_json(new.read_text()).observations
    assert (one.answer, one.note, one.examiner) == ("present", "left ear", "A. Examiner")
    assert "left ear" in new.with_suffix(".html").read_text()
    assert report.read_bytes() == before


def test_the_file_of_the_page_is_added(report: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    sha256 = from_json(report.read_text()).exhibit.sha256
    answer = {"finding": "spatial.error_level", "item": 1, "answer": "unsure", "note": ""}
    content = {"exhibit": sha256, "examiner": "B", "when": "2026-11-23T10:00:00Z", "answers": [answer]}
    answers.write_text(json.dumps(content))
    assert run(report, answers, "--out", tmp_path / "new")[0] == 0
    (new,) = (tmp_path / "new").glob("*.report.json")
    assert from_json(new.read_text()).observations[0].answer == "unsure"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is no answer to add"),
        (["--tick", "spatial.error_level:1=present"], "--by NAME"),
        (["--tick", "spatial.error_level:9=present", "--by", "A"], "questions 1 to 1"),
        (["--tick", "nonsense", "--by", "A"], "--tick takes"),
        (["missing.json"], "cannot be read"),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_is_written(report: Path, words: list[str], said: str) -> None:
    code, output = run(report, *words)
    assert code != 0
    assert said in " ".join(output.split())
    assert [path.name for path in report.parent.iterdir()] == [report.name]
