"""The stability certificate in the report: what its sentences say, and where the drawing puts each copy."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from veridical.evidence.stability import Certificate, Trial, certify
from veridical.report.model import Population, Report
from veridical.report.stability_words import stability_of, statement
from veridical.report.to_html import to_html
from veridical.report.wording import LANGUAGES, Words

from .parts import HOSTILE
from .reports import make_photo

ID = "spatial.radial_spectrum"


def certificate(*ratios: float | None, note: str = "", **more: Any) -> Certificate:
    names = ("native", "jpeg_85", "resize_75", "webp_80", "cut_7", "jpeg_75")
    trials = [
        Trial(
            name=name, values={ID: -0.73 + 0.1 * i}, log10_lr=ratio, weights={} if ratio is None else {ID: ratio},
            note=note if ratio is None else "",
        )
        for i, (name, ratio) in enumerate(zip(names, ratios, strict=False))
    ]  # fmt: skip
    return certify(trials, budget_s=120.0, seconds=4.0, **more)


def shown(held: Certificate, population: Population | None = None) -> str:
    report = make_photo()
    findings = tuple(replace(one, population=population) if one.id == ID else one for one in report.findings)
    report = replace(report, findings=findings, conclusion=replace(report.conclusion, stability=stability_of(held)))
    page = to_html(report)
    found = re.search(r'<section id="stability".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("held", "said", "unsaid"),
    [
        (certificate(0.9, 0.7, 0.8, 1.1), ("3 benign", "between 0.7 and 1.1, 0.9 in", "above 0.7 is claimed"), "sides"),
        (certificate(0.9, 0.7, -0.5, 1.1), ("They change sides", f"change sides: {ID}"), "is claimed"),
        (certificate(0.9, 0.7), ("1 benign re-encoding of", "too few", "3 are needed"), "is claimed"),
        (certificate(0.9, 0.7, 0.8, 1.0, None), ("1 further copy has no weight",), "could not be made"),
        (certificate(None, None, None), ("not weighed together", "limit no claim"), "log10 LR lies"),
        (certificate(0.9, 0.9, 0.9, 0.9, part_s=6.0), ("Only the first 6 s",), "sides"),
        (certificate(0.9, 0.9, 0.9, 0.9, unfinished=("jpeg_95",)), ("1 was not tried within 120 s",), "sides"),
        (certificate(0.9, unfinished=("jpeg_85",)), ("120 s are too short",), "interrupted"),
        (
            certificate(0.9, 0.9, 0.9, 0.9, unfinished=("a", "b"), interrupted=True),
            ("2 were not tried: the run",),
            "120 s",
        ),
        (certificate(0.9, 0.9, 0.9, 0.9, left_out=("a.b",)), ("for want of time: a.b",), "sides"),
        (certificate(0.9, unfinished=("jpeg_85",), interrupted=True), ("interrupted before the first",), "too short"),
    ],
)
def test_the_sentences(held: Certificate, said: tuple[str, ...], unsaid: str) -> None:
    text = stability_of(held).statement
    assert all(one in text for one in said) and unsaid not in text
    assert "%" not in text and "authentic" not in text.lower()
    for language in LANGUAGES:
        assert statement(stability_of(held), Words(language))


def test_the_copies_stand_where_their_weights_are() -> None:
    page = shown(certificate(0.9, -0.8, 0.0, 1.4, 0.9))
    copies = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', page)][:4]
    own = float(re.findall(r'<path d="M([\d.]+) 12l', page)[0])
    assert copies[0] < copies[1] < copies[3] < copies[2] and own == copies[3]
    assert copies[0] == 10.0 and copies[2] == 390.0  # the ends of the scale are the smallest and the largest
    band = re.search(r'<rect x="([\d.]+)" y="5" width="([\d.]+)"', page)
    assert band is not None and float(band[1]) < copies[1] < float(band[1]) + float(band[2])
    assert page.count("changes sides") == 1 and "JPEG of quality 85" in page and "the file itself" in page


def test_values_are_drawn_on_the_scale_of_pristine_files() -> None:
    held = Population(quantiles=tuple(float(i) for i in range(101)), files=99, sources=3, condition="any file")
    alone, among = shown(certificate(None, None, None)), shown(certificate(None, None, None), held)
    spread = [
        max(xs) - min(xs)
        for xs in ([float(x) for x in re.findall(r'<circle cx="([\d.]+)"', one)] for one in (alone, among))
    ]
    assert spread[0] > 100 > 1 > spread[1] - 1 and "not weighed" in among


def test_notes_are_shown_and_cannot_break_the_page() -> None:
    page = shown(certificate(0.9, None, 0.8, 0.9, 0.9, note=HOSTILE))
    assert "&lt;/script&gt;" in page and "<script>alert" not in page and "Note" in page


def test_reports_without_a_certificate_have_no_section() -> None:
    report: Report = make_photo()
    assert 'id="stability"' not in to_html(report) and 'href="#stability"' not in to_html(report)
