"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Only = Annotated[list[str] | None, typer.Option(metavar="ID", help="Ask only this examination or group.")]
Skip = Annotated[list[str] | None, typer.Option(metavar="ID", help="Leave this examination or group out.")]
Knobs = Annotated[
    list[str] | None, typer.Option("--set", metavar="ID.KNOB=VALUE", help="Change a knob of an examination.")
]
