"""A run: its rows, its errors, its stops at any instant, its workers and what it refuses."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from veridical import pipeline
from veridical.benchmark import results
from veridical.benchmark.crew import Crew
from veridical.benchmark.results import Entry, Journal
from veridical.benchmark.rows import Item, Row
from veridical.benchmark.run import Tick, run
from veridical.benchmark.worker import Worker
from veridical.cache import PerceptCache
from veridical.errors import UsageError
from veridical.pipeline import Request

ONLY = ("provenance.generator_marks", "spatial.radial_spectrum", "audio.bandwidth")
COMMAND = "import typer; from veridical.cli.benchmark import command; typer.run(command)"


def picture(path: Path, seed: int, side: int = 96) -> Path:
    Pillow.fromarray(np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)).save(path)
    return path


def collection(folder: Path, count: int) -> list[Item]:
    folder.mkdir(exist_ok=True)
    return [
        Item(
            path=picture(folder / f"{n:02d}.png", n), label="fake" if n % 2 else "real",
            category="synthesis" if n % 2 else "real", generator="noise" if n % 2 else "", source="lab", group=f"g{n // 2}",
        )
        for n in range(count)
    ]  # fmt: skip


def rows_of(folder: Path) -> list[Row]:
    """Rows without the one thing that no two runs share."""
    return [replace(row, seconds=0.0) for row in results.read_rows(folder)]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    return collection(tmp_path_factory.mktemp("media"), 4)


@pytest.fixture(scope="module")
def done(media: list[Item], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("done")
    run(media, root=media[0].path.parent, folder=folder, only=ONLY, chains=("native", "jpeg_50"))
    return folder


def test_rows_hold_what_examine_finds_and_what_the_collection_says(media: list[Item], done: Path) -> None:
    rows = [row for row in rows_of(done) if row.chain == "native"]
    asked = Request(only=ONLY)
    for item in media:
        report = pipeline.Run(asked, cache=PerceptCache(None, most_bytes=0)).examine(item.path)
        expected = {(one.id, one.value, one.outcome, one.reason) for one in report.findings}
        mine = [row for row in rows if row.path == item.path.name]
        assert {(row.id, row.value, row.outcome, row.reason) for row in mine} == expected and len(mine) == len(expected)
        for row in mine:
            assert (row.label, row.category, row.generator) == (item.label, item.category, item.generator)
            assert (row.source, row.group, row.exhibit) == ("lab", item.group, report.exhibit.sha256)
            assert row.quality["width"] == 96 and row.quality["format"] == "png"


def test_what_belongs_to_another_kind_of_file_leaves_no_row(done: Path) -> None:
    assert {row.id for row in rows_of(done)} == set(ONLY) - {"audio.bandwidth"}


def test_a_chain_is_applied_before_the_examination(done: Path) -> None:
    rows = {(row.path, row.id, row.chain): row for row in rows_of(done)}
    native, treated = (rows["00.png", "spatial.radial_spectrum", chain] for chain in ("native", "jpeg_50"))
    assert treated.quality["format"] == "jpeg" and native.exhibit != treated.exhibit
    assert not list(done.glob("scratch*"))


def test_workers_change_nothing_in_the_rows(media: list[Item], done: Path, tmp_path: Path) -> None:
    run(media, root=media[0].path.parent, folder=tmp_path, only=ONLY, chains=("native", "jpeg_50"), workers=2)
    assert rows_of(tmp_path) == rows_of(done)


def test_a_finished_run_is_not_done_again(media: list[Item], done: Path) -> None:
    before = (done / results.ROWS).read_bytes()
    ticks: list[Tick] = []
    run(media, root=media[0].path.parent, folder=done, only=ONLY, chains=("native", "jpeg_50"), tell=ticks.append)
    assert (done / results.ROWS).read_bytes() == before and ticks == [Tick(done=8, total=8, errors=0)]


def test_the_request_is_kept_with_everything_that_the_rows_depend_on(done: Path) -> None:
    kept = results.read_json(done / results.REQUEST)
    assert kept is not None
    request = kept["request"]
    assert request["items"]["count"] == 4 and request["chains"] == ["native", "jpeg_50"]
    assert "numpy" in request["environment"] and set(ONLY) <= set(request["examinations"])
    assert len(request["code"]) == 64 and kept["result"]["rows"] == 16


def test_another_request_is_refused_by_name_and_taken_with_restart(media: list[Item], tmp_path: Path) -> None:
    root, only = media[0].path.parent, ("provenance.generator_marks",)
    run(media, root=root, folder=tmp_path, only=only)
    with pytest.raises(UsageError, match=r"different: files\).*--restart"):
        run(media[:2], root=root, folder=tmp_path, only=only)
    with pytest.raises(UsageError, match="different: --only, examinations"):
        run(media, root=root, folder=tmp_path, only=("provenance.content_credentials",))
    run(media[:2], root=root, folder=tmp_path, only=only, restart=True)
    assert {row.path for row in rows_of(tmp_path)} == {"00.png", "01.png"}


def test_a_folder_serves_one_run_at_a_time(media: list[Item], tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(UsageError, match="another benchmark is writing"):
        run(media, root=media[0].path.parent, folder=tmp_path, only=ONLY)


@pytest.mark.parametrize(
    "wrong", [{"chains": ("polish",)}, {"only": ("sky",)}, {"chains": ()}, {"chains": ("native",) * 2}]
)
def test_what_does_not_exist_is_refused_before_anything_starts(
    media: list[Item], tmp_path: Path, wrong: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(UsageError):
        run(media, root=media[0].path.parent, folder=tmp_path / "out", **wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_examined_is_counted_and_ends_nothing(media: list[Item], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(media[0].path.read_bytes()[:200])
    small = picture(tmp_path / "small.png", 9, side=24)
    items = [*media[:1], *(replace(media[0], path=path, group=path.name) for path in (broken, small))]
    run(items, root=tmp_path, folder=tmp_path / "out", only=ONLY, chains=("native", "common"))
    errors = results.read_errors(tmp_path / "out")
    seen = {(Path(one["path"]).name, one["chain"]): one for one in errors}
    assert seen["broken.png", "native"]["type"] == seen["broken.png", "common"]["type"] == "DamagedMedia"
    assert seen["small.png", "common"]["type"] == "NotApplicable" and ("small.png", "native") not in seen
    result = (results.read_json(tmp_path / "out" / results.REQUEST) or {})["result"]
    assert result["errors"] == 2 and result["unfit"] == sum(one["type"] == "NotApplicable" for one in errors)
    assert {row.path for row in rows_of(tmp_path / "out")} >= {"small.png"} and "broken.png" not in {
        row.path for row in rows_of(tmp_path / "out")
    }


def test_a_fault_of_the_harness_becomes_an_error_of_the_file(
    media: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(exhibit: object) -> None:
        raise ZeroDivisionError(f"no quality in {tmp_path}")

    worker = Worker(Request(only=ONLY), tmp_path)
    assert worker.answer(media[0].path, "native")["error"] is None
    monkeypatch.setattr("veridical.benchmark.worker.quality_of", fail)
    answer = worker.answer(media[0].path, "native")
    assert answer["error"]["type"] == "ZeroDivisionError" and "fault of veridical" in answer["error"]["remedy"]
    assert "Traceback" in capsys.readouterr().err and not list(tmp_path.iterdir())
    monkeypatch.setattr(
        "veridical.benchmark.worker.quality_of", lambda _: {"a": float("nan"), "b": float("inf"), "c": 1.5}
    )
    assert worker.answer(media[0].path, "native")["quality"] == {"a": None, "b": None, "c": 1.5}
    with pytest.raises(UsageError):
        worker.answer(media[0].path, "polish")


def entry(n: int, **more: object) -> Entry:
    return Entry(path=f"{n}.png", chain="native", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_dropped_and_the_next_one_stands_alone(tmp_path: Path, cut: int) -> None:
    with Journal(tmp_path) as journal:
        journal.append(entry(1))
        journal.append(entry(2))
    path = tmp_path / results.JOURNAL
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(tmp_path) as journal:
        assert [one.path for one in journal.entries()] == ["1.png"]
        journal.append(entry(3))
        journal.append(replace(entry(1), exhibit="again"))
        assert [(one.path, one.exhibit) for one in journal.entries()] == [("1.png", ""), ("3.png", "")]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    row = Row(
        id="a.b", value=0.1 + 0.2, outcome="measured", reason="", seconds=1.0, quality={"x": 1, "y": "ü", "z": None},
        exhibit="00", path="é.png", label="real", category="real", generator="", source="s", group="g", chain="native",
    )  # fmt: skip
    results.write_rows(tmp_path, [row, replace(row, value=None, outcome="not_applicable")])
    assert results.read_rows(tmp_path)[0] == row and results.read_rows(tmp_path)[1].value is None
    (tmp_path / results.ROWS).write_text('{"id": 1}\n')
    with pytest.raises(UsageError, match="is damaged"):
        results.read_rows(tmp_path)
    (tmp_path / results.ROWS).unlink()
    with pytest.raises(UsageError, match="make it with"):
        results.read_rows(tmp_path)
    assert results.read_errors(tmp_path) == ()


WORKER = """
    import json, os, pathlib, signal, sys
    setup = json.loads(sys.stdin.readline())
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        mark = pathlib.Path(setup["folder"], task["path"])
        if task["path"].startswith("always") or (task["path"].startswith("once") and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        print(json.dumps({"stop": "no"} if task["path"] == "stop" else {"error": None, "path": task["path"]}), flush=True)
"""


def crew(tmp_path: Path, count: int, code: str = WORKER) -> Crew:
    command = (sys.executable, "-c", textwrap.dedent(code))
    return Crew(count, {"folder": str(tmp_path)}, log=tmp_path / "log", command=command)


@pytest.mark.parametrize("count", [1, 3])
def test_a_killed_worker_loses_nothing_and_a_deadly_file_is_named(tmp_path: Path, count: int) -> None:
    names = ["once-1", "a", "always", "b", "once-2", "c", "once-3"]
    with crew(tmp_path, count) as some:
        answers = {names[place]: answer for place, answer in some.work([{"path": name} for name in names])}
    assert set(answers) == set(names)
    assert (
        answers["always"]["error"]["type"] == "WorkerDied"
        and "SIGKILL, 2 times" in answers["always"]["error"]["problem"]
    )
    assert all(answers[name] == {"error": None, "path": name} for name in names if name != "always")


def test_a_wrong_request_and_a_worker_that_cannot_start_end_the_run(tmp_path: Path) -> None:
    with crew(tmp_path, 1) as some, pytest.raises(UsageError, match="^no$"):
        list(some.work([{"path": "stop"}]))
    with (
        crew(tmp_path, 1, "raise SystemExit('no such library')") as some,
        pytest.raises(UsageError, match="could not start"),
    ):
        list(some.work([{"path": "a"}]))
    assert "no such library" in (tmp_path / "log").read_text()


def start(manifest: Path, out: Path) -> subprocess.Popen[bytes]:
    options = ["--out", str(out), "--only", ONLY[0], "--only", ONLY[1], "--chain", "native"]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(manifest), *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


@pytest.mark.slow
def test_kill_9_at_random_instants_leaves_the_same_rows(tmp_path: Path) -> None:
    items = collection(tmp_path / "media", 20)
    lines = [f"{one.path.name},{one.label},{one.category},{one.generator},lab,{one.group}" for one in items]
    manifest = tmp_path / "media" / "manifest.csv"
    manifest.write_text("\n".join(["file,label,category,generator,source,group", *lines]))
    run(items, root=manifest.parent, folder=tmp_path / "whole", only=ONLY[:2])
    expected, chance, kills, rounds = rows_of(tmp_path / "whole"), random.Random(0), 0, 0
    while kills < 10:  # a run that gets to its end between kills is checked, and the next one begun
        out, code = tmp_path / f"killed-{rounds}", -signal.SIGKILL
        while code == -signal.SIGKILL:
            process = start(manifest, out)
            try:
                process.wait(chance.uniform(0.3, 3.0) if kills < 10 else 120)
            except subprocess.TimeoutExpired:
                process.kill()
                kills += 1
            message, code = process.communicate()[1], process.returncode
        assert code == 0, message
        assert rows_of(out) == expected
        finished = [json.loads(line)["path"] for line in (out / results.JOURNAL).read_bytes().splitlines()]
        assert sorted(finished) == sorted(item.path.name for item in items)
        rounds += 1


def test_tables_that_change_while_a_run_goes_on_are_told(
    media: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "tables"
    own.mkdir()
    monkeypatch.setenv("VERIDICAL_TABLES", str(own))

    def change(tick: Tick) -> None:
        if tick.done == 1:
            (own / "spatial.radial_spectrum.json").write_text("{}")

    with pytest.raises(UsageError, match="the tables changed while"):
        run(media, root=media[0].path.parent, folder=tmp_path / "out", only=ONLY[:1], tell=change)
