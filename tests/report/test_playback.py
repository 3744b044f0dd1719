"""Playback in a real browser: what is heard is what the cursor shows, and it stops where a stretch ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from veridical.finding import Span
from veridical.report.model import Report
from veridical.report.to_html import to_html

from .browsing import CHROMIUM, Show, until
from .parts import finding, sound

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]


def state(page: Any) -> dict[str, Any]:
    """Where the player is in its copy, and where the cursor is in the time of the exhibit."""
    found = page.evaluate(
        """(() => { const player = document.querySelector(".listen audio"), board = document.querySelector(".lanes");
        const now = document.querySelector(".now");
        return { at: player.currentTime, paused: player.paused, ready: player.readyState, length: player.duration,
          cursor: now.hidden ? null : Number(now.style.getPropertyValue("--at")),
          clock: document.querySelector(".listen .clock").textContent }; })()"""
    )
    assert isinstance(found, dict)
    return found


def at_last(page: Any, true: Any) -> None:
    until(lambda: bool(true(state(page))))


def ready(page: Any) -> None:
    at_last(page, lambda now: now["ready"] >= 2)


def test_a_click_on_the_spectrogram_plays_from_there_and_the_cursor_moves(recording: Report, show: Show) -> None:
    page = show(recording)
    ready(page)
    assert state(page)["length"] == pytest.approx(60, abs=0.05)
    track = page.locator(".sonogram .track")
    track.click(position={"x": track.bounding_box()["width"] * 0.25, "y": 40})
    at_last(page, lambda now: not now["paused"] and now["at"] > 15.1)
    now = state(page)
    assert 15 < now["at"] < 20
    assert now["cursor"] * 60 == pytest.approx(now["at"], abs=0.5)
    page.keyboard.press("Escape")
    at_last(page, lambda now: now["paused"])
    now = state(page)
    assert now["cursor"] * 60 == pytest.approx(now["at"], abs=0.05)
    # The player may run on a little between its last sign of life and the pause.
    assert float(now["clock"].removesuffix(" s")) == pytest.approx(now["at"], abs=0.05)


def test_a_click_on_a_trace_of_the_sound_plays_but_one_on_a_face_only_chooses_the_time(
    clip: Report, show: Show
) -> None:
    voice = replace(clip.findings[0], id="audio.pitch", branch="voice", where=(), exhibits=tuple(
        replace(figure, name="Pitch", lines=tuple(replace(line, track=None) for line in figure.lines))  # type: ignore[union-attr]
        for figure in clip.findings[0].exhibits
    ))  # fmt: skip
    page = show(replace(clip, findings=(*clip.findings, voice)))
    ready(page)
    face = page.locator(".person-lanes:not(.hear) .finding-lane .track").first
    face.click(position={"x": face.bounding_box()["width"] * 0.5, "y": 10})
    at_last(page, lambda now: abs(now["at"] - 5.5) < 0.1)  # the sound begins half a second after the picture
    assert state(page)["paused"]
    heard = page.locator(".hear .finding-lane .track").first
    heard.click(position={"x": heard.bounding_box()["width"] * 0.75, "y": 10})
    at_last(page, lambda now: not now["paused"] and now["at"] > 8.6)
    now = state(page)
    assert now["cursor"] * 12 == pytest.approx(now["at"] + 0.5, abs=0.5)
    assert page.locator(".viewer use").first.get_attribute("href") in ("#p9", "#p10")


def test_a_stretch_is_played_to_its_end_and_a_row_from_its_start_on(recording: Report, show: Show) -> None:
    spans = (Span(start_s=20.0, end_s=20.8, label="one", value=1.0), Span(start_s=40.0, end_s=40.1, label="short"))
    page = show(replace(recording, findings=(finding("audio.splice", "voice", where=spans),)))
    ready(page)
    page.locator(".stretches .play").first.focus()
    page.keyboard.press("Enter")
    at_last(page, lambda now: not now["paused"])
    assert page.locator("tr.playing").count() <= 1
    at_last(page, lambda now: now["paused"])
    assert state(page)["at"] == pytest.approx(20.8, abs=0.05)
    page.locator(".stretches .play").nth(1).click()
    at_last(page, lambda now: not now["paused"] and 39.5 <= now["at"] < 40.7)
    at_last(page, lambda now: now["paused"])
    assert state(page)["at"] == pytest.approx(40.6, abs=0.05)
    page.locator(".stretches tbody tr").first.locator("td").nth(3).click()
    at_last(page, lambda now: now["at"] > 21.0)  # it goes on beyond the end of the stretch
    assert not state(page)["paused"]


def test_keys_on_the_time_axis_choose_the_time_and_play(recording: Report, show: Show) -> None:
    page = show(recording)
    ready(page)
    page.locator(".ruler").focus()
    page.keyboard.press("PageUp")
    at_last(page, lambda now: abs(now["at"] - 6) < 0.05)
    assert state(page)["paused"]
    page.keyboard.press(" ")
    at_last(page, lambda now: not now["paused"] and now["at"] > 6.1)
    page.keyboard.press(" ")
    at_last(page, lambda now: now["paused"])


def test_the_cursor_is_where_the_copy_is_when_it_holds_only_pieces(recording: Report, show: Show) -> None:
    shown = sound(60.0, 16000, pieces=((10.0, 11.0), (30.0, 36.0)))
    page = show(replace(recording, exhibit=replace(recording.exhibit, sound=shown)))
    ready(page)
    track = page.locator(".sonogram .track")
    width = track.bounding_box()["width"]
    track.click(position={"x": width * 10.6 / 60, "y": 40})
    at_last(page, lambda now: not now["paused"])
    at_last(page, lambda now: now["at"] > 1.2)  # it has gone on with the second piece
    now = state(page)
    assert now["cursor"] * 60 == pytest.approx(30 + now["at"] - 1, abs=0.5)
    track.click(position={"x": width * 50 / 60, "y": 40})
    at_last(page, lambda now: now["paused"])
    assert "not in the copy" in state(page)["clock"]


def test_the_sound_of_a_zoomed_part_stays_in_view(recording: Report, show: Show) -> None:
    page = show(recording)
    ready(page)
    page.locator(".ruler").focus()
    for key in ("End", "+", "+", "+", "+", "+", "Home"):
        page.keyboard.press(key)
    view = page.locator(".sonogram .trace").get_attribute("viewBox").split()
    assert float(view[0]) == 0 and 20 < float(view[2]) < 50
    page.keyboard.press(" ")
    at_last(page, lambda now: now["at"] > 0.3)
    assert 0 < state(page)["cursor"] <= 1


def test_the_level_under_the_pointer_is_said(recording: Report, show: Show) -> None:
    page = show(recording)
    track = page.locator(".sonogram .track")
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.25)
    said = page.locator(".level-here")
    until(lambda: said.inner_text() != "")
    assert said.inner_text().startswith(("30 s, 6", "29.9", "30.0"))
    assert "kHz: " in said.inner_text() and "dBFS" in said.inner_text()


def test_a_place_of_a_finding_can_be_heard_and_the_player_stays_at_hand(recording: Report, show: Show) -> None:
    page = show(recording)
    ready(page)
    button = page.locator("article button.time").first
    button.scroll_into_view_if_needed()
    button.click()
    at_last(page, lambda now: not now["paused"] and 10 <= now["at"] < 14)
    box = page.locator(".listen").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 900
    page.keyboard.press("Escape")
    at_last(page, lambda now: now["paused"])
    until(lambda: "away" not in page.locator(".listen").get_attribute("class"))


def test_without_script_the_sound_can_be_played_and_all_is_shown(
    browser: Any, recording: Report, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(to_html(recording), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".listen audio").is_visible()
    assert page.locator(".sonogram image").bounding_box()["width"] > 300
    assert page.locator(".stretches tbody tr").count() == 1 and not page.locator(".stretches .play").is_visible()
    context.close()


def columns(page: Any) -> list[tuple[int, int]]:
    """Left edges of what is shown of the first two rows of the list of stretches."""
    rows = [page.locator(f".stretches {row} > :visible").all() for row in ("thead tr", "tbody tr")]
    return [tuple(round(cell.bounding_box()["x"]) for cell in cells) for cells in zip(*rows, strict=True)]  # type: ignore[misc]


def test_print_shows_the_spectrogram_and_the_stretches_but_no_player(recording: Report, show: Show) -> None:
    page = show(recording)
    assert len(columns(page)) == 6
    page.emulate_media(media="print")
    assert len(columns(page)) == 5 and all(head == cell for head, cell in columns(page))
    assert not page.locator(".listen audio").is_visible() and not page.locator(".stretches .play").is_visible()
    assert page.locator(".sonogram image").is_visible() and "not the evidence" in page.locator(".listen").inner_text()
