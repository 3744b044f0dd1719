"""``veridical benchmark``: from a folder to rows and a report, with its exit codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image as Pillow
from typer.testing import CliRunner

from veridical.benchmark import results
from veridical.cli import benchmark
from veridical.errors import UsageError

app = typer.Typer()
app.command("benchmark")(benchmark.command)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for n in range(4):
        Pillow.fromarray(np.random.default_rng(n).integers(0, 255, (64, 64, 3), np.uint8)).save(folder / f"{n}.png")
    lines = [f"{n}.png,{'fake' if n % 2 else 'real'},{'synthesis' if n % 2 else ''},noise,s,one face" for n in range(4)]
    composite = "0.png,fake,reenactment,X,s,side-by-side composite: crop"
    (folder / "manifest.csv").write_text("\n".join(["file,label,category,method,source,layout", *lines, composite]))
    return folder


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, UsageError):
        raise done.exception
    return done.exit_code, done.output


def test_from_a_folder_to_rows_and_a_report(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = call(str(media), "--only", "provenance.generator_marks", "--workers", "2")
    out = tmp_path / "media.benchmark"
    assert code == 0 and "4 findings on 4 files" in said and "1 left out: side-by-side composite, not cropped" in said
    assert len(results.read_rows(out)) == 4
    assert (out / "report.html").stat().st_size and (out / "table.json").exists() and (out / "table.csv").exists()
    assert (results.read_json(out / results.REQUEST) or {})["about"]["excluded"] == {
        "side-by-side composite, not cropped": 1
    }


def test_files_that_cannot_be_examined_or_do_not_fit_a_chain_are_told(media: Path, tmp_path: Path) -> None:
    (media / "3.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    options = ("--out", str(tmp_path / "out"), "--only", "provenance.generator_marks")
    code, said = call(str(media / "manifest.csv"), "--chain", "native", "--chain", "common", *options)
    assert (
        code == 1
        and "2 times a file could not be examined" in said
        and "3 times a file was not fit for a chain" in said
    )


def test_another_request_is_refused_until_restart(media: Path, tmp_path: Path) -> None:
    options = (str(media), "--out", str(tmp_path / "out"), "--only", "provenance.generator_marks")
    assert call(*options)[0] == 0
    with pytest.raises(UsageError, match="--restart"):
        call(*options, "--chain", "jpeg_50")
    assert call(*options, "--chain", "jpeg_50", "--restart")[0] == 0
    assert {row.chain for row in results.read_rows(tmp_path / "out")} == {"jpeg_50"}


def test_wrong_usage_says_what_to_do(media: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no layout 'kodak'"):
        call(str(media), "--layout", "kodak")
    with pytest.raises(UsageError, match="there is no "):
        call(str(tmp_path / "nowhere"))
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="choose another folder with --out"):
        call(str(media), "--out", str(tmp_path / "taken"))


def test_the_bar_counts_files_and_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from veridical.benchmark.run import Tick

    console = Console(force_terminal=True, width=200)
    monkeypatch.setattr(benchmark, "err", console)
    with console.capture() as seen, benchmark._Shown() as shown:
        shown.tell(Tick(done=1, total=3, errors=0))
        shown.tell(Tick(done=2, total=3, errors=1, path="a/b.png", chain="native"))
    assert "2/3" in seen.get() and "b.png (native), 1 errors" in seen.get()
