"""``veridical train RECIPE``: train a network, or fit a table, from labelled media."""

from __future__ import annotations

from types import TracebackType
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ..errors import UsageError
from ._console import err, out

SETTINGS = {"allow_interspersed_args": False, "ignore_unknown_options": True}
"""What follows the name of a recipe is read by the recipe, its ``--help`` too."""


def command(
    recipe: Annotated[
        str | None, typer.Argument(metavar="RECIPE", help="Name of a recipe, such as mesonet.", show_default=False)
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="...", help="What the recipe takes: veridical train RECIPE --help.", show_default=False),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the recipes, and stop.")] = False,
) -> None:
    """Run a recipe of training; its log, its seed, the network and a model card land in the folder it is given.

    A stopped run goes on when the same command is given again, where the recipe can. Needs the extra "train". Exit codes:
    0 it was made; 2 wrong usage, or something is not installed; 130 interrupted with Ctrl-C.
    """
    from ..training import recipe as recipes

    if listed:
        _print_recipes()
        return
    if recipe is None:
        raise UsageError("name a recipe; veridical train --list says which there are")
    with _Shown() as shown:
        card = recipes.start(recipe, arguments or [], shown.tell)
    out.print(Text(f"card: {card}"), soft_wrap=True)


def _print_recipes() -> None:
    from ..training import recipe as recipes

    table = Table()
    table.add_column("recipe", no_wrap=True)
    table.add_column("what it makes")
    for name in recipes.names():
        table.add_row(name, Text(recipes.summary(name)))
    out.print(table)


class _Shown:
    """A bar for each thing that is done; nothing where standard error is not a terminal."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
        self._task = self._bar.add_task("starting", total=None)
        self._what = ""

    def __enter__(self) -> _Shown:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def tell(self, what: str, done: int, of: int) -> None:
        name = what.partition(":")[0]
        if name != self._what:  # the bar starts with the first thing done: a recipe's help is not written over it
            self._bar.start()
            self._bar.reset(self._task, total=of)
            self._what = name
        self._bar.update(self._task, completed=done, total=of, description=what)
