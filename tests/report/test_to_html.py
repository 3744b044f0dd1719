"""The page: nothing that it shows can break it, it reaches for nothing outside, and it says what the report says."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pytest

from veridical.catalogue import BRANCHES
from veridical.errors import UsageError
from veridical.report.branches import by_branch
from veridical.report.markup import element, joined, number, one_line, paragraphs, quantity, scalar, visible
from veridical.report.model import NotExamined, Report
from veridical.report.to_html import to_html

Explain = dict[str, dict[str, str]]
VOID = {"meta", "link", "img", "input", "br", "hr", "wbr"}
MAY_RUN = {"script": 2, "style": 1}


class Reader(HTMLParser):
    """An independent reader: tags, attributes, text by tag, and whether all that opens is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def text(self) -> str:
        return " ".join(" ".join(text for tag, text in self.texts if tag not in ("script", "style")).split())


def test_page_is_well_formed(report: Report, explain: Explain) -> None:
    reader = Reader(to_html(report, explain=explain))
    assert reader.open == []
    for tag, count in MAY_RUN.items():
        assert reader.tags[tag] == count
    assert reader.tags["main"] == reader.tags["h1"] == reader.tags["nav"] == 1


def test_hostile_text_makes_no_markup(hostile: Report, explain: Explain) -> None:
    page = to_html(hostile, explain=explain)
    page.encode("utf-8")
    reader = Reader(page)
    assert reader.tags["img"] == 0
    assert not [name for _, name, _ in reader.attributes if name.startswith("on")]
    text = reader.text()
    assert "</script><script>alert(1)</script>" in text
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"\x1b[31m\u202egpj.\ud800" in text


def test_page_reaches_for_nothing_outside(report: Report, explain: Explain) -> None:
    page = to_html(report, explain=explain)
    for tag, name, value in Reader(page).attributes:
        if name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href", "ping", "formaction"):
            assert value.startswith(("#", "data:image/", "data:video/mp4;base64,", "data:audio/webm;base64,")), (
                tag,
                name,
                value[:80],
            )
    style = page.split("<style>")[1].split("</style>")[0]
    assert not re.search(r"url\(|@import|https?:|//", style)
    script = page.split('id="words">')[1].split("<script>")[1].split("</script>")[0]
    assert re.findall(r"https?://[^\"'`\s]*", script) == ["http://www.w3.org/2000/svg"]
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import|eval|innerHTML|localStorage)\b", script
    )


def test_policy_allows_only_this_style_and_this_script(photo: Report) -> None:
    page = to_html(photo)
    policy = unescape(next(v for _, name, v in Reader(page).attributes if name == "content" and "default-src" in v))
    style = page.split("<style>")[1].split("</style>")[0]
    script = page.split('id="words">')[1].split("<script>")[1].split("</script>")[0]
    hashes = ["sha256-" + base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (style, script)]
    assert policy == (
        f"default-src 'none'; img-src data:; media-src data:; style-src '{hashes[0]}'; script-src '{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "unsafe" not in policy
    assert not [name for _, name, _ in Reader(page).attributes if name == "style"], "the policy would drop it"


def test_each_preview_and_id_is_there_once(report: Report, explain: Explain) -> None:
    page = to_html(report, explain=explain)
    for preview in report.exhibit.previews:
        assert page.count(base64.b64encode(preview.jpeg).decode()) == 1
    ids = Counter(value for _, name, value in Reader(page).attributes if name == "id")
    assert max(ids.values()) == 1
    targets = {value[1:] for _, name, value in Reader(page).attributes if name == "href" and value.startswith("#")}
    assert targets <= set(ids)
    labels = {value for _, name, value in Reader(page).attributes if name == "aria-labelledby"}
    assert labels <= set(ids)


def test_conclusion_comes_first_then_coverage_findings_record(photo: Report) -> None:
    page = to_html(photo)
    order = [page.index(f'<section id="{name}"') for name in ("conclusion", "coverage", "findings", "record")]
    assert order == sorted(order)
    assert page.index("<h1>") < order[0]


def test_page_says_what_the_report_says(photo: Report, explain: Explain) -> None:
    text = Reader(to_html(photo, explain=explain)).text()
    for finding in photo.findings:
        for said in (finding.question, finding.observation, finding.reason, *finding.limits, *finding.declares):
            assert said in text
    for said in (
        *photo.conclusion.propositions,
        *photo.conclusion.limits,
        photo.conclusion.statement,
        photo.record.command,
    ):
        assert said in text
    assert "2.41 grey levels" in text
    assert "log10 likelihood ratio 0.42, interval 0.1 to 0.71, never beyond ±1.3" in text
    assert "No calibration table: the value is reported, but weighs nothing" in text
    assert "the exhibit is not a video" in text
    assert "3 measured" in text
    assert "1 could not be examined" in text
    assert "1 failed" in text
    assert "1 not examined" in text
    assert "Also caused by What stands under Also caused by. first cause second cause that goes on" in text


def test_conclusion_is_never_a_percentage_or_a_word_beyond_the_report(report: Report) -> None:
    page = to_html(report)
    start = page.index('<section id="conclusion"')
    part = Reader(page[start : page.index('<section id="coverage"')]).text()
    assert "%" not in part
    assert "authentic" not in page.lower()


def test_weights_of_a_conclusion_come_with_their_meaning(clip: Report) -> None:
    text = Reader(to_html(clip)).text()
    assert "log10 likelihood ratio 0.9, interval 0.3 to 1.4" in text
    assert "It is not the probability that the file is a deepfake" in text
    assert "The examination was interrupted" in text
    point = dataclasses.replace(clip, conclusion=dataclasses.replace(clip.conclusion, interval=None))
    assert "log10 likelihood ratio 0.9 Above 0" in Reader(to_html(point)).text()


def test_regions_of_a_clip_are_drawn_on_the_nearest_frame(clip: Report) -> None:
    card = to_html(clip).split('aria-labelledby="finding-temporal.blink"')[1].split("</article>")[0]
    marked = card.split('class="marked"')[1].split("</figure>")[0]
    assert 'href="#p8"' in marked  # frames are 1 s apart; the region lies at 7.9 s
    assert 'x="75.0" y="50.0" width="50.0" height="50.0"' in marked  # 300, 200, 200 × 200 on a quarter of the size


def test_many_regions_are_counted_not_all_drawn(photo: Report) -> None:
    first = photo.findings[0]
    many = dataclasses.replace(first, where=first.where[:1] * 50)
    page = to_html(dataclasses.replace(photo, findings=(many,)))
    assert "10 further places are listed, not drawn." in page
    assert page.count("block with the largest residual") == 50


def test_page_of_a_photo_stays_small(photo: Report) -> None:
    assert len(to_html(photo)) < 1_500_000


def test_branches_keep_their_order_and_unknown_ones_follow(photo: Report, hostile: Report) -> None:
    groups = by_branch((*reversed(photo.findings), *hostile.findings))
    known = [branch for branch in groups if branch in BRANCHES]
    assert known == [branch for branch in BRANCHES if branch in groups]
    assert list(groups)[len(known) :] == [hostile.findings[0].branch]
    assert [f.outcome for f in groups["artefacts"]] == ["failed", "not_applicable"]


def test_unknown_language_is_refused(photo: Report) -> None:
    with pytest.raises(UsageError, match="no wording"):
        to_html(photo, language="xx")


def with_stream(report: Report, name: str, **more: str | int) -> Report:
    streams = dict(report.exhibit.streams)
    streams[name] = {**streams[name], **more}
    return dataclasses.replace(report, exhibit=dataclasses.replace(report.exhibit, streams=streams))


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"bits": 16, "mode": "RGB"}, ["Stored with 16 bits a channel, examined with 8."]),
        ({"bits": 8, "mode": "CMYK"}, ["Stored as CMYK, examined after conversion to RGB."]),
        ({"bits": 8, "mode": "RGB"}, []),
        ({"bits": 1, "mode": "1"}, []),
    ],
)
def test_a_picture_that_was_reduced_for_the_examination_says_so(
    photo: Report, stored: dict[str, str | int], said: list[str]
) -> None:
    text = Reader(to_html(with_stream(photo, "Image", **stored))).text()
    assert re.findall(r"Stored (?:with|as) [^.]*\.", text) == said


def test_a_picture_that_is_shown_turned_says_so(photo: Report, clip: Report) -> None:
    assert "1200 × 900 pixels, shown turned by its EXIF orientation 6" in Reader(to_html(photo)).text()
    assert "shown turned" not in Reader(to_html(clip)).text()
    assert "shown turned" not in Reader(to_html(with_stream(clip, "Video", rotation=0))).text()
    for rotation, said in ((90, "90° counter-clockwise"), (180, "180°"), (270, "90° clockwise")):
        turned = Reader(to_html(with_stream(clip, "Video", rotation=rotation))).text()
        assert f"1280 × 720 pixels, shown turned {said}, as the file asks" in turned


def test_what_is_not_known_leaves_no_empty_place(unsuitable: Report) -> None:
    assert "Examination report · Image" in Reader(to_html(unsuitable)).text()
    unopened = dataclasses.replace(unsuitable, exhibit=dataclasses.replace(unsuitable.exhibit, kind="", format=""))
    text = Reader(to_html(unopened)).text()
    assert "Examination report ·" not in text and "Format" not in text and "Size" in text


def test_what_was_not_examined_is_listed_once_a_reason(photo: Report) -> None:
    unasked = [NotExamined(id=id, reason=reason) for id, reason in (("a.b", "x & y"), ("c.d", "z"), ("a.e", "x & y"))]
    page = to_html(dataclasses.replace(photo, not_examined=tuple(unasked)))
    rows = page.split("Not examined, and why</h3>")[1].split("</tbody>")[0].split("<tbody>")[1].split("</tr>")[:-1]
    assert [Reader(row + "</tr>").text().replace(" ", "") for row in rows] == ["x&ya.b,a.e", "zc.d"]


def test_element_escapes_children_and_attributes() -> None:
    shown = element("p", "<b>&", None, [element("i", "x")], title='"<', data_x=3, hidden=True, lang=None, class_="c")
    assert shown == '<p title="&quot;&lt;" data-x="3" hidden class="c">&lt;b&gt;&amp;<i>x</i></p>'
    assert joined("a<", ["b", None]) == "a&lt;b"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"), (-0.73, "−0.73"), (1234567.0, "1234567"), (0.31249, "0.3125"), (1e-7, "1·10^−7"), (2.5e9, "2.5·10^9"),
        (float("nan"), "not a number"), (float("-inf"), "−∞"), (float("inf"), "∞"),
    ],
)  # fmt: skip
def test_numbers(value: float, written: str) -> None:
    assert number(value) == written


def test_units_and_scalars() -> None:
    assert quantity(2.0, "1") == "2"
    assert quantity(2.0, "dB") == "2 dB"
    assert [scalar(v) for v in (True, False, None, 3, "x")] == ["yes", "no", "none", "3", "x"]


def test_visible_keeps_text_and_shows_the_rest() -> None:
    assert visible("Zoë 你好 👩\u200d🔬\n") == "Zoë 你好 👩\u200d🔬\n"
    assert visible("a\x00b\u202ec\ud800\u2028") == r"a\x00b\u202ec\ud800\u2028"


def test_one_line_keeps_spaces_and_shows_line_breaks() -> None:
    assert one_line("a  b\tc\n\x1bd 👩\u200d🔬") == "a  b\\x09c\\x0a\\x1bd 👩\u200d🔬"


def test_maps_that_follow_each_other_stand_side_by_side(photo: Report) -> None:
    page = to_html(photo)
    row = page.split('class="maps">')[1]
    assert row.count("<figure") >= 2
    assert page.count('class="maps"') == 1, "one map alone keeps its room"


def test_code_in_text() -> None:
    assert paragraphs("set ``a<b`` to 1") == "<p>set <code>a&lt;b</code> to 1</p>"
    assert paragraphs("an odd `` mark") == "<p>an odd `` mark</p>"


def test_paragraphs_and_lists() -> None:
    assert paragraphs("One\nline.\n\n- a <\n- b\n  goes on\n\nEnd.") == (
        "<p>One line.</p><ul><li>a &lt;</li><li>b goes on</li></ul><p>End.</p>"
    )
