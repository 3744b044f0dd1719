"""``veridical train``: the list, the errors, and arguments that reach the recipe as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from veridical.cli import app
from veridical.errors import NotInstalled, UsageError
from veridical.training import recipe


def call(*words: str):
    return CliRunner().invoke(app, ["train", *words])


def test_recipes_are_listed():
    done = call("--list")
    assert done.exit_code == 0 and "mesonet" in done.output and "waveform_net" in done.output


def test_without_a_recipe_or_with_an_unknown_one_it_says_what_there_is():
    error = call().exception
    assert isinstance(error, UsageError) and "--list" in str(error)
    error = call("xception").exception
    assert isinstance(error, UsageError) and "mesonet" in str(error)


def test_a_missing_package_is_an_error_on_purpose(monkeypatch, tmp_path):
    monkeypatch.setattr(recipe, "find_spec", lambda name: None)
    error = call("mesonet", str(tmp_path), str(tmp_path / "out")).exception
    assert isinstance(error, NotInstalled) and "torch is not installed" in str(error)


def test_what_follows_the_recipe_is_the_recipes_own(monkeypatch, tmp_path):
    seen = []

    def start(name, arguments, tell):
        seen.append((name, arguments))
        tell("a: loss 1", 1, 2)
        tell("b: loss 1", 1, 2)
        return Path("out/card.md")

    monkeypatch.setattr(recipe, "start", start)
    done = call("mesonet", "pictures", "--help", "--list", "-x", "--seed", "3")
    assert seen == [("mesonet", ["pictures", "--help", "--list", "-x", "--seed", "3"])]
    assert done.exit_code == 0 and "card: out/card.md" in done.output


def test_a_missing_folder_ends_with_2():
    assert call("mesonet", "/no/such/folder", "out").exit_code == 2


@pytest.mark.parametrize("words", [["--help"], ["mesonet", "--help"]])
def test_help_is_there(words):
    done = call(*words)
    assert done.exit_code == 0 and "recipe" in done.output.lower() + "recipe" * ("yardstick" in done.output)
