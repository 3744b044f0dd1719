"""``veridical demo``: a photograph of a face and a lab-altered copy of it, examined side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ._console import out


def command(
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where pictures and reports go.")] = Path("demo"),
    open_: Annotated[bool, typer.Option("--open", help="Open the reports in the browser.")] = False,
) -> None:
    """Make a labelled altered copy of a public-domain portrait, examine both, and say where the reports lie."""
    from .. import lab
    from . import examine

    made = lab.make("lab.edit.face", None, folder)
    out.print(Text(f"photograph (NASA, public domain), labelled as the lab's control: {made.control}"))
    out.print(Text(f"the same, altered in the face by the lab and labelled:             {made.altered}"))
    out.print(Text(f"what was altered, and where:                                       {made.truth}\n"))
    examine.command([made.control, made.altered], folder=folder, open_=open_)
