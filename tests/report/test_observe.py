from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.finding import Check, Region
from veridical.media.image import Image
from veridical.report import observe
from veridical.report.details import SIDE, with_pictures
from veridical.report.model import Preview, Report, ReportedCheck, ReportedFinding
from veridical.report.observe import Ticks, add, parse_tick, read_ticks
from veridical.report.to_html import to_html
from veridical.report.to_json import from_json, to_json

PLACE = Region(x=10, y=20, width=40, height=20, label="left ear")
FILE = """{"exhibit": "%s", "examiner": "A. Examiner", "when": "2026-11-23T10:00:00.123Z",
 "answers": [{"finding": "spatial.symmetry", "item": 2, "answer": "unsure", "note": "hair covers it"}]}"""


def aid(question: str = "Does one ear lack its earring?") -> ReportedFinding:
    checks = tuple(ReportedCheck(question=q, hint="", where=(), pictures=()) for q in (question, "Do frames differ?"))
    return ReportedFinding(
        id="spatial.symmetry", branch="artefacts", question="Do both sides agree?", outcome="measured", value=1.0,
        unit="1", observation="One ear differs.", reason="", where=(), exhibits=(), facts={}, declares=(), limits=(),
        settings={}, seconds=0.1, evidence=None, unweighed="an aid", aid=True, checklist=checks,
    )  # fmt: skip


@pytest.fixture
def report(photo: Report) -> Report:
    return replace(photo, findings=(*photo.findings, aid()))


def ticks(**more: object) -> Ticks:
    given: dict[str, object] = {
        "exhibit": "", "examiner": "A. Examiner", "when": "2026-11-23T10:00:00+00:00",
        "answers": (("spatial.symmetry", 1, "present", "one stud"),),
    }  # fmt: skip
    return Ticks(**(given | more))  # type: ignore[arg-type]


def test_answers_are_recorded_and_change_nothing_else(report: Report) -> None:
    observed = add(report, ticks())
    (one,) = observed.observations
    assert (one.finding, one.item, one.answer, one.note) == ("spatial.symmetry", 1, "present", "one stud")
    assert (one.question, one.examiner) == ("Does one ear lack its earring?", "A. Examiner")
    assert (observed.findings, observed.conclusion) == (report.findings, report.conclusion)
    assert from_json(to_json(observed)).observations == observed.observations


def test_a_later_answer_replaces_an_earlier_one_to_the_same_question(report: Report) -> None:
    once = add(report, ticks(answers=(("spatial.symmetry", 2, "absent", ""), ("spatial.symmetry", 1, "absent", ""))))
    twice = add(once, ticks())
    assert [(one.item, one.answer) for one in twice.observations] == [(1, "present"), (2, "absent")]


def test_the_file_that_the_page_saves_is_read(report: Report) -> None:
    read = read_ticks(FILE % report.exhibit.sha256)
    assert read.answers == (("spatial.symmetry", 2, "unsure", "hair covers it"),)
    assert read.when == "2026-11-23T10:00:00+00:00"
    assert add(report, read).observations[0].question == "Do frames differ?"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (ticks(exhibit="ab" * 32), "another file"),
        (ticks(examiner=""), "--by NAME"),
        (ticks(answers=()), "no answer"),
        (ticks(answers=(("spatial.symmetry", 3, "present", ""),)), "questions 1 to 2, not 3"),
        (ticks(answers=(("spatial.sky", 1, "present", ""),)), "it asks: spatial.symmetry"),
    ],
)
def test_answers_that_do_not_fit_are_refused(report: Report, given: Ticks, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        add(report, given)


@pytest.mark.parametrize("text", ["", "[]", "{}", FILE.replace("unsure", "yes"), FILE.replace("2026-11-23T", "x")])
def test_what_is_no_file_of_answers_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no file of answers"):
        read_ticks(text)


def test_a_tick_is_parsed_or_refused() -> None:
    assert parse_tick("spatial.symmetry:2=absent") == ("spatial.symmetry", 2, "absent")
    for wrong in ("spatial.symmetry=present", "spatial.symmetry:x=present", "spatial.symmetry:1=yes", ""):
        with pytest.raises(UsageError, match="--tick takes"):
            parse_tick(wrong)


def test_long_notes_are_cut(report: Report) -> None:
    given = ticks(answers=(("spatial.symmetry", 1, "present", "x" * 2000),))
    assert len(add(report, given).observations[0].note) == observe.LONGEST_NOTE


def test_the_page_asks_and_shows_what_was_answered(report: Report) -> None:
    before, after = to_html(report), to_html(add(report, ticks()))
    assert before.count('type="radio"') == 6
    assert "checked" not in before.split("</style>")[1].split("<script")[0]
    assert "No question of the checklists was answered" in before
    assert after.split("<script")[0].count(" checked") == 1
    assert "one stud" in after
    assert "A. Examiner" in after


def test_a_report_without_checklists_does_not_speak_of_them(photo: Report) -> None:
    assert 'id="observed"' not in to_html(photo)


def test_questions_and_notes_cannot_break_the_page(report: Report, hostile_text: str) -> None:
    noted = add(report, ticks(examiner=hostile_text, answers=(("spatial.symmetry", 1, "present", hostile_text),)))
    page = to_html(replace(noted, findings=(*noted.findings[:-1], aid(hostile_text))))
    assert "<img src=http" not in page
    assert "<script>alert" not in page


def image(orientation: int = 1) -> Image:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[20:40, 10:50] = (250, 10, 10)
    return Image(
        pixels=pixels, format="png", mode="RGB", bits=8, orientation=orientation, frames=1, thumbnail=None, jpeg=None
    )  # fmt: skip


def decoded(picture: Preview) -> np.ndarray:
    import cv2

    return np.asarray(cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR))[..., ::-1]


def test_cuttings_show_the_place_enlarged_and_upright() -> None:
    check = Check(question="Is it red?", where=(PLACE,))
    (flat,) = with_pictures([check], image())
    (turned,) = with_pictures([check], image(6))
    assert max(flat.pictures[0].width, flat.pictures[0].height) == SIDE
    assert (turned.pictures[0].width, turned.pictures[0].height) == (flat.pictures[0].height, flat.pictures[0].width)
    middle = decoded(flat.pictures[0])
    assert middle[middle.shape[0] // 2, middle.shape[1] // 2, 0] > 230
    assert middle[2, 2].max() < 40


def test_a_place_at_or_beyond_the_edge_still_has_a_cutting() -> None:
    far = Region(x=195, y=95, width=90, height=90, label="corner")
    beyond = Region(x=900, y=900, width=5, height=5, label="outside")
    (check,) = with_pictures([Check(question="?", where=(far, beyond))], image())
    assert all(picture.jpeg for picture in check.pictures)


def test_without_a_picture_there_are_no_cuttings() -> None:
    (check,) = with_pictures([Check(question="?", where=(PLACE,))], None)
    assert check.pictures == ()
