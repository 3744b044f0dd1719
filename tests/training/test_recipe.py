"""Recipes are found by looking, refuse what does not fit in one line, and leave a card."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from veridical.errors import NotInstalled, UsageError
from veridical.training import cards, recipe


def given(monkeypatch, **parts):
    module = types.ModuleType("made", "Makes a file for a test.\n\nMore about it.")
    for name, part in parts.items():
        setattr(module, name, part)
    monkeypatch.setattr(recipe, "_module", lambda name: module)
    return module


def made(out: Path) -> cards.Made:
    out.mkdir(exist_ok=True)
    (out / "table.npz").write_bytes(b"abc")
    return cards.Made(out, [out / "table.npz"], seed=5, data="Nothing.", settings={"rounds": 3})


def takes_out(parser):
    parser.add_argument("out", type=Path)


def test_all_recipes_are_listed_with_what_they_make():
    names = recipe.names()
    assert {"cepstral", "voice_net", "waveform_net", "mesonet", "lite0"} <= set(names) and names == sorted(names)
    for name in names:
        assert recipe.summary(name).endswith(".") and "`" not in recipe.summary(name)


@pytest.mark.parametrize("name", recipe.names())
def test_recipes_say_what_they_take(name, capsys):
    with pytest.raises(SystemExit) as ended:
        recipe.start(name, ["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"veridical train {name}" in said and recipe.summary(name)[:30] in said


def test_recipes_are_found_without_torch():
    script = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name in ('torch', 'onnx'): raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from veridical.training import recipe\nprint(*[recipe.summary(name) for name in recipe.names()])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert "EfficientNet-Lite0" in done.stdout


def test_an_unknown_recipe_is_answered_with_those_there_are():
    with pytest.raises(UsageError, match="no recipe xception; there are .*mesonet"):
        recipe.start("xception", [])


def test_a_missing_folder_or_file_is_named(capsys, tmp_path):
    for name, arguments in {
        "mesonet": [str(tmp_path / "none"), "out"],
        "cepstral": [str(tmp_path / "none"), str(tmp_path), "out"],
        "lite0": [str(tmp_path), "out", "--weights", str(tmp_path / "none")],
    }.items():
        with pytest.raises(SystemExit) as ended:
            recipe.start(name, arguments)
        assert ended.value.code == 2 and f"{tmp_path / 'none'}" in capsys.readouterr().err
    with pytest.raises(UsageError, match=r"holds no manifest\.csv"):
        recipe.start("mesonet", [str(tmp_path), str(tmp_path / "out")])


def test_a_missing_package_is_named_before_anything_is_done(monkeypatch, tmp_path):
    ran = []
    given(monkeypatch, NEEDS=("no_such_package",), add_arguments=takes_out, run=lambda *_: ran.append(1))
    with pytest.raises(NotInstalled, match=r"no_such_package is not installed; run: pip install 'veridical\[train\]'"):
        recipe.start("made", [str(tmp_path)])
    assert not ran


def test_the_card_says_how_it_was_made(monkeypatch, tmp_path):
    given(monkeypatch, add_arguments=takes_out, run=lambda given, tell: made(given.out))
    card = recipe.start("made", [str(tmp_path / "a b")])
    said = card.read_text()
    assert "# Model card: made\n\nMakes a file for a test.\n" in said
    assert f"`veridical train made '{tmp_path / 'a b'}'`" in said and "- seed: 5" in said and "- rounds: 3" in said
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of "abc", as published with SHA-256
    assert f"| table.npz | 3 | {digest} |" in said and "numpy" in said


def test_parts_of_a_run_are_told_with_their_logs_and_figures(tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"step": 10, "loss": 0.7, "rate": 0.1, "seconds": 1.0}\n{"step": 10, "tune": 0.61, "best": true, "seconds": 1.5}\n'
        '{"step": 20, "loss": 0.5, "rate": 0.1, "seconds": 2.0}\n{"step": 20, "tune": 0.6, "best": false, "seconds": 2.5}\n'
    )
    row = {"file": "a", "label": "fake", "source": "s"}
    part = cards.Part("Fold A", tmp_path / "net.onnx", {"judged": [row, row]}, log, {"AUC": 0.12345})
    given = cards.Made(tmp_path, [], parts=[part], manifests=[log])
    said = cards.write(given, recipe="x", makes="X.", command="c", seconds=3.4).read_text()
    assert "20 steps in 2 s; loss 0.700 at step 10, 0.500 at the end. 2 looks" in said and "0.610, at step 10" in said
    assert "| judged | fake | s | 2 |" in said and "| AUC | 0.123 |" in said and "seed: none" in said


def test_an_empty_log_is_told(tmp_path):
    (tmp_path / "log.jsonl").write_text("")
    assert cards.logged(tmp_path / "log.jsonl") == "The log is empty."


def test_as_a_script_errors_are_one_line(monkeypatch, tmp_path, capsys):
    given(monkeypatch, add_arguments=takes_out, run=lambda given, tell: made(given.out))
    recipe.as_script("made", [str(tmp_path / "out")])
    assert capsys.readouterr().out == f"{tmp_path / 'out' / 'card.md'}\n"

    def wrong(given, tell):
        tell("looking", 1, 1)
        raise UsageError("nothing there")

    given(monkeypatch, add_arguments=takes_out, run=wrong)
    with pytest.raises(SystemExit) as ended:
        recipe.as_script("made", [str(tmp_path)])
    assert ended.value.code == 2 and capsys.readouterr().err == "looking: 1 of 1\nerror: nothing there\n"


def test_every_recipe_keeps_the_contract():
    for name in recipe.names():
        module = recipe._module(name)
        assert callable(module.add_arguments) and callable(module.run), name
