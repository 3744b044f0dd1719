"""The timeline: every person and every finding over the one time of the exhibit, beside the frame at that time."""

from __future__ import annotations

import numpy as np

from ..finding import Span
from .charts import Range, at, path, ticks
from .colours import PERSON_COLOURS
from .lanes import Group, Lane, groups_of
from .markup import Child, Html, element, joined, number, quantity
from .page import Page
from .pictures import drawing, outlines, seconds
from .rows import PLANE, plane, row, share_of, width_of, x_of
from .sections import section
from .sound import hears, player, sonogram, stretches
from .wording import of_face

SLOTS = 12
OPEN = 4
"""Persons whose lanes stand open; those of the rest are folded."""
BAR = 900
"""Where on the plane the bar of a long stretch begins."""


def timeline(page: Page) -> Html | None:
    """Build the section; nothing for a still image, or where nothing has a time."""
    groups = groups_of(page.report)
    if page.time is None or not has_timeline(page):
        return None
    words, sound = page.words, page.report.exhibit.sound
    lanes = _lanes(page, groups, page.time) if groups or sound else None
    note = [words("timeline.note"), *([f" {words('timeline.faces')}"] if page.report.exhibit.people else [])]
    return section(
        "timeline", words("timeline"), element("p", note, class_="note") if groups else None,
        element("div", element("div", _controls(page) if lanes else None, player(page), lanes, class_="over-time"),
                _viewer(page), class_="beside-frame"),
        _strip(page), stretches(page),
    )  # fmt: skip


def has_timeline(page: Page) -> bool:
    """Return whether the page has this section."""
    return page.time is not None and (
        page.timed or page.report.exhibit.sound is not None or bool(groups_of(page.report))
    )


def _viewer(page: Page) -> Html | None:
    words, pictures = page.words, page.pictures
    if not page.timed or pictures.main is None:
        return None
    shown = pictures.previews[pictures.main].time_s or 0.0
    text = words("frame.at", time=seconds(shown))
    large = drawing(pictures, pictures.main, outlines(pictures, pictures.main), alt=text)
    tick = None
    if any(one.faces for one in pictures.previews):
        box = element("input", type="checkbox", id="outlines", checked=True)
        tick = element("label", box, " ", words("timeline.outlines"), class_="tick")
    caption = element("figcaption", element("p", text, role="status"), tick, element("ul", class_="here"))
    return element("figure", large, caption, class_="viewer")


def _controls(page: Page) -> Html:
    words = page.words
    named = (("+", "in", words("timeline.in")), ("−", "out", words("timeline.out")))
    buttons = [
        element("button", sign, type="button", data_zoom=way, aria_label=name, title=name) for sign, way, name in named
    ]
    whole = element("button", words("timeline.all"), type="button", data_zoom="all")
    how = [words("timeline.how"), f" {words('timeline.how.sound')}" if hears(page) else None]
    return element("div", buttons, whole, element("span", how, class_="note"), class_="zoom", hidden=True)


def _lanes(page: Page, groups: tuple[Group, ...], time: Range) -> Html:
    film = row(element("span", page.words("frames")), _film(page), "film") if page.timed else None
    others = [group for group in groups if not group.sound]
    shown = [_group(page, group, time, folded=i >= OPEN) for i, group in enumerate(others)]
    extra = [element("div", class_="now", hidden=True), element("div", class_="picked", hidden=True)]
    return element(
        "div", _axis(page, time), film, _sound(page, groups, time), shown, extra,
        class_="lanes" if page.timed else "lanes hear", data_low=time[0], data_high=time[1],
    )  # fmt: skip


def _sound(page: Page, groups: tuple[Group, ...], time: Range) -> Html | None:
    """Build the rows of the sound: the spectrogram, and under it every finding about the voice."""
    picture = sonogram(page, time)
    traces = [_finding_lane(page, lane, time) for one in groups if one.sound for lane in one.lanes]
    if picture is None and not traces:
        return None
    head = element("div", element("strong", page.words("timeline.sound")), class_="label")
    summary = element("summary", head, element("div", plane(page, time), class_="track"), class_="lane thin")
    return element("details", summary, picture, traces, class_="person-lanes hear", open=True)


def _axis(page: Page, time: Range) -> Html:
    words = page.words
    marks = [
        element("text", number(v), x=f"{share_of(v, time):.2%}", y=14, text_anchor=_anchor(share_of(v, time)))
        for v in ticks(*time, 8)
    ]  # fmt: skip
    ruler = element(
        "div", element("svg", marks, width="100%", height=20, aria_hidden="true"), class_="ruler", tabindex="0",
        role="slider", aria_label=words("timeline.slider"), aria_valuemin=time[0], aria_valuemax=time[1],
        aria_valuenow=time[0], aria_valuetext=quantity(time[0], "s"),
    )  # fmt: skip
    return row(element("span", words("timeline.axis")), ruler, "axis-of-time")


def _film(page: Page) -> Html:
    time, pictures = page.time or (0.0, 1.0), page.pictures
    middles = [time[0] + (i + 0.5) / SLOTS * (time[1] - time[0]) for i in range(SLOTS)]
    slots = []
    for middle in middles:
        index = pictures.nearest(middle) or 0
        one = pictures.previews[index]
        slots.append(
            element("svg", element("use", href=f"#p{index}"), viewBox=f"0 0 {one.width} {one.height}",
                    preserveAspectRatio="xMidYMid slice")
        )  # fmt: skip
    return element("div", slots, class_="slots", aria_hidden="true")


def _group(page: Page, group: Group, time: Range, *, folded: bool) -> Html:
    label = element("div", _named(page, group), class_="label")
    head = [label, element("div", _seen(page, group, time), class_="track")]
    if not group.lanes:
        return element("div", head, class_="person-lanes lane thin")
    rows = [_finding_lane(page, lane, time) for lane in group.lanes]
    return element(
        "details", element("summary", head, class_="lane thin"), rows, class_="person-lanes", open=not folded
    )


def _named(page: Page, group: Group) -> Child:
    words, person = page.words, group.person
    if group.track is None:
        return element("strong", words("timeline.whole"))
    chip = element(
        "span", str(group.track + 1), class_=f"chip w{group.track % len(PERSON_COLOURS)}", aria_hidden="true"
    )
    about = None
    if person is not None:
        length = sum(end - start for start, end in person.seen)
        said = words("timeline.shot", shot=person.shot + 1, seconds=seconds(length))
        about = element("span", said, class_="note")
    return [chip, " ", element("strong", words("timeline.face", n=group.track + 1)), " ", about]


def _seen(page: Page, group: Group, time: Range) -> Html:
    blocks = [
        element("rect", x=x_of(start, time), y=300, width=width_of(start, end, time), height=400,
                class_=f"seen w{(group.track or 0) % len(PERSON_COLOURS)}")
        for start, end in (group.person.seen if group.person else ())
    ]  # fmt: skip
    return plane(page, time, blocks)


def _finding_lane(page: Page, lane: Lane, time: Range) -> Html:
    anchor = f"#finding-{lane.finding.id}"
    blocks = [_block(page, lane, span, anchor, time) for span in lane.spans]
    trace: list[Html] = []
    scale: Child = None
    read: dict[str, object] = {}
    if lane.line is not None and lane.up is not None:
        low, high = lane.up
        trace = [element("path", d=path(lane.line, time, lane.up), class_="line l0")]
        unit = "" if lane.unit == "1" else lane.unit
        read = {"data_bottom": low, "data_top": high, "data_unit": unit}
        scale = f"{number(low)} – {quantity(high, lane.unit)}"
    link = element("a", lane.name, href=anchor, title=lane.finding.question or lane.finding.id)
    label = [link, element("span", scale, class_="note value-now", data_scale=scale) if scale else None]
    marks = [element("line", x1=x_of(v, time), x2=x_of(v, time), y1=0, y2=PLANE, class_="mark") for v in lane.marks
             if time[0] <= v <= time[1]]  # fmt: skip
    return row(label, plane(page, time, blocks, marks, trace), "finding-lane", **read)


def _block(page: Page, lane: Lane, span: Span, anchor: str, time: Range) -> Html:
    words = page.words
    value = "" if span.value is None else f", {words('finding.where.value', value=number(span.value))}"
    said = f"{at(span)}: {of_face(span.label, span.track, words)}{value} ({lane.name})"
    top = BAR if lane.is_long(span, time[1] - time[0]) else 0
    rect = element(
        "rect", x=x_of(span.start_s, time), y=top, width=width_of(span.start_s, span.end_s, time), height=PLANE - top
    )
    return element(
        "a", element("title", said), rect, href=anchor, tabindex="-1", class_="block", data_from=round(span.start_s, 4),
        data_to=round(span.end_s, 4),
    )  # fmt: skip


def _strip(page: Page) -> Html | None:
    if not page.timed:
        return None
    words, pictures = page.words, page.pictures
    shown = [
        element("li", element("button", drawing(pictures, i, alt=None), element("span", f"{seconds(one.time_s)} s"),
                              type="button", data_seek=one.time_s,
                              aria_label=words("frames.choose", time=seconds(one.time_s))))
        for i, one in enumerate(pictures.previews) if one.time_s is not None
    ]  # fmt: skip
    times = [one.time_s for one in pictures.previews if one.time_s is not None]
    apart = seconds(float(np.median(np.diff(times)))) if len(times) > 1 else None
    note = words("frames.note", apart=apart) if apart else words("frames.note.one")
    return joined(element("p", note, class_="note"), element("ul", shown, class_="strip"))


def _anchor(share: float) -> str:
    return "start" if share < 0.03 else "end" if share > 0.97 else "middle"
