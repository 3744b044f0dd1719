"""``veridical lab``: make labelled test media with a known cause."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ..errors import UsageError
from ._console import out as console

app = typer.Typer(help="Make labelled test media with a known cause.", no_args_is_help=True)


@app.command("list")
def list_recipes() -> None:
    """List all recipes with their knobs."""
    from .. import lab

    table = Table()
    table.add_column("recipe", no_wrap=True)
    for name in ("works on", "what it makes", "knobs (--set)"):
        table.add_column(name)
    for recipe in lab.recipes().values():
        knobs = " ".join(f"{name}={value}" for name, value in recipe.knobs.items())
        table.add_row(recipe.id, recipe.wants, Text(recipe.summary), Text(knobs))
    console.print(table)


@app.command()
def make(
    recipe: Annotated[str, typer.Argument(help="id of the recipe, such as lab.edit.paste")],
    source: Annotated[
        Path | None, typer.Option(help="your file; without it, the demonstration photograph or generated sound")
    ] = None,
    consent: Annotated[
        str, typer.Option(help="who agreed to this use of your file, and how; kept in the truth file")
    ] = "",
    out: Annotated[Path, typer.Option(help="folder for what is made")] = Path("lab-media"),
    seed: Annotated[int, typer.Option(min=0, help="the same seed makes the same pixels and samples")] = 0,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a knob of the recipe: name=value")] = None,
) -> None:
    """Make an altered file and its control, both marked as lab-made, and their ground truth."""
    from .. import lab

    made = lab.make(recipe, source, out, seed=seed, consent=consent, knobs=_knobs(set_ or []))
    said = [f"altered  {made.altered}", f"control  {made.control}", f"truth    {made.truth}", *_marks(made.altered)]
    console.print(Text("\n".join(said)), soft_wrap=True)


def _knobs(settings: list[str]) -> dict[str, Any]:
    knobs = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set takes name=value; {setting!r} has no '='")
        knobs[name.strip()] = value.strip()
    return knobs


def _marks(path: Path) -> list[str]:
    """Return what marks both files bear, read back from the altered one."""
    from ..lab import check, label, signature

    found = check.marks(path)
    kind = "tones at the start" if path.suffix == ".wav" else f'visible label "{label.TEXT}"'
    return [
        "Both files bear these marks, which cannot be left out:",
        f"  {kind}",
        f"  watermark {found.payload:08x}",
        f"  signed C2PA manifest, here with digitalSourceType {found.term}, by: {signature.NAME}",
        "  a truth file beside each",
    ]
