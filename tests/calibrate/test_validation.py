"""A validation of planted media: its figures are those of the plan, and it says what it cannot show."""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lir.metrics.devpav import devpav as lir_devpav

from veridical.benchmark import results
from veridical.benchmark.calibration_metrics import cllr
from veridical.benchmark.rows import Examined, Row
from veridical.calibrate import judge
from veridical.calibrate.own import own_tables
from veridical.calibrate.table import write_table
from veridical.calibrate.validated import CONCLUSION, Validation
from veridical.calibrate.validation import validate
from veridical.calibrate.validation_output import to_csv, write
from veridical.calibrate.validation_page import to_html
from veridical.errors import UsageError
from veridical.evidence.calibration import Weight, load, weigh

PLANTED, NOISE, PROBE = "spatial.radial_spectrum", "spatial.resampling", "learned.adversarial_probe"
LLR = 1 / math.log(10)


def planted(folder: Path, *, sources: int = 4, each: int = 60, leak: bool = False, both: bool = True) -> Path:
    """Values N(0, 1) of real and N(2, 1) of fake files; LRs in use are their own, twice as confident, and missing for some."""
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    rows: list[Row] = []
    files: list[Examined] = []
    for chain in ("native", "jpeg_50"):
        for number in range(sources * each):
            fake = bool(number % 2) if both else number % sources >= sources // 2
            source = f"s{number // 2 % sources}" if both else f"s{number % sources}"
            label = "fake" if fake else "real"
            value, noise = float(random.normal(2 * fake)), float(random.normal())
            size = int(random.normal(9000 + 6000 * fake * leak, 900))
            about: dict[str, Any] = {
                "path": f"{number:03}.jpg", "label": label, "category": "synthesis" if fake else "real", "chain": chain,
                "generator": "g1" if fake else "", "source": source, "group": f"g{number}", "exhibit": f"{chain} {number}",
            }  # fmt: skip
            quality: dict[str, Any] = {"kind": "image", "bytes": size, "width": 512}
            state: dict[str, Any] = {"kind": "image", "megapixels": 1.0 + size / 1e5}
            if chain != "native" or number % 4 < 2:
                state["jpeg_quality"] = 50 if chain != "native" else 90
            plain: dict[str, Any] = {"outcome": "measured", "reason": "", "seconds": 0.1, "quality": quality}
            ratio = 2 * (2 * value - 2) * LLR if number % 10 else None
            unweighed = "" if ratio is not None else f"the value lies outside the calibrated range {number} to 9"
            rows += [
                Row(id=PLANTED, value=value, log10_lr=ratio, unweighed=unweighed, **about, **plain),
                Row(id=NOISE, value=noise, unweighed="no calibration table", **about, **plain),
                Row(id=PROBE, value=noise, **about, **plain),
            ]
            concluded = (2 * value - 2) * LLR if number % 10 else None
            files.append(
                Examined(
                    **about, kind="image", state=state, log10_lr=concluded, band="inconclusive", attack=None, table="t"
                )
            )
    results.write_rows(folder, rows)
    results.write_lines(folder / results.FILES, (asdict(one) for one in files))
    results.write_lines(
        folder / results.ERRORS, [{"path": "x.jpg", "chain": "native", "type": "DamagedMedia", "problem": "p"}]
    )
    settings = {PLANTED: {"size": 8}, NOISE: {"size": 9}, PROBE: {}}
    run = {
        "request": {"version": "9.9", "chains": ["native", "jpeg_50"], "examinations": settings},
        "about": {"started": "2026-11-23T10:00:00Z"}, "result": {"finished": "2026-11-23T11:00:00Z"},
    }  # fmt: skip
    results.write_json(folder / results.REQUEST, run)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def found(folder: Path) -> Validation:
    return validate(folder)


def test_figures_of_the_lrs_in_use_are_counted_from_the_rows(folder: Path, found: Validation) -> None:
    rows = [row for row in results.read_rows(folder) if (row.id, row.chain) == (PLANTED, "native")]
    part = next(one for one in found.of(PLANTED) if (one.chain, one.state) == ("native", "all"))
    assert (part.reals, part.fakes) == (120, 120) and part.shipped is not None and part.shipped.judged is not None
    judged = part.shipped.judged
    reals = [row.log10_lr for row in rows if row.label == "real" and row.log10_lr is not None]
    fakes = [row.log10_lr for row in rows if row.label == "fake" and row.log10_lr is not None]
    assert (judged.reals, judged.fakes) == (len(reals), len(fakes))
    assert judged.cllr.point == pytest.approx(cllr(fakes, reals)) and judged.cllr.low is not None
    assert judged.cllr.low < judged.cllr.point < (judged.cllr.high or 0)
    for errors, threshold in zip(judged.errors, (0, 1, 2), strict=True):
        assert errors.false_alarms.count == sum(one > threshold for one in reals)
        assert errors.misses.count == sum(one <= threshold for one in fakes)
        assert errors.misses.low <= errors.misses.share <= errors.misses.high
    assert judged.misleading_fake.count == sum(one < 0 for one in fakes)
    assert judged.strong_real.count == sum(one > 2 for one in reals)
    # numbers are left out of reasons, so that they count together; every tenth file is a real one without an LR
    assert part.shipped.without == {"the value lies outside the calibrated range … to …": (24, 0)}


def test_lrs_that_say_too_much_lose_by_calibration_and_own_tables_do_not(found: Validation) -> None:
    part = next(one for one in found.of(PLANTED) if (one.chain, one.state) == ("native", "all"))
    assert part.shipped and part.own and part.shipped.judged and part.own.judged
    loud, fitted = part.shipped.judged, part.own.judged
    assert loud.cllr.point - loud.cllr_min > 0.08 > fitted.cllr.point - fitted.cllr_min
    assert loud.devpav is not None and fitted.devpav is not None and loud.devpav > fitted.devpav
    assert (fitted.reals, fitted.fakes) == (120, 120)
    assert part.cell is not None and part.cell.auc is not None and part.cell.auc.point == pytest.approx(0.921, abs=0.04)


def test_the_conclusion_and_the_states_of_files_stand_for_themselves(found: Validation) -> None:
    assert found.ids[0] == CONCLUSION
    names = [(one.chain, one.state) for one in found.of(CONCLUSION)]
    assert names == [("native", "all"), ("native", "JPEG 80 to 92"), ("native", "not JPEG"), ("jpeg_50", "all")]
    assert sum(one.reals for one in found.of(CONCLUSION)[1:3]) == 120
    assert (
        found.of(PROBE)[0].shipped is None and found.of(PROBE)[0].own is None
    )  # an alarm about a network is never weighed


def test_only_conditions_that_were_run_are_named(folder: Path, found: Validation) -> None:
    assert found.chains == ("native", "jpeg_50") and {one.chain for one in found.parts} == {"native", "jpeg_50"}
    page = to_html(found)
    assert (
        "Conditions: native, jpeg_50." in page and "whatsapp" not in page and "One file could not be examined" in page
    )


def test_what_the_media_cannot_show_is_said(tmp_path: Path) -> None:
    few = validate(planted(tmp_path / "few", each=5))
    assert any("too few files" in one and "10 independent fake files of 4 sources" in one for one in few.cautions)
    part = next(one for one in few.of(PLANTED))
    assert part.own is not None and part.own.judged is None and "it takes 20 of 2 sources" in part.own.note
    leaky = validate(planted(tmp_path / "leaky", leak=True))
    assert any("confounded with the state of the files" in one and "bytes" in one for one in leaky.cautions)
    apart = validate(planted(tmp_path / "apart", both=False))
    assert any("no source holds both" in one for one in apart.cautions)


def test_media_that_show_everything_give_one_caution(found: Validation) -> None:
    assert [one for one in found.cautions if "got an LR" not in one] == []
    # every tenth file got none, all of them real: of 120 real files 96 and of 120 fakes all
    assert "conclusion, image, native: 80% of the real and 100% of the fake files got an LR." in found.cautions[0]
    assert sum(one.reals for one in found.media) == 120 and {one.generators for one in found.media} == {("g1",)}


def test_page_json_and_csv_say_the_same(folder: Path, found: Validation, tmp_path: Path) -> None:
    page = write(found, tmp_path).read_text()
    plain = json.loads((tmp_path / "validation.json").read_text())
    lines = list(csv.DictReader((tmp_path / "validation.csv").read_text().splitlines()))
    assert len(plain["parts"]) == len(found.parts)
    one = next(
        a
        for a in lines
        if (a["id"], a["condition"], a["state"], a["weighing"]) == (PLANTED, "native", "all", "shipped")
    )
    part = next(a for a in plain["parts"] if (a["id"], a["chain"], a["state"]) == (PLANTED, "native", "all"))
    assert float(one["cllr"]) == part["shipped"]["judged"]["cllr"]["point"]
    assert f"{float(one['cllr']):.3f}" in page
    alarms = part["shipped"]["judged"]["errors"][0]["false_alarms"]
    assert f"{alarms['count']} of {alarms['files']}<" in page
    assert page.count("Tippett plot") == page.count("Empirical cross-entropy") > 4
    assert "Never weighed: an alarm about a network" in page and page.count("<details open") == 2
    assert "<script" not in page and not re.search(r'(?:src|href)="https?:', page) and "nan" not in page.lower().split()
    assert to_csv(found) == (tmp_path / "validation.csv").read_text()


def test_own_tables_are_fitted_on_all_conditions_and_named_with_their_date(folder: Path, tmp_path: Path) -> None:
    tables, refused = own_tables(folder, date="2026-11-24")
    assert [one["id"] for one in tables] == [PLANTED] and set(refused) == {NOISE, PROBE}
    assert tables[0]["settings"] == {"size": 8} and tables[0]["version"] == "own 2026-11-24"
    names = [one["name"] for one in tables[0]["conditions"]]
    assert names == ["JPEG below 80", "JPEG 80 to 92", "not JPEG", "any"]
    assert tables[0]["conditions"][-1]["fakes"] == 120  # a file under two conditions is one case
    write_table(tables[0], tmp_path)
    table = load(PLANTED, tmp_path)
    assert table is not None
    weight = weigh(2.0, {"size": 8}, table, {"jpeg_quality": 50, "megapixels": 1.09})
    assert isinstance(weight, Weight) and weight.table == f"{PLANTED} own 2026-11-24"
    assert weight.log10_lr == pytest.approx(2 * LLR, abs=0.25)


def test_tables_of_ones_own_go_before_those_of_the_program(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(own_tables(folder, date="2026-11-24")[0][0], tmp_path)
    monkeypatch.setenv("VERIDICAL_TABLES", str(tmp_path))
    table = load(PLANTED)
    assert table is not None and table.name == f"{PLANTED} own 2026-11-24"
    monkeypatch.setenv("VERIDICAL_TABLES", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="VERIDICAL_TABLES names .*nowhere"):
        load(PLANTED)


def test_a_table_is_not_judged_on_the_files_that_it_was_fitted_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = own_tables(folder, date="2026-11-24")[0][0]
    assert len(table["files"]) == 480
    write_table(table, tmp_path)
    monkeypatch.setenv("VERIDICAL_TABLES", str(tmp_path))
    met = validate(folder)
    part = met.of(PLANTED)[0]
    assert part.shipped is not None and part.shipped.judged is None
    assert part.shipped.note.startswith("240 of these files are among those on which") and part.own and part.own.judged
    assert any(PLANTED in one and "not judged here" in one for one in met.cautions)


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no rows\.jsonl"):
        validate(tmp_path)


def test_intervals_of_rates_are_exact_and_groups_count_once() -> None:
    # of 20 cases none: the upper end p solves (1 - p)^20 = 0.05
    assert judge.between(0.0, 20) == pytest.approx((0, 1 - 0.05 ** (1 / 20)))
    assert judge.between(1.0, 20) == pytest.approx((0.05 ** (1 / 20), 1))
    wrong, groups = np.array([True, True, False, False]), np.array(["a", "a", "b", "b"], dtype=object)
    one, apart = judge.rate(wrong, groups), judge.rate(wrong, np.array(list("abcd"), dtype=object))
    assert (one.count, one.files, one.groups) == (2, 4, 2) and one.high - one.low > apart.high - apart.low


@pytest.mark.parametrize("seed", range(8))
def test_devpav_is_that_of_lir(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 150)
    ratios = 0.8 * random.normal(size=150) + 1.2 * (labels - 0.5)
    assert judge.devpav(*judge.reliability(ratios, labels)) == pytest.approx(
        lir_devpav(ratios.copy(), labels), abs=1e-9
    )
    assert judge.devpav(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])) == 0
    assert judge.devpav(np.array([1.0]), np.array([1.0])) is None


def test_a_label_without_an_lr_is_not_judged(folder: Path, tmp_path: Path) -> None:
    rows = [replace(row, log10_lr=None if row.label == "fake" else row.log10_lr) for row in results.read_rows(folder)]
    planted(tmp_path)
    results.write_rows(tmp_path, rows)
    part = next(one for one in validate(tmp_path).of(PLANTED))
    assert part.shipped is not None and part.shipped.judged is None and "it takes both labels" in part.shipped.note
