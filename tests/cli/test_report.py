"""``veridical report``: both files beside the data, the facts of a case, the language, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from veridical.cli._app import app
from veridical.report.to_json import to_json

from ..report.reports import make_photo


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg.0f0f0f0f.report.json"
    path.write_text(to_json(make_photo()))
    return path


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["report", *map(str, words)])
    return result.exit_code, result.output + (str(result.exception) if result.exception else "")


def test_both_are_written_beside_the_data(data: Path) -> None:
    before = data.read_bytes()
    code, said = run(data)
    assert code == 0, said
    pdf, page = (data.with_name(f"photo.jpg.0f0f0f0f.examiner.{ending}") for ending in ("pdf", "html"))
    assert pdf.read_bytes().startswith(b"%PDF")
    assert "Not given: Requested by." in page.read_text()
    assert "boxes left open" in said
    assert data.read_bytes() == before


def test_facts_and_language(data: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        'requester = "Procura della Repubblica"\n[[transfers]]\nwhen = "2026-11-20"\nsha256 = "' + "0f" * 32 + '"\n'
    )
    page = tmp_path / "new" / "page.html"
    code, said = run(data, "--facts", facts, "--language", "it", "--html", page)
    assert code == 0, said
    text = page.read_text()
    assert "Procura della Repubblica" in text and 'lang="it"' in text
    assert "lo stesso del file esaminato" in text
    assert not list(tmp_path.glob("*.pdf"))


def test_the_setting_chooses_the_language(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_LANGUAGE", "it")
    assert run(data, "--html", tmp_path / "a.html")[0] == 0
    assert "Relazione tecnica" in (tmp_path / "a.html").read_text()


def test_the_summary_alone(data: Path, tmp_path: Path) -> None:
    code, said = run(data, "--summary", "--pdf", tmp_path / "s.pdf")
    assert code == 0 and "left open" not in said
    assert (tmp_path / "s.pdf").stat().st_size < 400_000
    assert run(data, "--summary")[0] == 0
    assert data.with_name("photo.jpg.0f0f0f0f.summary.examiner.html").exists()


def test_the_same_data_give_the_same_pdf(data: Path, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        assert run(data, "--pdf", tmp_path / name)[0] == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_what_is_there_is_kept(data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("mine")
    code, said = run(data, "--pdf", tmp_path / "a.pdf", "--html", tmp_path / "b.html")
    assert code != 0 and "there already and is kept" in said
    assert (tmp_path / "a.pdf").read_text() == "mine"
    assert not (tmp_path / "b.html").exists()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("requestor = 'x'", "did you mean 'requester'"),
        ("flavour = 'x'", "the facts are: case"),
        ("requester", "not TOML"),
        ("requester = ['a']", "must be a text"),
        ("transfers = 'x'", "[[transfers]]"),
        ("[[transfers]]\nhash = 'x'", "no fact"),
    ],
)
def test_facts_that_are_none_are_refused(data: Path, tmp_path: Path, toml: str, said: str) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(toml)
    code, told = run(data, "--facts", facts)
    assert code != 0 and said in told
    assert not list(tmp_path.glob("*.examiner.*"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    assert "is not text" in run(tmp_path / "photo.jpg")[1]
    (tmp_path / "a.json").write_text("{}")
    assert "report" in run(tmp_path / "a.json")[1]
    assert "cannot be read" in run(tmp_path / "none.json")[1]


def test_an_unknown_language_names_the_known_ones(data: Path) -> None:
    code, said = run(data, "--language", "fr")
    assert code != 0 and "en, it" in said
