"""``veridical validate``: from a folder of known media to a report, its tables, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image as Pillow
from typer.testing import CliRunner

from veridical.calibrate import table
from veridical.cli import validate
from veridical.errors import UsageError
from veridical.evidence.calibration import load

ID = "spatial.radial_spectrum"
app = typer.Typer()
app.command("validate")(validate.command)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Noise as real files, noise enlarged four times as fakes, of two sources each."""
    folder = tmp_path / "known"
    folder.mkdir()
    lines = ["file,label,category,generator,source,group"]
    for n in range(16):
        fake = n % 2
        pixels = np.random.default_rng(n).integers(0, 255, (64, 64, 3) if fake else (256, 256, 3), np.uint8)
        Pillow.fromarray(np.kron(pixels, np.ones((4, 4, 1), np.uint8)) if fake else pixels).save(folder / f"{n:02}.png")
        lines.append(
            f"{n:02}.png,{'fake' if fake else 'real'},{'synthesis' if fake else ''},{'x4' * fake},s{n // 2 % 2},g{n}"
        )
    (folder / "manifest.csv").write_text("\n".join(lines))
    return folder


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, UsageError):
        raise done.exception
    return done.exit_code, done.output


def test_from_a_folder_to_a_report_that_goes_on_and_tables(
    media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = call(str(media), "--only", ID, "--chain", "native", "--chain", "jpeg_50")
    out = tmp_path / "known.validation"
    assert code == 0 and "too few files" in said and "report: known.validation/validation.html" in said
    plain = json.loads((out / "validation.json").read_text())
    assert [(one["id"], one["chain"]) for one in plain["parts"] if one["id"] == ID and one["state"] == "all"] == [
        (ID, "native"), (ID, "jpeg_50"),
    ]  # fmt: skip
    assert "too few files" in (out / "validation.html").read_text() and (out / "validation.csv").stat().st_size
    monkeypatch.setattr(table, "LEAST", 4)  # a table on so few files is for this test only
    again = call(str(media), "--only", ID, "--chain", "native", "--chain", "jpeg_50", "--write-tables", "mine")
    assert again[0] == 0 and f"table: mine/{ID}.json" in again[1] and "VERIDICAL_TABLES=" in again[1]
    found = load(ID, tmp_path / "mine")
    assert found is not None and found.name.startswith(f"{ID} own 20") and found.conditions[-1].fakes == 8


def test_a_folder_that_holds_another_run_is_told(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    call(str(media), "--only", "provenance.generator_marks")
    with pytest.raises(UsageError, match="holds a run of another request"):
        call(str(media), "--only", ID)


def test_a_damaged_file_is_counted_and_named(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (media / "00.png").write_bytes((media / "00.png").read_bytes()[:60])
    code, said = call(str(media), "--only", "provenance.generator_marks")
    assert code == 1 and "1 times a file could not be examined" in said.replace("\n", " ")
    assert "One file could not be examined" in (tmp_path / "known.validation" / "validation.html").read_text()
