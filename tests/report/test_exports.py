"""Reports for other programs: CSV that no spreadsheet runs, CASE/UCO whose references hold, SOLVE-IT ids that exist."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from veridical import catalogue
from veridical.cli._app import app
from veridical.report import solve_it
from veridical.report.model import Report
from veridical.report.to_case_uco import CONTEXT, to_case_uco
from veridical.report.to_csv import COLUMNS, to_csv, written
from veridical.report.to_json import to_json

from .reports import MAKERS

REPORTS = {name: make() for name, make in MAKERS.items()}
KINDS = {
    "case-investigation:Investigation", "case-investigation:InvestigativeAction", "case-investigation:ProvenanceRecord",
    "uco-analysis:Analysis", "uco-analysis:AnalyticResult", "uco-configuration:Configuration",
    "uco-configuration:ConfigurationEntry", "uco-core:ExternalReference", "uco-observable:ContentDataFacet",
    "uco-observable:File", "uco-observable:FileFacet", "uco-observable:RasterPicture", "uco-tool:AnalyticTool",
    "uco-tool:ConfiguredTool", "uco-types:Hash",
}  # fmt: skip
"""All of CASE and UCO 1.5.0."""


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def walk(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [one for each in node for one in walk(each)]
    if not isinstance(node, dict):
        return []
    return [node, *(one for value in node.values() for one in walk(value))]


def graph(*reports: Report) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(to_case_uco(reports))
    return plain


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_finding_is_a_row_and_every_cell_is_inert(name: str) -> None:
    report = REPORTS[name]
    found = rows(to_csv([report]))
    assert [row["finding"] for row in found] == [written(one.id) for one in report.findings]
    for row, finding in zip(found, report.findings, strict=True):
        assert set(row) == set(COLUMNS) and None not in row.values()
        assert row["value"] == ("" if finding.value is None else repr(finding.value))
        for column, cell in row.items():
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), (column, cell)
            assert not cell.startswith("-") or re.fullmatch(r"-[\d.e+-]+", cell), (column, cell)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\x00=1"]
)
def test_a_text_that_could_be_run_gets_an_apostrophe(text: str) -> None:
    assert written(text) == f"'{text}"


def test_numbers_stay_numbers_and_what_is_unknown_is_empty() -> None:
    assert [written(cell) for cell in (-0.5, 2.0, None, float("nan"), "a = b", "3 - 1")] == [
        "-0.5", "2.0", "", "", "a = b", "3 - 1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_the_graph_has_ids_once_and_its_references_resolve(name: str) -> None:
    plain = graph(REPORTS[name])
    nodes = [one for one in walk(plain["@graph"]) if "@type" in one and "@id" in one]
    ids = [one["@id"] for one in nodes]
    assert len(ids) == len(set(ids)) and all(id.startswith("kb:") for id in ids)
    assert {one["@id"] for one in walk(plain["@graph"]) if set(one) == {"@id"}} <= set(ids)
    kinds = {kind for one in nodes for kind in ([one["@type"]] if isinstance(one["@type"], str) else one["@type"])}
    assert kinds <= KINDS


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_term_belongs_to_a_vocabulary_of_the_context(name: str) -> None:
    plain = graph(REPORTS[name])
    assert plain["@context"] == dict(CONTEXT)
    for node in walk(plain["@graph"]):
        for key in node:
            assert key in ("@id", "@type", "@value") or key.partition(":")[0] in CONTEXT, key
        if "@value" in node:
            assert set(node) == {"@type", "@value"} and node["@type"].startswith("xsd:")


def test_the_exhibit_has_its_hash_and_size_and_each_finding_its_number_and_action() -> None:
    report = REPORTS["photo"]
    nodes = {one["@id"]: one for one in walk(graph(report)["@graph"]) if len(one) > 1 and "@id" in one}
    hashes = [one for one in nodes.values() if one["@type"] == "uco-types:Hash"]
    assert [(one["uco-types:hashMethod"], one["uco-types:hashValue"]["@value"]) for one in hashes] == [
        ("SHA256", report.exhibit.sha256)
    ]
    sizes = {
        one["uco-observable:sizeInBytes"]["@value"] for one in nodes.values() if "uco-observable:sizeInBytes" in one
    }
    assert sizes == {str(report.exhibit.bytes)}
    results = [one for one in nodes.values() if one["@type"] == "uco-analysis:AnalyticResult"]
    assert len(results) == len(report.findings) + 1
    for finding in report.findings:
        node = next(one for one in results if one["uco-core:name"] == finding.id)
        action = nodes[node["uco-analysis:originatingAnalysis"]["@id"]]
        assert "case-investigation:InvestigativeAction" in action["@type"]
        assert {"@id": node["@id"]} in action["uco-action:result"]
        if finding.value is not None:
            assert float(node["veridical:value"]["@value"]) == finding.value
    assert not any("classificationConfidence" in key for one in nodes.values() for key in one)


def test_the_same_report_gives_the_same_graph_and_another_run_another_one() -> None:
    report = REPORTS["photo"]
    again = replace(report, record=replace(report.record, started="2031-01-01T00:00:00+00:00"))
    assert to_case_uco([report]) == to_case_uco([report])
    ids = [{one["@id"] for one in graph(each)["@graph"]} for each in (report, again)]
    shared = {id for id in ids[0] & ids[1]}
    assert [id.partition("-")[0] for id in shared] == ["kb:file"]
    assert len(graph(report, again)["@graph"]) == len(ids[0] | ids[1]) - 1  # one investigation, the file once


def test_a_file_that_could_not_be_read_has_no_hash() -> None:
    report = REPORTS["photo"]
    bare = replace(report, exhibit=replace(report.exhibit, sha256="", bytes=0), findings=())
    assert not any(one.get("@type") == "uco-types:Hash" for one in walk(graph(bare)["@graph"]))


def test_a_likelihood_ratio_is_written_with_its_bounds() -> None:
    weighed = [(report, one) for report in REPORTS.values() for one in report.findings if one.evidence]
    assert weighed
    for report, finding in weighed:
        node = next(one for one in graph(report)["@graph"] if one.get("uco-core:name") == finding.id)
        assert float(node["veridical:log10LikelihoodRatio"]["@value"]) == finding.evidence.log10_lr
        assert float(node["veridical:log10UpperBound"]["@value"]) == finding.evidence.bound


def test_examinations_named_for_solve_it_exist_and_can_tell_synthesis() -> None:
    known = catalogue.own().examinations
    for technique in solve_it.techniques():
        assert re.fullmatch(r"DFT-1\d{3}", technique.id) and technique.url.endswith(f"{technique.id}.json")
        assert set(technique.examinations) <= set(known) and technique.name
        if technique.name.startswith("Classify"):
            assert all("synthesis" in known[id].detects for id in technique.examinations)
            assert not any(known[id].aid for id in technique.examinations)
    assert [one.id for one in solve_it.techniques_of("learned.image_net", "image")] == ["DFT-1176"]
    assert solve_it.techniques_of("learned.image_net", "video") == solve_it.techniques_of("spatial.prnu", "image") == ()


def test_what_is_proposed_has_no_id_but_an_issue() -> None:
    proposed = solve_it.proposed_for("DFT-1176")
    assert {one.issue for one in proposed} == {519, 520, 521, 524, 525, 526, 527, 528, 553}
    assert all(one.url.endswith(f"/issues/{one.issue}") and one.what in ("weakness", "mitigation") for one in proposed)
    assert solve_it.proposed_for("DFT-1079") == () and "517" in solve_it.left_out() and solve_it.source()


def test_the_command_writes_beside_the_report_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg.report.json"
    path.write_text(to_json(REPORTS["photo"]), "utf-8")
    run = CliRunner().invoke
    for to, ending in (("csv", ".findings.csv"), ("case", ".case.jsonld")):
        assert run(app, ["export", str(path), "--to", to]).exit_code == 0
        assert (tmp_path / f"a.jpg{ending}").stat().st_size > 500
        assert run(app, ["export", str(path), "--to", to]).exit_code != 0
    printed = run(app, ["export", str(path), str(path), "--to", "csv", "--out", "-"])
    assert printed.exit_code == 0 and printed.stdout.count("spatial.error_level,") == 2
