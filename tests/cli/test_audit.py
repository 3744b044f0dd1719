"""``veridical audit``, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import typer
from typer.testing import CliRunner

from veridical.cli import audit
from veridical.errors import UsageError

app = typer.Typer()
app.command()(audit.command)


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures of one population, the fakes saved at a lower JPEG quality."""
    folder = tmp_path_factory.mktemp("leaking")
    random = np.random.default_rng(1)
    lines = ["file,label,category,generator,source,group"]
    for i in range(20):
        fake = i % 2 == 1
        rough = PIL.Image.fromarray(random.integers(0, 255, (16, 16, 3), np.uint8))
        rough.resize((320, 300), PIL.Image.Resampling.BICUBIC).save(folder / f"{i:02}.jpg", quality=55 if fake else 92)
        lines.append(f"{i:02}.jpg,{'fake,synthesis,g' if fake else 'real,real,'},s,{i}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_the_table_names_the_culprit_and_the_file_holds_the_same(
    leaking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    result = CliRunner().invoke(app, [str(leaking), "--chain", "native", "--chain", "common", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "image, native: 10 real, 10 fake; 1 of 1 sources hold both labels" in result.output
    assert "Leaks: " in result.output and "jpeg_quality" in result.output
    native, common = json.loads((tmp_path / "audit.json").read_text())["audits"]
    assert {"jpeg_quality", "bytes"} <= set(native["leaks"])
    assert (common["chain"], common["n_real"], common["n_fake"]) == ("common", 10, 10)
    assert not {"jpeg_quality", "width", "height"} & set(common["leaks"])


def test_a_file_that_cannot_be_read_is_named_and_the_rest_audited(leaking: Path, tmp_path: Path) -> None:
    lines = (leaking / "manifest.csv").read_text().splitlines()
    for line in lines[1:7]:
        name = line.split(",")[0]
        (tmp_path / name).write_bytes((leaking / name).read_bytes())
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    (tmp_path / "manifest.csv").write_text("\n".join([*lines[:7], "broken.jpg,real,real,,s,x"]) + "\n")
    result = CliRunner().invoke(app, [str(tmp_path), "--json"])
    assert result.exit_code == 1
    assert "broken.jpg" in result.stderr
    [one] = json.loads(result.stdout)["audits"]
    assert (one["n_real"], one["n_fake"]) == (3, 3)


def test_an_unknown_chain_is_refused_before_anything_is_read(leaking: Path) -> None:
    result = CliRunner().invoke(app, [str(leaking), "--chain", "comon"])
    assert isinstance(result.exception, UsageError) and "common" in str(result.exception)
