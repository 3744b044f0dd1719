"""The worked example of docs/cases.md, typed as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from veridical.cli._app import app
from veridical.store.case import Case
from veridical.store.facts import facts_of

DOCUMENT = (Path(__file__).parents[2] / "docs" / "cases.md").read_text()


def commands() -> list[list[str]]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    lines = "".join(text for kind, text in fenced if not kind).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("veridical ")]


def test_the_worked_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save("photo.jpg")
    typed = commands()
    assert len(typed) == 10
    for words in typed:
        done = CliRunner().invoke(app, words[1:])
        assert done.exit_code == 0, (words, done.output, done.exception)
    case = Case.open("K-17")
    assert [one.action for one in case.entries()] == [
        "case opened", "propositions agreed", "exhibit added", "examined", "noted", "transferred", "exported",
    ]  # fmt: skip
    facts = facts_of(case, case.exhibit(1))
    assert facts.obtained_when == "2026-11-20T14:05:00+01:00"
    code = re.search(r"^```python\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert code
    with zipfile.ZipFile("K-17-export.zip") as archive:
        archive.extract("log.jsonl")
    said = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=True).stdout
    assert said == f"head {case.entries()[-2].sha256}\n"
