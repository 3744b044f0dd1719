"""``veridical list``: what can be examined."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from ._console import out


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON.")] = False,
) -> None:
    """List every examination with its branch and its question."""
    from .. import catalogue

    found = catalogue.load().examinations.values()
    if as_json:
        rows = [
            {"id": one.id, "branch": one.branch, "question": one.question, "detects": one.detects, "knobs": one.knobs}
            for one in found
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("branch", "id", "question", box=None, pad_edge=False)
    branch = ""
    for one in found:
        table.add_row("" if one.branch == branch else one.branch, one.id, one.question)
        branch = one.branch
    out.print(table)
    out.print("\nMore about one of them: veridical explain ID", style="dim")
