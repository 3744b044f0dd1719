"""The command line as a user types it: reports, JSON, selection, knobs, exit codes, Ctrl-C."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow
from typer.testing import CliRunner

from veridical.cli import _reports, app, main
from veridical.cli.examine import parse_knobs
from veridical.errors import UsageError
from veridical.examiner import Examiner
from veridical.report.json_schema import schema


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from skimage.data import astronaut

    path = tmp_path_factory.mktemp("photo") / "photo [1].jpg"
    Pillow.fromarray(astronaut()[:320, :320]).save(path, quality=92)
    return path


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VERIDICAL_CACHE", "off")
    monkeypatch.chdir(tmp_path)


def run(
    *words: str | Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["veridical", *map(str, words)])
    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    return int(code or 0), said.out, said.err  # type: ignore[call-overload]


def test_examine_writes_a_page_and_the_same_as_data(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, _ = run("examine", photograph, "--out", tmp_path / "r", capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0
    (page,) = (tmp_path / "r").glob("*.html")
    plain = json.loads(page.with_suffix(".json").read_text())
    jsonschema.validate(plain, schema())
    assert plain["record"]["command"].startswith("veridical examine") and "photo [1].jpg" in page.read_text()
    assert f"Conclusion: {plain['conclusion']['band']}" in said and page.name in said.replace("\n", "")


def test_json_goes_to_standard_output_alone_and_one_line_a_file_if_there_are_several(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--json", "--only", "provenance")
    code, said, _ = run("examine", photograph, *words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0
    jsonschema.validate(json.loads(said), schema())
    (tmp_path / "empty.jpg").touch()
    code, said, wrong = run("examine", photograph, "empty.jpg", *words, capsys=capsys, monkeypatch=monkeypatch)
    reports = [json.loads(line) for line in said.splitlines()]
    assert code == 1 and [bool(report["error"]) for report in reports] == [False, True]
    assert "empty.jpg: the file is empty" in wrong and not list(tmp_path.glob("*.html"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--only", "spatial.error"), "did you mean spatial.error_level?"),
        (("--set", "spatial.error_level.depth=3"), "has no knob 'depth'"),
        (("--set", "quality=3"), "ID.KNOB=VALUE"),
        (("--set", "spatial.error_level.quality=high"), "takes a whole number such as 90"),
    ],
)
def test_wrong_words_end_with_one_line_and_exit_code_2(
    photograph: Path,
    words: tuple[str, ...],
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, said, wrong = run("examine", photograph, *words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and said == "" and says in wrong.replace("\n", " ") and "Traceback" not in wrong


def test_a_missing_file_ends_with_exit_code_1_and_leaves_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, wrong = run("examine", "nothing.png", capsys=capsys, monkeypatch=monkeypatch)
    assert code == 1 and "there is no such file" in wrong and not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    words = ("examine", photograph, "--only", "provenance", "--out", tmp_path / "file")
    code, _, wrong = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and "choose another folder with --out" in wrong.replace("\n", " ")


def test_a_further_report_never_replaces_an_earlier_one(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / photograph.name
    copy.write_bytes(photograph.read_bytes())
    words = ("examine", photograph, copy, "--out", tmp_path / "r", "--only", "provenance")
    assert run(*words, capsys=capsys, monkeypatch=monkeypatch)[0] == 0
    first = {path: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    assert len(first) == 4
    assert {json.loads(data)["exhibit"]["path"] for path, data in first.items() if path.suffix == ".json"} == {
        str(photograph), str(copy)
    }  # fmt: skip
    assert run(*words[:2], *words[3:], capsys=capsys, monkeypatch=monkeypatch)[0] == 0
    after = {path: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    assert first.items() <= after.items()
    added = sorted(path.name for path in set(after) - set(first))
    stem = f"{photograph.name}.{hashlib.sha256(photograph.read_bytes()).hexdigest()[:8]}-3.report"
    assert added == [f"{stem}.html", f"{stem}.json"]


def test_a_page_without_its_data_or_data_without_its_page_count_as_taken(tmp_path: Path) -> None:
    (tmp_path / "a.report.html").write_text("other")
    (tmp_path / "a-2.report.json").write_text("other")
    page = _reports.write(tmp_path, "a", page="page", data="data")
    assert page.name == "a-3.report.html"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.report.html": "other", "a-2.report.json": "other", "a-3.report.html": "page", "a-3.report.json": "data"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["n" * 251 + ".jpg", "Zoë" * 62 + ".jpg", "a\x1b]0;b\u202ec\n.jpg", "bad\udcff.jpg"])
def test_a_report_has_a_name_that_every_file_system_takes(name: str) -> None:
    stem = _reports.stem_of(name, "0123456789")
    assert len(os.fsencode(f"{stem}-99.report.html")) <= 255
    assert stem.isprintable() and stem.endswith(".01234567")
    assert stem[:3] == name[:3].replace("\x1b", "_")
    stem.encode("utf-8")


def test_a_report_that_cannot_be_written_is_said_and_the_others_are_written(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = _reports.write

    def full(folder: Path, stem: str, **texts: str) -> Path:
        if stem.startswith("first"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(folder, stem, **texts)

    monkeypatch.setattr(_reports, "write", full)
    for name in ("first.jpg", "n" * 251 + ".jpg"):
        (tmp_path / name).write_bytes(photograph.read_bytes())
    words = ("examine", "first.jpg", "n" * 251 + ".jpg", "--out", "r", "--only", "provenance")
    code, said, wrong = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and "first.jpg: its report could not be written to r (No space left on device)" in wrong
    (page,) = (tmp_path / "r").glob("n*.html")
    assert f"Report: r/{page.name}" in said.splitlines()


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        _reports.write(tmp_path, "a", page="page", data="\ud800")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("--out", "r"), ("--open",)])
def test_json_on_standard_output_goes_with_no_files(
    words: tuple[str, ...], photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, wrong = run("examine", photograph, "--json", *words, capsys=capsys, monkeypatch=monkeypatch)
    assert (code, said) == (2, "") and f"--json writes no files, so it cannot go with {words[0]}" in wrong


def test_a_file_name_cannot_command_the_terminal(
    tmp_path: Path, photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    import veridical.cli._console as console
    import veridical.cli.examine as command

    terminal = Console(stderr=True, force_terminal=True, width=200, color_system=None)
    monkeypatch.setattr(command, "err", terminal)
    monkeypatch.setattr(console, "err", terminal)
    name = "a\x1b]0;owned\x07\x9b31m\u202e\nerror: b.jpg"
    (tmp_path / name).touch()
    (tmp_path / f"c{name}").write_bytes(photograph.read_bytes())
    words = ("examine", name, f"c{name}", "--only", "provenance")
    code, said, wrong = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 1 and r"error: a\x1b]0;owned\x07\x9b31m\u202e\x0aerror: b.jpg: the file is empty" in wrong
    assert "\x1b]" not in said + wrong and not {"\x07", "\x9b", "\u202e"} & set(said + wrong)


def test_a_report_path_can_be_copied(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("examine", photograph, "--only", "provenance", "--out", "two  spaces  " + "x" * 150)
    _, said, _ = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert Path(said.splitlines()[-1].removeprefix("Report: ")).is_file()


def test_a_fault_of_an_examination_is_exit_code_3_and_the_rest_is_reported(
    photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Examiner._judge

    def fault(self: Examiner, measured: object) -> object:
        monkeypatch.setattr(Examiner, "_judge", judge)
        return "failed", "ZeroDivisionError: planted", "Traceback: planted"

    monkeypatch.setattr(Examiner, "_judge", fault)
    words = ("examine", photograph, "--json", "--only", "provenance", "--only", "spatial.error_level")
    code, said, _ = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    outcomes = [finding["outcome"] for finding in json.loads(said)["findings"]]
    assert code == 3 and outcomes.count("failed") == 1 and "measured" in outcomes


def test_knobs_are_read_by_their_form() -> None:
    assert parse_knobs(["a.b.c=1", "a.b.d=1.5", "a.b.e=true", "a.b.f=x=y"]) == {
        "a.b": {"c": 1, "d": 1.5, "e": True, "f": "x=y"}
    }
    with pytest.raises(UsageError):
        parse_knobs(["=1"])


def test_list_and_explain_come_from_the_catalogue() -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["list", "--json"])
    ids = [row["id"] for row in json.loads(listed.output)]
    assert "temporal.blink" in ids and "spatial.error_level" in runner.invoke(app, ["list"]).output
    told = runner.invoke(app, ["explain", "temporal.blink"]).output
    assert "Also caused by" in told and "--set temporal.blink.least_s=" in told


def test_explain_fills_the_lines_of_a_narrow_terminal() -> None:
    from veridical import catalogue

    told = CliRunner(env={"COLUMNS": "60"}).invoke(app, ["explain", "temporal.flicker"]).output.splitlines()
    first, last = told.index("Method"), told.index("What a high value means")
    lines = [line.rstrip() for line in told[first + 1 : last] if line.strip()]
    text = " ".join(catalogue.load().find("temporal.flicker").sections["Method"].split())
    assert " ".join(line.strip() for line in lines) == text
    words = [line.split()[0] for line in lines]
    assert all(len(line) + 1 + len(word) > 56 for line, word in zip(lines, words[1:], strict=False))


def test_the_version_is_printed() -> None:
    from veridical import __version__

    assert CliRunner().invoke(app, ["--version"]).output.strip() == f"veridical {__version__}"


TELLING = """
import sys
from veridical.cli import examine, main

def tell(self, progress):
    print("ends" if progress.finding else "starts", progress.id, file=sys.stderr, flush=True)

examine._Quiet.tell = tell
main()
"""


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    from skimage.data import astronaut
    from skimage.transform import rescale

    big = tmp_path / "big.png"
    Pillow.fromarray((rescale(astronaut(), 6, channel_axis=2, order=0) * 255).astype("uint8")).save(
        big, compress_level=1
    )
    command = [sys.executable, "-c", TELLING, "examine", str(big), "--json"]
    command += ["--only", "spatial.error_level", "--only", "spatial.jpeg_ghosts"]
    command += ["--set", "spatial.jpeg_ghosts.shifts=64"]  # long enough to be interrupted in the middle
    environment = os.environ | {"VERIDICAL_CACHE": "off"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    assert process.stderr is not None
    while "starts spatial.jpeg_ghosts" not in (line := process.stderr.readline()):
        assert line, "it ended before it could be interrupted"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=120)
    assert process.returncode == 130, wrong
    report = json.loads(said)
    assert report["record"]["interrupted"] and [one["id"] for one in report["findings"]] == ["spatial.error_level"]
    assert any("interrupted" in one["reason"] for one in report["not_examined"])


def test_ctrl_c_is_said_wherever_it_comes(
    photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("veridical.catalogue.load", interrupt)  # inside a command
        assert run("examine", photograph, capsys=capsys, monkeypatch=patched) == (130, "", "interrupted\n")
    with monkeypatch.context() as patched:
        patched.setattr("veridical.cli._app.app", interrupt)  # outside
        assert run("list", capsys=capsys, monkeypatch=patched) == (130, "", "interrupted\n")


@pytest.mark.slow
@pytest.mark.parametrize("module", ["rich", "typer", "numpy", "veridical.cli.examine", "veridical.pipeline"])
def test_ctrl_c_while_modules_load_ends_with_one_word(module: str, tmp_path: Path) -> None:
    code = (  # Ctrl-C exactly when this module is asked for, whatever the speed of the machine
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from veridical.cli import main\n"
        "main()"
    )
    command = [sys.executable, "-c", code, "examine", "photo.jpg"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "interrupted\n")


def test_on_a_terminal_every_finding_is_shown_as_it_is_made(
    photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    import veridical.cli.examine as command

    monkeypatch.setattr(command, "err", Console(stderr=True, force_terminal=True, width=200))
    words = ("examine", photograph, "--json", "--only", "provenance")
    code, _, shown = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0 and "No Content Credentials were found" in shown and "not applicable" in shown


def test_a_report_is_opened_in_the_browser_or_it_is_said(
    photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or len(opened) > 1)
    words = ("examine", photograph, "--only", "provenance", "--open")
    _, _, said = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert "no browser could be opened" in said and opened[0].startswith("file:///") and opened[0].endswith(".html")
    assert "no browser" not in run(*words, capsys=capsys, monkeypatch=monkeypatch)[2]


def test_the_demo_makes_both_pictures_and_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, _ = run("demo", "--out", tmp_path / "demo", capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0 and len(list((tmp_path / "demo").glob("*.report.html"))) == 2
    assert "compositeWithTrainedAlgorithmicMedia" in said


def test_the_sound_is_left_out_on_wish(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(1).normal(0, 0.1, 24000), 16000)
    for more, there in (((), True), (("--no-sound",), False)):
        words = ("examine", tmp_path / "a.wav", "--json", "--only", "audio.bandwidth", *more)
        code, said, _ = run(*words, capsys=capsys, monkeypatch=monkeypatch)
        assert code == 0
        sound = json.loads(said)["exhibit"]["sound"]
        assert (sound["copy"] is not None) == there
        assert sound["levels"]["shape"][0] == 256


def test_stability_is_tested_if_asked_for(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("examine", photograph, "--only", "spatial.error_level", "--out", tmp_path / "r")
    code, said, _ = run(*words, "--stability", "--stability-budget", "30", capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0 and "Stability: 8 benign re-encodings" in said
    (data,) = (tmp_path / "r").glob("*.json")
    held = json.loads(data.read_text())["conclusion"]["stability"]
    assert held["budget_s"] == 30 and len(held["variants"]) == 9
    code, said, _ = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0 and "Stability" not in said


@pytest.mark.parametrize("wrong", [("--stability-budget", "9"), ("--stability", "--stability-budget", "0")])
def test_a_budget_needs_a_test_and_time(
    wrong: tuple[str, ...], photograph: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, complaint = run("examine", photograph, *wrong, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and "--stability" in complaint
