"""Weighing: the logistic formula, its bounds, its conditions, its range, and refusal of tables that are none."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veridical.errors import DeclarationError
from veridical.evidence.calibration import CalibrationTable, Weight, load, read, weigh
from veridical.evidence.conclusion import conclude

SETTINGS = {"quality": 90}
ANY: dict[str, Any] = {
    "name": "any", "words": "files of any quality", "when": {}, "valid": [-2, 4], "upper": 1.5, "lowest": -1.2,
    "pairs": [[-0.5, 1.0], [-0.6, 0.9], [-0.4, 1.1]], "fakes": 30, "reals": 31, "sources": 4, "cllr": 0.7,
}  # fmt: skip
LOW = ANY | {"name": "low", "words": "JPEG below 80", "when": {"jpeg_quality": [None, 79.5]}, "pairs": [[0.0, 0.1]]}
NONE = ANY | {
    "name": "none",
    "words": "not JPEG",
    "when": {"jpeg_quality": None},
    "refused": "chance in files not JPEG",
}
REACH = {
    "names": ["megapixels", "jpeg_quality"], "logs": [True, False], "centre": [0.3, 80], "scale": [0.2, 10], "reach": 1.0,
    "points": [[0, 0], [0, 0.5], [0.5, 0], [1, 1], [-1, -1]],
}  # fmt: skip
GOOD: dict[str, Any] = {
    "format": 2, "id": "spatial.sky", "version": "2026-11", "date": "2026-11-23", "settings": SETTINGS, "one_sided": "",
    "conditions": [LOW, NONE, ANY], "quality": None,
}  # fmt: skip


def write(folder: Path, **changes: Any) -> Path:
    (folder / "spatial.sky.json").write_text(json.dumps(GOOD | changes))
    return folder


def table(**changes: Any) -> CalibrationTable:
    return read("spatial.sky", copy.deepcopy(GOOD | changes))


def weighed(value: float, quality: dict[str, float], **changes: Any) -> Weight:
    weight = weigh(value, SETTINGS, table(**changes), quality)
    assert isinstance(weight, Weight), weight
    return weight


def test_log10_lr_is_offset_plus_slope_times_value() -> None:
    weight = weighed(1.25, {"jpeg_quality": 90})
    assert weight.log10_lr == pytest.approx(0.75)
    # bootstrap pairs give 0.75, 0.525 and 0.975: percentiles 5 and 95 of three points, by hand
    assert weight.interval == pytest.approx((0.525 + 0.1 * 0.225, 0.975 - 0.1 * 0.225))
    assert (weight.fakes, weight.reals, weight.cllr, weight.table) == (30, 31, 0.7, "spatial.sky 2026-11")


def test_the_bounds_hold_for_the_ratio_and_its_interval() -> None:
    assert weighed(4, {"jpeg_quality": 90}).log10_lr == 1.5
    low = weighed(-2, {"jpeg_quality": 90})
    assert low.log10_lr == -1.2 and low.interval == (-1.2, -1.2)
    assert (low.bound, low.lowest) == (1.5, -1.2)


@pytest.mark.parametrize(
    ("quality", "words"), [(79, "JPEG below 80"), (79.5, "JPEG below 80"), (80, "files of any quality")]
)
def test_the_first_condition_that_holds_is_taken(quality: float, words: str) -> None:
    assert weighed(1, {"jpeg_quality": quality}).condition == words


def test_a_condition_may_ask_that_a_number_is_missing_and_may_refuse() -> None:
    assert weigh(1, SETTINGS, table(), {}) == "chance in files not JPEG"


def test_a_state_that_was_not_calibrated_weighs_nothing() -> None:
    reason = weigh(1, SETTINGS, table(conditions=[LOW]), {"jpeg_quality": 90})
    assert reason == "the state of this file was not calibrated; the table holds for: JPEG below 80"


@pytest.mark.parametrize(
    ("value", "settings", "reason"),
    [(4.1, SETTINGS, "outside"), (-2.1, SETTINGS, "outside"), (0.0, {"quality": 95}, "other settings"),
     (float("nan"), SETTINGS, "finite")],
)  # fmt: skip
def test_what_was_not_calibrated_weighs_nothing(value: float, settings: dict[str, Any], reason: str) -> None:
    assert reason in str(weigh(value, settings, table(), {"jpeg_quality": 90}))


@pytest.mark.parametrize(
    ("quality", "named"),
    [({"megapixels": 50, "jpeg_quality": 80}, "megapixels (50)"),
     ({"megapixels": 1, "jpeg_quality": 120}, "jpeg quality (120)"),
     ({"jpeg_quality": 80}, "megapixels (none)")],
)  # fmt: skip
def test_a_file_unlike_all_of_the_calibration_weighs_nothing(quality: dict[str, float], named: str) -> None:
    assert isinstance(weigh(1, SETTINGS, table(quality=REACH), {"megapixels": 1, "jpeg_quality": 82}), Weight)
    reason = weigh(1, SETTINGS, table(quality=REACH, conditions=[ANY]), quality)
    assert "unlike all files of the calibration" in str(reason) and named in str(reason)


def test_low_values_never_speak_for_the_second_proposition_where_the_table_is_one_sided() -> None:
    weight = weighed(-2, {"jpeg_quality": 90}, one_sided="fake", conditions=[ANY | {"lowest": 0}])
    assert weight.log10_lr == 0 and min(weight.interval) == 0 and weight.lowest == 0


def test_no_table_makes_low_values_of_a_pulse_speak_for_the_second_proposition() -> None:
    plain = GOOD | {"id": "temporal.pulse"}
    with pytest.raises(DeclarationError, match="one-sided"):
        read("temporal.pulse", plain)
    sided = plain | {"one_sided": "fake", "conditions": [ANY | {"lowest": 0}]}
    assert read("temporal.pulse", sided).one_sided == "fake"


def test_a_curve_is_read_on_straight_lines() -> None:
    curve = [[-2, 0, 4], [-1, 0, 1], [-1.1, -0.5, 0.8], [-0.5, 0.1, 9]]
    weight = weighed(2, {}, conditions=[ANY | {"pairs": [], "curve": curve}])
    assert (weight.log10_lr, weight.interval) == (0.5, pytest.approx((0.15, 1.5)))


@given(st.floats(-2, 4), st.floats(-2, 4))
def test_the_ratio_never_falls_as_the_value_rises(one: float, other: float) -> None:
    low, high = sorted((one, other))
    first, second = weighed(low, {"jpeg_quality": 90}), weighed(high, {"jpeg_quality": 90})
    assert first.log10_lr <= second.log10_lr
    for weight in (first, second):
        assert -1.2 <= weight.interval[0] <= weight.log10_lr <= weight.interval[1] <= 1.5


@pytest.mark.parametrize(
    "changes", [
        {"format": 1}, {"id": "spatial.sea"}, {"conditions": []}, {"one_sided": "real"}, {"one_sided": "fake"},
        {"version": None, "settings": 3},
        {"quality": REACH | {"scale": [0, 1]}}, {"quality": REACH | {"names": ["a"]}}, {"quality": REACH | {"points": []}},
        *({"conditions": [ANY | one]} for one in (
            {"pairs": [[0, -1]]}, {"pairs": [[0, 0]]}, {"pairs": []}, {"pairs": [[0, 1], [0, -1]]}, {"upper": -1},
            {"upper": 0, "lowest": 0}, {"lowest": 0.5}, {"valid": [1, 1]}, {"valid": None}, {"upper": float("nan")},
            {"curve": [[0, 1], [0, 1], [0, 1]]}, {"curve": [[1, 0], [0, 1], [0, 1], [0, 1]]},
            {"curve": [[0, 1], [1, 0], [0, 1], [0, 1]]}, {"when": {"jpeg_quality": [1]}}, {"cllr": "?"},
        )),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="is not a calibration table"):
        load("spatial.sky", write(tmp_path, **changes))


def test_a_file_that_is_no_table_is_refused_and_no_file_is_no_error(tmp_path: Path) -> None:
    assert load("spatial.sky", tmp_path) is None
    found = load("spatial.sky", write(tmp_path))
    assert found is not None and [one.name for one in found.conditions] == ["low", "none", "any"]
    (tmp_path / "spatial.sky.json").write_text("{")
    with pytest.raises(DeclarationError, match="is not a calibration table"):
        load("spatial.sky", tmp_path)


def test_nothing_is_combined_without_a_fitted_model() -> None:
    weight = weighed(1, {"jpeg_quality": 90})
    assert [conclude(n, w).why for n, w in ((0, []), (3, []), (3, [weight]))] == [
        "nothing measured",
        "uncalibrated",
        "unfused",
    ]
    assert conclude(3, [weight]).log10_lr is None
    assert conclude(0, []).band == "inconclusive"
    assert conclude(0, [], refused_all=True).band == "unsuitable for examination"
