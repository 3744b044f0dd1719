"""``veridical models add, check, convert, calibrate, remove``: published detectors as examinations, by adapters.

Exit codes: as of ``veridical models``; a polarity test that fails is 1.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..errors import FetchFailed, HashMismatch, MediaError, NotInstalled, UnknownModel, UsageError
from ..models import adapted, adapter_state, adapters, store
from ..models.adapters import CONVERTED, Adapter
from ..models.catalogue import Folder
from ._console import complain, out

if TYPE_CHECKING:
    from ..models.catalogue import Model

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of an adapter.")]
Files = Annotated[list[Path] | None, typer.Option(help="Own files for the test, instead of those of the adapter.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``veridical models``."""
    for command in (add, check, convert, calibrate, remove):
        app.command()(command)


def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Text of an adapter (TOML); see docs/adapters.md.")],
    replace_: Annotated[bool, typer.Option("--replace", help="Take the place of an adapter of that name.")] = False,
) -> None:
    """Add a detector by its adapter; show its licence, pin its files, and test its polarity if they are there."""
    from ..catalogue import demand_usable

    with refusals():
        adapter = adapters.read(file)
        if any(one.name == adapter.name for one in adapters.published()):
            raise UsageError(f"an adapter {adapter.name!r} comes with the program; choose another name")
        demand_usable(adapter)
        target = adapters.folder() / f"{adapter.name}.toml"
        if target.exists() and not replace_:
            raise UsageError(f"there is an adapter {adapter.name!r} already; take its place with --replace")
        pins = {model.name: _pinned(model, file.parent) for model in adapter.models if isinstance(model.source, Folder)}
        adapter_state.keep(adapter.name, adapter_state.State(pins=pins))
        adapter_state.write(target, file.read_text("utf-8"))
        adapter = adapters.need(adapter.name)
        tested = adapter.polarity and adapted.is_here(adapter) and adapter.engine not in CONVERTED
        for line in _facts(adapter):
            typer.echo(line)
        if not tested:
            typer.echo(state_of(adapter))
        else:
            _test(adapter, (), (), base=file.parent)


def check(name: Name, real: Files = None, fake: Files = None) -> None:
    """Test that a high value means fake: exhibits of the adapter, or own ones, must come out in their known order."""
    with refusals():
        _test(adapters.need(name), tuple(real or ()), tuple(fake or ()), base=adapters.folder())


def convert(name: Name) -> None:
    """Convert a network to ONNX, once, with torch (the extra "train"), and compare what both give."""
    from ..training.adapter_export import convert as make

    with refusals():
        path, apart = make(adapters.need(name))
        typer.echo(f"{path}\tits outputs differ by {apart:.1g} of the largest at most")


def calibrate(
    name: Name,
    path: Annotated[
        Path, typer.Argument(metavar="FOLDER", help='Holds "real" and "fake", or is labelled as benchmark takes it.')
    ],
) -> None:
    """Fit from the detector's log odds to likelihood ratios on own labelled files, at least 20 of each label.

    Calibrate on material like that to be examined, and never on the files to be examined.
    """
    from ..calibrate.adapters import calibrate as fit

    with refusals():
        done = fit(adapters.need(name), path, tell=_counted)
        said = done.fit
        typer.echo(
            f"ln LR = {said['offset']:+.3f} {said['slope']:+.3f} · log odds, fitted on {said['real']} real and {said['fake']} "
            f"fake files; on files left out Cllr {said['cllr']:.3f} (1 says nothing); AUC {said['auc']:.3f}"
        )
        for skipped, reason in done.skipped[:5]:
            complain(f"{skipped} gave no value: {reason}")
        if len(done.skipped) > 5:
            complain(f"{len(done.skipped) - 5} more gave no value")


def remove(name: Name) -> None:
    """Remove an adapter that was added, and what is known of it (of a published one: only what is known of it)."""
    with refusals():
        path = adapters.folder() / f"{name}.toml"
        found = [one for one in (path, path.with_suffix(".json")) if one.exists()]
        if not found:
            raise UsageError(f"no adapter {name!r} was added, and nothing is known of it")
        for one in found:
            one.unlink()


def table() -> Table:
    """Return what ``veridical models list`` says of adapters."""
    rows = Table("detector", "size", "licence", "state", box=None, pad_edge=False)
    rows.columns[1].justify = "right"
    for one in adapters.every():
        size = f"{sum(model.bytes for model in one.models) / 1e6:.1f} MB"
        licence = ", ".join(dict.fromkeys(model.licence for model in one.models))
        rows.add_row(*(Text(cell) for cell in (one.id, size, licence, state_of(one))))
    return rows


def state_of(adapter: Adapter) -> str:
    """Say what an adapter needs before it can be asked, or how far it can be trusted."""
    if not adapted.is_here(adapter):
        return f"not here; run: veridical models fetch {adapter.name}"
    try:
        state = adapter_state.load(adapter.name)
    except UsageError as error:
        return str(error)
    if adapter.engine in CONVERTED and not (state.converted and adapted.converted_file(adapter).exists()):
        return f"not converted; run: veridical models convert {adapter.name}"
    polarity = state.polarity if state.polarity.get("model") == adapter.model.sha256 else {}
    if polarity and not polarity["passed"]:
        return f"refused: its polarity test failed; see: veridical models check {adapter.name}"
    fit = state.calibration if state.calibration.get("model") == adapter.model.sha256 else {}
    known = "polarity tested" if polarity else f"polarity not tested (veridical models check {adapter.name})"
    return f"{known}, " + (
        f"calibrated on {fit['real']} + {fit['fake']} files, Cllr {fit['cllr']:.2f}" if fit else "not calibrated"
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Turn errors on purpose into a line and an exit code."""
    try:
        yield
    except (UnknownModel, UsageError) as error:
        complain(str(error))
        raise typer.Exit(2) from None
    except (FetchFailed, NotInstalled, HashMismatch, MediaError) as error:
        complain(str(error))
        raise typer.Exit(1) from None


def _pinned(model: Model, beside: Path) -> dict[str, str | int]:
    """Copy a file that lies beside the adapter to the other models, and return its hash and size."""
    assert isinstance(model.source, Folder)  # noqa: S101 (the caller has asked)
    name = model.source.obtain.partition(": ")[2]
    source = beside / name
    if not source.is_file():
        raise UsageError(f"there is no {source}, which the adapter names")
    with source.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    if model.sha256 and digest != model.sha256:
        raise HashMismatch(
            f"{source} is not the file that the adapter pins: its SHA-256 is {digest}, not {model.sha256}"
        )
    target = store.cached(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, staged)
    staged.replace(target)
    return {"sha256": digest, "bytes": source.stat().st_size}


def _facts(adapter: Adapter) -> Iterator[str]:
    yield f"{adapter.id}\t{adapter.question}"
    for model in adapter.models:
        read = "" if model.licence_read == "not said" else f" ({model.licence_read})"
        yield f"{model.name}\tlicence: {model.licence}{read}\tSHA-256: {model.sha256}\t{model.bytes} bytes"


def _test(adapter: Adapter, real: tuple[Path, ...], fake: tuple[Path, ...], *, base: Path) -> None:
    from ..calibrate.adapters import check as test

    if bool(real) != bool(fake):
        raise UsageError("give both --real and --fake")
    with tempfile.TemporaryDirectory(prefix="veridical-") as folder:
        if not real:
            real, fake = _exhibits(adapter, base, Path(folder))
        said = test(adapter, real, fake)
    listed = {label: ", ".join(f"{one:+.2f}" for one in said[label]) for label in ("real", "fake")}
    if not said["passed"]:
        complain(
            f"the polarity test of {adapter.id} failed: fake {listed['fake']}, real {listed['real']}; every fake must lie "
            "above every real one. The adapter is refused until it passes: correct fake in [output], or its crop"
        )
        raise typer.Exit(1)
    typer.echo(f"polarity tested: fake {listed['fake']}, real {listed['real']}")


def _exhibits(adapter: Adapter, base: Path, folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    if not adapter.polarity:
        raise UsageError(
            f"the adapter {adapter.name} names no exhibits for its test; give own ones with --real and --fake"
        )
    real = tuple(_brought(one, base, folder / f"real{n}", fake=False) for n, one in enumerate(adapter.polarity.real))
    return real, tuple(
        _brought(one, base, folder / f"fake{n}", fake=True) for n, one in enumerate(adapter.polarity.fake)
    )


def _brought(said: str, base: Path, folder: Path, *, fake: bool) -> Path:
    """Return the file of an exhibit: made by the lab, downloaded, or beside the adapter."""
    if said.startswith("lab:"):
        from .. import lab

        made = lab.make(said.removeprefix("lab:"), None, folder)
        return made.altered if fake else made.control
    if "://" not in said:
        return base / said
    from ..models.download import example

    folder.mkdir()
    target = folder / f"exhibit{Path(said).suffix}"
    example(said, target)
    return target


def _counted(done: int, of: int) -> None:
    if done % 20 == 0 or done == of:
        out.print(f"{done} of {of} files", style="dim")
