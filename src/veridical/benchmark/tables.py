"""From rows to figures: each examination by category and generator under each chain, with the nuisances beside it.

A value higher than another always speaks for a fake: the direction is the examination's and is never turned round here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..media.exhibit import ABSENT
from .audit import LEAK_ABOVE, Audit, audit_each, samples_of
from .cells import Cell, Level, Nuisances, cell_of, without_numbers
from .leave_out import LeftOut, leave_out_each
from .rows import Row

WORST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Misleading:
    """A file whose value misleads most: a real one with a high value, or a fake one with a low value."""

    id: str
    chain: str
    path: str
    exhibit: str
    label: str
    source: str
    generator: str
    value: float
    beaten: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Files that could not be examined under a chain, by problem; their label is known from other chains, or not."""

    chain: str
    problem: str
    real: int
    fake: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All figures of a run, the weakest examination first; ``left_out`` is empty where no examination gives vectors."""

    cells: tuple[Cell, ...]
    audits: tuple[Audit, ...]
    misleading: tuple[Misleading, ...]
    lost: tuple[Lost, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The examinations, weakest first."""
        return tuple(dict.fromkeys(cell.id for cell in self.cells))

    @property
    def chains(self) -> tuple[str, ...]:
        """The chains, in the order in which they were run."""
        return tuple(dict.fromkeys(cell.chain for cell in self.cells))

    def of(self, id: str, *levels: Level) -> tuple[Cell, ...]:
        """Return the cells of an examination, of some levels only if they are named."""
        return tuple(cell for cell in self.cells if cell.id == id and (not levels or cell.level in levels))


def make(
    rows: Iterable[Row], errors: Iterable[Mapping[str, str]] = (), *, limit: float = LEAK_ABOVE, worst: int = WORST
) -> Table:
    """Compute all figures of a run.

    Parameters
    ----------
    errors
        What could not be examined: "path", "chain" and "problem" of each.
    limit
        Nuisances leak if the lower bound of their AUC lies above this.
    worst
        How many misleading files of each label to name for an examination and chain.
    """
    rows = sorted(rows, key=lambda row: (row.path, row.id))
    asked = [row for row in rows if row.reason not in ABSENT.values()]
    samples = samples_of(rows)
    nuisances = Nuisances(samples)
    cells: dict[str, list[Cell]] = {}
    misleading: list[Misleading] = []
    for (id, _), part in _by(asked, "id", "chain").items():
        cells.setdefault(id, []).extend(
            cell_of(some, level, name, nuisances, limit) for level, name, some in _sets(part)
        )
        misleading += _misleading(part, worst)
    order = sorted(cells, key=lambda id: (_strength(cells[id]), id))
    return Table(
        cells=tuple(cell for id in order for cell in cells[id]), audits=audit_each(samples, limit=limit),
        misleading=tuple(misleading), lost=_lost(errors, {row.path: row.label for row in rows}),
        left_out=leave_out_each(asked),
    )  # fmt: skip


def _strength(cells: Sequence[Cell]) -> float:
    """Return the lowest AUC over chains, all fakes together; what gave no figure at all stands first."""
    return min((cell.auc.point for cell in cells if cell.level == "all" and cell.auc), default=-1.0)


def _by(rows: Iterable[Row], *fields: str) -> dict[tuple[str, ...], list[Row]]:
    parts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(getattr(row, field) for field in fields), []).append(row)
    return dict(sorted(parts.items(), key=lambda part: (part[0][0], part[0][1:] != ("native",), part[0][1:])))


def _sets(rows: Sequence[Row]) -> list[tuple[Level, str, list[Row]]]:
    """Return the sets of files to report: all, and all real ones with the fakes of each category and generator."""
    reals = [row for row in rows if row.label == "real"]
    fakes = [row for row in rows if row.label == "fake"]
    sets: list[tuple[Level, str, list[Row]]] = [("all", "", list(rows))]
    levels: tuple[Level, ...] = ("category", "generator")
    for level in levels:
        for name in sorted({getattr(row, level) for row in fakes} - {""}):
            sets.append((level, name, reals + [row for row in fakes if getattr(row, level) == name]))
    return sets


def _lost(errors: Iterable[Mapping[str, str]], labels: Mapping[str, str]) -> tuple[Lost, ...]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for one in errors:
        key = one["chain"], without_numbers(one["problem"])
        found.setdefault(key, Counter())[labels.get(one["path"], "unknown")] += 1
    return tuple(
        Lost(chain=chain, problem=problem, real=count["real"], fake=count["fake"], unknown=count["unknown"])
        for (chain, problem), count in sorted(found.items())
    )


def _misleading(rows: Iterable[Row], worst: int) -> list[Misleading]:
    measured = [row for row in rows if row.outcome == "measured" and row.value is not None]
    reals = sorted((row for row in measured if row.label == "real"), key=lambda row: (-(row.value or 0.0), row.path))
    fakes = sorted((row for row in measured if row.label == "fake"), key=lambda row: (row.value or 0.0, row.path))
    sides = ((reals, fakes, 1), (fakes, reals, -1))
    return [
        Misleading(
            id=row.id, chain=row.chain, path=row.path, exhibit=row.exhibit, label=row.label, source=row.source,
            generator=row.generator, value=float(row.value or 0.0), beaten=_share_beaten(row, others, sign),
        )
        for some, others, sign in sides if others for row in some[:worst]
    ]  # fmt: skip


def _share_beaten(row: Row, others: Sequence[Row], sign: int) -> float:
    """Return the share of the other label's files that this one lies beyond, on their side."""
    return sum(sign * (row.value or 0.0) > sign * (one.value or 0.0) for one in others) / len(others)
