"""Part C: with what this was examined, how well that is known to work, and whether it fits this file."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import UnknownModel
from ...finding import Scalar
from ...models import catalogue as models
from ..markup import number, scalar
from ..model import ReportedFinding
from .blocks import Block, Bullets, Grid, Item, Paragraph, Part, Section
from .material import Material, fact, item, paragraph, reported_fact
from .validation import validated

LICENCE = "Apache-2.0"
_MACHINE, _OWN = ("system", "cpu"), "veridical files"


def methods(material: Material) -> Part:
    """Write part C."""
    words = material.words
    sections = (
        Section(id="C1", title=words("formal.C1"), items=_tools(material)),
        Section(id="C2", title=words("formal.C2"), items=_validation(material)),
        Section(id="C3", title=words("formal.C3"), items=(
            item(material, "C3.applicability", _applicability(material)), fact(material, "C3.not_used"),
        )),
    )  # fmt: skip
    return Part(id="C", title=words("formal.C"), sections=sections)


def _tools(material: Material) -> tuple[Item, ...]:
    words, run, facts = material.words, material.report.record, material.facts
    return (
        item(material, "C1.tools", _program(material)),
        item(material, "C1.models", _models(material)),
        item(material, "C1.tables", _tables(material)),
        item(material, "C1.licences", words("formal.licences", licence=LICENCE)),
        item(material, "C1.parameters", _parameters(material)),
        item(material, "C1.seed", words("formal.seed")),
        reported_fact(material, "C1.hardware", _machine(material)),
        item(material, "C1.order", _order(material)),
        fact(material, "C1.run_by") if facts.run_by else item(material, "C1.run_by", facts.examiner),
        item(material, "C1.command", run.command),
    )  # fmt: skip


def _program(material: Material) -> tuple[Block, ...]:
    words, run = material.words, material.report.record
    parts = [
        run.version,
        words("record.commit", commit=run.commit) if run.commit else "",
        run.environment.get(_OWN, ""),
    ]
    libraries = "; ".join(f"{name} {text}" for name, text in run.environment.items() if name not in (*_MACHINE, _OWN))
    named = Paragraph(text=f"veridical {', '.join(part for part in parts if part)}")
    return (named, *paragraph(words("formal.libraries", listed=libraries) if libraries else ""))


def _machine(material: Material) -> str:
    """Say what the program itself saw of the machine, which need not be all of it."""
    known = material.report.record.environment
    seen = ", ".join(known[name] for name in _MACHINE if known.get(name))
    return material.words("formal.system", system=seen) if seen else ""


def _tables(material: Material) -> tuple[Block, ...]:
    words, used = material.words, material.report.record.tables
    if not used:
        return paragraph(words("formal.tables.none"))
    columns = (words("formal.table"), words("formal.model.sha256"))
    return (Grid(columns=columns, rows=tuple(used.items()), widths=(4, 6), code=(0, 1)),)


def _models(material: Material) -> tuple[Block, ...]:
    words, used = material.words, material.report.record.models
    if not used:
        return (Paragraph(text=words("formal.models.none")),)
    rows = tuple((name, sha256, *_card(name, sha256, material)) for name, sha256 in used.items())
    columns = tuple(words(f"formal.model.{name}") for name in ("name", "sha256", "licence", "source"))
    return (Grid(columns=columns, rows=rows, widths=(3, 5, 2, 4), code=(0, 1)),)


def _card(name: str, sha256: str, material: Material) -> tuple[str, str]:
    """Return licence and source of the model that this installation knows by name and hash."""
    try:
        known = models.get(name)
    except UnknownModel:
        known = None
    if known is None or known.sha256 != sha256:
        return material.words("formal.model.unknown"), material.words("formal.model.unknown")
    return known.licence, str(known.source).replace("`", "").strip("<>")


def _parameters(material: Material) -> tuple[Block, ...]:
    words, run = material.words, material.report.record
    asked = {one.id for one in material.report.findings}
    rows = [(id, _knobs(knobs)) for id, knobs in run.settings.items() if id in asked or not asked]
    rows += [(id, _knobs(knobs)) for id, knobs in run.percepts.items()]
    filled = tuple((id, text) for id, text in rows if text)
    limits = (Bullets(items=run.limits, own=True),) if run.limits else ()
    lead = (Paragraph(text=words("formal.limits"), style="note"), *limits) if limits else ()
    if not filled:
        return (Paragraph(text=words("formal.parameters.none")), *lead)
    columns = (words("formal.method"), words("formal.C1.parameters"))
    return (Grid(columns=columns, rows=filled, widths=(3, 7), code=(0,)), *lead)


def _knobs(knobs: Mapping[str, Scalar]) -> str:
    return ", ".join(f"{name} = {scalar(value) or '–'}" for name, value in knobs.items())


def _order(material: Material) -> tuple[Block, ...]:
    words = material.words
    steps = tuple(words(f"formal.order.{step}") for step in ("open", "quality", "still", "moving", "weigh", "word"))
    percepts = ", ".join(material.report.record.percepts)
    more = (Paragraph(text=words("formal.order.percepts", listed=percepts), style="note"),) if percepts else ()
    return (Bullets(items=steps, ordered=True), *more)


def _validation(material: Material) -> tuple[Item, ...]:
    words, measured = material.words, material.of("measured")
    weighed = [one for one in measured if one.evidence]
    return (
        item(material, "C2.validation", validated(weighed, material) or
             (Paragraph(text=words("formal.validation.none"), style="strong"),)),
        item(material, "C2.unvalidated", _unvalidated([one for one in measured if not one.evidence], material)),
        item(material, "C2.failure_modes", words("formal.failure_modes")),
        item(material, "C2.coverage", words("formal.coverage")),
        item(material, "C2.standing", _standing(measured, material)),
        item(material, "C2.deviations", _deviations(material)),
    )  # fmt: skip


def _unvalidated(findings: list[ReportedFinding], material: Material) -> tuple[Block, ...]:
    """List what was measured without known error rates, and the pristine files that each is read against."""
    words = material.words
    if not findings:
        return (Paragraph(text=words("formal.unvalidated.none")),)
    rows = []
    for one in findings:
        held = one.population
        known = (
            words("formal.pristine", files=held.files, sources=held.sources, condition=held.condition) if held else ""
        )
        rows.append((one.id, one.unweighed or words("formal.unvalidated.aid"), known or words("glance.none")))
    columns = tuple(words(f"formal.unvalidated.{name}") for name in ("method", "reason", "pristine"))
    lead = Paragraph(text=words("formal.unvalidated.lead"))
    return (lead, Grid(columns=columns, rows=tuple(rows), widths=(3, 4, 4), code=(0,)))


def _standing(findings: list[ReportedFinding], material: Material) -> tuple[Block, ...]:
    words = material.words
    rows = tuple((one.id, text) for one in findings if (text := material.said_of(one, "References")))
    given: tuple[Block, ...] = (Paragraph(text=material.facts.standing),) if material.facts.standing else ()
    if not rows:
        return given
    return (
        *given, Paragraph(text=words("formal.standing")),
        Grid(columns=(words("formal.method"), words("formal.references")), rows=rows, widths=(3, 7), code=(0,)),
    )  # fmt: skip


def _deviations(material: Material) -> str:
    words, given = material.words, material.facts.deviations
    off = [one.id for one in material.stored.findings if "other settings" in one.unweighed]
    seen = words("formal.deviations.seen", listed=", ".join(off)) if off else words("formal.deviations.none")
    return f"{given} {seen}".strip()


def _applicability(material: Material) -> tuple[Block, ...]:
    words, report = material.words, material.report
    rows = []
    for one in report.findings:
        state = words(f"outcome.{one.outcome}")
        rows.append((one.id, state, "" if one.outcome == "measured" else one.reason))
    if not rows:
        return (Paragraph(text=words("formal.applicability.none")),)
    columns = tuple(words(f"formal.state.{name}") for name in ("method", "state", "reason"))
    lead = words("formal.applicability", measured=number(sum(one.outcome == "measured" for one in report.findings)),
                 asked=number(len(report.findings)))  # fmt: skip
    return (Paragraph(text=lead), Grid(columns=columns, rows=tuple(rows), widths=(4, 3, 6), code=(0,)))
