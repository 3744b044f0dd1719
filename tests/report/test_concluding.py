"""The conclusion in words and on the page: what is said, in which order, and what is never said."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from veridical.errors import DamagedMedia
from veridical.evidence import scale as scales
from veridical.evidence.calibration import Weight
from veridical.evidence.category import NONE
from veridical.evidence.fusion import FusionTable, from_plain, fused
from veridical.evidence.weighing import AID, NO_TABLE, Weighing, weigh_all
from veridical.finding import Finding, Measurement
from veridical.report.concluding import Given, band_of, concluded, disagreement
from veridical.report.model import Conclusion, Stability
from veridical.report.to_html import to_html
from veridical.report.to_json import from_json, to_json
from veridical.report.to_terminal import print_report
from veridical.report.wording import Words

from .reports import make_photo

NET, LENGTH, GHOSTS = "learned.ensemble", "learned.embedding_length", "spatial.jpeg_ghosts"
WEIGHT = Weight(log10_lr=0.3, interval=(0.0, 0.6), bound=1.0, lowest=-1.0, condition="any", table="t")


def member(id: str) -> dict[str, Any]:
    return {"id": id, "middle": 0.0, "spread": 1.0, "one_sided": False}


def table(upper: float = 4.0) -> FusionTable:
    return from_plain({
        "format": 1, "kind": "image", "version": "2026", "lowest": -4.0, "upper": upper, "quality": {},
        "figures": {"fakes": 300, "reals": 400, "sources": 14, "cllr": 0.678},
        "category": {
            "learned": ["synthesis"], "members": [member(NET)], "offsets": [0.0], "slopes": [[0.0]],
            "confusion": {"synthesis": {"synthesis": 70, NONE: 30}, "real": {NONE: 180, "synthesis": 20}},
            "never": {"editing": "there were media of one source only"},
        },
        "groups": [
            {"name": "picture_networks", "needs": [LENGTH], "lowest": -3.0, "upper": 3.0,
             "members": [member(NET), member(LENGTH)]},
            {"name": "compression", "needs": [], "lowest": -3.0, "upper": 3.0, "members": [member(GHOSTS)]},
        ],
        "rows": [[[0.0, 1.0], [0.0, 1.0]]],
    })  # fmt: skip


def given(values: dict[str, float], model: FusionTable | None = None, **more: Any) -> Given:
    model = model or table()
    weighing = Weighing(weights=dict.fromkeys(values, WEIGHT), values=values, fused=fused(values, model))
    return Given(weighing=weighing, model=model, scale=scales.read(scales.FILE), **more)


def stable(cap: float | None, *, flipped: bool = False) -> Stability:
    return Stability(variants=(), spread=1.0, cap=cap, flipped=flipped, statement="Eight copies were weighed.")


FOR = {NET: 3.0, LENGTH: 3.0}
AGAINST = {NET: -3.0, LENGTH: -3.0}


def texts(what: Conclusion) -> str:
    kept = (what.band, what.statement, what.category or "", what.category_note, *what.caps, *what.changes, *what.limits)
    return " ".join((*kept, *what.missing.values()))


CASES = {
    "for": given(FOR), "against": given(AGAINST), "nothing": given({NET: 0.0, LENGTH: 0.0}),
    "apart": given(FOR | {GHOSTS: -1.0}), "two": given(FOR | {GHOSTS: 3.0}),
    "all caps": given(FOR | {GHOSTS: 9.0}, table(2.5), laundered="filmed from a screen", stability=stable(0.5)),
    "flip": given(FOR, stability=stable(0.0, flipped=True)), "refused": given({NET: 3.0}),
    "broken": given(FOR, error=DamagedMedia("a.jpg", "it ends too early", "ask for another copy")),
}  # fmt: skip


def test_one_family_is_named_moderate_at_most_and_what_would_change_it_is_said() -> None:
    what = concluded(given({NET: 20.0, LENGTH: 20.0}, table()))
    assert what.band == "moderate support for the first proposition" and what.log10_lr == 2.0
    assert "about 100 times as much to be expected if the first proposition holds" in what.statement
    assert len(what.caps) == 1 and what.caps[0].startswith("Corroboration") and "moderate" in what.caps[0]
    assert any("second, independent family" in text for text in what.changes)
    assert concluded(CASES["two"]).band == "strong support for the first proposition"


def test_the_other_side_is_worded_as_such_and_never_as_authentic() -> None:
    what = concluded(CASES["against"])
    assert what.band.endswith("support for the second proposition") and what.log10_lr and what.log10_lr < 0
    assert "if the second proposition holds" in what.statement
    assert what.category == NONE and "does not mean that the file is real" in what.category_note


@pytest.mark.parametrize("name", CASES)
def test_no_case_says_authentic_gives_a_percentage_or_a_probability_of_a_fake(name: str) -> None:
    said = texts(concluded(CASES[name])).lower()
    assert "authentic" not in said and "%" not in said and "probab" not in said and "per cent" not in said


def test_no_support_either_way_is_said_in_these_words() -> None:
    what = concluded(CASES["nothing"])
    assert what.band == "no support either way" and "no support either way" in what.statement
    assert what.log10_lr == pytest.approx(0.0) and what.category == NONE


def test_caps_are_said_in_the_order_in_which_they_were_applied() -> None:
    what = concluded(CASES["all caps"])
    # group cap and table bound, then (two families speak) laundering and stability
    assert [text.split()[0].strip(":") for text in what.caps] == ["Bound", "Laundering", "Stability"]
    assert "filmed from a screen" in what.caps[1] and what.log10_lr == 0.5
    assert any("filmed from a screen" in text for text in what.limits)
    assert any("earlier copy" in text for text in what.changes)


def test_a_flip_is_inconclusive_and_says_so_but_shows_what_the_groups_weigh() -> None:
    what = concluded(CASES["flip"])
    assert what.band == "inconclusive" and what.log10_lr is None and what.interval is None and what.category is None
    assert "re-encodings" in what.statement and what.caps[-1].startswith("Stability") and what.groups


def test_disagreement_between_groups_is_said() -> None:
    assert "disagree" in concluded(CASES["apart"]).statement
    assert "disagree" not in concluded(CASES["two"]).statement
    assert disagreement([("a", 0.5), ("b", -0.05)], Words()) == ""


def test_missing_members_are_named_with_their_reason() -> None:
    what = concluded(given({LENGTH: 1.0}))
    assert what.missing == {NET: "not measured", GHOSTS: "not measured"}
    assert any(NET in text and GHOSTS in text for text in what.changes)
    assert what.bound == 1.5  # half of the cap of a group of which half is missing


def test_what_the_model_cannot_say_is_inconclusive_with_its_reason() -> None:
    what = concluded(CASES["refused"])
    assert what.band == "inconclusive" and what.log10_lr is None and not what.groups
    assert LENGTH in what.caps[0]


def test_what_was_not_measured_is_not_called_outside_the_range() -> None:
    what = concluded(given({"spatial.error_level": 1.0}))
    assert what.band == "inconclusive" and what.log10_lr is None
    assert "1 finding was measured, and none of those that can be weighed together is among them" in what.statement
    assert what.caps == (
        f"No likelihood ratio is given: what can be weighed together was not measured ({NET}, {LENGTH}, {GHOSTS}).",
    )
    measured = concluded(given({NET: 1.0}))
    assert "Outside what was calibrated" in measured.caps[0]


def test_a_file_that_could_not_be_examined_claims_nothing() -> None:
    what = concluded(CASES["broken"])
    assert what.band == "unsuitable for examination" and what.log10_lr is None
    assert not what.groups and not what.caps and not what.changes and what.category is None
    assert "it ends too early" in what.statement and "2 findings were measured before that" in what.statement


def test_the_category_comes_with_how_often_it_was_named_rightly() -> None:
    what = concluded(CASES["for"])
    assert what.category == "synthesis"
    assert "70 of 100" in what.category_note and "20 of 200" in what.category_note
    assert "Never named: editing (there were media of one source only)" in what.category_note


def test_aids_alarms_and_statements_of_origin_are_never_weighed_even_with_a_table() -> None:
    def refuse(_: str) -> None:
        raise AssertionError("a table was asked for")

    ids = ("spatial.blobs", "learned.adversarial_probe", "provenance.content_credentials")
    seen = Measurement(value=3.0, unit="1", observation="x")
    findings = [
        Finding(id=id, branch="artefacts", outcome="measured", measurement=seen, settings={}, seconds=0.1) for id in ids
    ]
    weighing = weigh_all(findings, {}, aids={"spatial.blobs"}, table_of=refuse, model=table())
    assert weighing.weights["spatial.blobs"] == AID and not weighing.each and isinstance(weighing.fused, str)
    assert "alarm" in str(weighing.weights["learned.adversarial_probe"])
    free = weigh_all([replace(findings[0], id="spatial.sky")], {}, aids=(), table_of=lambda _: None, model=None)
    assert free.weights["spatial.sky"] == NO_TABLE and free.fused is None


def test_the_band_on_the_page_is_the_band_in_words() -> None:
    for name, case in CASES.items():
        what = concluded(case)
        assert what.scale is not None
        step = band_of(what.scale, what.log10_lr)
        assert (step is None) == (what.log10_lr is None), name
        assert step is None or what.band.startswith(step.words)


@pytest.mark.parametrize("name", ["for", "apart", "all caps"])
def test_the_page_shows_everything_in_its_order(name: str) -> None:
    what = replace(concluded(CASES[name]), stability=stable(0.5))
    page = to_html(replace(make_photo(), conclusion=what))
    part = page[page.index('id="conclusion"') : page.index("</section>", page.index('id="conclusion"'))]
    names = ["conclusion.weight", "conclusion.groups", "conclusion.caps", "conclusion.category", "conclusion.stability",
             "conclusion.changes", "conclusion.limits"]  # fmt: skip
    if not what.caps:
        names.remove("conclusion.caps")
    marks = ['class="statement"', 'class="band"', 'class="scale"', *(f"<h3>{Words()(name)}" for name in names)]
    found = [part.index(mark) for mark in marks]
    assert found == sorted(found)
    assert len(re.findall(r'<li class="here"', part)) == 1
    assert part.count("<svg") == len(what.groups) + 1
    assert what.scale is not None and what.scale.edition in part and all(one.words in part for one in what.scale.steps)
    assert ("disagree" in part) == (name == "apart")


def test_the_terminal_shows_everything_in_its_order() -> None:
    what = replace(concluded(CASES["all caps"]), stability=stable(0.5))
    stream = StringIO()
    print_report(replace(make_photo(), conclusion=what), Console(file=stream, width=200))
    text = stream.getvalue()
    marks = [what.statement, f"Conclusion: {what.band}", "Scale: ", "log10 likelihood ratio 0.5",
             "networks that judge a picture",
             *(f"Lowered: {cap}" for cap in what.caps), "Attack category: synthesis",
             "Stability: Eight", "Limit: "]  # fmt: skip
    found = [text.index(mark) for mark in marks]
    assert found == sorted(found)


def test_a_conclusion_survives_json_whole() -> None:
    report = replace(make_photo(), conclusion=concluded(CASES["all caps"]))
    text = to_json(report)
    assert from_json(text).conclusion == report.conclusion
    assert json.loads(text)["conclusion"]["groups"][0]["members"] == [NET, LENGTH]


def test_a_cap_that_lowers_nothing_that_is_printed_is_not_said() -> None:
    against = {NET: -1.0, LENGTH: -1.0}  # 3 tanh(-1 / 3) = -0.9645
    assert not concluded(given(against, stability=stable(0.964))).caps
    assert len(concluded(given(against, stability=stable(0.95))).caps) == 1


def test_bounds_that_differ_on_either_side_are_said_with_their_sign() -> None:
    down, up = (
        concluded(given({GHOSTS: -9.0, **AGAINST})).caps[0],
        concluded(given({GHOSTS: 9.0, **FOR}, table(2.5))).caps[0],
    )
    assert "beyond −4" in down and "beyond 2.5" in up and "±" not in down + up
