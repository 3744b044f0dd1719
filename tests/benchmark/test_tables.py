"""Planted rows give the figures that theory gives, and every reason to doubt them is said."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from veridical.benchmark import output, tables
from veridical.benchmark.rows import Row

MakeRow = Callable[..., Row]


def test_a_planted_separation_gives_its_theoretical_figures(planted: list[Row]) -> None:
    cell = tables.make(planted).of("spatial.planted", "all")[0]
    assert (cell.n_real, cell.n_fake, cell.seconds) == (100, 100, 0.25)
    assert cell.auc is not None and cell.auc.low < NormalDist().cdf(sqrt(2)) < cell.auc.high
    assert cell.eer == pytest.approx(NormalDist().cdf(-1), abs=0.06)
    assert not cell.tpr_enough and cell.cllr_min is not None and 0.3 < cell.cllr_min < 0.7
    assert cell.nuisance is not None and abs(cell.nuisance.point - 0.5) < 0.12
    assert cell.within_sources == ("a", "b") and cell.within.point == pytest.approx(cell.auc.point, abs=0.03)
    assert not any("nuisances" in text for text in cell.warnings)


def test_weakest_first_and_fakes_apart_by_category_and_generator(planted: list[Row]) -> None:
    table = tables.make(planted)
    assert table.ids[-1] == "spatial.planted" and set(table.ids) == {
        "spatial.planted", "spatial.useless", "temporal.picky",
    }  # fmt: skip
    named = [(cell.level, cell.name, cell.n_real, cell.n_fake) for cell in table.of("spatial.planted")]
    assert named == [
        ("all", "", 100, 100), ("category", "synthesis", 100, 100), ("generator", "g1", 100, 50),
        ("generator", "g2", 100, 50),
    ]  # fmt: skip


def test_what_is_not_applicable_is_counted_by_reason_and_label_and_warned_of(planted: list[Row]) -> None:
    cell = tables.make(planted).of("temporal.picky", "all")[0]
    assert (cell.n_real, cell.n_fake) == (20, 100)
    [absence] = cell.absent
    assert absence.reason == "the face is … px wide; at least … px are needed"
    assert (absence.real, absence.fake, absence.outcome) == (80, 0, "not_applicable")
    assert any("Applicability differs by label: 20% of the real and 100% of the fake" in w for w in cell.warnings)


def test_what_the_nuisances_give_away_stands_beside_the_figure(make_row: MakeRow) -> None:
    random = np.random.default_rng(7)
    rows = []
    for i in range(120):
        fake = i % 2
        quality = {"kind": "image", "bytes": int(random.normal(9000 - 3000 * fake, 600)), "width": 512}
        value = float(random.normal(fake, 1))
        rows.append(make_row(f"{i:03}", "fake" if fake else "real", value, quality=quality))
    table = tables.make(rows)
    cell = table.cells[0]
    assert cell.nuisance.point > 0.9 > cell.auc.point
    assert any("nuisances alone" in text for text in cell.warnings)
    assert any("does not beat" in text for text in cell.warnings)
    assert table.audits[0].leaks == ("bytes",)


def test_a_direction_is_never_turned_round(make_row: MakeRow) -> None:
    rows = [make_row(f"{i:02}", "fake" if i < 30 else "real", float(i)) for i in range(60)]
    cell = tables.make(rows).cells[0]
    assert cell.auc.point == 0 and cell.auc.low is None
    noisy = [make_row(f"{i:02}", "fake" if i % 5 and i < 40 else "real", float(i)) for i in range(60)]
    assert any("wrong way" in text for text in tables.make(noisy).cells[0].warnings)


def test_pooling_sources_is_seen_through(make_row: MakeRow) -> None:
    random = np.random.default_rng(8)
    rows = []
    for source, share, centre in (("a", 0.85, 3.0), ("b", 0.15, 0.0)):
        for i in range(100):
            label = "fake" if random.random() < share else "real"
            rows.append(make_row(f"{source}{i:03}", label, float(random.normal(centre)), source=source))
    cell = tables.make(rows).cells[0]
    assert cell.auc.point > 0.75
    assert cell.within.low < 0.5 < cell.within.high


def test_the_most_misleading_files_are_named(planted: list[Row]) -> None:
    table = tables.make(planted, worst=2)
    values = {row.path: row.value for row in planted if row.id == "spatial.planted"}
    found = [one for one in table.misleading if one.id == "spatial.planted"]
    assert [one.label for one in found] == ["real", "real", "fake", "fake"]
    highest = max((path for path in values if int(path[:3]) % 2 == 0), key=lambda path: values[path])
    fakes = [value for path, value in values.items() if int(path[:3]) % 2]
    assert found[0].path == highest
    assert found[0].beaten == pytest.approx(np.mean([value < values[highest] for value in fakes]))


def test_the_order_of_rows_changes_nothing(planted: list[Row]) -> None:
    planted = [row for row in planted if row.id == "spatial.planted"]
    shuffled = [planted[i] for i in np.random.default_rng(0).permutation(len(planted))]
    assert output.to_json(tables.make(planted)) == output.to_json(tables.make(shuffled))


def test_one_label_alone_gives_counts_but_no_figure(make_row: MakeRow) -> None:
    errors = [
        {"path": "00", "chain": "common", "problem": "the picture is 90 px"},
        {"path": "x", "chain": "common", "problem": "the picture is 91 px"},
    ]
    table = tables.make([make_row(f"{i:02}", "real", 1.0 * i) for i in range(9)], errors)
    [cell] = table.cells
    assert (cell.auc, cell.nuisance, cell.n_real, cell.seconds) == (None, None, 9, 0.25)
    assert [(one.problem, one.real, one.fake, one.unknown) for one in table.lost] == [("the picture is … px", 1, 0, 1)]
    assert tables.make([]).cells == ()
    assert "the picture is … px" in output.markdown(table, title="T")


def test_json_csv_and_markdown_hold_the_same_figures(planted: list[Row]) -> None:
    table = tables.make(planted)
    plain = json.loads(output.to_json(table))
    lines = list(csv.DictReader(io.StringIO(output.to_csv(table))))
    assert len(plain["cells"]) == len(lines) == len(table.cells)
    for cell, line, original in zip(plain["cells"], lines, table.cells, strict=True):
        assert cell["auc"]["point"] == float(line["auc"]) == original.auc.point
        assert int(line["not_measured_real"]) == sum(one.real for one in original.absent)
    text = output.markdown(table, title="Images")
    assert f"{table.cells[0].auc.point:.3f}" in text and "no leak found" in text
    assert ".jpg" not in text  # no file of the collection is named
    columns = {line.count(" | ") for line in text.splitlines() if line.startswith("| `")}
    assert len(columns) <= 2
