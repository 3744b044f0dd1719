"""``veridical lab``."""

import pytest
from typer.testing import CliRunner

from veridical import lab
from veridical.cli import lab as cli
from veridical.errors import UsageError


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")


def test_list_names_every_recipe():
    result = CliRunner().invoke(cli.app, ["list"])
    assert result.exit_code == 0
    assert all(id in result.output for id in lab.recipes())


def test_make_says_what_was_made_and_marked(tmp_path):
    arguments = ["make", "lab.edit.paste", "--out", str(tmp_path / "out"), "--seed", "3", "--set", "side=0.25"]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "out" / "edit-paste-3-altered.jpg") in result.output
    for word in ("visible label", "watermark", "C2PA manifest", "truth file", "not a trusted signer"):
        assert word in result.output


def test_a_knob_without_value_is_refused(tmp_path):
    result = CliRunner().invoke(cli.app, ["make", "lab.edit.paste", "--out", str(tmp_path), "--set", "side"])
    assert isinstance(result.exception, UsageError)
