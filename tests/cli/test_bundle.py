"""Keys, bundles and checks of bundles, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from veridical.cli._app import app

from ..bundle.bundles import small_report, write_report


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_KEYS", str(tmp_path / "keys"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: object, answers: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, words)], input=answers)
    return result.exit_code, " ".join((result.output + (str(result.exception) if result.exception else "")).split())


def test_from_a_key_to_a_checked_bundle(folder: Path) -> None:
    code, said = run("keys", "new")
    assert code == 0, said
    assert "(no passphrase)" in said
    report = write_report(folder)
    code, said = run("bundle", report, "--with-media")
    assert code == 0, said
    assert "1 report about 1 file, 1 of them in it" in said
    (path,) = folder.glob("photo.png.*.bundle.zip")
    code, said = run("verify", path)
    assert code == 0, said
    assert "whose key that is was not checked" in said
    code, said = run("verify", path, "--trust", folder / "keys" / "default.pub")
    assert code == 0, said
    assert "unchanged since it was signed by 'default', key" in said
    assert "which you trust as 'default' (one of your own keys)" in said


def test_the_word_valid_never_stands_alone(folder: Path) -> None:
    run("keys", "new")
    run("bundle", write_report(folder), "--out", "a.zip")
    for options in ([], ["--trust", "keys/default.pub"]):
        said = run("verify", "a.zip", *options)[1]
        assert "valid" not in said.lower()
        assert "signed by" in said


def test_a_stranger_and_a_changed_byte_are_refused(folder: Path) -> None:
    run("keys", "new", "one")
    run("keys", "new", "two")
    assert run("bundle", write_report(folder), "--out", "a.zip", "--key", "one")[0] == 0
    code, said = run("verify", "a.zip", "--trust", "keys/two.pub")
    assert code == 1
    assert "WRONG signer: the manifest is signed by key" in said
    data = bytearray(Path("a.zip").read_bytes())
    data[len(data) // 2] ^= 1
    Path("b.zip").write_bytes(data)
    code, said = run("verify", "b.zip")
    assert code == 1
    assert "WRONG reports/1." in said
    assert "do not rely on it" in said
    code, said = run("verify", "b.zip", "--replay")
    assert code == 1
    assert "not done again" in said


def test_the_verdict_as_json(folder: Path) -> None:
    run("keys", "new")
    run("bundle", write_report(folder), "--out", "a.zip")
    result = CliRunner().invoke(app, ["verify", "a.zip", "--json"])
    said = json.loads(result.output)
    assert said["intact"] is True
    assert said["signed_by"]["trusted"] is False
    Path("b.zip").write_bytes(Path("a.zip").read_bytes()[:-1])
    said = json.loads(CliRunner().invoke(app, ["verify", "b.zip", "--json", "--replay"]).output)
    assert said["intact"] is False
    assert said["faults"][0]["problem"] == "the file ends before its directory does"
    assert said["signed_by"]["trusted"] is False


def test_replay_says_what_cannot_be_done_again(folder: Path) -> None:
    run("keys", "new")
    run("bundle", write_report(folder), "--out", "a.zip")
    code, said = run("verify", "a.zip", "--replay")
    assert code == 1
    assert "give it with --media FILE" in said
    code, said = run("verify", "a.zip", "--replay", "--media", "photo.png")
    assert code == 1
    assert "version: 0.1 then" in said


def test_a_passphrase_from_a_file_or_a_terminal(folder: Path) -> None:
    Path("pass").write_text("open sesame\n")
    code, said = run("keys", "new", "--passphrase-file", "pass")
    assert code == 0
    assert "no passphrase" not in said
    report = write_report(folder)
    code, said = run("bundle", report, "--out", "a.zip")
    assert code == 1
    assert "--passphrase-file" in said
    assert run("bundle", report, "--out", "a.zip", "--passphrase-file", "pass")[0] == 0
    code, said = run("keys", "new", "asked", "--passphrase", answers="x y\nx y\n")
    assert code == 0, said
    Path("pass").write_text("")
    assert "no passphrase in its first line" in run("keys", "new", "b", "--passphrase-file", "pass")[1]
    assert "cannot be read" in run("keys", "new", "b", "--passphrase-file", "none")[1]


def test_keys_are_listed_and_shown() -> None:
    assert "make one with: veridical keys new" in run("keys", "list")[1]
    made = run("keys", "new", "laboratory")[1]
    id = made.rpartition(" ")[2]
    assert id in run("keys", "list")[1]
    said = run("keys", "show", "laboratory")[1]
    assert said.startswith(f"# laboratory # id {id} -----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bundle", "photo.report.json", "--tsa", "x"], "--timestamp-url"),
        (["bundle", "none.json"], "cannot be read"),
        (["bundle", "photo.report.json", "--key", "none"], "no key and no file"),
        (["bundle", "case", "photo.report.json"], "one case, or reports"),
        (["bundle", "case", "--media", "photo.png"], "--media is for reports"),
        (["verify", "none.zip"], "cannot be read"),
        (["verify", "case"], "make one with: veridical bundle"),
        (["verify", "photo.report.json", "--media", "photo.png"], "give --replay too"),
        (["verify", "photo.report.json", "--trust", "photo.png"], "holds no public key"),
        (["verify", "photo.report.json", "--tsa", "photo.png"], "holds no certificate"),
    ],
)
def test_wrong_usage_says_what_to_do(folder: Path, words: list[str], said: str) -> None:
    run("keys", "new")
    write_report(folder)
    make_case(folder)
    code, found = run(*words)
    assert code != 0
    assert said in found


def make_case(folder: Path) -> None:
    from veridical.report.to_json import to_json
    from veridical.store.case import Case
    from veridical.store.ledger import Particulars

    case = Case.create(folder / "case", Particulars(name="2026-7", examiner="A. Examiner"))
    media = folder / "photo.png"
    exhibit, _ = case.add(media)
    case.record(exhibit, to_json(small_report(media)), {"band": "inconclusive"})


def test_a_case_becomes_a_bundle_and_its_log_tells_so(folder: Path) -> None:
    run("keys", "new")
    write_report(folder)
    make_case(folder)
    code, said = run("bundle", "case")
    assert code == 0, said
    code, said = run("verify", "case.bundle.zip")
    assert code == 0, said
    assert "one unbroken chain of 3 entries, head " in said
    from veridical.store.case import Case

    entry = Case.open(folder / "case").entries()[-1]
    assert entry.action == "exported"
    assert entry.details["bundle"] == "case.bundle.zip"


def test_a_damaged_case_is_refused(folder: Path) -> None:
    run("keys", "new")
    write_report(folder)
    make_case(folder)
    (copy,) = (folder / "case" / "media").iterdir()
    copy.chmod(0o644)
    copy.write_bytes(b"altered")
    code, said = run("bundle", "case")
    assert code == 1
    assert "cannot be bundled" in said
    assert not list(folder.glob("*.zip"))
