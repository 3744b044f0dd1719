"""Part A: which file this is, how it was obtained and kept. Part B: what is asked of it, and what is not."""

from __future__ import annotations

from ..page import duration_of
from ..pictures import seconds
from ..sections import size, stored
from .blocks import Block, Bullets, Grid, Item, Paragraph, Part, Section
from .boxes import BOXES
from .material import Material, fact, item, reported_fact


def identification(material: Material) -> Part:
    """Write part A."""
    words = material.words
    filled = {**_case(material), **_file(material), **_kept(material)}
    sections = tuple(
        Section(id=id, title=words(f"formal.{id}"), items=tuple(filled[f"{id}.{name}"] for name in BOXES[id]))
        for id in ("A1", "A2", "A3", "A4")
    )
    return Part(id="A", title=words("formal.A"), sections=sections)


def _case(material: Material) -> dict[str, Item]:
    filled = {f"A1.{name}": fact(material, f"A1.{name}") for name in BOXES["A1"] if name != "examined"}
    filled |= {f"A2.{name}": fact(material, f"A2.{name}") for name in BOXES["A2"] if name != "transfers"}
    filled["A1.examined"] = item(material, "A1.examined", moment(material.report.record.started))
    filled["A2.transfers"] = item(material, "A2.transfers", _transfers(material))
    return filled


def moment(iso: str) -> str:
    """Write a moment that is given as ISO 8601."""
    return iso.replace("T", " ", 1).replace("+00:00", " UTC")


def _transfers(material: Material) -> tuple[Block, ...]:
    words, own = material.words, material.report.exhibit.sha256
    rows = []
    for one in material.facts.transfers:
        same = one.sha256.lower() == own.lower()
        hashed = words("formal.hash.same") if same else words("formal.hash.other") if one.sha256 else ""
        shown = f"{one.sha256} {hashed}".strip() or words("formal.hash.none")
        rows.append((one.when, one.giver, one.receiver, shown, one.note))
    if not rows:
        return ()
    names = ("when", "giver", "receiver", "hash", "note")
    return (
        Grid(
            columns=tuple(words(f"formal.transfer.{name}") for name in names), rows=tuple(rows), widths=(2, 2, 2, 4, 2)
        ),
    )


def _file(material: Material) -> dict[str, Item]:
    words, exhibit = material.words, material.report.exhibit
    kind = words.get(f"kind.{exhibit.kind}", exhibit.kind)
    seen = "" if material.report.error else words("formal.unchanged")
    return {
        "A3.sha256": item(material, "A3.sha256", exhibit.sha256),
        "A3.second_hash": fact(material, "A3.second_hash"),
        "A3.size": item(material, "A3.size", size(exhibit.bytes, material.page)),
        "A3.path": item(material, "A3.path", exhibit.path),
        "A3.format": item(
            material, "A3.format", ", ".join(part for part in (kind, exhibit.format, _codecs(material)) if part)
        ),
        "A3.extent": item(material, "A3.extent", _extent(material)),
        "A3.untouched": reported_fact(material, "A3.untouched", seen),
        "A3.working_copy": fact(material, "A3.working_copy"),
        "A3.hashes_match": fact(material, "A3.hashes_match"),
    }


def _codecs(material: Material) -> str:
    streams = material.report.exhibit.streams
    named = [str(streams.get(name, {}).get("codec") or "") for name in ("Video", "Audio")]
    return ", ".join(dict.fromkeys(name for name in named if name))


def _extent(material: Material) -> str:
    words, streams = material.words, material.report.exhibit.streams
    parts = []
    for name in ("Image", "Video"):
        stream = streams.get(name, {})
        if stream.get("width") and stream.get("height"):
            parts.append(words("head.native.value", width=stream["width"], height=stream["height"]))
    if length := duration_of(material.report):
        parts.append(words("head.duration.value", seconds=seconds(length)))
    sound = streams.get("Audio", {})
    if sound.get("rate"):
        parts.append(words("head.sound.value", rate=sound["rate"], channels=sound.get("channels", 1)))
    return ". ".join([", ".join(parts), *(text.rstrip(".") for text in stored(material.page))]) if parts else ""


def _kept(material: Material) -> dict[str, Item]:
    words = material.words
    filled = {f"A4.{name}": fact(material, f"A4.{name}") for name in BOXES["A4"]
              if name not in ("identity", "renderable")}  # fmt: skip
    sha256 = material.report.exhibit.sha256
    filled["A4.identity"] = item(material, "A4.identity", words("formal.identity", sha256=sha256) if sha256 else "")
    opened = material.facts.renderable or ("" if material.report.error else words("formal.opened"))
    filled["A4.renderable"] = item(material, "A4.renderable", opened)
    return filled


def propositions(material: Material) -> Part:
    """Write part B."""
    words, said = material.words, material.report.conclusion.propositions
    names = ("formal.first", "formal.second")
    compared: tuple[Block, ...] = (
        Grid(columns=("", words("formal.proposition")), widths=(1, 11),
             rows=tuple((words(name), text) for name, text in zip(names, said, strict=True))),
        Paragraph(text=words("formal.exclusive"), style="note"),
    )  # fmt: skip
    first = (
        item(material, "B1.propositions", compared), fact(material, "B1.agreed"), fact(material, "B1.background"),
        item(material, "B1.would_change", _would_change(material)),
    )  # fmt: skip
    excluded = Bullets(
        items=tuple(words(f"formal.excluded.{name}") for name in ("truth", "identity", "context", "intent"))
    )
    second = (item(material, "B2.excluded", (excluded,)), item(material, "B2.editing", words("formal.editing")))
    return Part(
        id="B", title=words("formal.B"),
        sections=(Section(id="B1", title=words("formal.B1"), items=first),
                  Section(id="B2", title=words("formal.B2"), items=second)),
    )  # fmt: skip


def _would_change(material: Material) -> str:
    given = material.facts.would_change
    return f"{given} {material.words('formal.would_change')}".strip()
