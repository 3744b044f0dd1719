"""``veridical models add, check, calibrate, remove``, what ``list`` says, and the example of the documentation as it stands."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from veridical import catalogue, cli
from veridical.calibrate import adapters as bench
from veridical.cli import models as command
from veridical.errors import VeridicalWarning
from veridical.models import adapter_state, adapters, runtime, store

from ..models import adapter_kit, tiny_nets

DOCUMENT = Path(__file__).parents[2] / "docs" / "adapters.md"


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    yield adapter_kit.home(tmp_path, monkeypatch)
    runtime.forget()
    catalogue.load.cache_clear()


def run(*arguments):
    done = CliRunner(env={"COLUMNS": "400"}).invoke(command.app, [str(one) for one in arguments])
    return done.exit_code, " ".join(done.output.split())


def shelf(folder, text=adapter_kit.TEXT, content=None):
    """Write an adapter, its network, and a dark and a bright picture."""
    folder.mkdir(exist_ok=True)
    (folder / "net.onnx").write_bytes(tiny_nets.brightness(16) if content is None else content)
    for name, level in (("dark", 0.2), ("bright", 0.8)):
        adapter_kit.picture(folder / f"{name}.png", level)
    (folder / "a.toml").write_text(text)
    return folder / "a.toml"


def polar(real, fake, text=adapter_kit.TEXT):
    return f'{text}[polarity]\nreal = ["{real}.png"]\nfake = ["{fake}.png"]\n'


def test_the_example_of_the_documentation_becomes_an_examination(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert len([line for line in text.splitlines() if line.strip()]) <= 25
    (tmp_path / "detector.toml").write_text(text)
    (tmp_path / "detector.onnx").write_bytes(tiny_nets.brightness(224, classes=2))
    for name, level in (("real", 0.2), ("fake", 0.8), ("other", 0.6)):
        adapter_kit.picture(tmp_path / f"{name}.png", level)
    code, said = run("add", tmp_path / "detector.toml")
    assert code == 0 and "learned.brightness" in said and "licence: MIT" in said and "polarity tested: fake +" in said
    from veridical.pipeline import examine

    report = examine(tmp_path / "other.png", only=["learned.brightness"])
    (finding,) = report.findings
    mean = (0.6 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    assert finding.value == pytest.approx(8 * (mean.mean() - 0.5), abs=0.1)
    assert not any("has not been tested" in one for one in finding.limits)


def test_adding_pins_the_file_and_keeps_a_copy(tmp_path):
    code, said = run("add", shelf(tmp_path / "x"))
    assert code == 0 and "polarity not tested" in said
    pin = adapter_state.load("mine").pins["mine.model"]
    assert pin["sha256"] in said and pin["bytes"] == len(tiny_nets.brightness(16))
    (tmp_path / "x" / "net.onnx").unlink()
    assert store.path("mine.model").read_bytes() == tiny_nets.brightness(16)


def test_a_detector_the_wrong_way_round_is_added_but_refused(tmp_path):
    file = shelf(tmp_path / "x", polar("dark", "bright").replace("fake = 1\n", "fake = 0\n"))
    code, said = run("add", file)
    assert code == 1 and "polarity test of learned.mine failed: fake -" in said and "correct fake in [output]" in said
    assert "refused: its polarity test failed" in run("list")[1]
    from veridical.pipeline import examine

    (finding,) = examine(tmp_path / "x" / "dark.png", only=["learned.mine"]).findings
    assert finding.outcome == "not_applicable" and "polarity test failed" in finding.reason
    # Corrected, it takes the place of the first.
    file.write_text(polar("dark", "bright"))
    assert run("add", file)[0] == 2
    code, said = run("add", file, "--replace")
    assert code == 0 and "polarity tested: fake +2" in said


def test_own_exhibits_can_be_given_for_the_test(tmp_path):
    shelf(tmp_path / "x")
    run("add", tmp_path / "x" / "a.toml")
    dark, bright = tmp_path / "x" / "dark.png", tmp_path / "x" / "bright.png"
    assert run("check", "mine")[0] == 2  # it names none
    assert run("check", "mine", "--real", dark)[0] == 2
    assert run("check", "mine", "--real", bright, "--fake", dark)[0] == 1
    assert run("check", "mine", "--real", dark, "--fake", bright)[0] == 0
    assert "polarity tested, not calibrated" in run("list")[1]


def test_another_file_than_the_pinned_one_is_not_taken(tmp_path):
    text = adapter_kit.TEXT.replace('file = "net.onnx"', f'file = "net.onnx"\nsha256 = "{"0" * 64}"')
    code, said = run("add", shelf(tmp_path / "x", text))
    assert code == 1 and "not the file that the adapter pins" in said
    assert adapters.find("mine") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (adapter_kit.TEXT.replace('"mine"', '"gend"'), "comes with the program"),
        (adapter_kit.TEXT.replace("net.onnx", "none.onnx"), "which the adapter names"),
        (adapter_kit.TEXT.replace("[output]", "[putout]"), "output"),
        (adapter_kit.TEXT.replace('"MIT"', "3"), "licence is 3"),
    ],
)
def test_an_adapter_that_cannot_be_used_is_told(tmp_path, text, why):
    code, said = run("add", shelf(tmp_path / "x", text))
    assert code == 2 and why in said
    assert list(adapters.folder().glob("*.toml")) == []


def test_calibrating_tells_the_fit_and_the_list_tells_the_cost(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "LEAST", 7)
    run("add", shelf(tmp_path / "x"))
    for label, level in (("real", 0.46), ("fake", 0.54)):
        for number in range(7):
            adapter_kit.picture(tmp_path / "m" / label / f"{number}.png", level + 0.01 * (number - 3), seed=number)
    code, said = run("calibrate", "mine", tmp_path / "m")
    assert code == 0 and "fitted on 7 real and 7 fake files; on files left out Cllr 0." in said
    assert "calibrated on 7 + 7 files, Cllr 0." in run("list")[1]


def test_the_published_ones_are_listed_with_licence_and_what_to_do():
    code, said = run("list")
    assert code == 0
    for name in ("gend", "universal_fake_detect", "aasist"):
        assert f"not here; run: veridical models fetch {name}" in said and f"learned.{name}" in said
    assert "1215.9 MB MIT" in said


def test_a_broken_adapter_is_one_line_and_stops_nothing_but_itself(tmp_path, monkeypatch, capsys):
    run("add", shelf(tmp_path / "x", polar("dark", "bright")))
    broken = adapters.folder() / "broken.toml"
    broken.write_text(adapter_kit.TEXT.replace('"mine"', '"broken"').replace("fake = 1", "fake = 7"))

    def main(*arguments):
        monkeypatch.setattr("sys.argv", ["veridical", *map(str, arguments)])
        warnings.simplefilter("always", VeridicalWarning)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code, said.out, " ".join(said.err.split())

    code, said, beside = main("models", "list")
    assert code == 0 and "learned.mine" in said and "learned.broken" not in said
    assert beside.startswith(f"warning: an adapter is left out: {broken}: fake must be 0 or 1, or a class")
    picture = tmp_path / "x" / "dark.png"
    assert main("models", "check", "mine", "--real", picture, "--fake", tmp_path / "x" / "bright.png")[0] == 0
    code, said, beside = main("models", "check", "broken", "--real", picture, "--fake", picture)
    assert code == 2 and f"error: {broken}: fake must be 0 or 1" in beside


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (adapter_kit.TEXT.replace('"mine"', '"face_net"'), "has the name of an examination"),
        (adapter_kit.TEXT.replace('"synthesis"', '"art"'), "detects must be among reenactment"),
    ],
)
def test_what_cannot_be_an_examination_is_refused_and_found_there_left_out(tmp_path, text, why):
    code, said = run("add", shelf(tmp_path / "x", text))
    assert code == 2 and why in said and not list(adapters.folder().glob("*.toml"))
    (adapters.folder() / "a.toml").write_text(text)
    with pytest.warns(VeridicalWarning, match=why):
        assert "learned.face_net" in catalogue.load().examinations


def test_a_damaged_state_is_told_in_the_list():
    (adapters.folder() / "gend.json").write_text("{")
    code, said = run("list")
    assert code == 0 and "learned.gend" in said


def test_removing_leaves_nothing(tmp_path):
    run("add", shelf(tmp_path / "x"))
    assert run("remove", "mine")[0] == 0
    assert adapters.find("mine") is None and not list(adapters.folder().iterdir())
    code, said = run("remove", "mine")
    assert code == 2 and "no adapter 'mine' was added" in said


def test_fetching_by_the_name_of_an_adapter_brings_its_files_and_tells_its_licence(tmp_path, monkeypatch):
    run("add", shelf(tmp_path / "x"))
    code, said = run("fetch", "mine")
    assert code == 0 and "mine.model" in said and "licence: MIT (a test)" in said and "polarity not tested" in said
    assert run("check", "nobody")[0] == 2
