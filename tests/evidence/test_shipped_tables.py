"""The tables that come with the program hold what they promise."""

import datetime
import json
import math

import numpy as np
import pytest

from veridical import catalogue
from veridical.evidence import calibration, fusion, unfit
from veridical.evidence.calibration import TABLES
from veridical.evidence.groups import dependence

FUSED = sorted(path for path in TABLES.glob("fusion.*.json"))
SINGLE = sorted(path for path in TABLES.glob("*.*.json") if path not in FUSED)
MODERATE = 2.0


def plain(path):
    return json.loads(path.read_text("utf-8"))


@pytest.fixture(params=SINGLE, ids=lambda path: path.stem)
def single(request):
    return request.param.stem, plain(request.param)


@pytest.fixture(params=FUSED, ids=lambda path: path.stem)
def fused(request):
    return plain(request.param)


def test_pictures_and_voices_have_tables_and_a_fused_model():
    assert {path.name for path in FUSED} >= {"fusion.image.json", "fusion.audio.json"}
    assert len(SINGLE) >= 4


def test_a_table_is_of_an_examination_that_may_be_weighed(single):
    id, table = single
    known = catalogue.load().examinations
    assert table["id"] == id and id in known
    assert not known[id].aid and id not in dependence().never
    assert unfit.why(id) == ""
    assert calibration.load(id) is not None


def test_a_table_says_of_what_and_when_it_was_made(single):
    _, table = single
    assert datetime.date.fromisoformat(table["date"]) <= datetime.date.today() + datetime.timedelta(days=1)
    made = table["made_from"]
    assert len([one for one in made["sources"].values() if one["fake"]]) >= 2
    assert len([one for one in made["sources"].values() if one["real"]]) >= 2
    assert "native" not in made["conditions"]
    assert made["values"]


def test_a_table_is_worth_something_on_sources_left_out_under_every_condition(single):
    _, table = single
    left_out = table["made_from"]["left_out"]
    assert left_out["cllr"] < 1 and left_out["cllr"] - left_out["cllr_min"] <= 0.08
    for one in left_out["conditions"].values():
        assert one["interval"][1] < 1


def test_bounds_go_no_further_than_the_number_of_cases(single):
    id, table = single
    for one in table["conditions"]:
        if one.get("refused"):
            continue
        assert -math.log10(one["fakes"] + 1) <= one["lowest"] <= 0 <= one["upper"] <= math.log10(one["reals"] + 1)
        assert one["upper"] < MODERATE and one["lowest"] > -MODERATE
        assert one["valid"][0] < one["valid"][1]
        if id in dependence().one_sided:
            assert one["lowest"] == 0


def test_no_value_and_no_quality_gets_a_weight_beyond_its_bounds(single):
    id, raw = single
    table = calibration.load(id)
    random = np.random.default_rng(0)
    seen = 0
    for _ in range(400):
        quality = {name: float(10.0 ** random.uniform(-1, 4)) for name in raw["quality"]["names"]}
        quality["bandwidth_hz"] = float(random.uniform(1000, 22050))
        if raw["quality"]["points"] and random.random() < 0.7:  # the state of a file of the calibration
            point = raw["quality"]["points"][random.integers(len(raw["quality"]["points"]))]
            quality |= of_point(raw["quality"], point)
        said = calibration.weigh(float(random.normal(0, 4)), raw["settings"], table, quality)
        if not isinstance(said, str):
            seen += 1
            assert said.lowest <= said.interval[0] <= said.log10_lr <= said.interval[1] <= said.bound
    assert seen > 20


def of_point(reach, point):
    """Return the quality that a standardised point stands for."""
    raw = np.array(point) * np.array(reach["scale"]) + np.array(reach["centre"])
    taken = np.where(reach["logs"], 10.0**raw - 1, raw)
    return dict(zip(reach["names"], taken.tolist(), strict=True))


def usual_point(reach):
    """Return the point nearest to the middle: the state of a common file."""
    return min(reach["points"], key=lambda point: float(np.linalg.norm(point)))


def test_other_settings_and_unknown_states_weigh_nothing(single):
    id, raw = single
    table = calibration.load(id)
    usual = of_point(raw["quality"], usual_point(raw["quality"])) | {"bandwidth_hz": 7000.0}
    middle = float(np.mean(raw["conditions"][-1]["valid"]))
    assert not isinstance(calibration.weigh(middle, raw["settings"], table, usual), str)
    assert "settings" in calibration.weigh(middle, {**raw["settings"], "other": 1}, table, usual)
    assert isinstance(calibration.weigh(raw["conditions"][-1]["valid"][1] + 1, raw["settings"], table, usual), str)
    for name, value in usual.items():
        if name in raw["quality"]["names"]:
            assert isinstance(
                calibration.weigh(middle, raw["settings"], table, {**usual, name: 1000 * value + 1e5}), str
            )
    assert isinstance(calibration.weigh(middle, raw["settings"], table, {}), str)


def test_networks_for_pictures_weigh_nothing_without_a_face():
    raw = plain(TABLES / "learned.ensemble.json")
    quality = of_point(raw["quality"], usual_point(raw["quality"]))
    del quality["face_px"]
    said = calibration.weigh(0.0, raw["settings"], calibration.load("learned.ensemble"), quality)
    assert "no face" in said


def test_a_fused_model_keeps_what_was_promised(fused):
    figures = fused["figures"]
    assert fusion.load(fused["kind"]) is not None
    assert figures["cllr"] - figures["cllr_min"] <= 0.08
    for name, one in figures["conditions"].items():
        assert one["cllr"] - one["cllr_min"] <= 0.08
        assert one["cllr"] < min(each["conditions"][name]["cllr"] for each in figures["alone"].values())
    assert max(figures["beyond_moderate"].values()) < 0.01
    assert -MODERATE < fused["lowest"] <= 0 <= fused["upper"] < MODERATE
    assert fused["upper"] <= math.log10(figures["reals"] + 1) and fused["lowest"] >= -math.log10(figures["fakes"] + 1)


def test_every_member_of_a_fused_model_has_a_table(fused):
    members = {one["id"] for group in fused["groups"] for one in group["members"]}
    assert members <= {path.stem for path in SINGLE}


def test_what_cannot_be_weighed_says_why_and_has_no_table():
    listed = plain(TABLES / "unfit.json")["examinations"]
    known = catalogue.load().examinations
    for id, one in listed.items():
        assert id in known and not (TABLES / f"{id}.json").exists()
        assert unfit.why(id) == one["why"] != ""
        if "cllr" in one:
            assert any(each["interval"] is None or each["interval"][1] >= 1 for each in one["conditions"].values())
