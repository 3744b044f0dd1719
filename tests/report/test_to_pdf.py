"""The PDF: PDF/A, one page of summary, same bytes from the same report, and text that is never markup."""

from __future__ import annotations

import json
import re
import time
import unicodedata
import zlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veridical.report.casework import CaseFacts
from veridical.report.formal.blocks import Document
from veridical.report.formal.build import build
from veridical.report.formal.letters import RANGES, breakable, printable
from veridical.report.formal.to_pdf import compile_files, files_of, to_pdf
from veridical.report.model import Report
from veridical.report.wording import LANGUAGES

from .reports import EXPLAIN, MAKERS, make_photo

MARKUP = (
    '#panic("x") #import "@preview/a:1.0.0": b *b* _i_ $x$ `r` <l> @l = H\n= H // c /* c */ \\ "\']] } #[ '
    '#read("/etc/passwd")'
)


def pages(pdf: bytes) -> int:
    """Count the pages that the root of the page tree announces, in plain or compressed objects."""
    plain = pdf + b"".join(_inflated(pdf))
    counts = [int(n) for n in re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)", plain)]
    counts += [int(n) for n in re.findall(rb"/Count\s+(\d+)[^>]*?/Type\s*/Pages\b", plain)]
    return max(counts)


def _inflated(pdf: bytes) -> list[bytes]:
    done = []
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            done.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return done


def long_facts() -> CaseFacts:
    long = "a long answer that goes on and on " * 100
    return CaseFacts(requester=long, question=long, case=long, examiner=long, authority=long, background=long)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_is_one_page(report: Report, language: str) -> None:
    declared = tuple(f"The metadata state {i}: " + "and so on " * 60 for i in range(8))
    what = replace(
        report.conclusion, declarations=declared, caps=declared, statement=" ".join(declared), band=report.conclusion.band * 9
    )  # fmt: skip
    for made in (report, replace(report, conclusion=what)):
        document = build(made, long_facts(), explain=EXPLAIN, language=language)
        assert pages(to_pdf(document, summary_only=True)) == 1
        assert isinstance(compile_files(document, "png", summary_only=True, ppi=20), bytes)  # a list if there were more


def test_the_report_begins_with_its_summary(photo: Report) -> None:
    document = build(photo, explain=EXPLAIN)
    whole = compile_files(document, "png", ppi=30)
    assert len(whole) == pages(to_pdf(document)) > 3
    alone = replace(document, said={**document.said, "page": "x"})
    first = compile_files(replace(document, said={**document.said, "page": "x"}), "png", ppi=30)[0]
    assert first == compile_files(alone, "png", summary_only=True, ppi=30)


def test_it_is_a_pdf_for_archives(photo: Report) -> None:
    pdf = to_pdf(build(photo, explain=EXPLAIN, language="it"))
    plain = pdf + b"".join(_inflated(pdf))
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in plain and b"<pdfaid:conformance>B</pdfaid:conformance>" in plain
    assert b"/GTS_PDFA1" in plain and b"/OutputIntents" in plain
    assert b"/JavaScript" not in plain and b"/EmbeddedFile" not in plain
    fonts = re.findall(rb"/FontDescriptor\b", plain)
    assert fonts and re.search(rb"/FontFile[23]", plain)
    assert b"2026-11-23T06:30:00" in plain  # when the exhibit was examined, not when it was printed


def test_the_same_report_gives_the_same_bytes() -> None:
    first, second = (to_pdf(build(make_photo(), explain=EXPLAIN)) for _ in range(2))
    assert first == second


def test_another_report_gives_others(photo: Report) -> None:
    changed = replace(photo, exhibit=replace(photo.exhibit, path="other.jpg"))
    assert to_pdf(build(photo, explain={})) != to_pdf(build(changed, explain={}))


def test_no_text_is_markup(photo: Report) -> None:
    """Everything that a report says reaches the typesetter as JSON; the template is the same file for all reports."""
    named = replace(photo, exhibit=replace(photo.exhibit, path=MARKUP, condition=MARKUP))
    document = build(
        named, CaseFacts(requester=MARKUP, question=MARKUP), explain={"spatial.error_level": {"Also caused by": MARKUP}}
    )
    given_, plain_ = files_of(document), files_of(build(photo, explain=EXPLAIN))
    assert given_["main.typ"] == plain_["main.typ"]
    assert "#panic" in json.loads(given_["report.json"])["parts"][0]["sections"][0]["items"][2]["content"]
    assert pages(to_pdf(document)) > 3


def test_hostile_reports_are_set(hostile: Report, hostile_text: str) -> None:
    document = build(hostile, CaseFacts(examiner=hostile_text), explain={}, language="it")
    assert to_pdf(document).startswith(b"%PDF")
    for name, content in files_of(document).items():
        if name.endswith(".svg"):
            assert b"<script" not in content and b"<img" not in content and b'href="http' not in content


def test_every_letter_in_the_list_can_be_set() -> None:
    """PDF/A forbids letters without a shape; these have one."""
    letters = "".join(chr(code) for low, high in RANGES for code in range(low, high + 1))
    assert printable(letters) == unicodedata.normalize("NFC", letters)
    assert to_pdf(_small(letters)).startswith(b"%PDF")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_text_can_be_set(text: str) -> None:
    assert to_pdf(_small(text), summary_only=True).startswith(b"%PDF")


def test_foreign_letters_are_not_lost() -> None:
    assert printable("中a\u202e\U0001f600") == "[U+4E2D]a\\u202e[U+1F600]"
    assert printable("e\u0300 perché → × ≥ “Però”") == "è perché → × ≥ “Però”"
    assert breakable("x" * 60).replace("\u200b", "") == "x" * 60
    assert max(map(len, breakable("x" * 60 + "/" + "ab" * 32).split("\u200b"))) <= 23


def test_places_to_break_are_no_letters() -> None:
    """Else whoever copies a hash or a name from the PDF copies invisible letters with it."""
    pdf = to_pdf(_small("spatial.convolutional_trace " + "0f" * 32))
    maps = b"".join(one for one in _inflated(pdf) if b"begincmap" in one)
    assert b"<0066>" in maps  # the map from shapes to letters was found
    assert b"200B" not in maps.upper()


def test_it_is_quick() -> None:
    report, taken = make_photo(), []
    for _ in range(3):
        start = time.perf_counter()
        to_pdf(build(report, explain=EXPLAIN))
        taken.append(time.perf_counter() - start)
    assert min(taken) < 2.0


@pytest.mark.parametrize("kind", MAKERS)
def test_a_moment_that_is_none_is_no_fault(kind: str) -> None:
    made = MAKERS[kind]()
    made = replace(made, record=replace(made.record, started="long ago"))
    pdf = to_pdf(build(made, explain={}))
    assert b"1970-01-01T00:00:00" in pdf + b"".join(_inflated(pdf))


def _small(text: str) -> Document:
    document = build(MAKERS["unsuitable"](), CaseFacts(requester=text, case=text), explain={})
    return replace(document, title=text, parts=document.parts[:1])
