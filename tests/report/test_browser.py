"""The page in a real browser: slider, values under the pointer, click on a time, keyboard, print, phone width."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from veridical.finding import Chart, Map
from veridical.media.image import upright
from veridical.report.model import Report, ReportedCheck
from veridical.report.observe import add, read_ticks
from veridical.report.to_html import to_html

from .browsing import CHROMIUM, Show, until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_runs_without_complaint(
    report: Report, explain: Any, show: Show, width: int, scheme: str
) -> None:
    page = show(report, width=width, scheme=scheme, explain=explain)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 27)")


def test_reasons_have_room_and_links_can_be_touched(photo: Report, show: Show) -> None:
    for width, columns in ((390, 2), (1280, 3)):
        cells = show(photo, width=width).locator(".unable tbody tr").first.locator("td")
        shown = [cells.nth(i).bounding_box() for i in range(3) if cells.nth(i).is_visible()]
        assert len(shown) == columns and shown[-1]["width"] > 130
        assert cells.locator("a").bounding_box()["height"] >= 24


def test_colours_can_be_chosen(photo: Report, show: Show) -> None:
    page = show(photo)
    grounds = []
    for _ in range(3):
        page.click("#theme")
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(20, 23, 27)", "rgb(255, 255, 255)"]


def test_slider_fades_the_map(photo: Report, show: Show) -> None:
    page = show(photo)
    figure = page.locator("figure.overlay").first
    seen = []
    for value in ("0", "10"):
        figure.locator("input").fill(value)
        seen.append(figure.locator(".layer").evaluate("one => Number(getComputedStyle(one).opacity)"))
    assert seen == [0, 1]


@pytest.mark.parametrize("orientation", [1, 5, 6, 8])
def test_value_under_the_pointer_is_that_of_the_map(show: Show, photo: Report, orientation: int) -> None:
    values = np.round(np.random.default_rng(4).random((9, 12)), 2).astype(np.float32) * 200 - 50
    figure = Map(name="m", values=values, unit="dB", low=0.0, high=100.0)
    preview = replace(photo.exhibit.previews[0], orientation=orientation, width=480, height=480)
    report = replace(
        photo,
        findings=(replace(photo.findings[0], exhibits=(figure,)),),
        exhibit=replace(photo.exhibit, previews=(preview,)),
    )
    page = show(report)
    shown = upright(values[..., None], orientation)[..., 0]
    rows, columns = shown.shape
    page.locator(".overlay .picture").scroll_into_view_if_needed()
    box = page.locator(".overlay .picture").bounding_box()
    readout = page.locator(".overlay .readout")
    for row, column in ((0, 0), (2, 7), (rows - 1, 3)):
        before = readout.inner_text()
        page.mouse.move(
            box["x"] + (column + 0.5) / columns * box["width"], box["y"] + (row + 0.5) / rows * box["height"]
        )
        until(lambda before=before: readout.inner_text() != before)
        place, _, said = readout.inner_text().partition(": ")
        value = float(shown[row, column])
        if 0.2 < value < 99.8:
            assert abs(float(said.removesuffix(" dB")) - value) <= 100 / 254
        else:
            assert said == ("at most 0 dB" if value < 50 else "at least 100 dB")
        x, y = (int(part) for part in place.removeprefix("x ").removesuffix(" in stored pixels").split(", y "))
        assert values[y // 100, x // 100] == shown[row, column]  # 1200 × 900 stored pixels, cells of 100


def test_map_is_read_with_the_keyboard(photo: Report, show: Show) -> None:
    page = show(photo)
    reader = page.locator("figure.plane .reading").first
    reader.focus()
    readout = page.locator("figure.plane .readout").first
    texts = [readout.inner_text()]
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        until(lambda: readout.inner_text() != texts[-1])
        texts.append(readout.inner_text())
    assert all("column" in text and "dB" in text for text in texts[1:])


def test_chart_is_read_under_the_pointer(photo: Report, show: Show) -> None:
    page = show(photo)
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    text = page.locator("figure.chart .readout").first.inner_text()
    line = photo.findings[1].exhibits[0].lines[0]
    said = text.split("this picture: ")[1].split(" dB")[0]
    assert "spatial frequency 0.25" in text
    assert abs(float(said) - np.interp(0.25, line.x, line.y)) < 0.05


def test_a_point_that_stands_alone_is_read_once(photo: Report, show: Show) -> None:
    finding = next(one for one in photo.findings if one.exhibits and isinstance(one.exhibits[0], Chart))
    line = replace(finding.exhibits[0].lines[0], x=np.array([0.1, 0.25, 0.4]), y=np.array([np.nan, 3.0, np.nan]))
    chart = replace(finding.exhibits[0], lines=(line,), timeline=False)
    page = show(replace(photo, findings=(replace(finding, exhibits=(chart,)),)))
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    text = page.locator("figure.chart .readout").first.inner_text()
    assert text.count(line.name) == 1 and "undefined" not in text
    assert page.locator(".plot .dot").count() == 1


@pytest.mark.parametrize("by", ["click", "keyboard", "list"])
def test_a_time_shows_the_nearest_frame(clip: Report, show: Show, by: str) -> None:
    page = show(clip)
    card = page.locator("article").first
    if by == "list":
        card.locator("button.time").first.click()
        expected = 2
    elif by == "click":
        plot = card.locator(".plot")
        box = plot.bounding_box()
        plot.click(position={"x": box["width"] * 8.2 / 12, "y": 50})
        expected = 8
    else:
        card.locator(".plot").focus()
        page.keyboard.press("End")
        page.keyboard.press("PageDown")
        page.keyboard.press("Enter")
        expected = 11
    moment = card.locator("figure.moment")
    assert moment.locator("use").first.get_attribute("href") == f"#p{expected}"
    assert f"the one at {expected} s" in moment.inner_text()
    assert moment.locator("svg").bounding_box()["height"] > 100
    assert page.locator(".strip [aria-current]").get_attribute("data-seek") == str(float(expected))


@pytest.mark.parametrize(("at", "said"), [(8.1, None), (8.4, "at 8 s, 0.4 s earlier"), (8.7, "at 9 s, 0.3 s later")])
def test_a_frame_says_how_far_it_is_from_the_time_asked_for(
    clip: Report, show: Show, at: float, said: str | None
) -> None:
    page = show(clip)
    card = page.locator("article").first
    plot = card.locator(".plot")
    plot.click(position={"x": plot.bounding_box()["width"] * at / 12, "y": 50})
    text = card.locator("figure.moment").inner_text()
    assert said in text if said else "earlier" not in text and "later" not in text


def test_a_film_plays_in_the_page(clip: Report, show: Show) -> None:
    page = show(clip)
    film = page.locator("figure.film video").first
    film.evaluate("video => video.closest('details') && (video.closest('details').open = true)")
    until(lambda: film.evaluate("video => video.readyState") >= 2)
    assert film.evaluate("video => [video.videoWidth, video.duration, video.error]") == [64, 2.0, None]
    film.evaluate("video => video.play()")
    until(lambda: film.evaluate("video => video.currentTime") > 0.1)
    assert "4 to 6" in film.get_attribute("aria-label")


def test_strip_enlarges_a_frame(clip: Report, show: Show) -> None:
    page = show(clip)
    page.locator(".strip button").nth(3).click()
    assert shown(page) == ["#p3", "#f3"]


def shown(page: Any) -> list[str]:
    """What the viewer of the timeline shows: the picture and the outlines over it."""
    return [one.get_attribute("href") for one in page.locator(".viewer use").all()]


def centre(page: Any, query: str) -> float:
    box = page.locator(query).first.bounding_box()
    return float(box["x"] + box["width"] / 2)


def test_a_click_on_a_lane_shows_the_frame_with_its_faces_and_what_is_marked(clip: Report, show: Show) -> None:
    page = show(clip)
    track = page.locator(".finding-lane .track").first
    box = track.bounding_box()
    track.click(position={"x": box["width"] * 5.5 / 12, "y": 10})
    assert shown(page) in (["#p5", "#f5"], ["#p6", "#f6"])
    assert abs(centre(page, ".now") - box["x"] - box["width"] * 5.5 / 12) < 2
    (here,) = page.locator(".here a").all()
    assert "5.38–5.62 s: blink, face 2" in here.inner_text()
    assert page.url.endswith("report.html")  # the block under the pointer did not lead away
    here.click()
    assert page.url.endswith("#finding-temporal.blink")
    outline = page.locator(".viewer .outlines")
    assert outline.is_visible()
    page.uncheck("#outlines")
    assert not outline.is_visible()
    place = page.evaluate(  # of the oval, on the preview that is 320 / 1280 of the native width
        "(() => { const box = document.querySelector('#f5 path').getBBox(); return [box.x, box.y, box.width]; })()"
    )
    assert place == pytest.approx([300.5 / 4, 100.5 / 4, 200 / 4], abs=0.2)


def test_keys_on_the_time_axis_seek_and_zoom_all_time_charts(clip: Report, show: Show) -> None:
    page = show(clip)
    ruler = page.locator(".ruler")
    ruler.focus()
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    assert float(ruler.get_attribute("aria-valuenow")) == pytest.approx(10.8)
    assert shown(page)[0] == "#p11"
    page.keyboard.press("+")
    page.keyboard.press("+")
    view = page.locator(".finding-lane .trace").first.get_attribute("viewBox").split()
    assert float(view[2]) == pytest.approx(250)
    low = float(view[0]) / 1000 * 12
    assert low <= 10.8 <= low + 3
    plot = page.locator("figure.timeline .plot").first
    assert plot.locator("svg svg").get_attribute("viewBox").split()[2] == "250"
    plot.focus()
    page.keyboard.press("Home")  # the first time that the chart shows now
    assert float(plot.get_attribute("aria-valuenow")) == pytest.approx(low, abs=0.01)
    ruler.focus()
    page.keyboard.press("0")
    assert plot.locator("svg svg").get_attribute("viewBox").split()[:3] == ["0", "0", "1000"]


def test_a_drag_on_the_lanes_enlarges_that_part_and_shades_keep_their_times(clip: Report, show: Show) -> None:
    page = show(clip)
    track = page.locator(".finding-lane .track").first
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 8, steps=4)
    page.mouse.up()
    view = [float(v) for v in page.locator(".finding-lane .trace").first.get_attribute("viewBox").split()]
    assert view[0] == pytest.approx(250, abs=3) and view[2] == pytest.approx(250, abs=3)
    shade = page.locator("figure.timeline .shade").nth(1)  # 5.38 to 5.62 s, of 3 to 6 s
    assert float(shade.get_attribute("x").rstrip("%")) == pytest.approx((5.38 - 3) / 3 * 100, abs=2)
    assert float(shade.get_attribute("width").rstrip("%")) == pytest.approx(0.24 / 3 * 100, abs=0.2)
    page.click('[data-zoom="all"]')
    assert float(shade.get_attribute("x").rstrip("%")) == pytest.approx(5.38 / 12 * 100, abs=0.01)


def test_the_timeline_is_whole_without_script(browser: Any, clip: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(to_html(clip), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".finding-lane .trace path").first.bounding_box()["width"] > 200
    assert page.locator(".viewer .outlines").is_visible() and not page.locator(".zoom").is_visible()
    page.locator("a.block").first.click()
    assert page.url.endswith("#finding-temporal.blink")
    context.close()


def test_time_charts_lie_under_each_other(clip: Report, show: Show) -> None:
    page = show(clip)
    boxes = [page.locator(".timeline .plot").nth(i).bounding_box() for i in range(2)]
    assert [boxes[0][side] for side in ("x", "width")] == [boxes[1][side] for side in ("x", "width")]


def test_print_holds_what_is_folded(photo: Report, explain: Any, show: Show, tmp_path: Path) -> None:
    page = show(photo, explain=explain)
    assert not page.locator("#record dl").first.is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#record dl").first.is_visible()
    assert not page.locator("nav").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert not page.locator("#record dl").first.is_visible()


def test_page_is_whole_without_script(browser: Any, photo: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(to_html(photo), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".band").is_visible()
    assert page.locator("figure.overlay .picture").first.is_visible()
    assert not page.locator("#theme").is_visible()
    context.close()


def test_ticked_boxes_are_saved_and_can_be_added_to_the_report(show: Show, photo: Report, tmp_path: Path) -> None:
    checks = tuple(ReportedCheck(question=f"Question {i}?", hint="", where=(), pictures=()) for i in (1, 2))
    asking = replace(photo, findings=(replace(photo.findings[0], checklist=checks), *photo.findings[1:]))
    page = show(asking)
    page.click("#answers button")
    assert "No box is ticked" in page.inner_text("#saved")
    page.check('.check:nth-of-type(2) input[value="unsure"]')
    page.fill('.check:nth-of-type(2) input[type="text"]', "too blurred")
    page.fill("#examiner", "A. Examiner")
    with page.expect_download() as download:
        page.click("#answers button")
    saved = tmp_path / "answers.json"
    download.value.save_as(saved)
    assert "1 answer(s) saved" in page.inner_text("#saved")
    (one,) = add(asking, read_ticks(saved.read_text())).observations
    assert (one.item, one.answer, one.note, one.examiner) == (2, "unsure", "too blurred", "A. Examiner")
