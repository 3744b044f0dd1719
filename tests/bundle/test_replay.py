"""Examining again: the same bits here, and every difference named where something else runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from veridical import pipeline
from veridical.bundle import contents
from veridical.bundle.check import check
from veridical.bundle.contents import ReportText
from veridical.bundle.make import make
from veridical.bundle.replay import Replayed, replay
from veridical.cache import PerceptCache
from veridical.errors import UsageError
from veridical.report.model import Report
from veridical.report.to_json import to_json

from .bundles import KEY
from .test_check import forge


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = np.random.default_rng(0)
    smooth = np.cumsum(np.cumsum(chance.normal(size=(480, 640, 3)), 0), 1)
    scaled = (smooth - smooth.min()) / (smooth.max() - smooth.min()) * 255
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    grain = chance.normal(scale=6, size=scaled.shape)
    Image.fromarray((scaled + grain).clip(0, 255).astype(np.uint8)).save(path, quality=88)
    return path


@pytest.fixture(scope="module")
def report(photo: Path) -> Report:
    request = pipeline.Request(
        only=("spatial.error_level", "spatial.radial_spectrum"), knobs={"spatial.error_level": {"quality": 80}}
    )
    return pipeline.Run(request, cache=PerceptCache(None, most_bytes=0)).examine(photo)


@pytest.fixture
def bundled(tmp_path: Path, report: Report) -> Callable[..., Path]:
    def make_it(change: Callable[[dict[str, Any]], object] = lambda _: None, *, with_media: bool = True) -> Path:
        plain = json.loads(to_json(report))
        change(plain)
        data = json.dumps(plain).encode()
        (tmp_path / "r.json").write_bytes(data)
        gathered = replace(contents.of_reports([tmp_path / "r.json"]), reports=(ReportText(data, plain),))
        path = tmp_path / "a.zip"
        path.unlink(missing_ok=True)
        make(path, gathered, KEY, with_media=with_media)
        return path

    return make_it


def again(path: Path, *media: Path) -> Replayed:
    verdict = check(path)
    assert verdict.intact, verdict.faults
    (one,) = replay(path, verdict, media)
    return one


def test_the_same_comes_out_to_the_last_bit(bundled: Callable[..., Path], report: Report) -> None:
    assert report.findings[0].outcome == "measured"
    assert report.findings[0].settings["quality"] == 80
    one = again(bundled())
    assert one.same
    assert not one.conditions
    assert "to the last bit" in one.said
    assert one.knobs == ("spatial.error_level.quality = 80 (usually 90)",)


def test_a_file_that_is_not_in_the_bundle_is_given(bundled: Callable[..., Path], photo: Path, tmp_path: Path) -> None:
    path = bundled(with_media=False)
    one = again(path)
    assert not one.same
    assert "--media FILE" in one.said
    assert again(path, photo).same
    other = tmp_path / "other"
    other.write_bytes(b"x")
    with pytest.raises(UsageError, match="no report of the bundle is about"):
        again(path, other)


def test_an_invented_value_is_found(bundled: Callable[..., Path], report: Report) -> None:
    one = again(bundled(lambda r: r["findings"][0].update(value=99.0)))
    assert not one.same
    assert one.differences == (f"findings.spatial.error_level.value: 99.0 recorded, {report.findings[0].value} now",)
    assert "although the same ran" in one.said


def test_versions_that_differ_are_named_even_if_values_agree(bundled: Callable[..., Path]) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["record"].update(version="0.0.1", models={"m": "1" * 64})
        plain["record"]["environment"].update(numpy="1.0")

    one = again(bundled(change))
    assert one.same
    said = "\n".join(one.conditions)
    assert "version: 0.0.1 then" in said
    assert "environment numpy: 1.0 then" in said
    assert f"models m: {'1' * 64} then, none now" in said


def test_small_differences_count_only_where_the_same_ran(bundled: Callable[..., Path]) -> None:
    def nudge(plain: dict[str, Any]) -> None:
        plain["findings"][1]["value"] *= 1 + 1e-6

    assert not again(bundled(nudge)).same

    def elsewhere(plain: dict[str, Any]) -> None:
        nudge(plain)
        plain["record"]["environment"]["cpu"] = "another"

    one = again(bundled(elsewhere))
    assert one.same
    assert "not to the last bit are 1 field" in one.said


def test_a_commit_that_left_the_files_alone_changes_no_tolerance(bundled: Callable[..., Path]) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["findings"][1]["value"] *= 1 + 1e-6
        plain["record"]["commit"] = "f" * 40

    one = again(bundled(change))
    assert not one.same
    assert one.conditions[0].startswith("commit: ffff")


def test_examinations_and_knobs_of_another_version_are_named(bundled: Callable[..., Path]) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["record"]["settings"] |= {"spatial.gone": {"a": 1}}
        plain["record"]["settings"]["spatial.error_level"]["gone"] = 3

    one = again(bundled(change))
    assert "spatial.gone: recorded, and unknown to this veridical" in one.conditions
    assert "spatial.error_level.gone: a knob that this veridical has not" in one.conditions


def test_knobs_of_a_wrong_kind_are_refused_not_run(bundled: Callable[..., Path]) -> None:
    one = again(bundled(lambda r: r["record"]["settings"]["spatial.error_level"].update(quality="rm -r /")))
    assert not one.same
    assert "not examined again: spatial.error_level.quality takes" in one.said


def test_nothing_that_is_known_was_asked(bundled: Callable[..., Path]) -> None:
    one = again(bundled(lambda r: r["record"].update(settings={"a.b": {}})))
    assert "none of the examinations" in one.said


def test_a_report_that_was_shortened_is_found(bundled: Callable[..., Path]) -> None:
    one = again(bundled(lambda r: r["findings"].pop()))
    assert one.differences == ("findings.spatial.radial_spectrum: only now",)


def test_a_bundle_in_which_something_is_wrong_is_not_examined(bundled: Callable[..., Path]) -> None:
    path = bundled()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(UsageError, match="nothing is wrong"):
        list(replay(path, check(path)))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(findings=[1, 2]), lambda r: r.update(findings=None), lambda r: r.update(conclusion=[]),
        lambda r: r["exhibit"].update(sound=7), lambda r: r["findings"][0].pop("id"), lambda r: r.update(not_examined=3),
        lambda r: r["findings"][1].update(value=10**400), lambda r: r["conclusion"].update(stability={"variants": 3}),
        lambda r: r["conclusion"].update(stability={"budget_s": "long"}),
    ],
)  # fmt: skip
def test_a_signed_report_that_is_none_ends_in_words(bundled: Callable[..., Path], change: Any) -> None:
    def forged(_: Any, members: dict[str, bytes]) -> None:
        plain = json.loads(members["reports/1.json"])
        change(plain)
        members["reports/1.json"] = json.dumps(plain).encode()

    path = bundled()
    forge(path, forged)
    one = again(path)
    assert not one.same
    assert "recorded" in f"{one.said} {one.differences}"


def test_an_odd_detail_on_another_machine_is_no_difference_that_decides(bundled: Callable[..., Path]) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["record"]["environment"]["cpu"] = "another"
        plain["findings"][0]["observation"] = "Something else was seen."

    one = again(bundled(change))
    assert one.same
    assert one.details
    assert one.details[0].startswith("findings.spatial.error_level.observation")
