"""``veridical benchmark MANIFEST|DIR``: from labelled media to a table that says what each examination is worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ._console import complain, err, out
from ._options import Knobs, Only, Skip
from .examine import parse_knobs

if TYPE_CHECKING:
    from ..benchmark.run import Tick


def command(
    path: Annotated[
        Path,
        typer.Argument(metavar="MANIFEST|DIR", help="A manifest, or a folder of labelled media.", show_default=False),
    ],
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the results here (default: NAME.benchmark).")
    ] = None,
    only: Only = None,
    skip: Skip = None,
    knobs: Knobs = None,
    chain: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Treat every file like this first; several give several results."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
    layout: Annotated[str, typer.Option(help="How the media are laid out on disk; recognised by default.")] = "auto",
    low_trust: Annotated[bool, typer.Option("--low-trust", help="Take files whose label is of low trust.")] = False,
    composites: Annotated[bool, typer.Option("--composites", help="Take side-by-side composites.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare files with the SHA-256 in the manifest.")] = False,
    groups: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Who is shown or heard: columns file and group.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what another run left in the folder.")] = False,
) -> None:
    """Run examinations over labelled media and report what each is worth, weakest first.

    A stopped run goes on when the same command is given again. Exit codes: 0 every file was examined; 1 some could not
    be (they are listed in errors.jsonl); 2 wrong usage; 130 interrupted with Ctrl-C.
    """
    from ..benchmark import results
    from ..benchmark.layouts import load
    from ..benchmark.page import write_report
    from ..benchmark.run import run
    from ..benchmark.scikit import scikit

    scikit("metrics")  # said now rather than after hours of examinations
    collection = load(path, layout=layout, low_trust=low_trust, composites=composites, verify=verify, groups=groups)
    folder = folder or Path(f"{path.absolute().stem if path.is_file() else path.absolute().name}.benchmark")
    print_excluded(collection.excluded)
    with shown() as bar:
        rows = run(
            collection.items, root=collection.root, folder=folder, only=only or (), skip=skip or (),
            knobs=parse_knobs(knobs or []), chains=chain or ["native"], workers=workers, restart=restart,
            excluded=collection.excluded, tell=bar.tell,
        )  # fmt: skip
    result = (results.read_json(folder / results.REQUEST) or {})["result"]
    out.print(f"{result['rows']} findings on {result['files']} files: {rows}", soft_wrap=True)
    if result["unfit"]:
        out.print(f"{result['unfit']} times a file was not fit for a chain: {folder / results.ERRORS}", soft_wrap=True)
    out.print(f"report: {write_report(folder)}", soft_wrap=True)
    if result["errors"]:
        complain(f"{result['errors']} times a file could not be examined; see {folder / results.ERRORS}")
        raise typer.Exit(1)


def print_excluded(excluded: Mapping[str, int]) -> None:
    """Say what a layout left out."""
    for reason, count in excluded.items():
        err.print(f"{count} left out: {reason}", markup=False, soft_wrap=True)


def shown() -> _Shown:
    """Return what shows how far a run is; use it with ``with``."""
    return _Shown()


class _Shown:
    """A bar with the time that is left; nothing where standard error is not a terminal."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> _Shown:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, tick: Tick) -> None:
        wrong = f", {tick.errors} errors" if tick.errors else ""
        name = f"{Path(tick.path).name} ({tick.chain})" if tick.path else "starting"
        if not tick.path:  # what an earlier run has done says nothing about the speed of this one
            self._bar.reset(self._task, total=tick.total, completed=tick.done)
        self._bar.update(self._task, completed=tick.done, description=name + wrong)
