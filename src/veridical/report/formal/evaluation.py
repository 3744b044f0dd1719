"""Part E: what the findings weigh together, on which scale, within which limits. Part F: review and disclosure."""

from __future__ import annotations

from ..concluding import band_of
from ..markup import number
from ..model import Conclusion
from .blocks import Block, Bullets, Grid, Item, Paragraph, Part, Section
from .material import Material, fact, item, paragraph, sentence

_HIGHEST = 1e6
CATEGORIES = ("reenactment", "replacement", "editing", "synthesis")


def evaluation(material: Material) -> Part:
    """Write part E."""
    words, what = material.words, material.report.conclusion
    first = (
        item(material, "E1.conclusion", (Paragraph(text=sentence(what.band), style="strong"), *paragraph(what.statement))),
        item(material, "E1.ratio", ratio_text(what, material)),
        item(material, "E1.scale", scale(what, material)),
        item(material, "E1.range", _range(what, material)),
        item(material, "E1.groups", _groups(what, material)),
        item(material, "E1.missing", _missing(what, material)),
        item(material, "E1.caps", _bullets(what.caps) or paragraph(words("formal.caps.none"))),
        item(material, "E1.changes", _bullets(what.changes) or paragraph(words("formal.changes.none"))),
        item(material, "E1.limits", _bullets(what.limits)),
        item(material, "E1.meaning", _bullets(tuple(words(f"formal.meaning.{n}") for n in ("lr", "transposed", "none")))),
    )  # fmt: skip
    second = (
        item(material, "E2.categories", words("formal.categories")),
        item(material, "E2.attack", _attack(what, material)),
    )
    third = (
        item(material, "E3.calibration", _calibration(material)),
        item(material, "E3.corroboration", words("formal.corroboration")),
    )
    titles = (("E1", first), ("E2", second), ("E3", third))
    return Part(id="E", title=words("formal.E"),
                sections=tuple(Section(id=id, title=words(f"formal.{id}"), items=items) for id, items in titles))  # fmt: skip


def _bullets(items: tuple[str, ...]) -> tuple[Block, ...]:
    return (Bullets(items=items),) if items else ()


def ratio_text(what: Conclusion, material: Material) -> str:
    """Say how strong the findings are together, as a ratio; that there is none is said too."""
    words = material.words
    if what.log10_lr is None:
        return words("formal.ratio.none")
    more = what.log10_lr >= 0
    text = words("formal.ratio.first" if more else "formal.ratio.second", times=times(abs(what.log10_lr)))
    point = words("formal.ratio.point", ratio=number(round(what.log10_lr, 3)))
    return f"{text} {point}"


def times(log10: float) -> str:
    """Write a ratio with two significant digits."""
    value = 10 ** min(log10, 12.0)
    return f"{float(f'{value:.2g}'):,.10g}".replace(",", "\u202f")


def scale(what: Conclusion, material: Material) -> tuple[Block, ...]:
    """Print the verbal scale, with the band of this case pointed out."""
    words, held = material.words, what.scale
    if held is None:
        return (Paragraph(text=words("formal.scale.none")),)
    here = band_of(held, what.log10_lr)
    rows, marked = [], None
    for i, step in enumerate(held.steps):
        if step is here:
            marked = i
        low = times_plain(step.low)
        reach = words("formal.scale.above", low=low) if step.high is None else f"{low} – {times_plain(step.high)}"
        rows.append((reach, step.words))
    columns = (words("formal.scale.ratio"), words("formal.scale.words"))
    return (
        Grid(columns=columns, rows=tuple(rows), widths=(3, 6), marked=marked),
        Paragraph(text=words("formal.scale.note", edition=held.edition), style="note"),
    )


def times_plain(value: float) -> str:
    """Write an end of a band."""
    return f"{value:,.10g}".replace(",", "\u202f")


def _range(what: Conclusion, material: Material) -> str:
    words = material.words
    if what.log10_lr is None:
        return words("formal.range.none")
    told = []
    if what.interval:
        told.append(
            words(
                "formal.range.interval", low=number(round(what.interval[0], 3)), high=number(round(what.interval[1], 3))
            )
        )
        told += [f"({words('conclusion.weight.cut')})"] if what.caps else []
    if what.bound is not None:
        lowest = -what.bound if what.lowest is None else what.lowest
        told.append(words("formal.range.bound", low=number(round(lowest, 3)), high=number(round(what.bound, 3))))
    if what.stability and what.stability.spread is not None:
        told.append(words("formal.stability.spread", spread=number(round(what.stability.spread, 3))))
    return " ".join(told) or words("formal.range.unknown")


def _groups(what: Conclusion, material: Material) -> tuple[Block, ...]:
    words = material.words
    if not what.groups:
        return (Paragraph(text=words("formal.groups.none")),)
    rows = tuple((one.group, ", ".join(one.members), number(round(one.log10_lr, 3))) for one in what.groups)
    columns = (words("formal.group"), words("formal.group.members"), words("formal.ratio"))
    table = words("formal.groups.table", table=what.table) if what.table else ""
    return (Grid(columns=columns, rows=rows, widths=(3, 6, 2), code=(1,)),
            Paragraph(text=f"{words('formal.groups.note')} {table}".strip(), style="note"))  # fmt: skip


def _missing(what: Conclusion, material: Material) -> tuple[Block, ...]:
    words = material.words
    if not what.missing:
        return paragraph(words("formal.missing.none"))
    columns = (words("formal.method"), words("formal.state.reason"))
    return (Grid(columns=columns, rows=tuple(what.missing.items()), widths=(3, 7), code=(0,)),)


def _attack(what: Conclusion, material: Material) -> str:
    words = material.words
    if what.category is None:
        return words("formal.attack.none")
    return f"{sentence(what.category)} {sentence(what.category_note)}".strip()


def _calibration(material: Material) -> str:
    words, measured = material.words, material.of("measured")
    weighed = sum(one.evidence is not None for one in measured)
    text = words("formal.calibration", weighed=number(weighed), measured=number(len(measured)))
    table = material.report.conclusion.table
    return f"{text} {words('formal.groups.table', table=table) if table else words('formal.calibration.unfused')}"


def assurance(material: Material) -> Part:
    """Write part F."""
    words, what = material.words, material.report.conclusion
    first = list(fact(material, f"F1.{name}") for name in ("technical_review", "administrative_review"))
    high = what.log10_lr is not None and abs(what.log10_lr) > 2  # beyond "moderate"
    if material.facts.blind_reexamination or high:
        first.append(fact(material, "F1.blind_reexamination"))
    else:
        first.append(item(material, "F1.blind_reexamination", words("formal.blind.unneeded")))
    first += [fact(material, f"F1.{name}") for name in ("disclosure", "context_management")]
    facts = material.facts
    second = (
        _assistance(material), fact(material, "F2.legal_basis"),
        item(material, "F2.synthetic_examples", facts.synthetic_examples or words("formal.synthetic.none")),
        item(material, "F2.marker_service", facts.marker_service or words("formal.marker.none")),
    )  # fmt: skip
    third = (item(material, "F3.reexamination", words("formal.reexamination")),)
    declared = facts.declaration or words("formal.declaration")
    fourth: tuple[Item, ...] = (
        item(material, "F4.summary", words("formal.summary.where")),
        item(material, "F4.glossary", words("formal.glossary.where")),
        item(material, "F4.declaration", declared), _signature(material),
    )  # fmt: skip
    titles = (("F1", tuple(first)), ("F2", second), ("F3", third), ("F4", fourth))
    return Part(id="F", title=words("formal.F"),
                sections=tuple(Section(id=id, title=words(f"formal.{id}"), items=items) for id, items in titles))  # fmt: skip


def _assistance(material: Material) -> Item:
    words, given = material.words, material.facts.assistance
    own = words("formal.assistance")
    label = words("formal.F2.assistance")
    return Item(boxes=("F2.assistance",), label=label, content=f"{given or words('formal.open', what=label)} {own}",
                open=not given)  # fmt: skip


def _signature(material: Material) -> Item:
    words, facts = material.words, material.facts
    names = {"name": facts.examiner, "place": ", ".join(part for part in (facts.place, facts.date) if part), "hand": ""}
    rows = tuple((words(f"formal.signature.{name}"), text) for name, text in names.items())
    signed = words("formal.signature.unsigned")
    blocks = (Grid(columns=(), rows=rows, widths=(3, 7)), Paragraph(text=signed, style="note"))
    return Item(boxes=("F4.signature",), label=words("formal.F4.signature"), content=blocks, open=True)
