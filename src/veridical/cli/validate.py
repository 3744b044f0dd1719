"""``veridical validate DIR``: the program's error rates on a laboratory's own known media, as a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._console import complain, out
from ._options import Knobs, Only, Skip
from .benchmark import print_excluded, shown
from .examine import parse_knobs


def command(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="DIR|MANIFEST", help="A folder of known media, or a manifest of them.", show_default=False
        ),
    ],
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the results here (default: NAME.validation).")
    ] = None,
    only: Only = None,
    skip: Skip = None,
    knobs: Knobs = None,
    chain: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Treat every file like this first; several give several conditions."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
    layout: Annotated[str, typer.Option(help="How the media are laid out on disk; recognised by default.")] = "auto",
    verify: Annotated[bool, typer.Option("--verify", help="Compare files with the SHA-256 in the manifest.")] = False,
    groups: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Who is shown or heard: columns file and group.")
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--write-tables", metavar="DIR", help="Also fit calibration tables on these media, and write them here."
        ),
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what another run left in the folder.")] = False,
) -> None:
    """Measure error rates on known media of your own, by condition, as a report.

    A stopped run goes on when the same command is given again. Exit codes: 0 every file was examined; 1 some could not
    be (they are listed in errors.jsonl); 2 wrong usage; 130 interrupted with Ctrl-C.
    """
    from ..benchmark import results
    from ..benchmark.layouts import load
    from ..benchmark.run import run
    from ..benchmark.scikit import scikit
    from ..calibrate.validation import validate
    from ..calibrate.validation_output import write

    scikit("metrics")  # said now rather than after hours of examinations
    collection = load(path, layout=layout, verify=verify, groups=groups)
    folder = folder or Path(f"{path.absolute().stem if path.is_file() else path.absolute().name}.validation")
    print_excluded(collection.excluded)
    with shown() as bar:
        run(
            collection.items, root=collection.root, folder=folder, only=only or (), skip=skip or (),
            knobs=parse_knobs(knobs or []), chains=chain or ["native"], workers=workers, restart=restart,
            excluded=collection.excluded, tell=bar.tell,
        )  # fmt: skip
    found = validate(folder)
    for caution in found.cautions:
        out.print(caution, markup=False, soft_wrap=True)
    out.print(f"report: {write(found, folder)}", soft_wrap=True)
    if tables is not None:
        _write_tables(folder, tables)
    errors = (results.read_json(folder / results.REQUEST) or {})["result"]["errors"]
    if errors:
        complain(f"{errors} times a file could not be examined; see {folder / results.ERRORS}")
        raise typer.Exit(1)


def _write_tables(folder: Path, into: Path) -> None:
    from ..calibrate.own import own_tables
    from ..calibrate.table import write_table

    made, refused = own_tables(folder)
    for table in made:
        out.print(f"table: {write_table(table, into)}", soft_wrap=True)
    for id, reason in refused.items():
        out.print(f"no table for {id}: {reason}", markup=False, soft_wrap=True)
    if made:
        out.print(f"use them with VERIDICAL_TABLES={into.absolute()}", markup=False, soft_wrap=True)
