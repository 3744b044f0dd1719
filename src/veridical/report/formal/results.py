"""Part D: what was found, from observation to limit; the figures; the state of the file; what was not observed."""

from __future__ import annotations

from ...finding import Span
from ..charts import at
from ..glance import is_unusual
from ..markup import number, quantity, scalar
from ..model import ReportedFinding
from ..pictures import seconds
from ..strips import said as among_pristine
from ..wording import of_face
from .blocks import Block, Bullets, Grid, Item, Paragraph, Part, Picture, Section, Sub
from .boxes import BOXES
from .figures import figures_of, original, tables_of
from .identification import moment
from .material import Material, item, sentence
from .state import state_items
from .topics import by_topic

PLACES = 6
"""Places that are written down for each finding; the data of the report hold all."""


def results(material: Material) -> Part:
    """Write part D."""
    words = material.words
    groups = by_topic(material.report.findings)
    topics = tuple(_topic(topic, groups[topic], material) for topic in BOXES["D1"])
    sections = (
        Section(id="D1", title=words("formal.D1"), items=topics),
        Section(id="D2", title=words("formal.D2"), items=_about_figures(topics, material)),
        Section(id="D3", title=words("formal.D3"), items=state_items(material)),
        Section(id="D4", title=words("formal.D4"), items=_negative(material)),
    )
    return Part(id="D", title=words("formal.D"), lead=words("formal.D.lead"), sections=sections)


def _topic(topic: str, findings: list[ReportedFinding], material: Material) -> Item:
    words, box = material.words, f"D1.{topic}"
    measured = [one for one in findings if one.outcome == "measured"]
    blocks: list[Block] = [*_structure(material)] if topic == "file" else []
    blocks += [_finding(one, material) for one in measured]
    unable = [one for one in findings if one.outcome != "measured"]
    if unable:
        told = tuple(f"{one.id}: {sentence(one.reason) or words(f'outcome.{one.outcome}')}" for one in unable)
        blocks += [Paragraph(text=words("formal.unable"), style="note"), Bullets(items=told, own=True)]
    if blocks:
        return item(material, box, blocks)
    label = words(f"formal.{box}")
    return Item(boxes=(box,), label=label, content=words("formal.unasked", what=label), open=True)


def _structure(material: Material) -> tuple[Block, ...]:
    """Write down what the streams of the file hold, as decoded."""
    rows = tuple(
        (name, ", ".join(f"{key} = {scalar(value)}" for key, value in stream.items()))
        for name, stream in material.report.exhibit.streams.items() if stream
    )  # fmt: skip
    words = material.words
    if not rows:
        return ()
    return (Grid(columns=(words("formal.stream"), words("formal.stream.holds")), rows=rows, widths=(2, 8), code=(0,)),)


def _finding(finding: ReportedFinding, material: Material) -> Sub:
    words = material.words
    value = "" if finding.value is None else quantity(finding.value, finding.unit)
    rows = [
        ("observation", sentence(finding.observation)),
        ("value", f"{value} ({words('finding.value.note')})" if value else ""),
        ("interpretation", _interpretation(finding, material)),
        ("alternatives", material.said_of(finding, "Also caused by")),
        ("limitation", " ".join([*map(sentence, finding.limits), material.said_of(finding, "What it cannot see")])),
        ("states", " ".join(map(sentence, finding.declares))),
        ("where", _places(finding, material)),
        ("observed", _observed(finding, material)),
    ]
    named = tuple((words(f"formal.finding.{name}"), text.strip() or words("formal.finding.none")) for name, text in rows
                  if text.strip() or name in ("observation", "interpretation", "alternatives", "limitation"))  # fmt: skip
    badge = words("finding.aid") if finding.aid else ""
    return Sub(heading=finding.question or finding.id, id=finding.id, badge=badge, rows=named,
               pictures=figures_of(finding, material), tables=tables_of(finding, material))  # fmt: skip


def _interpretation(finding: ReportedFinding, material: Material) -> str:
    words, evidence, told = material.words, finding.evidence, []
    if evidence:
        low, high = (number(round(end, 3)) for end in evidence.interval)
        lowest = -evidence.bound if evidence.lowest is None else evidence.lowest
        ratio, top, bottom = (number(round(one, 3)) for one in (evidence.log10_lr, evidence.bound, lowest))
        told.append(words("formal.weighed", ratio=ratio, low=low, high=high, top=top, bottom=bottom,
                          condition=evidence.condition, table=evidence.table))  # fmt: skip
    elif finding.unweighed:
        told.append(words("formal.unweighed", reason=sentence(finding.unweighed)))
    if finding.population and finding.value is not None:
        told.append(among_pristine(finding.population, finding.value, finding.unit, material.page))
    return " ".join(told)


def _observed(finding: ReportedFinding, material: Material) -> str:
    """Return what a person saw and ticked: recorded beside the finding, never weighed."""
    words = material.words
    told = []
    for one in material.report.observations:
        if one.finding == finding.id:
            note = f" ({one.note})" if one.note else ""
            told.append(
                f"{one.item}. {one.question} {words(f'check.{one.answer}')}{note}, {one.examiner}, {moment(one.when)}"
            )
    return "; ".join(told)


def _places(finding: ReportedFinding, material: Material) -> str:
    words, told = material.words, []
    for i, one in enumerate(finding.where[:PLACES], 1):
        if isinstance(one, Span):
            told.append(f"{i}. {at(one)}: {of_face(one.label, one.track, words)}")
        else:
            sides = {"x": one.x, "y": one.y, "width": one.width, "height": one.height}
            text = words("finding.where.region", label=one.label, **{n: number(round(v, 1)) for n, v in sides.items()})
            told.append(f"{i}. {text}" + (f", {seconds(one.time_s)} s" if one.time_s is not None else ""))
    if (left := len(finding.where) - PLACES) > 0:
        told.append(words("finding.where.more", n=left))
    return "; ".join(told)


def _about_figures(topics: tuple[Item, ...], material: Material) -> tuple[Item, ...]:
    words, command = material.words, material.report.record.command
    shown = original(material)
    blocks = [one for item_ in topics if not isinstance(item_.content, str) for one in item_.content]
    drawn = sum(len(one.pictures) for one in blocks if isinstance(one, Sub))
    none = words("formal.figures.none")
    first: tuple[Block, ...] = (
        (shown,) if isinstance(shown, Picture) else (Paragraph(text=words("formal.original.none")),)
    )
    return (
        item(material, "D2.original", first),
        item(material, "D2.overlays", words("formal.overlays", n=drawn) if drawn else none),
        item(material, "D2.scale", words("formal.figures.scale") if drawn else none),
        item(material, "D2.coordinates", words("formal.coordinates")),
        item(material, "D2.command", words("formal.figures.command", command=command) if command else ""),
    )


def _negative(material: Material) -> tuple[Item, ...]:
    words, report = material.words, material.report
    unable = tuple((one.id, words(f"outcome.{one.outcome}"), sentence(one.reason))
                   for one in report.findings if one.outcome != "measured")  # fmt: skip
    usual, unread = [], []
    for one in material.of("measured"):
        if one.evidence:
            if one.evidence.log10_lr <= 0:
                usual.append(
                    f"{one.id}: {words('formal.negative.weighed', ratio=number(round(one.evidence.log10_lr, 3)))}"
                )
        elif one.population is None or one.value is None:
            unread.append(one.id)
        elif not is_unusual(one):
            usual.append(f"{one.id}: {words('formal.negative.usual')}")
    blocks: list[Block] = [Paragraph(text=words("formal.negative"))]
    blocks += [Bullets(items=tuple(usual))] if usual else [Paragraph(text=words("formal.negative.none"))]
    if unread:
        blocks.append(Paragraph(text=words("formal.negative.unread", listed=", ".join(unread)), style="note"))
    columns = tuple(words(f"formal.state.{name}") for name in ("method", "state", "reason"))
    cannot: tuple[Block, ...] = (Grid(columns=columns, rows=unable, widths=(4, 3, 6), code=(0,)),) if unable else (
        Paragraph(text=words("formal.inapplicable.none" if report.findings else "formal.applicability.none")),)  # fmt: skip
    return (
        item(material, "D4.negative", blocks), item(material, "D4.inapplicable", cannot),
        item(material, "D4.unasked", _unasked(material)),
    )  # fmt: skip


def _unasked(material: Material) -> tuple[Block, ...]:
    words, unasked = material.words, material.report.not_examined
    if not unasked:
        return (Paragraph(text=words("formal.unasked.none")),)
    rows = tuple(
        (reason, ", ".join(one.id for one in unasked if one.reason == reason))
        for reason in dict.fromkeys(one.reason for one in unasked)
    )
    columns = (words("coverage.column.reason"), words("coverage.column.ids"))
    return (Paragraph(text=words("formal.unasked.lead")), Grid(columns=columns, rows=rows, widths=(3, 8), code=(1,)))
