"""What an examiner's report is made of, as plain data: both the page and the PDF are written from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "note", "strong", "open", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph. "own" marks an examination's own sentence, which is English in every language of the report."""

    text: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list of points; ``ordered`` numbers them."""

    items: tuple[str, ...]
    own: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table; ``widths`` are the shares of its columns, ``marked`` the number of a row that is pointed out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    marked: int | None = None
    code: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure: SVG that needs nothing but itself. ``share`` is its part of the width of the text."""

    svg: str
    alt: str
    caption: str
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub:
    """One finding: what it asks, its id and outcome, its rows of name and text, its figures and its named tables."""

    heading: str
    id: str
    badge: str
    rows: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...] = ()
    tables: tuple[tuple[str, Grid], ...] = ()


Block = Paragraph | Bullets | Grid | Picture | Sub


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one or more boxes ask for. ``content`` is a text, or blocks; ``open`` if nobody gave it."""

    boxes: tuple[str, ...]
    label: str
    content: str | tuple[Block, ...]
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The items of one group of boxes, such as A1."""

    id: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the six parts, A to F."""

    id: str
    title: str
    sections: tuple[Section, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The one page in plain words. ``rows`` are name and text of the head, ``told`` headed lists of short points."""

    heading: str
    band: str
    strength: str
    rows: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, tuple[str, ...]], ...]
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An examiner's report in one language.

    Parameters
    ----------
    number
        What this report is called: the start of the SHA-256 of its data.
    date
        Moment of the examination, ISO 8601; the PDF carries it, so that the same report gives the same bytes.
    open
        Names of what nobody gave.
    said
        Short fixed texts that the template needs, by name.
    """

    language: str
    title: str
    number: str
    date: str
    summary: Summary
    parts: tuple[Part, ...]
    glossary: tuple[tuple[str, str], ...]
    open: tuple[str, ...]
    said: dict[str, str]

    def items(self) -> Iterator[Item]:
        """Go through all items."""
        for part in self.parts:
            for section in part.sections:
                yield from section.items
