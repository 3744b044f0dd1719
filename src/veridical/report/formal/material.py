"""What every part of an examiner's report is written from, and how a box is filled or named as open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..casework import CaseFacts
from ..model import Report, ReportedFinding
from ..page import Page
from ..wording import Words
from .blocks import Block, Item, Paragraph

_POINT = re.compile(r"\n\s*- ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The material of one examiner's report.

    Parameters
    ----------
    page
        The report with its words, its pictures and the sections of each examination's own description.
    stored
        The report as it is stored, before its sentences were put into another language.
    facts
        What people gave.
    data_sha256
        SHA-256 of the report as data.
    """

    page: Page
    stored: Report
    facts: CaseFacts
    data_sha256: str

    @property
    def report(self) -> Report:
        """The report as data."""
        return self.page.report

    @property
    def words(self) -> Words:
        """The wording."""
        return self.page.words

    def of(self, outcome: str) -> list[ReportedFinding]:
        """Return the findings that came to an outcome, in the order of the report."""
        return [one for one in self.report.findings if one.outcome == outcome]

    def said_of(self, finding: ReportedFinding, heading: str) -> str:
        """Return one section of an examination's own description in one line; "" if there is none."""
        text = self.page.explain.get(finding.id, {}).get(heading, "").replace("``", "")
        pieces = [" ".join(piece.split()) for piece in _POINT.split(f"\n{text.strip()}")]
        return sentence("; ".join(piece.rstrip(";") for piece in pieces if piece))


def item(material: Material, box: str, content: str | Sequence[Block], *, otherwise: str = "formal.open") -> Item:
    """Fill a box; with nothing to fill it, name it as open with the text ``otherwise``."""
    label = material.words(f"formal.{box}")
    if not content:
        return Item(boxes=(box,), label=label, content=material.words(otherwise, what=label), open=True)
    return Item(boxes=(box,), label=label, content=content if isinstance(content, str) else tuple(content))


def fact(material: Material, box: str) -> Item:
    """Fill a box with what people gave under the same name."""
    return item(material, box, getattr(material.facts, box.partition(".")[2]))


def reported_fact(material: Material, box: str, seen: str) -> Item:
    """Fill a box with what people gave and what the program itself can say, which does not close the box by itself."""
    words, given = material.words, getattr(material.facts, box.partition(".")[2])
    label = words(f"formal.{box}")
    told = f"{given.rstrip('.')}." if given else words("formal.open", what=label)
    text = f"{told} {seen}".strip()
    return Item(boxes=(box,), label=label, content=text, open=not given)


def paragraph(text: str) -> tuple[Paragraph, ...]:
    """Return a text as one paragraph, or nothing."""
    return (Paragraph(text=text),) if text else ()


def sentence(text: str) -> str:
    """Begin a text with a capital letter and end it with a stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".") if text else ""
