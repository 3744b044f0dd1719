"""The state of the file: its quality, how it was re-encoded, whether its findings hold, and where they disagree."""

from __future__ import annotations

from ..concluding import APART
from ..glance import is_unusual
from ..markup import number, scalar
from ..weighed import Variant
from .blocks import Block, Bullets, Grid, Item, Paragraph
from .material import Material, item, sentence

VALUES = 4
"""Findings whose values are printed for every re-encoding."""


def state_items(material: Material) -> tuple[Item, ...]:
    """Write what D3 asks for."""
    return (
        item(material, "D3.quality", _quality(material), otherwise="formal.untested"),
        item(material, "D3.laundering", _laundering(material), otherwise="formal.untested"),
        item(material, "D3.stability", _stability(material), otherwise="formal.untested.stability"),
        item(material, "D3.disagreement", _disagreement(material)),
    )  # fmt: skip


def _quality(material: Material) -> tuple[Block, ...]:
    words, exhibit = material.words, material.report.exhibit
    lead: tuple[Block, ...] = (Paragraph(text=sentence(exhibit.condition), style="own"),) if exhibit.condition else ()
    known = [(name.replace("_", " "), scalar(value)) for name, value in exhibit.quality.items()
             if value is not None and name != "kind"]  # fmt: skip
    if known:
        listed = "; ".join(f"{name} {value}" for name, value in known)
        lead = (*lead, Paragraph(text=words("formal.quality", listed=listed), style="note"))
    return lead


def _laundering(material: Material) -> str:
    """Say what traces of laundering lower the claim; that none were seen, where the state of the file was measured."""
    words = material.words
    start = words.get("said.laundered", "").partition("{")[0]
    told = [text for text in material.report.conclusion.limits if start and text.startswith(start)]
    if told:
        return " ".join(map(sentence, told))
    return words("formal.laundering.none") if material.report.exhibit.quality else ""


def _stability(material: Material) -> tuple[Block, ...]:
    words, held = material.words, material.report.conclusion.stability
    if held is None:
        return ()
    blocks: list[Block] = [Paragraph(text=sentence(held.statement))]
    if held.spread is not None:
        blocks.append(Paragraph(text=words("formal.stability.spread", spread=number(held.spread))))
    if held.variants:
        weighed = [id for one in held.variants for id in one.weights]
        ids = list(dict.fromkeys([*weighed, *(id for one in held.variants for id in one.values)]))[:VALUES]
        rows = tuple(
            (_named(one, material), "–" if one.log10_lr is None else number(one.log10_lr),
             *("–" if (value := one.values.get(id)) is None else number(value) for id in ids))
            for one in held.variants
        )  # fmt: skip
        columns = (words("formal.stability.variant"), words("formal.ratio"), *ids)
        blocks.append(Grid(columns=columns, rows=rows, widths=(4, 2, *(2.0 for _ in ids))))
    return tuple(blocks)


def _named(variant: Variant, material: Material) -> str:
    name = material.words.get(f"stability.{variant.name}", variant.name)
    return f"{name} ({variant.note})" if variant.note else name


def _disagreement(material: Material) -> tuple[Block, ...]:
    """Name what points to either side, by as much as in the conclusion; it is shown, not averaged away."""
    words, measured = material.words, material.of("measured")
    weighed = [one for one in measured if one.evidence]
    if weighed:
        sides = [("first", [o for o in weighed if o.evidence and o.evidence.log10_lr >= APART]),
                 ("second", [o for o in weighed if o.evidence and o.evidence.log10_lr <= -APART]),
                 ("neither", [o for o in weighed if o.evidence and abs(o.evidence.log10_lr) < APART])]  # fmt: skip
        told = tuple(
            words(f"formal.disagreement.{side}", listed=", ".join(
                f"{one.id} ({number(round(one.evidence.log10_lr, 3))})" for one in group if one.evidence
            ) or words("none")) for side, group in sides if group or side != "neither"
        )  # fmt: skip
        opposed = all(group for side, group in sides if side != "neither")
        both = words("formal.disagreement.both" if opposed else "formal.disagreement.none")
        return (Paragraph(text=both), Bullets(items=told))
    compared = [one for one in measured if one.population]
    if not compared:
        return (Paragraph(text=words("formal.disagreement.unread")),)
    unusual = [one.id for one in compared if is_unusual(one)]
    text = words("formal.disagreement.raw", above=number(len(unusual)), compared=number(len(compared)),
                 listed=", ".join(unusual) or words("none"))  # fmt: skip
    return (Paragraph(text=text),)
