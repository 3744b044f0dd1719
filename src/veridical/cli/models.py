"""``veridical models``: which pretrained networks there are, and bringing them to this machine.

Exit codes: 0 all is well; 1 a model is missing, wrong or could not be fetched; 2 the command was used wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ..errors import FetchFailed, HashMismatch, ModelMissing, UnknownModel
from ..models import adapters, catalogue, store
from ..models.catalogue import Model
from ..models.fetch import fetch as bring
from . import adapters as adapter_commands
from ._console import complain, err, out

app = typer.Typer(no_args_is_help=True, help="List, fetch and check pretrained networks.")
adapter_commands.register(app)

Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Models; without a name: all.")]


@app.command("list")
def list_models() -> None:
    """List every model: size, licence, whether it is on this machine, and the percepts that need it."""
    needed = needed_by()
    table = Table("model", "size", "licence", "on this machine", "needed by", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for model in catalogue.MODELS:
        cells = (model.name, _size(model.bytes), model.licence, _state(model), ", ".join(needed.get(model.name, ())))
        table.add_row(*(Text(cell) for cell in cells))
    out.print(table)
    if not all(store.is_present(model.name) for model in catalogue.MODELS):
        out.print("\nBring those that are missing: veridical models fetch", style="dim")
    out.print("\nPublished detectors, fetched only by name (docs/adapters.md):", style="dim")
    out.print(adapter_commands.table())


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Models to fetch.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every model that is missing (as without a name).")] = False,
) -> None:
    """Download models that are missing or wrong, check them, and keep them in the user's cache."""
    if names and every:
        raise typer.BadParameter("give names or --all, not both")
    with _refusals():
        models = _chosen(names)
        with _bars(models) as bars:
            files = bring(*(model.name for model in models), progress=bars)
        for model, file in zip(models, files, strict=True):
            typer.echo(f"{model.name}\t{file}")
        for name in {model.name.partition(".")[0]: None for model in models if model not in catalogue.MODELS}:
            adapter = adapters.need(name)
            typer.echo(
                f"{adapter.id}\tlicence: {', '.join(f'{one.licence} ({one.licence_read})' for one in adapter.models)}"
            )
            typer.echo(f"{adapter.id}\t{adapter_commands.state_of(adapter)}")


@app.command()
def verify(names: Names = None) -> None:
    """Check that models are on this machine and are the pinned files."""
    with _refusals():
        models = _chosen(names)
        wrong = 0
        for model in models:
            try:
                typer.echo(f"{model.name}\tright\t{store.verify(model.name)}")
            except (ModelMissing, HashMismatch) as error:
                wrong += 1
                complain(str(error))
        if wrong:
            raise typer.Exit(1)


@app.command("path")
def path_of(name: Annotated[str, typer.Argument(metavar="NAME", help="A model.")]) -> None:
    """Print where the checked file of a model is."""
    with _refusals():
        typer.echo(store.path(name))


def needed_by() -> Mapping[str, tuple[str, ...]]:
    """Return, for each model, the percepts that load it."""
    from ..catalogue import load

    found: dict[str, tuple[str, ...]] = {}
    for percept in load().percepts.values():
        for name in percept.models:
            found[name] = (*found.get(name, ()), percept.id.removeprefix("perception."))
    return found


def _chosen(names: list[str] | None) -> tuple[Model, ...]:
    """Return models by name, or all of everybody's; the name of an adapter stands for all its files."""
    if not names:
        return catalogue.MODELS
    wanted = []
    for name in names:
        adapter = None if "." in name.removeprefix("learned.") else adapters.find(name)
        wanted += [model.name for model in adapter.models] if adapter else [name]
    return catalogue.select(wanted)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _state(model: Model) -> str:
    try:
        return "yes" if store.path(model.name).parent == store.cache() else "yes, in VERIDICAL_MODELS"
    except ModelMissing:
        return "no"
    except HashMismatch:
        return "wrong file"


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except UnknownModel as error:
        complain(str(error))
        raise typer.Exit(2) from None
    except (FetchFailed, ModelMissing, HashMismatch) as error:
        complain(str(error))
        raise typer.Exit(1) from None


class _Bars:
    """One progress bar a model."""

    def __init__(self, progress: Progress, models: tuple[Model, ...]) -> None:
        self._progress = progress
        self._tasks = {model.name: progress.add_task(model.name, total=model.bytes) for model in models}

    def __call__(self, name: str, done: int, total: int) -> None:
        self._progress.update(self._tasks[name], completed=done, total=total)


@contextmanager
def _bars(models: tuple[Model, ...]) -> Iterator[_Bars]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield _Bars(progress, models)
