"""The examiner's report: every box filled or named, one page of summary, no belief in numbers, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from scipy.stats import binomtest

from veridical.finding import Table
from veridical.report.casework import CaseFacts, Transfer
from veridical.report.formal.blocks import Document, Item, Sub
from veridical.report.formal.boxes import ALL, BOXES
from veridical.report.formal.build import build
from veridical.report.formal.to_html import to_html
from veridical.report.formal.topics import TOPICS, by_topic
from veridical.report.model import Observation, Report
from veridical.report.weighed import Evidence, GroupWeight, Scale, Step
from veridical.report.wording import LANGUAGES

from .reports import EXPLAIN

NOTHING_OPEN = CaseFacts(**{
    one.name: f"given: {one.name}" for one in fields(CaseFacts) if one.name != "transfers"
}, transfers=(Transfer(when="Monday", giver="A", receiver="B", sha256="0f" * 32),))  # fmt: skip
PROGRAM_ONLY = {"D1", "D2", "D3", "F4"}
"""Sections whose open boxes no fact of a case can close: what was not examined, and the hand that signs."""


def weighed(report: Report) -> Report:
    steps = (Step(low=1, high=2, words="no support either way"), Step(low=2, high=None, words="weak"))
    what = replace(
        report.conclusion, log10_lr=0.62, interval=(0.2, 0.9), band="weak support for the first proposition", bound=1.1,
        lowest=-1.2, table="fusion.image 0", scale=Scale(edition="of a test", steps=steps),
        groups=(GroupWeight(group="sensor noise", members=("spatial.error_level",), log10_lr=0.62),),
    )  # fmt: skip
    evidence = Evidence(
        log10_lr=0.62, interval=(0.2, 0.9), bound=1.1, condition="c", table="spatial.error_level 0", fakes=90, reals=80,
        cllr=0.7,
    )  # fmt: skip
    first = replace(report.findings[0], evidence=evidence, unweighed="")
    return replace(report, conclusion=what, findings=(first, *report.findings[1:]))


def every_text(document: Document) -> str:
    page = re.sub(r"<style>.*?</style>", "", to_html(document), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def box(document: Document, name: str) -> Item:
    return next(one for one in document.items() if name in one.boxes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_box_is_there_filled_or_named(report: Report, language: str) -> None:
    document = build(report, explain=EXPLAIN, language=language)
    held = [name for one in document.items() for name in one.boxes]
    assert set(held) == ALL
    assert len(held) == len(set(held))
    for one in document.items():
        assert one.content, one.boxes
        assert (f"{one.boxes[0].partition('.')[0]} {one.label}" in document.open) == one.open
    page = to_html(document)
    assert set(re.findall(r'data-box="([^"]+)"', page)) == {" ".join(one.boxes) for one in document.items()}


def test_the_boxes_are_those_of_the_guidelines() -> None:
    """A box that is taken out of the list is missed here."""
    assert {section: len(names) for section, names in BOXES.items()} == {
        "A1": 11, "A2": 6, "A3": 9, "A4": 8, "B1": 4, "B2": 2, "C1": 10, "C2": 6, "C3": 2, "D1": 12, "D2": 5, "D3": 4, "D4": 3,
        "E1": 10, "E2": 2, "E3": 2, "F1": 5, "F2": 4, "F3": 1, "F4": 4,
    }  # fmt: skip


def test_what_nobody_gave_is_named_as_open(photo: Report) -> None:
    document = build(photo, explain=EXPLAIN)
    requester = box(document, "A1.requester")
    assert requester.open and requester.content == "Not given: Requested by."
    assert "A1 Requested by" in document.open
    assert requester.content in every_text(document)


def test_given_facts_close_their_boxes(photo: Report) -> None:
    document = build(photo, NOTHING_OPEN, explain=EXPLAIN)
    assert {one.boxes[0].partition(".")[0] for one in document.items() if one.open} <= PROGRAM_ONLY
    text = every_text(document)
    for one in fields(CaseFacts):
        if one.name != "transfers":
            assert f"given: {one.name}" in text, one.name
    assert "the same as of the file examined" in text


def test_a_transfer_with_another_hash_is_pointed_out(photo: Report) -> None:
    facts = CaseFacts(transfers=(Transfer(sha256="12" * 32), Transfer(when="then")))
    text = every_text(build(photo, facts, explain=EXPLAIN))
    assert "(NOT that of the file examined)" in text
    assert "the same as of the file examined" not in text


def test_not_observed_is_not_not_examined(photo: Report) -> None:
    document = build(photo, explain=EXPLAIN)
    assert box(document, "D1.audio").open
    assert str(box(document, "D1.audio").content).startswith("Not examined: Sound.")
    cannot = str(box(document, "D4.inapplicable").content)
    assert "spatial.pupils" in cannot and "pupils need 120 px" in cannot
    assert "temporal.blink" in str(box(document, "D4.unasked").content)
    assert "spatial.error_level" in str(box(document, "D4.negative").content)


def test_a_weighed_report_prints_ratio_scale_range_and_validation(photo: Report) -> None:
    document = build(weighed(photo), explain=EXPLAIN)
    assert "about 4.2 times more to be expected if the first" in str(box(document, "E1.ratio").content)
    scale = box(document, "E1.scale").content
    assert not isinstance(scale, str) and getattr(scale[0], "marked", None) == 1
    assert "of a test" in str(scale)
    assert "0.2 to 0.9" in str(box(document, "E1.range").content)
    assert "−1.2 to 1.1" in str(box(document, "E1.range").content)
    validation = str(box(document, "C2.validation").content)
    assert "90 fakes, 80 recordings" in validation and "Cllr 0.7 bits" in validation
    assert "sensor noise" in str(box(document, "E1.groups").content)


def test_support_for_the_second_proposition_is_said_the_other_way_round(photo: Report) -> None:
    made = weighed(photo)
    made = replace(made, conclusion=replace(made.conclusion, log10_lr=-1.0))
    ratio = str(box(build(made, explain=EXPLAIN), "E1.ratio").content)
    assert "about 10 times more to be expected if the second" in ratio


def test_strong_support_asks_for_a_blind_examination(photo: Report) -> None:
    made = weighed(photo)
    assert not box(build(made, explain=EXPLAIN), "F1.blind_reexamination").open
    strong = replace(made, conclusion=replace(made.conclusion, log10_lr=2.4))
    assert box(build(strong, explain=EXPLAIN), "F1.blind_reexamination").open


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_belief_in_numbers_and_no_word_that_claims_too_much(photo: Report, language: str) -> None:
    for made in (photo, weighed(photo)):
        text = every_text(build(made, NOTHING_OPEN, explain={}, language=language))
        assert not re.search(r"authentic|autentic|genuin|proven\b|\d\s*%|per cent\b|percent", text, re.IGNORECASE)


def test_italian_texts_claim_no_more_than_english_ones() -> None:
    for key, text in LANGUAGES["it"].items():
        assert not re.search(r"autentic|genuin|%|provato che|dimostrat[oa]\b|\bIA\b", text, re.IGNORECASE), key


def test_italian_says_which_sentences_are_english(photo: Report) -> None:
    assert "sono in inglese" in every_text(build(photo, explain=EXPLAIN, language="it"))
    assert build(photo, explain=EXPLAIN).said["own"] == ""


def test_every_finding_stands_under_one_topic(report: Report) -> None:
    groups = by_topic(report.findings)
    assert tuple(groups) == TOPICS
    assert sorted(one.id for group in groups.values() for one in group) == sorted(one.id for one in report.findings)


def test_a_finding_goes_from_observation_to_limit(photo: Report) -> None:
    text = str(box(build(photo, explain=EXPLAIN), "D1.compression").content)
    for name in ("Observation", "Derived value", "Interpretation", "Alternative explanations", "Limitation"):
        assert name in text
    assert "first cause; second cause that goes on" in text
    assert "x 250, y 300, 170 × 120 pixels" in text


def test_figures_have_scales_and_share_the_photo_they_lie_on(photo: Report) -> None:
    page = to_html(build(photo, explain=EXPLAIN))
    assert page.count('id="photo0"') == 1
    assert page.count('href="#photo0"') >= 2
    assert "its ends are fixed, not taken from this file" in page


def test_hostile_text_cannot_break_the_page(hostile: Report, hostile_text: str) -> None:
    page = to_html(build(hostile, CaseFacts(requester=hostile_text, case=hostile_text), explain={}))
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page and "\x1b" not in page
    assert hostile_text[:20] not in page
    page.encode("utf-8")


def test_the_summary_alone_holds_nothing_else(photo: Report) -> None:
    document = build(photo, explain=EXPLAIN)
    alone = to_html(document, summary_only=True)
    assert "data-box" not in alone
    assert document.summary.band in alone


def test_the_first_page_says_what_the_two_propositions_are(photo: Report) -> None:
    for facts in (CaseFacts(), CaseFacts(question="Was the face replaced?")):
        told = dict(build(weighed(photo), facts, explain=EXPLAIN).summary.told)
        said = told["What was asked"]
        assert [one[:4] for one in said[1:]] == ["(1) ", "(2) "]
        for one, proposition in zip(said[1:], photo.conclusion.propositions, strict=True):
            assert proposition.startswith(one[4:].rstrip("…"))
    assert said[0] == "Was the face replaced?"


@pytest.mark.parametrize(("log10_lr", "heading"), [(-0.019, "do not point"), (-0.3, "point to both sides")])
def test_a_finding_that_weighs_next_to_nothing_takes_no_side(photo: Report, log10_lr: float, heading: str) -> None:
    report = weighed(photo)
    other = replace(report.findings[0].evidence, log10_lr=log10_lr, interval=(log10_lr, log10_lr))
    index = next(n for n, one in enumerate(report.findings) if n and one.outcome == "measured")
    findings = list(report.findings)
    findings[index] = replace(findings[index], evidence=other, unweighed="")
    text = every_text(build(replace(report, findings=tuple(findings)), explain=EXPLAIN))
    part = text[text.index("Disagreement between methods") :][:400]
    assert heading in part
    assert (f"Too little for either: {findings[index].id}" in part) == (heading == "do not point")


def test_the_number_is_that_of_the_data(photo: Report) -> None:
    document = build(photo, explain=EXPLAIN, data_sha256="ab" * 32)
    assert document.number == "ab" * 8
    assert "ab" * 32 in every_text(document)
    assert build(photo, explain=EXPLAIN).number == build(photo, explain=EXPLAIN).number
    changed = replace(photo, exhibit=replace(photo.exhibit, bytes=1))
    assert build(changed, explain=EXPLAIN).number != build(photo, explain=EXPLAIN).number


def test_error_rates_come_from_the_very_table_that_weighed(
    photo: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    condition = {
        "words": "c",
        "fakes": 90,
        "reals": 80,
        "sources": 7,
        "cllr": 0.7,
        "misleading": {"fake": 0.1, "real": 0.05},
    }
    table = {"id": "spatial.error_level", "version": "0", "date": "2026-11-01", "conditions": [condition]}
    (tmp_path / "spatial.error_level.json").write_text(json.dumps(table))
    monkeypatch.setattr("veridical.report.formal.validation.TABLES", tmp_path)
    made = weighed(photo)
    said = str(box(build(made, explain=EXPLAIN), "C2.validation").content)
    assert "2026-11-01" in said and "7 sources" in said
    low, high = binomtest(4, 80).proportion_ci(0.9, "wilson")
    assert (round(low, 3), round(high, 3)) == (0.023, 0.107)
    assert (
        "Of 80 recordings a share of 0.05 was given support for the first proposition (nine-in-ten interval 0.023 to 0.107)"
        in said
    )
    other = replace(made, record=replace(made.record, tables={"tables/spatial.error_level.json": "00" * 32}))
    assert "2026-11-01" not in str(box(build(other, explain=EXPLAIN), "C2.validation").content)


def test_the_tables_and_the_machine_are_named(photo: Report) -> None:
    environment = {"python": "3.11", "cpu": "A processor", "system": "A system", "veridical files": "SHA-256 77"}
    made = replace(photo, record=replace(photo.record, tables={"tables/x.json": "5a" * 32}, environment=environment))
    document = build(made, explain=EXPLAIN)
    assert "5a" * 32 in str(box(document, "C1.tables").content)
    assert str(box(document, "C1.hardware").content).endswith("System on record: A system, A processor.")
    assert "SHA-256 77" in str(box(document, "C1.tools").content)
    assert "A processor" not in str(box(document, "C1.tools").content)


def test_tables_and_what_a_person_saw_stand_with_the_finding(photo: Report) -> None:
    seen = Observation(
        finding="spatial.radial_spectrum", item=1, question="Is there a peak?", answer="present", note="at 0.25",
        examiner="A. Examiner", when="2026-11-23T10:00:00+00:00",
    )  # fmt: skip
    document = build(replace(photo, observations=(seen,)), explain=EXPLAIN)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", to_html(document)))
    assert "Peaks." in text and "3.1 dB" in text
    assert "1. Is there a peak? present (at 0.25), A. Examiner, 2026-11-23 10:00:00 UTC" in text


def test_long_tables_are_cut_and_say_so(photo: Report) -> None:
    long = Table(name="Rows", columns=("a", "b"), rows=tuple((str(i), "x", "beyond") for i in range(100)))
    first = replace(photo.findings[0], exhibits=(long, replace(long, rows=()), replace(long, columns=())))
    document = build(replace(photo, findings=(first,)), explain={})
    (sub,) = box(document, "D1.compression").content
    assert isinstance(sub, Sub)
    ((name, grid),) = sub.tables
    assert name == "Rows. 88 further rows are in the data."
    assert grid.columns == ("a", "b")
    assert grid.rows == tuple((str(i), "x") for i in range(12))
