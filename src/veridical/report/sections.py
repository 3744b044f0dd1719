"""The parts of the page around the findings: head, what was examined, frames, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..finding import Scalar
from .markup import Child, Html, element, identifier, joined, number, pairs, scalar, table
from .model import NotExamined
from .page import Page, duration_of
from .pictures import drawing, seconds

KIB = 1024
EXAMINED_BITS = 8
CONVERTED = ("CMYK", "YCbCr")
"""Modes of pictures whose colours are computed anew for RGB, as Pillow names them."""


def section(id: str, heading: str, *children: Child) -> Html:
    """Build a section of the page with its heading."""
    return element(
        "section", element("h2", heading, id=f"{id}-heading"), *children, id=id, aria_labelledby=f"{id}-heading"
    )


def head(page: Page) -> Html:
    """Say which file this is about, and show it."""
    words, exhibit, record = page.words, page.report.exhibit, page.report.record
    entries: list[tuple[str, Child]] = [
        *_format(page, exhibit.format.upper()),
        (words("head.size"), size(exhibit.bytes, page)),
        *_extent(page),
        *([(words("head.condition"), exhibit.condition)] if exhibit.condition else []),
        (words("head.examined"), moment(record.started)),
        (words("head.sha256"), element("code", exhibit.sha256, class_="hash")),
    ]
    named = words.get(f"kind.{exhibit.kind}", exhibit.kind)
    kind = element("p", words("head.overline"), f" · {named}" if named else None, class_="overline")
    about = element("div", kind, element("h1", element("bdi", page.name)), pairs(entries, "facts"), class_="about")
    return element("header", element("div", about, _preview(page), class_="head"))


def _format(page: Page, text: str) -> list[tuple[str, Child]]:
    return [(page.words("head.format"), text)] if text else []


def moment(iso: str) -> Html:
    """Write a moment that is given as ISO 8601."""
    return element("time", iso.replace("T", " ", 1).replace("+00:00", " UTC"), datetime=iso)


def size(count: int, page: Page) -> str:
    """Write a number of bytes."""
    exact = page.words("head.bytes", n=count)
    if count < KIB:
        return exact
    power = 1 if count < KIB**2 else 2 if count < KIB**3 else 3
    return f"{number(round(count / KIB**power, 1))} {('KiB', 'MiB', 'GiB')[power - 1]} ({exact})"


def _extent(page: Page) -> list[tuple[str, Child]]:
    words, streams = page.words, page.report.exhibit.streams
    entries: list[tuple[str, Child]] = []
    for name in ("Image", "Video"):
        stream = streams.get(name, {})
        if stream.get("width") and stream.get("height"):
            text = words("head.native.value", width=stream["width"], height=stream["height"])
            notes = [element("span", said, class_="note") for said in stored(page)]
            entries.append(
                (words("head.native"), [text, _turned(page, stream), [[element("br"), one] for one in notes]])
            )
    if length := duration_of(page.report):
        entries.append((words("head.duration"), words("head.duration.value", seconds=seconds(length))))
    sound = streams.get("Audio", {})
    if sound.get("rate"):
        text = words("head.sound.value", rate=sound["rate"], channels=sound.get("channels", 1))
        entries.append((words("head.sound"), text))
    return entries


def _turned(page: Page, stream: Mapping[str, Scalar]) -> str:
    if (orientation := stream.get("orientation", 1)) not in (1, None):
        return f", {page.words('head.turned', orientation=orientation)}"
    rotated = page.words.get(f"head.rotated.{stream.get('rotation')}", "")
    return f", {rotated}" if rotated else ""


def stored(page: Page) -> list[str]:
    """Say what of the stored picture is not what was examined: more bits a channel, other colours."""
    picture = page.report.exhibit.streams.get("Image", {})
    bits, mode = picture.get("bits"), picture.get("mode")
    return [
        *([page.words("head.bits", bits=bits)] if isinstance(bits, int) and bits > EXAMINED_BITS else []),
        *([page.words("head.mode", mode=mode)] if mode in CONVERTED else []),
    ]


def _preview(page: Page) -> Html | None:
    index = page.pictures.main
    if index is None:
        return None
    time = page.pictures.previews[index].time_s
    alt = page.words("head.preview") if time is None else page.words("head.preview.frame", time=seconds(time))
    caption = element("figcaption", alt, class_="note")
    return element("figure", drawing(page.pictures, index, alt=alt), caption, class_="preview")


def bullets(texts: tuple[str, ...]) -> Html | None:
    """Build a bullet list, or nothing."""
    return element("ul", [element("li", text) for text in texts]) if texts else None


def coverage(page: Page) -> Html:
    """Say what could and could not be examined, and what was not asked."""
    words, report = page.words, page.report
    by = {o: [f for f in report.findings if f.outcome == o] for o in ("measured", "not_applicable", "failed")}
    counts = [
        ("measured", len(by["measured"])), ("unable", len(by["not_applicable"])), ("failed", len(by["failed"])),
        ("not_examined", len(report.not_examined)),
    ]  # fmt: skip
    tiles = [
        element("li", element("strong", str(n)), " ", element("span", words(f"coverage.{key}"), class_="what"),
                element("span", words(f"coverage.{key}.note"), class_="note"), class_=f"tile {key}")
        for key, n in counts if n or key != "failed"
    ]  # fmt: skip
    unable = [
        (_link(f.id), f.question, f.reason or words(f"outcome.{f.outcome}"))
        for f in (*by["failed"], *by["not_applicable"])
    ]
    weighed = sum(f.evidence is not None for f in by["measured"])
    return section(
        "coverage", words("coverage"), element("ul", tiles, class_="tiles"),
        element("p", words("coverage.differ"), " ", words("coverage.weighed", n=weighed)),
        _list(page, "coverage.unable.list", ("id", "question", "reason"), unable, class_="unable"),
        _list(page, "coverage.not_examined.list", ("reason", "ids"), _by_reason(report.not_examined)),
    )  # fmt: skip


def _by_reason(unasked: Sequence[NotExamined]) -> list[tuple[Child, ...]]:
    groups: dict[str, list[Child]] = {}
    for one in unasked:
        group = groups.setdefault(one.reason, [])
        group += [", " if group else None, identifier(one.id)]
    return list(groups.items())


def _link(id: str) -> Html:
    return element("a", identifier(id), href=f"#finding-{id}")


def _list(
    page: Page, heading: str, columns: tuple[str, ...], rows: Sequence[tuple[Child, ...]], *, class_: str = "",
) -> Html | None:  # fmt: skip
    if not rows:
        return None
    names = [page.words(f"coverage.column.{name}") for name in columns]
    return joined(element("h3", page.words(heading)), table(names, rows, label=page.words(heading), class_=class_))


def record(page: Page) -> Html:
    """Write down everything that is needed to do the examination again."""
    words, report = page.words, page.report
    run, exhibit = report.record, report.exhibit
    version = run.version + (f", {words('record.commit', commit=run.commit)}" if run.commit else "")
    file: list[tuple[str, Child]] = [
        (words("record.path"), element("code", element("bdi", exhibit.path))), *_format(page, exhibit.format),
        (words("head.size"), size(exhibit.bytes, page)), (words("head.sha256"), element("code", exhibit.sha256, class_="hash")),
    ]  # fmt: skip
    how: list[tuple[str, Child]] = [
        (words("record.command"), element("code", run.command)), (words("record.version"), version),
        (words("record.started"), moment(run.started)), (words("record.seconds"), f"{number(run.seconds)} s"),
        (words("record.schema"), report.schema_version),
    ]  # fmt: skip
    inside = [
        element("h3", words("record.file")), pairs(file, "plain"), element("h3", words("record.run")), pairs(how, "plain"),
        _nested(words("record.streams"), exhibit.streams),
        _flat(words("record.models"), run.models),
        _nested(words("record.settings"), run.settings), _nested(words("record.percepts"), run.percepts),
        _flat(words("record.environment"), run.environment),
        element("h3", words("record.limits")) if run.limits else None, bullets(run.limits),
    ]  # fmt: skip
    shown = element("details", element("summary", words("record.show")), inside)
    return section("record", words("record"), element("p", words("record.note"), class_="note"), shown)


def settings_list(settings: Mapping[str, Scalar]) -> Html | None:
    """Build a list of names and plain values."""
    return pairs([(name, scalar(value)) for name, value in settings.items()], "plain")


def _flat(heading: str, entries: Mapping[str, str]) -> Html | None:
    if not entries:
        return None
    rows: list[tuple[str, Child]] = [(name, element("code", text, class_="hash")) for name, text in entries.items()]
    return joined(element("h3", heading), pairs(rows, "plain"))


def _nested(heading: str, groups: Mapping[str, Mapping[str, Scalar]]) -> Html | None:
    filled = [(name, settings_list(entries)) for name, entries in groups.items() if entries]
    if not filled:
        return None
    return joined(element("h3", heading), [joined(element("h4", element("code", n)), inner) for n, inner in filled])
