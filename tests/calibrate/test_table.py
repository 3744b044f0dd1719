"""Fitting a table: what it finds on planted media, what it refuses, and that nothing tested stands in it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veridical.calibrate import resamples, system
from veridical.calibrate.bins import BINS
from veridical.calibrate.discipline import Seen, demand_apart
from veridical.calibrate.items import Scored, columns
from veridical.calibrate.table import LEAST, fit_table, lacking, write_table
from veridical.errors import UsageError
from veridical.evidence.calibration import CalibrationTable, Weight, load, read, weigh


def planted(
    distance: float = 2.0, *, sources: int = 4, groups: int = 60, shift: float = 0.0, seed: int = 0, each: int = 1
) -> list[Scored]:
    """Real values N(0, 1) and fakes N(distance, 1), ``each`` files alike a group; sources are ``shift`` apart in spread."""
    random = np.random.default_rng(seed)
    items = []
    for source in range(sources):
        moved = shift * random.normal()
        for group in range(groups):
            for label in ("real", "fake"):
                value = random.normal() + distance * (label == "fake") + moved
                quality = {"megapixels": float(10 ** random.uniform(-0.5, 0.5))}
                if source % 2:
                    quality["jpeg_quality"] = float(random.integers(60, 80))
                for number in range(each):
                    items.append(
                        Scored(
                            value=float(value), label=label, source=f"s{source}", group=f"{source} {group} {label}",
                            sha256=f"{source} {group} {label} {number}", quality=quality,
                        )  # type: ignore[arg-type]
                    )  # fmt: skip
    return items


def fitted(items: list[Scored], **options: Any) -> dict[str, Any]:
    return fit_table(items, id="spatial.sky", settings={"size": 8}, version="t", **options)


def of(plain: dict[str, Any]) -> CalibrationTable:
    return read("spatial.sky", plain)


def weighed(value: float, plain: dict[str, Any], **quality: float) -> Weight:
    weight = weigh(value, {"size": 8}, of(plain), {"megapixels": 1.0} | quality)
    assert isinstance(weight, Weight), weight
    return weight


def test_a_planted_distance_gives_its_likelihood_ratio_and_an_interval_that_holds_it() -> None:
    plain = fitted(planted(groups=250))
    for value in (-0.5, 0.5, 1.0, 1.5, 2.5):
        true = (2 * value - 2) / math.log(10)  # log10 of N(value; 2, 1) / N(value; 0, 1)
        weight = weighed(value, plain)
        assert (
            weight.log10_lr == pytest.approx(true, abs=0.2)
            and weight.interval[0] - 0.1 <= true <= weight.interval[1] + 0.1
        )
    assert plain["conditions"][0]["auc"] == pytest.approx(0.921, abs=0.01)  # normal distribution at 2 / sqrt(2)


def test_figures_are_of_sources_left_out() -> None:
    """Sources that lie apart cost more on sources left out than a fit on all of them shows."""
    items = planted(shift=1.5, sources=8)
    data = columns(items)
    inside, outside = system.fit(data)(data.values), system.left_out(data)
    one = fitted(items)["conditions"][-1]
    from veridical.benchmark.calibration_metrics import cllr

    told = [cllr(ratios[data.labels == 1], ratios[data.labels == 0]) for ratios in (inside, outside)]
    assert one["cllr"] == pytest.approx(told[1], abs=1e-3) and told[1] > told[0] + 0.01


def test_leaving_a_source_out_is_a_fit_without_it_and_its_groups() -> None:
    items = planted(sources=3)
    shared = [replace(one, group="both") if n in (0, 1, 120, 121) else one for n, one in enumerate(items)]
    data = columns(shared)
    here = data.sources == "s0"
    rest = ~here & (data.groups != "both")
    expected = system.fit(data.only(rest))(data.values[here])
    np.testing.assert_allclose(system.left_out(data)[here], expected)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 1000), st.floats(0.8, 4), st.sampled_from(["logistic", "pav"]), st.sampled_from(["", "fake"]),
    st.sampled_from([0.0, 0.5]),
)  # fmt: skip
def test_no_ratio_falls_as_the_value_rises_nor_leaves_its_bounds(
    seed: int, distance: float, method: str, one_sided: str, shift: float
) -> None:
    plain = fitted(planted(distance, groups=30, seed=seed, shift=shift), method=method, one_sided=one_sided, repeats=40)
    condition = plain["conditions"][-1]
    low, high = condition["valid"]
    weights = [weighed(value, plain) for value in np.linspace(low, high, 60)]
    ratios = [one.log10_lr for one in weights]
    assert ratios == sorted(ratios)
    for one in weights:
        assert condition["lowest"] <= one.interval[0] <= one.log10_lr <= one.interval[1] <= condition["upper"]
    assert -math.log10(121) <= condition["lowest"] <= 0 <= condition["upper"] <= math.log10(121)
    assert one_sided == "" or min(ratios) == 0
    reason = weigh(high + 0.1, {"size": 8}, of(plain), {"megapixels": 1.0})
    assert "outside the calibrated range" in str(reason)


def test_copies_of_a_file_are_no_further_evidence() -> None:
    once, often = fitted(planted()), fitted(planted(each=5))
    for name in ("upper", "lowest", "fakes", "reals"):
        assert often["conditions"][0][name] == pytest.approx(once["conditions"][0][name], abs=1e-9)
    np.testing.assert_allclose(often["conditions"][0]["pairs"], once["conditions"][0]["pairs"], rtol=1e-4, atol=1e-4)


def test_a_bin_with_enough_files_stands_for_itself_and_the_others_fall_to_any() -> None:
    plain = fitted(planted(), bins=BINS["image"])
    assert [one["name"] for one in plain["conditions"]] == ["JPEG below 80", "not JPEG", "any"]
    assert weighed(1, plain, jpeg_quality=70.0).condition == "JPEG files of quality below 80"
    assert weighed(1, plain).condition == "pictures that are not JPEG"
    few = [one for one in planted() if one.source != "s1"]  # JPEG files of one source only
    assert [one["name"] for one in fitted(few, bins=BINS["image"])["conditions"]] == ["not JPEG", "any"]


def test_a_file_unlike_all_others_gets_no_ratio() -> None:
    plain = fitted(planted())
    reason = weigh(1, {"size": 8}, of(plain), {"megapixels": 80.0})
    assert "unlike all files of the calibration" in str(reason) and "megapixels (80)" in str(reason)
    seen = [isinstance(weigh(1, {"size": 8}, of(plain), one.quality), Weight) for one in planted()]
    assert 0.97 <= np.mean(seen) <= 1
    assert fitted([replace(one, quality={}) for one in planted()])["quality"] is None


def test_what_says_nothing_on_sources_left_out_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="spatial.sky cannot be calibrated"):
        fitted(planted(0.0, seed=1))
    with pytest.raises(UsageError, match="does not rank"):
        fitted(planted(-2))


def test_a_condition_that_says_nothing_refuses_while_the_others_hold() -> None:
    random = np.random.default_rng(1003)
    items = [replace(one, value=float(random.normal())) if "jpeg_quality" in one.quality else one for one in planted(3)]
    plain = fitted(items, bins=BINS["image"])
    assert plain["conditions"][0]["refused"].startswith("JPEG files of quality below 80: ")
    assert (
        str(weigh(1, {"size": 8}, of(plain), {"megapixels": 1.0, "jpeg_quality": 70}))
        == plain["conditions"][0]["refused"]
    )
    assert isinstance(weigh(1, {"size": 8}, of(plain), {"megapixels": 1.0}), Weight)


def test_too_few_files_or_sources_are_told() -> None:
    items = planted(groups=LEAST // 4 - 1)
    assert lacking(
        items
    ) == f"{LEAST - 4} independent real files of 4 sources; it takes 20 of 2 sources of each label" or (
        lacking(items).startswith(f"{LEAST - 4} independent fake files")
    )
    with pytest.raises(UsageError, match="cannot be calibrated: 16 independent fake files of 4 sources"):
        fitted(items)
    lone = [one for one in planted() if one.label == "real" or one.source == "s0"]
    with pytest.raises(UsageError, match="60 independent fake files of 1 sources"):
        fitted(lone)
    with pytest.raises(UsageError, match="both labels"):
        columns([one for one in planted() if one.label == "real"])
    with pytest.raises(UsageError, match="not finite"):
        columns([replace(one, value=float("nan")) for one in planted()])


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"source": "s1"}, "sources 's1'"), ({"group": "x + 1 5 fake"}, "groups '1 5 fake'"),
     ({"sha256": "2 7 real 0"}, "files '2 7 real 0'")],
)  # fmt: skip
def test_an_overlap_with_what_is_tested_is_an_error_that_names_it(changes: dict[str, str], named: str) -> None:
    apart = Scored(value=0.0, label="fake", source="elsewhere", group="x", sha256="y")
    demand_apart(planted(), tested=[apart])
    with pytest.raises(UsageError, match=named) as found:
        fitted(planted(), tested=[replace(apart, **changes)])  # type: ignore[arg-type]
    assert "what is tested" in str(found.value)


def test_files_that_a_network_was_trained_on_must_be_cross_fitted() -> None:
    items = planted()
    trained = Seen(name="what the network was trained on", files=frozenset({items[3].sha256}))
    with pytest.raises(UsageError, match="what the network was trained on"):
        fitted(items, trained=trained)
    fitted([replace(one, cross_fitted=True) for one in items], trained=trained)
    fitted(items, trained=replace(trained, files=frozenset({"another"})))


def test_a_bootstrap_draws_sources_then_groups_and_keeps_both_labels() -> None:
    items = planted(sources=3, groups=5, each=2) + [replace(one, source="r", group=f"r{one.group}") for one in planted(
        sources=1, groups=4) if one.label == "real"]  # fmt: skip
    data = columns(items)
    times = resamples.times(data, 400, 1)
    assert times.shape == (400, len(items)) and (times == times.round()).all()
    assert (times @ data.labels > 0).all() and (times @ (1 - data.labels) > 0).all()
    for group in set(data.groups):
        rows = times[:, data.groups == group]
        assert (rows == rows[:, :1]).all()  # files of a group come and go together
    np.testing.assert_allclose(times.mean(0), 1, atol=0.3)
    gone = (times[:, data.sources == "s0"] == 0).all(1).mean()
    assert gone == pytest.approx((2 / 3) ** 3, abs=0.08)  # of three sources alike, one is missed by three draws


def test_a_table_is_written_whole_and_read_back(tmp_path: Path) -> None:
    plain = fitted(planted(), bins=BINS["image"], date="2026-11-23")
    path = write_table(plain, tmp_path)
    assert json.loads(path.read_text()) == json.loads(json.dumps(plain)) and [*tmp_path.iterdir()] == [path]
    table = load("spatial.sky", tmp_path)
    assert table is not None and table.name == "spatial.sky t" and len(table.conditions) == 3
    assert plain == fitted(planted(), bins=BINS["image"], date="2026-11-23")  # the same twice
    assert plain["date"] == "2026-11-23" and fitted(planted(), repeats=5)["date"].startswith("20")
    with pytest.raises(UsageError, match="'logistic' or 'pav'"):
        fitted(planted(), method="kde")
