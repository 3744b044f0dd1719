"""Weighing: the logistic formula, its bound, its range, and refusal of tables that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from veridical.errors import DeclarationError
from veridical.evidence.calibration import CalibrationTable, Weight, load, weigh
from veridical.evidence.conclusion import conclude

GOOD: dict[str, Any] = {
    "format": 1, "version": "2026-11", "settings": {"quality": 90}, "valid": [-2, 4], "bound": 1.5,
    "pairs": [[-0.5, 1.0], [-0.6, 0.9], [-0.4, 1.1]], "condition": "JPEG 60 to 95",
}  # fmt: skip


def write(folder: Path, **changes: Any) -> Path:
    (folder / "spatial.sky.json").write_text(json.dumps(GOOD | changes))
    return folder


def table(folder: Path) -> CalibrationTable:
    found = load("spatial.sky", write(folder))
    assert found is not None
    return found


def test_log10_lr_is_offset_plus_slope_times_value(tmp_path: Path) -> None:
    weight = weigh(1.25, {"quality": 90}, table(tmp_path))
    assert isinstance(weight, Weight)
    assert weight.log10_lr == pytest.approx(0.75)
    # bootstrap pairs give 0.75, 0.525 and 0.975: percentiles 5 and 95 of three points, by hand
    assert weight.interval == pytest.approx((0.525 + 0.1 * 0.225, 0.975 - 0.1 * 0.225))


def test_the_bound_holds_for_the_ratio_and_its_interval(tmp_path: Path) -> None:
    weight = weigh(4, {"quality": 90}, table(tmp_path))
    assert isinstance(weight, Weight)
    assert weight.log10_lr == 1.5 and max(map(abs, weight.interval)) <= 1.5


@pytest.mark.parametrize(
    ("value", "settings", "reason"), [(4.1, {"quality": 90}, "outside"), (0.0, {"quality": 95}, "other settings")]
)
def test_what_was_not_calibrated_weighs_nothing(
    tmp_path: Path, value: float, settings: dict[str, Any], reason: str
) -> None:
    assert reason in str(weigh(value, settings, table(tmp_path)))


@pytest.mark.parametrize(
    "changes", [{"format": 2}, {"pairs": [[0, -1]]}, {"pairs": []}, {"bound": 0}, {"valid": [1, 1]}, {"valid": None}]
)
def test_a_wrong_table_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="calibration table"):
        load("spatial.sky", write(tmp_path, **changes))


def test_no_table_is_no_error(tmp_path: Path) -> None:
    assert load("spatial.sky", tmp_path) is None


def test_nothing_is_combined_without_a_fitted_model(tmp_path: Path) -> None:
    weight = weigh(1, {"quality": 90}, table(tmp_path))
    assert isinstance(weight, Weight)
    assert [conclude(n, w).why for n, w in ((0, []), (3, []), (3, [weight]))] == [
        "nothing measured",
        "uncalibrated",
        "unfused",
    ]
    assert conclude(3, [weight]).log10_lr is None
    assert conclude(0, []).band == "inconclusive"
    assert conclude(0, [], refused_all=True).band == "unsuitable for examination"
