"""``veridical audit MANIFEST|DIR``: whether size, format, compression or colour give the labels of a collection away."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from ..errors import MediaError, NotApplicable
from ._console import complain, err, out

if TYPE_CHECKING:
    from ..benchmark.audit import Audit, Sample
    from ..benchmark.rows import Item

AUDIT = "audit.json"


def command(
    path: Annotated[
        Path,
        typer.Argument(metavar="MANIFEST|DIR", help="A manifest, or a folder of labelled media.", show_default=False),
    ],
    chain: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Treat every file like this first; several are audited one by one."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help=f"Write {AUDIT} here.", show_default=False)
    ] = None,
    limit: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="A nuisance leaks if the lower bound of its AUC lies above this.")
    ] = 0.6,
    workers: Annotated[int, typer.Option(min=1, help="Files that are read at a time.")] = 2,
    layout: Annotated[str, typer.Option(help="How the media are laid out on disk; recognised by default.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the audit as JSON.")] = False,
) -> None:
    """Measure how well nuisances alone tell real from fake: size, format, compression, rate, duration, level, mean colour.

    No examination is asked. Where a nuisance leaks, so may any statistic measured on these files; compare with the chain
    "common". Exit codes: 0 audited, whatever was found; 1 a file could not be read; 2 wrong usage.
    """
    from ..benchmark.audit import audit_each
    from ..benchmark.chains import NATIVE, kinds
    from ..benchmark.layouts import read
    from ..benchmark.output import audit_to_json

    chains = chain or [NATIVE]
    for name in chains:
        kinds(name)
    samples: list[Sample] = []
    failed = unfit = 0
    for found in _measured(read(path, layout=layout), path, chains, workers):
        if isinstance(found, MediaError):
            failed += 1
            complain(str(found))
        elif isinstance(found, NotApplicable):
            unfit += 1
        else:
            samples.append(found)
    audits = audit_each(samples, limit=limit)
    text = audit_to_json(audits)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / AUDIT).write_text(text, "utf-8")
    if as_json:
        typer.echo(text, nl=False)
    else:
        for one in audits:
            _print(one)
    if unfit:
        err.print(f"{unfit} times a file was not fit for a chain and was left out", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _measured(
    items: Sequence[Item], path: Path, chains: Sequence[str], workers: int
) -> Iterator[Sample | MediaError | NotApplicable]:
    """Read the nuisances of every file under every chain; each is decoded by a process of its own, so threads do."""
    base = path if path.is_dir() else path.parent
    tasks = [(item, name) for name in chains for item in items]
    with (
        tempfile.TemporaryDirectory(prefix="veridical-audit-") as scratch,
        ThreadPoolExecutor(workers) as pool,
        Progress(console=err, transient=True, disable=not err.is_terminal) as bar,
    ):
        work = bar.add_task("reading", total=len(tasks))
        for found in pool.map(lambda task: _sample(task[0], task[1], base, Path(scratch)), tasks):
            bar.advance(work)
            yield found


def _sample(item: Item, chain: str, base: Path, scratch: Path) -> Sample | MediaError | NotApplicable:
    from ..benchmark.audit import Sample
    from ..benchmark.chains import NATIVE, apply
    from ..benchmark.quality import quality_of
    from ..media.exhibit import open_exhibit

    made = item.path
    try:
        if chain != NATIVE:
            made = apply(chain, item.path, scratch, key=_sha256(item.path))
        with open_exhibit(made) as exhibit:
            quality = quality_of(exhibit)
    except (MediaError, NotApplicable) as error:
        return error
    finally:
        if made != item.path:
            made.unlink(missing_ok=True)
    return Sample(
        path=Path(os.path.relpath(item.path, base)).as_posix(), quality=quality, label=item.label, source=item.source,
        group=item.group, chain=chain, category=item.category, generator=item.generator,
    )  # fmt: skip


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _print(one: Audit) -> None:
    from ..benchmark.audit import lower
    from ..benchmark.output import between, lines_of

    held = f"{len(one.sources_with_both)} of {len(one.sources)} sources hold both labels"
    out.print(Text(f"\n{one.kind}, {one.chain}: {one.n_real} real, {one.n_fake} fake; {held}", "bold"), soft_wrap=True)
    shown = Table("nuisance", "AUC (90 % interval)", "within sources", "how", box=None, pad_edge=False)
    for name, how, auc, within in lines_of(one):
        style = "bold yellow" if lower(auc) > one.limit else ""
        shown.add_row(Text(name, style), between(auc), between(within), how)
    if one.culprits or one.together:
        out.print(shown)
    out.print(Text(one.verdict[:1].upper() + one.verdict[1:]), soft_wrap=True)
