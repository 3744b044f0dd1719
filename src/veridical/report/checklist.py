"""The questions of an examiner's aid on the page: cuttings to look at, three boxes to tick, room for a note."""

from __future__ import annotations

from ..finding import Region
from .colours import data_uri
from .markup import Child, Html, element, table
from .model import Observation, Preview, ReportedCheck, ReportedFinding
from .page import Page
from .sections import moment, section

ANSWERS = ("present", "absent", "unsure")


def questions(finding: ReportedFinding, page: Page) -> Html | None:
    """Build the checklist of one finding, ticked as far as it was answered."""
    if not finding.checklist:
        return None
    answered = {one.item: one for one in page.report.observations if one.finding == finding.id}
    items = [_question(finding.id, i, check, answered.get(i), page) for i, check in enumerate(finding.checklist, 1)]
    note = element("p", page.words("check.note"), class_="note")
    return element("div", element("h5", page.words("check")), note, items, class_="checklist")


def _question(id: str, item: int, check: ReportedCheck, known: Observation | None, page: Page) -> Html:
    words = page.words
    name = f"{id}#{item}"
    ticks = [
        element("label", element("input", type="radio", name=name, value=answer,
                                 checked=known is not None and known.answer == answer), " ", words(f"check.{answer}"))
        for answer in ANSWERS
    ]  # fmt: skip
    remark = element(
        "label", element("span", words("check.remark"), class_="unseen"),
        element("input", type="text", name=f"{name}#note", value=known.note if known else "", maxlength=500,
                placeholder=words("check.remark")), class_="remark",
    )  # fmt: skip
    shown = [_cutting(picture, place, page) for picture, place in zip(check.pictures, check.where, strict=False)]
    return element(
        "fieldset", element("legend", f"{item}. {check.question}"),
        element("div", shown, class_="cuttings") if shown else None,
        element("p", check.hint, class_="note") if check.hint else None,
        element("div", ticks, remark, class_="ticks-row"),
        class_="check", data_finding=id, data_item=item,
    )  # fmt: skip


def _cutting(picture: Preview, place: Region, page: Page) -> Html:
    label = place.label[:1].upper() + place.label[1:]
    return element(
        "figure",
        element("img", src=data_uri(picture.jpeg, "image/jpeg"), width=picture.width, height=picture.height,
                alt=page.words("check.cutting", label=place.label)),
        element("figcaption", label, class_="note"),
    )  # fmt: skip


def observations(page: Page) -> Html | None:
    """List what was answered, and offer to save the answers; nothing where nothing is asked."""
    words, report = page.words, page.report
    if not any(finding.checklist for finding in report.findings):
        return None
    columns = [words(f"observed.{name}") for name in ("question", "answer", "remark", "examiner", "when")]
    rows: list[tuple[Child, ...]] = [
        (element("a", one.question, href=f"#finding-{one.finding}"), words(f"check.{one.answer}"), one.note,
         one.examiner, moment(one.when))
        for one in report.observations
    ]  # fmt: skip
    listed = table(columns, rows, label=words("observed")) if rows else element("p", words("observed.none"))
    save = element(
        "form",
        element("label", words("observed.name"), " ", element("input", type="text", id="examiner", maxlength=200)),
        " ", element("button", words("observed.save"), type="submit"),
        element("p", words("observed.how"), class_="note"), element("p", "", id="saved", role="status", class_="note"),
        id="answers", hidden=True, data_sha256=report.exhibit.sha256, data_file=page.name,
    )  # fmt: skip
    return section("observed", words("observed"), element("p", words("observed.note"), class_="note"), listed, save)
