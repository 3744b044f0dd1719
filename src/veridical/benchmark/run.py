"""Runs examinations over labelled media: each file under each chain through the one ``examine``, resumable after any stop."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .. import __version__, settings
from ..catalogue import Catalogue, Declared, Examination
from ..environment import versions
from ..errors import UsageError
from ..examiner import Examiner, Knobs
from ..models import catalogue as models
from ..models.store import is_present
from ..pipeline import Request, Run
from ..report import record
from . import chains as chain
from . import results
from .crew import Answer, Crew, Task
from .results import Entry, Journal
from .rows import Examined, Item, Row

_SCRATCH, _LOG = "scratch", "workers.log"
_LIMITS = ("max_megapixels", "max_hours", "max_gib", "decode_gib", "decode_seconds")
_NAMES = {"items": "files", "only": "--only", "skip": "--skip", "knobs": "--set", "chains": "--chain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """How far a run is; ``path`` and ``chain`` are what was just finished, "" at the start."""

    done: int
    total: int
    errors: int
    path: str = ""
    chain: str = ""


def run(
    items: Sequence[Item], *, root: Path, folder: Path, only: Sequence[str] = (), skip: Sequence[str] = (),
    knobs: Knobs | None = None, chains: Sequence[str] = (chain.NATIVE,), workers: int = 1, restart: bool = False,
    excluded: Mapping[str, int] | None = None, tell: Callable[[Tick], None] = lambda _: None,
) -> Path:  # fmt: skip
    """Examine labelled files and return ``rows.jsonl``: one row for every examination that was asked of a file.

    A run that was stopped, even by kill -9, goes on when it is called again with the same request; what it leaves is the
    same as without the stop. A file that cannot be examined stands in ``errors.jsonl``, a file that a chain is not fit for
    too (type NotApplicable); examinations of another kind of file leave nothing.

    Parameters
    ----------
    root
        Folder that the paths of rows are relative to.
    folder
        Where the results go.
    only, skip, knobs
        As for ``examine``.
    chains
        What is done to each file first; see ``chains.CHAINS``.
    workers
        How many processes share the work; no result depends on it.
    restart
        True forgets what another run left in the folder.
    excluded
        What the layout left out, by reason; kept with the results.
    tell
        Called at the start and after every file.

    Raises
    ------
    UsageError
        If the request names what does not exist, or the folder belongs to another request or to a run that goes on.
    """
    request = Request(only=tuple(only), skip=tuple(skip), knobs=knobs or {}, sound=False)
    tasks = _tasks(items, root, chains)
    wanted, tables = _request(Run(request), items, root, chains), _tables()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {folder} ({error.strerror}); choose another folder with --out") from None
    with Journal(folder) as journal:
        _claim(folder, journal, wanted, restart=restart)
        about = _about(root, excluded or {})
        results.write_json(folder / results.REQUEST, {"request": wanted, "about": about})
        entries = {entry.key for entry in journal.entries()}
        errors = sum(entry.error is not None for entry in journal.entries())
        missing = [task for key, task in tasks.items() if key not in entries]
        tick = partial(Tick, total=len(tasks))
        tell(tick(done=len(entries), errors=errors))
        setup = {"only": request.only, "skip": request.skip, "knobs": request.knobs}
        for done, entry in enumerate(_examined(missing, root, folder, setup, workers), start=len(entries) + 1):
            journal.append(entry)
            errors += entry.error is not None
            tell(tick(done=done, errors=errors, path=entry.path, chain=entry.chain))
        if _tables() != tables:
            raise UsageError(
                f"the tables changed while {folder} was made: its LRs are of both; start anew with --restart"
            )
        return _finish(folder, journal, items, root, chains, {"request": wanted, "about": about})


def _tasks(items: Sequence[Item], root: Path, chains: Sequence[str]) -> dict[results.Key, Task]:
    if not items or not chains:
        raise UsageError("a benchmark needs at least one file and one chain")
    for name in chains:
        chain.kinds(name)
    tasks: dict[results.Key, Task] = {
        (_relative(item, root), name): {"path": str(item.path), "chain": name} for item in items for name in chains
    }
    if len(tasks) != len(items) * len(chains):
        raise UsageError("a file or a chain is named twice; name each once")
    return tasks


def _relative(item: Item, root: Path) -> str:
    return Path(os.path.relpath(item.path, root)).as_posix()


def _examined(
    tasks: Sequence[Task], root: Path, folder: Path, setup: Mapping[str, Any], workers: int
) -> Iterator[Entry]:
    if not tasks:
        return
    scratch = (folder / _SCRATCH).absolute()
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left
    scratch.mkdir(exist_ok=True)  # its worker may be writing still
    with Crew(max(1, workers), {**setup, "folder": str(scratch)}, log=folder / _LOG) as crew:
        for place, answer in crew.work(tasks):
            yield _entry(tasks[place], root, answer)
    shutil.rmtree(scratch, ignore_errors=True)


def _entry(task: Task, root: Path, answer: Answer) -> Entry:
    return Entry(
        path=Path(os.path.relpath(task["path"], root)).as_posix(), chain=task["chain"], exhibit=answer["exhibit"],
        quality=answer["quality"], findings=tuple(answer["findings"]), error=answer["error"], seconds=answer["seconds"],
        state=answer.get("state", {}), conclusion=answer.get("conclusion", {}),
    )  # fmt: skip


def _claim(folder: Path, journal: Journal, wanted: Mapping[str, Any], *, restart: bool) -> None:
    """Make sure that what the folder holds belongs to this request."""
    known = (results.read_json(folder / results.REQUEST) or {}).get("request")
    if restart or (known is None and next(journal.entries(), None) is None):
        for name in (results.ROWS, results.FILES, results.ERRORS, results.REQUEST):
            (folder / name).unlink(missing_ok=True)
        journal.clear()
        return
    plain = json.loads(json.dumps(wanted))
    if known != plain:
        other = [_NAMES.get(name, name) for name in plain if (known or {}).get(name) != plain[name]]
        raise UsageError(
            f"{folder} holds a run of another request (different: {', '.join(other)}); ask for the same again to go on, "
            "choose another folder with --out, or start anew with --restart"
        )


def _request(run: Run, items: Sequence[Item], root: Path, chains: Sequence[str]) -> dict[str, Any]:
    """Return everything that the rows depend on; a stopped run goes on only under the same."""
    return {
        "items": _digest([_plain(item, root) for item in items]),
        "only": list(run.request.only), "skip": list(run.request.skip),
        "knobs": {id: dict(knobs) for id, knobs in run.request.knobs.items()}, "chains": list(chains),
        "examinations": _settings_of(run.catalogue, run.chosen, run.request.knobs),
        "models": _models(run.catalogue, run.chosen), "version": __version__, "code": _code(),
        "tables": _tables(".py"), "environment": dict(versions()), "limits": {name: settings.number(name) for name in _LIMITS},
    }  # fmt: skip


def _plain(item: Item, root: Path) -> list[str]:
    return [_relative(item, root), item.label, item.category, item.generator, item.source, item.group]


def _digest(items: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"count": len(items), "sha256": hashlib.sha256(json.dumps(sorted(items)).encode()).hexdigest()}


def _settings_of(catalogue: Catalogue, chosen: Sequence[Examination], knobs: Knobs) -> dict[str, Any]:
    examiner = Examiner(catalogue, knobs=knobs)
    asked: list[Declared] = [*chosen, *catalogue.closure(list(chosen))]
    return {one.id: examiner.settings_of(one) for one in asked}


def _models(catalogue: Catalogue, chosen: Sequence[Examination]) -> dict[str, str]:
    names = sorted({name for percept in catalogue.closure(list(chosen)) for name in percept.models})
    return {name: models.get(name).sha256 if is_present(name) else "absent" for name in names}


def _code() -> str:
    """Hash of the source that rows are made by: everything but the command line, the lab, reports and the harness."""
    package = Path(__file__).parents[1]
    folders = ("examinations", "perception", "media", "models", "signals", "knowledge", "reencode", "benchmark/chains")
    digest = hashlib.sha256((package / "benchmark" / "quality.py").read_bytes())
    for folder in folders:
        for file in sorted((package / folder).rglob("*")):
            if file.suffix in {".py", ".npz"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _tables(*suffixes: str) -> str:
    """Hash of the tables by which findings are weighed, and of other files beside them."""
    evidence = Path(__file__).parents[1] / "evidence"
    own = settings.text("tables")
    files = [*evidence.rglob("*"), *(Path(own).rglob("*.json") if own else ())]
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.suffix in {".json", *suffixes}):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _about(root: Path, excluded: Mapping[str, int]) -> dict[str, Any]:
    return {
        "root": str(root.absolute()), "started": record.now(), "commit": record.commit(), "excluded": dict(excluded),
    }  # fmt: skip


def _finish(
    folder: Path, journal: Journal, items: Sequence[Item], root: Path, chains: Sequence[str], run: Mapping[str, Any]
) -> Path:
    """Make rows and errors from the journal, in an order that no stop and no number of workers changes."""
    by_path = {_relative(item, root): item for item in items}
    entries = sorted(journal.entries(), key=lambda entry: (entry.path, chains.index(entry.chain)))
    rows = [row for entry in entries for row in _rows(entry, by_path[entry.path])]
    errors = [{"path": one.path, "chain": one.chain, **one.error} for one in entries if one.error is not None]
    results.write_lines(folder / results.ERRORS, errors)
    told = [_told(entry, by_path[entry.path]) for entry in entries if entry.error is None]
    results.write_lines(folder / results.FILES, (asdict(one) for one in told))
    path = results.write_rows(folder, rows)
    seconds = {what: sum(one.seconds.get(what, 0.0) for one in entries) for what in ("chain", "examine", "quality")}
    result = {
        "files": len(items), "rows": len(rows), "unfit": sum(one["type"] == "NotApplicable" for one in errors),
        "errors": sum(one["type"] != "NotApplicable" for one in errors), "finished": record.now(),
        "seconds": {what: round(sum_s, 3) for what, sum_s in seconds.items()},
    }  # fmt: skip
    results.write_json(folder / results.REQUEST, {**run, "result": result})
    return path


def _told(entry: Entry, item: Item) -> Examined:
    said = entry.conclusion
    return Examined(
        path=entry.path, chain=entry.chain, exhibit=entry.exhibit, label=item.label, category=item.category,
        generator=item.generator, source=item.source, group=item.group, kind=str(entry.quality.get("kind", "")),
        state=entry.state, log10_lr=said.get("log10_lr"), band=str(said.get("band", "")), attack=said.get("category"),
        table=str(said.get("table", "")),
    )  # fmt: skip


def _rows(entry: Entry, item: Item) -> Iterator[Row]:
    for finding in sorted(entry.findings, key=lambda finding: str(finding["id"])):
        vector = finding.get("features")
        plain = {**finding, "features": None if vector is None else tuple(vector)}
        yield Row(
            **plain, quality=entry.quality, exhibit=entry.exhibit, path=entry.path, label=item.label,
            category=item.category, generator=item.generator, source=item.source, group=item.group, chain=entry.chain,
        )  # fmt: skip
