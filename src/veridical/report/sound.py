"""The sound of an exhibit on the page: its spectrogram on the timeline, a player, and the stretches that findings name."""

from __future__ import annotations

import json
import math

from ..finding import Span
from .branches import is_of_sound
from .charts import Range, ticks
from .colours import data_uri, levels, png
from .markup import Child, Html, element, identifier, joined, number, table
from .model import ListeningCopy, ReportedFinding, SoundShown
from .page import Page, duration_of
from .pictures import seconds
from .rows import PLANE, plane, row, width_of, x_of

LOW_DB, HIGH_DB = -110, -20
"""Ends of the colour scale."""
ROWS = 24
"""Stretches that stand open; the rest is folded."""
SHORTEST_S, AROUND_S = 0.5, 0.5
"""Shorter stretches are played with so much before and after them, seconds."""
_MARKS, _STEPS = 4, (0, 0.5, 1)
_WHOLE_S = 0.1
Row = tuple[Span, ReportedFinding]


def sonogram(page: Page, time: Range) -> Html | None:
    """Build the row of the timeline that holds the spectrogram."""
    sound, words = page.report.exhibit.sound, page.words
    if sound is None or not sound.levels.size:
        return None
    top = sound.highest_hz / 1000
    says = {"top": number(round(top, 3)), "window": round(sound.window_s * 1000), "channels": sound.channels}
    mixed = words("sound.mixed", channels=sound.channels) if sound.channels > 1 else ""
    silent = words("sound.silent", level=number(LOW_DB)) if sound.levels.max() <= LOW_DB else ""
    about = words("sound.picture.note", **says) + mixed + silent
    label = [
        element("strong", words("sound.picture")), element("span", about, class_="note"),
        element("div", class_="bar sequential"),
        element("div", [element("span", number(LOW_DB + (HIGH_DB - LOW_DB) * at)) for at in _STEPS], class_="ticks",
                translate="no"),
        element("span", words("sound.unit"), class_="note"),
        element("output", class_="note level-here", aria_live="off"),
    ]  # fmt: skip
    alt = words("sound.alt", low=number(LOW_DB), high=number(HIGH_DB), **says)
    track = [
        element("div", plane(page, time, _picture(sound, time), _held(sound.copy, time)), role="img", aria_label=alt),
        _frequencies(top),
    ]  # fmt: skip
    return row(
        label, track, "sonogram", data_low=LOW_DB, data_high=HIGH_DB, data_unit="dBFS", data_left=sound.starts_s,
        data_right=sound.ends_s, data_top=top,
    )  # fmt: skip


def _picture(sound: SoundShown, time: Range) -> Html:
    steps = levels(sound.levels[::-1], LOW_DB, HIGH_DB)
    left, right = ((at - time[0]) / (time[1] - time[0]) * PLANE for at in (sound.starts_s, sound.ends_s))
    return element(
        "image", href=data_uri(png(steps, diverging=False), "image/png"), x=f"{left:.3f}", y=0, width=f"{right - left:.3f}",
        height=PLANE, preserveAspectRatio="none",
    )  # fmt: skip


def _held(copy: ListeningCopy | None, time: Range) -> list[Html]:
    """Mark what can be listened to, where that is not everything."""
    pieces = copy.pieces if copy and len(copy.pieces) > 1 else ()
    return [
        element("rect", x=x_of(start, time), y=PLANE - 40, width=width_of(start, end, time), height=40, class_="held")
        for start, end in pieces
    ]  # fmt: skip


def _frequencies(top: float) -> Html:
    marks = []
    for value in ticks(0.0, top, _MARKS):
        share = value / top
        middle = "0" if share < 0.04 else "0.8em" if share > 0.96 else "0.35em"
        marks.append(
            element("text", number(value), x="100%", y=f"{100 - share * 100:.2f}%", dy=middle, text_anchor="end")
        )
    return element("svg", marks, class_="khz", aria_hidden="true")


def player(page: Page) -> Html | None:
    """Build the player of the copy; where there is none, say why."""
    sound, words = page.report.exhibit.sound, page.words
    if sound is None:
        return None
    if sound.copy is None:
        return element("p", words("sound.none"), class_="note")
    copy = sound.copy
    held, whole = sum(end - start for start, end in copy.pieces), duration_of(page.report)
    rate = round(len(copy.webm) * 8 / held / 1000) if held else 0
    about = words("sound.copy", rate=rate, sha256=page.report.exhibit.sha256[:16])
    parts = None
    if whole - held > _WHOLE_S:
        parts = element("p", words("sound.parts", held=minutes(held), whole=minutes(whole)), class_="note")
    sounds = element(
        "audio", words("sound.cannot"), src=data_uri(copy.webm, "audio/webm"), controls=True, preload="metadata",
        aria_label=words("sound.player"),
    )  # fmt: skip
    clock = element("output", class_="clock", aria_live="off")
    note = element(
        "div", element("p", element("strong", words("sound.not_evidence")), " ", about, class_="note"), parts
    )
    return element("div", sounds, clock, note, class_="listen", data_pieces=json.dumps(copy.pieces))


def hears(page: Page) -> bool:
    """Return whether the page holds sound that can be played."""
    sound = page.report.exhibit.sound
    return sound is not None and sound.copy is not None


def stretches(page: Page) -> Html | None:
    """List every stretch of the sound that a finding names, in order of time."""
    words = page.words
    rows: list[Row] = sorted(
        ((place, finding) for finding in page.report.findings if is_of_sound(finding) for place in finding.where
         if isinstance(place, Span) and math.isfinite(place.start_s) and math.isfinite(place.end_s)),
        key=lambda one: (one[0].start_s, one[0].end_s),
    )  # fmt: skip
    if not rows:
        return None
    heading = words("sound.stretches")
    shown = _table(page, rows[:ROWS], heading)
    more = rows[ROWS:]
    folded = None
    if more:
        folded = element(
            "details", element("summary", words("finding.where.more", n=len(more))), _table(page, more, heading)
        )
    note = words("sound.stretches.play", shortest=SHORTEST_S, around=AROUND_S) if hears(page) else ""
    about = element("p", words("sound.stretches.note"), f" {note}" if note else None, class_="note")
    return joined(element("h3", heading, id="stretches"), about, shown, folded)


def _table(page: Page, rows: list[Row], heading: str) -> Html:
    words = page.words
    names = [
        words("sound.column.start"), words("sound.column.end"), words("sound.column.what"), words("sound.column.value"),
        words("sound.column.examination"),
    ]  # fmt: skip
    names = [words("sound.column.play"), *names] if hears(page) else names
    return table(
        names,
        [_cells(page, *one) for one in rows],
        label=heading,
        class_="stretches played" if hears(page) else "stretches",
    )


def _cells(page: Page, span: Span, finding: ReportedFinding) -> list[Child]:
    words = page.words
    start: Child = seconds(span.start_s)
    first: list[Child] = []
    if hears(page):
        said = words("sound.play", start=seconds(span.start_s), end=seconds(span.end_s), what=span.label)
        first = [element("button", "▶", type="button", class_="play", hidden=True, aria_label=said, title=said,
                         **played(span))]  # fmt: skip
    if hears(page) or page.timed:
        said = words("sound.from", time=seconds(span.start_s))
        start = element("button", start, type="button", class_="time", aria_label=said, data_seek=round(span.start_s, 3),
                        data_hear=hears(page))  # fmt: skip
    value = "–" if span.value is None else number(span.value)
    name = element("a", identifier(finding.id), href=f"#finding-{finding.id}")
    return [*first, start, seconds(span.end_s), span.label, value, name]


def played(span: Span) -> dict[str, object]:
    """Return from where to where a stretch is played, as attributes; the shortest with some sound around them."""
    around = AROUND_S if span.end_s - span.start_s < SHORTEST_S else 0.0
    return {"data_play_from": round(max(span.start_s - around, 0.0), 3), "data_play_to": round(span.end_s + around, 3)}


def minutes(length_s: float) -> str:
    """Write a length as minutes and seconds."""
    whole = round(length_s)
    return f"{whole // 60}:{whole % 60:02d} min"
