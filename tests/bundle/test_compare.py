"""What counts as the same when an examination is done again."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from veridical import codec
from veridical.bundle.compare import Difference, differences, first, trials
from veridical.report.to_json import to_json

from ..report.reports import make_photo


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return dict(json.loads(to_json(make_photo())))


def changed(report: dict[str, Any], change: Any) -> dict[str, Any]:
    other = copy.deepcopy(report)
    change(other)
    return other


def said(a: dict[str, Any], b: dict[str, Any], *, exact: bool = False, details: bool = True) -> list[str]:
    return [str(one) for one in differences(a, b, exact=exact) if details or one.decides]


def test_a_report_is_the_same_as_itself(report: dict[str, Any]) -> None:
    assert not said(report, copy.deepcopy(report), exact=True)


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
    assert not said(report, changed(report, change), exact=True)


@pytest.mark.parametrize(
    ("change", "words", "decides"),
    [
        (
            lambda r: r["findings"][0].update(value=9.5),
            "findings.spatial.error_level.value: 2.41 recorded, 9.5 now",
            True,
        ),
        (lambda r: r["findings"][0].update(value=None), "value: 2.41 recorded, null now", True),
        (lambda r: r["findings"][0].update(outcome="failed"), "outcome: 'measured' recorded, 'failed' now", True),
        (lambda r: r["findings"].pop(0), "findings.spatial.error_level: only recorded", True),
        (
            lambda r: r["findings"][1]["evidence"].update(log10_lr=0.6),
            "evidence.log10_lr: 0.42 recorded, 0.6 now",
            True,
        ),
        (lambda r: r["conclusion"].update(band="strong"), "conclusion.band", True),
        (lambda r: r["exhibit"].update(kind="video"), "exhibit.kind", True),
        (lambda r: r.update(error={"type": "NotMedia"}), "error: null recorded", True),
        (lambda r: r["findings"][0]["where"].pop(), "where: 2 recorded, 1 now", False),
        (lambda r: r["findings"][0].update(aid=1), "aid: false recorded, 1 now", False),
        (lambda r: r["findings"][0]["exhibits"][0]["values"].update(shape=[1]), "an array of", False),
        (lambda r: r["findings"][0].update(observation="The residual inside"), "observation", False),
        (lambda r: r["findings"][1]["evidence"].update(condition="other"), "condition", False),
        (lambda r: r["conclusion"].update(statement="other"), "conclusion.statement", False),
    ],
)
@pytest.mark.parametrize("exact", [True, False])
def test_what_differs_is_named(report: dict[str, Any], change: Any, words: str, decides: bool, exact: bool) -> None:
    (found,) = differences(report, changed(report, change), exact=exact)
    assert words in str(found)
    assert found.decides is decides


def nudged(report: dict[str, Any], by: float) -> dict[str, Any]:
    def change(other: dict[str, Any]) -> None:
        one = other["findings"][0]
        one["value"] *= 1 + by
        values = codec.array_from_text(one["exhibits"][0]["values"])
        one["exhibits"][0]["values"] = codec.array_to_text((values * (1 + by)).astype(values.dtype))
        other["findings"][1]["evidence"]["log10_lr"] += by
        other["exhibit"]["previews"][0]["jpeg"] = "AAAA"

    return changed(report, change)


def test_last_digits_count_only_on_the_same_machine(report: dict[str, Any]) -> None:
    other = nudged(report, 1e-5)
    assert len(said(report, other, exact=True)) == 4
    assert not said(report, other)


def test_more_than_last_digits_counts_everywhere(report: dict[str, Any]) -> None:
    found = said(report, nudged(report, 0.2))
    assert any("numbers differ, by up to" in one for one in found)
    assert any(".value: 2.41 recorded" in one for one in found)
    assert any("log10_lr" in one for one in found)


def test_a_value_is_measured_against_the_range_of_pristine_files(report: dict[str, Any]) -> None:
    quantiles = [float(n) for n in range(101)]  # the middle nine tenths are 90 wide: 0.9 is allowed
    known = {"quantiles": quantiles, "files": 50, "sources": 3, "condition": "any"}
    pristine = changed(report, lambda r: r["findings"][0].update(population=known, value=0.0))
    assert not said(pristine, changed(pristine, lambda r: r["findings"][0].update(value=0.8)))
    assert said(pristine, changed(pristine, lambda r: r["findings"][0].update(value=1.0)))
    narrow = changed(
        pristine, lambda r: r["findings"][0].update(population={**known, "quantiles": [0.0] * 101}, value=5.0)
    )
    assert not said(narrow, changed(narrow, lambda r: r["findings"][0].update(value=5.001)))
    assert said(narrow, changed(narrow, lambda r: r["findings"][0].update(value=5.1)))
    unknown = changed(report, lambda r: r["findings"][0].update(population=None, value=1.0))
    assert not said(unknown, changed(unknown, lambda r: r["findings"][0].update(value=1.09)))
    assert said(unknown, changed(unknown, lambda r: r["findings"][0].update(value=1.2)))


def test_what_time_decided_is_not_compared(report: dict[str, Any]) -> None:
    variants = [{"name": "native", "values": {"a": 1.0, "b": 2.0}, "log10_lr": None}]
    stability = {"variants": variants, "spread": None, "cap": None, "flipped": False, "statement": "", "seconds": 3.0}
    one = changed(report, lambda r: r["conclusion"].update(stability=stability))
    other = changed(one, lambda r: r["conclusion"]["stability"]["variants"][0]["values"].pop("b"))
    other["conclusion"]["stability"]["seconds"] = 9.0
    assert not said(one, other, exact=True)
    assert "1 re-encodings" in trials(one, other)
    assert not trials(one, one)
    other["conclusion"]["stability"]["variants"][0]["values"]["a"] = 5.0
    (found,) = differences(one, other, exact=False)
    assert found.decides
    assert str(found) == "conclusion.stability.variants.native.values.a: 1.0 recorded, 5.0 now"


def test_printed_numbers_may_differ_by_their_last_digit(report: dict[str, Any]) -> None:
    for text, other, same in [
        ("7.1 levels, 2.4 times", "7.2 levels, 2.4 times", True), ("7.1 levels", "7.3 levels", False),
        ("\u22120.62 dB", "\u22120.63 dB", True), ("2 of 9", "3 of 9", True), ("a 1", "b 1", False), ("1 2", "1", False),
        ("+0.5", "-0.5", False), ("1e9999999 a", "2e9999999 a", True), ("1e-4", "2e-4", True), ("1e-4", "4e-4", False),
    ]:  # fmt: skip
        a = changed(report, lambda r, text=text: r["findings"][0].update(observation=text))
        b = changed(report, lambda r, other=other: r["findings"][0].update(observation=other))
        assert (not said(a, b)) is same, (text, other)
        assert said(a, b, exact=True)


def test_an_array_that_cannot_be_read_is_named(report: dict[str, Any]) -> None:
    other = changed(report, lambda r: r["findings"][0]["exhibits"][0]["values"].update(deflate_base64="AAAA"))
    (found,) = said(other, report)
    assert "the recorded array cannot be read" in found


def test_arrays_are_compared_number_by_number(report: dict[str, Any]) -> None:
    def of(numbers: list[float], kind: type = np.uint8) -> dict[str, Any]:
        array = codec.array_to_text(np.array(numbers, kind))
        return changed(report, lambda r: r["findings"][0].update(features=array))

    assert not said(of([1, 2]), of([1, 3]))
    assert said(of([1, 2]), of([1, 4]))
    assert said(of([1, 2]), of([1, 3]), exact=True)
    floats = np.float32
    assert not said(of([1, np.nan, np.inf], floats), of([1.0005, np.nan, np.inf], floats))
    assert said(of([1, np.nan], floats), of([1, 1], floats))
    assert said(of([1, np.inf], floats), of([1, -np.inf], floats))


def test_a_long_list_is_cut() -> None:
    found = [Difference(("a",), str(n), True) for n in range(50)]
    assert first(found)[-1] == "and 10 more"
    assert first(found[:1]) == ("a: 0",)
