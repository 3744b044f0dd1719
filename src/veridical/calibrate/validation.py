"""A laboratory's own validation: what the program is worth on its own known media, condition by condition.

Everything comes from one run of a benchmark: nothing is said of a condition that was not run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..benchmark import results
from ..benchmark.audit import LEAK_ABOVE, audit_each, samples_of
from ..benchmark.cells import Cell, Nuisances, cell_of, without_numbers
from ..benchmark.rows import Examined, Row
from ..errors import UsageError
from ..evidence import calibration
from ..evidence.groups import dependence
from ..media.exhibit import ABSENT
from . import system
from .bins import BINS
from .cautions import cautions_of
from .items import Scored, columns
from .judge import judge
from .own import never, numbers, scored
from .table import lacking
from .validated import ALL, APART, CONCLUSION, Media, Part, Validation, Weighing


def validate(folder: Path) -> Validation:
    """Judge everything that a finished run left in its folder.

    Raises
    ------
    UsageError
        If the folder holds no finished run.
    """
    rows, files = results.read_rows(folder), results.read_files(folder)
    run = results.read_json(folder / results.REQUEST) or {}
    measured = [row for row in rows if row.reason not in ABSENT.values()]
    samples = samples_of(rows)
    audits = audit_each(samples, limit=LEAK_ABOVE)
    nuisances = Nuisances(samples)
    state = {(one.path, one.chain): one for one in files}
    parts = list(_conclusions(files))
    for (id, chain), some in _by(measured).items():
        for kind in sorted({state[row.path, row.chain].kind for row in some if (row.path, row.chain) in state}):
            here = [row for row in some if (row.path, row.chain) in state and state[row.path, row.chain].kind == kind]
            parts += _parts_of(id, kind, chain, here, state, nuisances)
    parts.sort(key=_order(parts))
    return Validation(
        media=_media(files), parts=tuple(parts), audits=audits, cautions=cautions_of(files, audits, parts),
        lost=len(results.read_errors(folder)), run=run,
    )  # fmt: skip


def _order(parts: Sequence[Part]) -> Callable[[Part], tuple[bool, str, float, str]]:
    """Sort the conclusion first, then by kind of file, best examination first; conditions stay in their order."""
    best = {id: max((one.cell.auc.point for one in parts if one.id == id and one.cell and one.cell.auc), default=0.0)
            for id in {one.id for one in parts}}  # fmt: skip
    return lambda one: (one.id != CONCLUSION, one.kind, -best[one.id], one.id)


def _by(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.id, row.chain), []).append(row)
    return found


def _parts_of(
    id: str, kind: str, chain: str, rows: Sequence[Row], state: Mapping[tuple[str, str], Examined], nuisances: Nuisances
) -> list[Part]:
    valued = [row for row in rows if row.value is not None]
    cell = cell_of(rows, "all", "", nuisances, LEAK_ABOVE)
    if not valued:
        return [_part(id, kind, chain, ALL, [], cell, None, None)]
    barred = never(id)
    own = None if barred else _own(scored(valued, state), id)
    whole = _part(id, kind, chain, ALL, valued, cell, None if barred else _shipped(id, valued), own)
    parts = [whole]
    for one in BINS.get(kind, ()) if not barred else ():
        inside = [row for row in valued if one.holds(numbers(state[row.path, row.chain].state))]
        if inside and len(inside) < len(valued):
            parts.append(_part(id, kind, chain, one.name, inside, None, _shipped(id, inside), None))
    return parts


def _part(
    id: str, kind: str, chain: str, state: str, rows: Sequence[Row | Examined], cell: Cell | None, shipped: Weighing | None,
    own: Weighing | None,
) -> Part:  # fmt: skip
    fakes = sum(row.label == "fake" for row in rows)
    sources = tuple(sorted({row.source for row in rows}))
    return Part(
        id=id, kind=kind, chain=chain, state=state, reals=len(rows) - fakes, fakes=fakes, sources=sources, cell=cell,
        shipped=shipped, own=own,
    )  # fmt: skip


def _shipped(id: str, rows: Sequence[Row]) -> Weighing:
    table = calibration.load(id)
    met = sum(row.exhibit[: calibration.DIGITS] in table.files for row in rows) if table else 0
    if table and met:
        return Weighing(
            judged=None,
            note=f"{met} of these files are among those on which {table.name} was fitted: {APART}",
            without={},
        )
    without = Counter[tuple[str, str]]()
    for row in rows:
        if row.log10_lr is None:
            without[without_numbers(row.unweighed or "not weighed"), row.label] += 1
    return _weighing([row for row in rows if row.log10_lr is not None], without)


def _conclusions(files: Sequence[Examined]) -> list[Part]:
    """Return the parts of the conclusion, where any file has one with an LR."""
    parts = []
    for kind, chain in dict.fromkeys((one.kind, one.chain) for one in files):
        here = [one for one in files if (one.kind, one.chain) == (kind, chain)]
        if not any(one.log10_lr is not None for one in here):
            continue
        states = [(ALL, here)]
        states += [(b.name, [one for one in here if b.holds(numbers(one.state))]) for b in BINS.get(kind, ())]
        for name, some in states:
            if some and (name == ALL or len(some) < len(here)):
                without = Counter((one.band, one.label) for one in some if one.log10_lr is None)
                judged = _weighing([one for one in some if one.log10_lr is not None], without)
                parts.append(_part(CONCLUSION, kind, chain, name, some, None, judged, None))
    return parts


def _weighing(rows: Sequence[Row | Examined], without: Mapping[tuple[Any, Any], int]) -> Weighing:
    reasons = {
        reason: (without.get((reason, "real"), 0), without.get((reason, "fake"), 0))
        for reason in dict.fromkeys(reason for reason, _ in without)
    }
    labels = np.array([row.label == "fake" for row in rows], dtype=np.int64)
    if not 0 < labels.sum() < len(labels):
        said = f"{len(labels) - labels.sum()} real and {labels.sum()} fake files got an LR: it takes both labels to judge one"
        return Weighing(judged=None, note=said, without=reasons)
    ratios = np.array([row.log10_lr for row in rows], float)
    return Weighing(judged=judge(ratios, labels, [row.group for row in rows]), without=reasons)


def _own(items: Sequence[Scored], id: str) -> Weighing:
    """Weigh every file by what the other sources of these media say."""
    if short := lacking(items):
        return Weighing(judged=None, note=short, without={})
    data = columns(items)
    one_sided = "fake" if id in dependence().one_sided else ""
    try:
        ratios = system.left_out(data, one_sided=one_sided)
    except UsageError as error:
        return Weighing(judged=None, note=str(error), without={})
    return Weighing(judged=judge(ratios, data.labels, list(data.groups), data.values), without={})


def _media(files: Sequence[Examined]) -> tuple[Media, ...]:
    found = []
    for kind, source in sorted({(one.kind, one.source) for one in files}):
        some = {one.path: one for one in files if (one.kind, one.source) == (kind, source)}.values()
        fakes = [one for one in some if one.label == "fake"]
        about = Media(
            kind=kind, source=source, reals=len(some) - len(fakes), fakes=len(fakes),
            groups=len({one.group for one in some}), generators=tuple(sorted({one.generator for one in fakes} - {""})),
        )  # fmt: skip
        found.append(about)
    return tuple(found)
