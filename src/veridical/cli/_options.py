"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

_GROUPS = "an id, its first part (spatial, temporal, …), or a branch (behaviour, physiology, …)"
Only = Annotated[list[str] | None, typer.Option(metavar="NAME", help=f"Ask only these: {_GROUPS}.")]
Skip = Annotated[list[str] | None, typer.Option(metavar="NAME", help=f"Leave these out: {_GROUPS}.")]
Knobs = Annotated[
    list[str] | None, typer.Option("--set", metavar="ID.KNOB=VALUE", help="Change a knob of an examination.")
]
Language = Annotated[
    str | None, typer.Option("--language", metavar="en|it", help="Language of the report (default: the setting, en).")
]
