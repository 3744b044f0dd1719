"""``veridical explain ID``: what an examination asks, how, and what else could cause its values."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ._console import out


def command(id: Annotated[str, typer.Argument(help="Id of an examination; see: veridical list")]) -> None:
    """Explain one examination: method, meaning, limits, innocent causes, needs, knobs, references."""
    from .. import catalogue

    one = catalogue.load().find(id)
    out.print(Text(one.id, "bold"), Text(f"{one.branch} · speaks about {', '.join(one.detects)}", "dim"))
    out.print(Text(one.question, "italic"))
    for heading in catalogue.SECTIONS:
        out.print(Text(f"\n{heading}", "bold"))
        for n, (text, listed) in enumerate(_paragraphs(one.sections[heading])):
            if n and not listed:
                out.print()
            out.print(_item(text) if listed else Padding(Text(text), (0, 2)))
    out.print(Text("\nKnobs", "bold"))
    for name, default in one.knobs.items():
        out.print(Padding(Text(f"--set {one.id}.{name}={default}"), (0, 2)), soft_wrap=True)
    if not one.knobs:
        out.print(Padding(Text("none"), (0, 2)))


def _item(text: str) -> Padding:
    row = Table.grid(padding=(0, 1))
    row.add_row("-", Text(text))
    return Padding(row, (0, 2))


def _paragraphs(text: str) -> list[tuple[str, bool]]:
    """Split a section into paragraphs and items of lists (True), without the line breaks of its source."""
    found: list[tuple[str, bool]] = []
    for block in text.strip().split("\n\n"):
        lead, *items = f"\n{block.strip()}".split("\n- ")
        found += [(_plain(lead), False)] if lead.strip() else []
        found += [(_plain(item), True) for item in items]
    return found


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "").split())
