"""``veridical explain ID``: what an examination asks, how, and what else could cause its values."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.padding import Padding
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
        out.print(Padding(Text(one.sections[heading]), (0, 2)))
    out.print(Text("\nKnobs", "bold"))
    for name, default in one.knobs.items():
        out.print(Padding(Text(f"--set {one.id}.{name}={default}"), (0, 2)), soft_wrap=True)
    if not one.knobs:
        out.print(Padding(Text("none"), (0, 2)))
