"""From a file to a report: selection, kinds, damage, interruption, the record, the cache."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image as Pillow

import veridical
from veridical import catalogue, pipeline
from veridical.cache import PerceptCache
from veridical.errors import DamagedMedia, MediaChanged, MediaError, ModelMissing, UsageError
from veridical.examiner import Progress
from veridical.media.exhibit import ABSENT
from veridical.pipeline import BROKEN_OFF, INTERRUPTED, NOT_SELECTED, Request, Run
from veridical.report.json_schema import schema
from veridical.report.model import Report
from veridical.report.to_json import from_json, to_json

NOTHING = PerceptCache(None, most_bytes=0)


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from skimage.data import astronaut

    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    Pillow.fromarray(astronaut()).save(path, quality=92)
    return path


@pytest.fixture(scope="module")
def report(photograph: Path) -> Report:
    return veridical.examine(photograph, cache=NOTHING)


def reasons(report: Report) -> dict[str, str]:
    return {one.id: one.reason for one in report.not_examined}


def test_every_examination_is_either_a_finding_or_not_examined(report: Report) -> None:
    found = [one.id for one in report.findings]
    assert sorted(found + list(reasons(report))) == sorted(catalogue.load().examinations)
    assert "spatial.error_level" in found and reasons(report)["audio.bandwidth"] in ABSENT.values()


def test_nothing_is_weighed_without_tables_and_the_conclusion_says_so(
    photograph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.calibration, "load", lambda _: None)
    run = Run(Request(only=("spatial.error_level", "spatial.jpeg_ghosts")), cache=NOTHING)
    report = run.examine(photograph)
    assert all(one.evidence is None and one.unweighed for one in report.findings if one.outcome == "measured")
    assert report.conclusion.band == "inconclusive" and report.conclusion.log10_lr is None


def test_the_record_names_everything_that_is_needed_to_do_it_again(report: Report, photograph: Path) -> None:
    record = report.record
    assert record.settings["spatial.error_level"] == dict(catalogue.load().find("spatial.error_level").knobs)
    assert {"python", "numpy", "opencv-python-headless", "av"} <= set(record.environment)
    assert "memory" in record.limits and record.version == veridical.__version__
    assert report.exhibit.bytes == photograph.stat().st_size and report.exhibit.streams["Image"]["width"] == 512


def test_the_report_fits_its_schema_and_comes_back_from_json(report: Report) -> None:
    text = to_json(report)
    import json

    jsonschema.validate(json.loads(text), schema())
    assert to_json(from_json(text)) == text


def test_only_and_skip_take_ids_and_groups(photograph: Path) -> None:
    report = veridical.examine(photograph, only=["spatial", "provenance"], skip=["spatial.jpeg_ghosts"], cache=NOTHING)
    found = {one.id for one in report.findings}
    assert "spatial.error_level" in found and "provenance.generator_marks" in found
    assert reasons(report)["spatial.jpeg_ghosts"] == reasons(report)["audio.bandwidth"] == NOT_SELECTED


def test_only_and_skip_take_branches_as_they_are_listed() -> None:
    known = catalogue.load().examinations.values()
    run = Run(Request(only=("physiology", "behaviour"), skip=("behaviour", "temporal.pulse")), cache=NOTHING)
    expected = {one.id for one in known if one.branch == "physiology"} - {"temporal.pulse"}
    assert {one.id for one in run.chosen} == expected != set()


def test_a_name_that_is_none_is_answered_with_the_groups() -> None:
    with pytest.raises(UsageError, match=r"no examination 'psychology'.*groups: .*spatial.*behaviour, physiology"):
        Run(Request(only=("psychology",)))


def test_a_changed_knob_stands_in_the_finding(photograph: Path) -> None:
    knobs = {"spatial.error_level": {"quality": 75}}
    (finding,) = veridical.examine(photograph, only=["spatial.error_level"], knobs=knobs, cache=NOTHING).findings
    assert finding.settings["quality"] == 75


@pytest.mark.parametrize("wrong", [{"only": ["spatial.error"]}, {"skip": ["sky"]}, {"knobs": {"sky.x": {"a": 1}}}])
def test_what_does_not_exist_is_refused_before_a_file_is_opened(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        veridical.examine("no such file", **wrong)


def test_a_file_that_cannot_be_examined_raises_or_is_reported_as_unsuitable(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    Pillow.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(MediaError, match="cut.jpg"):
        veridical.examine(path, cache=NOTHING)
    seen: list[MediaError] = []
    report = Run(Request(), cache=NOTHING).examine(path, on_error=seen.append)
    assert report.conclusion.band == "unsuitable for examination" and report.findings == ()
    assert report.error is not None and seen[0].problem == report.error["problem"]
    assert seen[0].problem in report.conclusion.statement and len(report.exhibit.sha256) == 64
    assert set(reasons(report).values()) == {BROKEN_OFF}


def test_damage_found_late_keeps_the_findings_made_before(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = pipeline.Examiner._ask

    def broken(self: Any, one: Any, resolver: Any) -> Any:
        asked.append(one.id)
        if len(asked) == 3:
            raise DamagedMedia(photograph, "the stream breaks off", "Fetch it again")
        return ask(self, one, resolver)

    monkeypatch.setattr(pipeline.Examiner, "_ask", broken)
    report = Run(Request(), cache=NOTHING).examine(photograph)
    assert [one.id for one in report.findings] == asked[:2]
    assert "2 findings were measured before that" in report.conclusion.statement
    assert reasons(report)[asked[2]] == BROKEN_OFF


def test_interruption_keeps_what_is_finished(photograph: Path) -> None:
    finished: list[str] = []

    def interrupt(progress: Progress) -> None:
        if progress.finding:
            finished.append(progress.id)
        elif len(finished) == 2:
            raise KeyboardInterrupt

    run = Run(Request(), cache=NOTHING, tell=interrupt)
    report = run.examine(photograph, keep_interrupted=True)
    assert report.record.interrupted and [one.id for one in report.findings] == finished
    assert INTERRUPTED in reasons(report).values() and "interrupted" in report.conclusion.statement
    finished.clear()
    with pytest.raises(KeyboardInterrupt):
        run.examine(photograph)


def test_one_group_may_be_named_without_a_list(photograph: Path) -> None:
    report = veridical.examine(photograph, only="provenance", cache=NOTHING)
    assert {one.id.partition(".")[0] for one in report.findings} == {"provenance"}


def test_a_selection_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="no examination is left"):
        Run(Request(only=("spatial",), skip=("spatial",)))


def test_a_missing_model_does_not_make_the_file_unsuitable(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def needs_a_model(**_: Any) -> Any:
        raise ModelMissing("iris.64", "facemesh.468")

    one = dataclasses.replace(catalogue.load().find("spatial.error_level"), function=needs_a_model)
    run = Run(Request(), cache=NOTHING)
    run.chosen = [one]
    report = run.examine(photograph)
    assert "veridical models fetch iris.64 facemesh.468" in report.findings[0].reason
    assert (
        report.conclusion.band == "inconclusive"
        and "whether this file is suitable is not known" in report.conclusion.statement
    )


def test_a_file_to_which_nothing_applies_is_unsuitable(tmp_path: Path) -> None:
    Pillow.new("RGB", (4, 4)).save(tmp_path / "tiny.png")
    report = veridical.examine(tmp_path / "tiny.png", only="spatial", cache=NOTHING)
    assert report.conclusion.band == "unsuitable for examination"
    assert veridical.examine(tmp_path / "tiny.png", only="audio", cache=NOTHING).conclusion.band == "inconclusive"


def test_damaged_frames_leave_what_needs_none(tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "cut.wav"
    soundfile.write(path, np.zeros((48000, 1), np.float32), 16000)
    path.write_bytes(path.read_bytes()[:40_000])
    report = Run(Request(), cache=NOTHING).examine(path)
    assert report.error is not None and report.conclusion.band == "unsuitable for examination"
    assert any(one.id.startswith("provenance") for one in report.findings)


def test_a_file_that_changes_while_it_is_examined_is_refused(photograph: Path, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photograph.read_bytes())

    def meddle(progress: Progress) -> None:
        path.write_bytes(photograph.read_bytes() + b"more")

    with pytest.raises(MediaChanged, match="changed while it was examined"):
        veridical.examine(path, cache=NOTHING, tell=meddle)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.jpg")
    report = Run(Request(), cache=NOTHING).examine(tmp_path / "pipe.jpg")
    assert report.exhibit.sha256 == "" and "not a file" in report.conclusion.statement
