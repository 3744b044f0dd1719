"""What counts as the same when an examination is done again."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from veridical import codec
from veridical.bundle.compare import ACROSS, EXACT, differences, first
from veridical.report.to_json import to_json

from ..report.reports import make_photo


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return dict(json.loads(to_json(make_photo())))


def changed(report: dict[str, Any], change: Any) -> dict[str, Any]:
    other = copy.deepcopy(report)
    change(other)
    return other


def test_a_report_is_the_same_as_itself(report: dict[str, Any]) -> None:
    assert not list(differences(report, copy.deepcopy(report), EXACT))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["exhibit"].update(path="/elsewhere"),
        lambda r: r["record"].update(seconds=9, started="later", command="other"),
        lambda r: r["findings"][0].update(seconds=9.0),
        lambda r: r.update(observations=[{"finding": "x"}]),
        lambda r: r["findings"].reverse(),
    ],
)
def test_what_no_run_repeats_is_left_out(report: dict[str, Any], change: Any) -> None:
    assert not list(differences(report, changed(report, change), EXACT))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["findings"][0].update(value=9.5), "findings.spatial.error_level.value: 2.41 recorded, 9.5 now"),
        (lambda r: r["findings"][0].update(value=None), "value: 2.41 recorded, null now"),
        (lambda r: r["findings"][0].update(outcome="failed"), "outcome: 'measured' recorded, 'failed' now"),
        (lambda r: r["findings"].pop(0), "findings.spatial.error_level: only recorded"),
        (lambda r: r["conclusion"].update(band="strong"), "conclusion.band"),
        (lambda r: r["findings"][0]["where"].pop(), "where: 2 recorded, 1 now"),
        (lambda r: r["findings"][0].update(aid=1), "aid: false recorded, 1 now"),
        (lambda r: r["exhibit"].update(kind="video"), "exhibit.kind"),
        (lambda r: r["findings"][0]["exhibits"][0]["values"].update(shape=[1]), "an array of"),
        (lambda r: r["findings"][0].update(observation="The residual inside"), "observation"),
    ],
)
@pytest.mark.parametrize("tolerance", [EXACT, ACROSS], ids=["exact", "across"])
def test_what_differs_is_named(report: dict[str, Any], change: Any, said: str, tolerance: Any) -> None:
    found = list(differences(report, changed(report, change), tolerance))
    assert len(found) == 1
    assert said in found[0]


def nudged(report: dict[str, Any], by: float) -> dict[str, Any]:
    def change(other: dict[str, Any]) -> None:
        one = other["findings"][0]
        one["value"] *= 1 + by
        values = codec.array_from_text(one["exhibits"][0]["values"])
        one["exhibits"][0]["values"] = codec.array_to_text((values * (1 + by)).astype(values.dtype))
        other["exhibit"]["previews"][0]["jpeg"] = "AAAA"

    return changed(report, change)


def test_last_digits_count_only_on_the_same_machine(report: dict[str, Any]) -> None:
    other = nudged(report, 1e-5)
    assert len(list(differences(report, other, EXACT))) == 3
    assert not list(differences(report, other, ACROSS))


def test_more_than_last_digits_counts_everywhere(report: dict[str, Any]) -> None:
    found = list(differences(report, nudged(report, 0.1), ACROSS))
    assert any("numbers differ, by up to" in one for one in found)
    assert any(".value: 2.41 recorded" in one for one in found)


def test_printed_numbers_may_differ_by_their_last_digit(report: dict[str, Any]) -> None:
    for text, other, same in [
        ("7.1 levels, 2.4 times", "7.2 levels, 2.4 times", True), ("7.1 levels", "7.3 levels", False),
        ("\u22120.62 dB", "\u22120.63 dB", True), ("2 of 9", "3 of 9", True), ("a 1", "b 1", False), ("1 2", "1", False),
        ("+0.5", "-0.5", False),
    ]:  # fmt: skip
        a = changed(report, lambda r, text=text: r["findings"][0].update(observation=text))
        b = changed(report, lambda r, other=other: r["findings"][0].update(observation=other))
        assert (not list(differences(a, b, ACROSS))) is same, (text, other)
        assert list(differences(a, b, EXACT))


def test_an_array_that_cannot_be_read_is_named(report: dict[str, Any]) -> None:
    other = changed(report, lambda r: r["findings"][0]["exhibits"][0]["values"].update(deflate_base64="AAAA"))
    (found,) = differences(other, report, ACROSS)
    assert "the recorded array cannot be read" in found


def test_whole_numbers_in_arrays_may_differ_by_one_level(report: dict[str, Any]) -> None:
    def with_levels(levels: list[int]) -> dict[str, Any]:
        array = codec.array_to_text(np.array(levels, np.uint8))
        return changed(report, lambda r: r["findings"][0].update(features=array))

    assert not list(differences(with_levels([1, 2]), with_levels([1, 3]), ACROSS))
    assert list(differences(with_levels([1, 2]), with_levels([1, 4]), ACROSS))
    assert list(differences(with_levels([1, 2]), with_levels([1, 3]), EXACT))


def test_a_long_list_is_cut() -> None:
    assert first([str(n) for n in range(50)])[-1] == "and 10 more"
    assert first(["a"]) == ["a"]
