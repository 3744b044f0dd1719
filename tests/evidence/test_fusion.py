"""Fusion: hand-made tables with results worked out by hand; what no table may ever do, for any of them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veridical import catalogue
from veridical.errors import DeclarationError
from veridical.evidence.calibration import Weight
from veridical.evidence.fusion import Fused, FusionTable, from_plain, fuse, fused, load
from veridical.evidence.groups import dependence, read

NET, LENGTH = "learned.ensemble", "learned.embedding_length"
PULSE, MAP = "temporal.pulse", "temporal.pulse_map"


def member(id: str, middle: float = 0.0, spread: float = 1.0, one_sided: bool = False) -> dict[str, Any]:
    return {"id": id, "middle": middle, "spread": spread, "one_sided": one_sided}


def plain(**changes: Any) -> dict[str, Any]:
    return {
        "format": 1, "kind": "image", "version": "1", "lowest": -1.5, "upper": 2.0, "quality": {},
        "figures": {}, "category": {},
        "groups": [
            {"name": "picture_networks", "needs": [], "lowest": -1.0, "upper": 1.0,
             "members": [member(NET), member(LENGTH, 2.0, 0.5)]},
            {"name": "physiology", "needs": [], "lowest": 0.0, "upper": 0.7, "members": [member(PULSE, one_sided=True)]},
        ],
        "rows": [[[0.2, 0.4], [-0.1, 0.3]], [[0.2, 0.5], [-0.1, 0.3]], [[0.2, 0.3], [-0.1, 0.3]]],
    } | changes  # fmt: skip


def table(**changes: Any) -> FusionTable:
    return from_plain(plain(**changes))


def weight(log10_lr: float = 0.3) -> Weight:
    return Weight(log10_lr=log10_lr, interval=(0.0, 0.6), bound=1.0, lowest=-1.0, condition="any", table="t")


def said(values: dict[str, float], given: FusionTable | None = None) -> Fused:
    found = fused(values, given or table())
    assert isinstance(found, Fused)
    return found


def test_a_group_is_the_mean_of_its_members_and_groups_add_up() -> None:
    z = 3 * math.tanh(1 / 3)  # both values lie one spread above the middle
    first = 0.2 + 0.4 * z
    second = -0.1 + 0.3 * z
    found = said({NET: 1.0, LENGTH: 2.5, PULSE: 1.0})
    assert [part.log10_lr for part in found.groups] == pytest.approx([first, second])
    assert found.log10_lr == pytest.approx(first + second)
    assert found.groups[0].members == (NET, LENGTH) and not found.missing and not found.caps
    # the bootstrap rows differ in one slope alone: 5th and 95th percentile of three points
    middle, high, low = (0.1 + (slope + 0.3) * z for slope in (0.4, 0.5, 0.3))
    assert found.interval == pytest.approx((low + 0.1 * (middle - low), high - 0.1 * (high - middle)))


def test_a_missing_member_adds_nothing_takes_its_share_of_the_cap_and_is_named() -> None:
    both, one = said({NET: 1.0, LENGTH: 2.5}), said({NET: 1.0})
    assert one.log10_lr == pytest.approx(both.log10_lr / 2)  # not the mean of the rest: half of the group is silent
    assert (one.lowest, one.upper) == (-0.5, 0.5)
    assert one.missing == {LENGTH: "not measured", PULSE: "not measured"}
    assert said({NET: math.nan, LENGTH: 2.5}).missing[NET] == "not measured"


def test_a_group_is_silent_without_what_it_needs() -> None:
    groups = plain()["groups"]
    groups[0]["needs"] = [LENGTH]
    given = table(groups=groups)
    found = said({NET: 3.0, PULSE: 1.0}, given)
    assert [part.name for part in found.groups] == ["physiology"] and LENGTH in found.missing[NET]
    refused = fused({NET: 3.0}, given)
    assert isinstance(refused, str) and LENGTH in refused


def test_caps_of_a_group_and_of_the_table_are_kept_and_said() -> None:
    found = said({NET: 50.0, LENGTH: 50.0, PULSE: 50.0}, table(upper=1.5))
    assert [part.log10_lr for part in found.groups] == pytest.approx([1.0, 0.7])
    assert found.log10_lr == 1.5 and found.upper == 1.5
    assert [cap.reason for cap in found.caps] == ["table", "group", "group"]
    assert found.caps[0].at == 1.5 and found.caps[0].before == pytest.approx(1.7)


def test_what_is_one_sided_never_speaks_for_the_second_proposition() -> None:
    assert said({PULSE: -50.0}).log10_lr == 0.0 and said({PULSE: -50.0}).lowest == 0.0


def test_what_its_own_table_does_not_weigh_is_missing_with_its_reason() -> None:
    weights: dict[str, Weight | str] = {NET: weight(), LENGTH: "the value lies outside the calibrated range 0 to 3"}
    found = fuse(weights, {NET: 1.0, LENGTH: 9.0}, {}, table())
    assert isinstance(found, Fused) and "outside" in found.missing[LENGTH]
    assert found.log10_lr == pytest.approx(said({NET: 1.0}).log10_lr)
    assert isinstance(fuse({NET: "no table"}, {NET: 1.0}, {}, table()), str)
    assert isinstance(fuse({}, {NET: 1.0}, {}, table()), str)


def test_a_file_outside_the_range_of_the_fit_has_no_weight() -> None:
    given = table(quality={"face_px": [24, 300]})
    assert isinstance(fuse({NET: weight()}, {NET: 1.0}, {"face_px": 100.0}, given), Fused)
    assert isinstance(fuse({NET: weight()}, {NET: 1.0}, {}, given), Fused)
    for outside in (23.0, 301.0):
        refused = fuse({NET: weight()}, {NET: 1.0}, {"face_px": outside}, given)
        assert isinstance(refused, str) and "face px" in refused and "outside" in refused


numbers = st.floats(-40, 40)
sizes = st.floats(0, 3)


@st.composite
def tables(draw: st.DrawFn) -> FusionTable:
    groups = [
        {"name": "picture_networks", "needs": draw(st.sampled_from([[], [LENGTH]])), "lowest": -draw(sizes),
         "upper": draw(sizes), "members": [member(NET, draw(numbers), draw(st.floats(0.1, 9))), member(LENGTH)]},
        {"name": "physiology", "needs": [], "lowest": 0.0, "upper": draw(sizes),
         "members": [member(PULSE, one_sided=True), member(MAP, one_sided=True)]},
    ]  # fmt: skip
    pair = st.tuples(st.floats(-3, 3), st.floats(0, 5))
    rows = [[draw(pair), draw(pair)] for _ in range(draw(st.integers(1, 4)))]
    return table(groups=groups, rows=rows, lowest=-draw(sizes), upper=draw(sizes))


@given(tables(), st.dictionaries(st.sampled_from([NET, LENGTH, PULSE, MAP]), numbers, min_size=1))
def test_bounds_are_never_exceeded_and_removing_a_member_never_raises_one(
    given_table: FusionTable, values: dict[str, float]
) -> None:
    found = fused(values, given_table)
    if isinstance(found, str):
        return
    assert given_table.lowest <= found.lowest <= 0 <= found.upper <= given_table.upper
    assert found.lowest <= found.interval[0] <= found.log10_lr <= found.interval[1] <= found.upper
    for part, group in ((p, g) for p in found.groups for g in given_table.groups if g.name == p.name):
        assert group.lowest <= part.log10_lr <= group.upper
    assert all(part.log10_lr >= 0 for part in found.groups if part.name == "physiology")
    for id in values:
        fewer = fused({other: value for other, value in values.items() if other != id}, given_table)
        if isinstance(fewer, Fused):
            assert fewer.upper <= found.upper + 1e-12 and fewer.lowest >= found.lowest - 1e-12


@pytest.mark.parametrize(
    "changes",
    [{"format": 2}, {"rows": []}, {"rows": [[[0, -1], [0, 1]]]}, {"lowest": 0.1}, {"upper": math.inf},
     {"groups": [plain()["groups"][0] | {"name": "joints"}]}, {"groups": [plain()["groups"][0] | {"needs": [PULSE]}]},
     {"groups": [plain()["groups"][0] | {"members": [member(NET, spread=0.0)]}], "rows": [[[0, 1]]]},
     {"groups": [plain()["groups"][0] | {"members": [member(NET, spread=math.nan)]}], "rows": [[[0, 1]]]},
     {"groups": [plain()["groups"][0] | {"members": [member(NET, middle=math.inf)]}], "rows": [[[0, 1]]]},
     {"groups": [plain()["groups"][0] | {"upper": math.inf}], "rows": [[[0, 1]]]}, {"lowest": -math.inf},
     {"groups": [plain()["groups"][1] | {"members": [member(PULSE)]}], "rows": [[[0, 1]]]}],
)  # fmt: skip
def test_a_wrong_table_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / "fusion.image.json").write_text(json.dumps(plain(**changes)))
    with pytest.raises(DeclarationError):
        load("image", tmp_path)


def test_a_table_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert load("image", tmp_path) is None


def test_every_examination_is_in_one_group_or_never_weighed() -> None:
    known = dependence()
    examinations = catalogue.own().examinations
    placed = {id for group in known.groups for id in group.members} | {*known.never}
    weighed = {id for id, one in examinations.items() if not one.aid}
    assert placed == weighed
    assert "learned.adversarial_probe" in known.never
    physiology = {id for id, one in examinations.items() if one.branch == "physiology"}
    assert physiology and physiology <= known.one_sided <= weighed


def test_a_file_of_groups_that_names_one_twice_is_refused(tmp_path: Path) -> None:
    group = {"name": "a", "words": "a", "cause": "a", "members": ["x.y"]}
    path = tmp_path / "groups.json"
    path.write_text(json.dumps({"format": 1, "groups": [group], "one_sided": [], "never": {"x.y": "why"}}))
    with pytest.raises(DeclarationError, match="x.y"):
        read(path)


def test_interval_holds_the_point_for_any_bootstrap() -> None:
    random = np.random.default_rng(1)
    rows = [[[0.0, 1.0], [0.0, 0.0]], *([[float(o), 0.1], [0.0, 0.0]] for o in random.normal(-2, 0.1, 50))]
    found = said({NET: 1.0, LENGTH: 2.5}, table(rows=rows))
    assert found.interval[0] <= found.log10_lr <= found.interval[1]
