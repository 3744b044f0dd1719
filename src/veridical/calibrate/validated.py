"""What a validation finds, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..benchmark.audit import Audit
from ..benchmark.cells import Cell
from .judge import Judged

CONCLUSION = "conclusion"
ALL = "all"
APART = "a table has no error rate on its own files; validate it on others, of other sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """How findings were weighed on some files, and how that did.

    Parameters
    ----------
    judged
        None where there is nothing to judge; ``note`` then says why.
    without
        Files that gave a value but no LR, by reason (numbers in it left out): real and fake ones.
    """

    judged: Judged | None
    note: str = ""
    without: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One examination, or the conclusion, on the files of one kind under one condition.

    Parameters
    ----------
    id
        Of the examination, or "conclusion".
    chain, state
        What was done to the files first, and the state that they were in: "all", or a bin of `bins.BINS`.
    reals, fakes
        Files that gave a value (of the conclusion: that were examined).
    cell
        AUC with its interval, EER and the nuisances beside it; None for a bin and for the conclusion.
    shipped
        By the tables that were in use; None where the findings are never weighed.
    own
        By tables fitted on these media without the source of the file; None for a bin and for the conclusion.
    """

    id: str
    kind: str
    chain: str
    state: str
    reals: int
    fakes: int
    sources: tuple[str, ...]
    cell: Cell | None
    shipped: Weighing | None
    own: Weighing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Files of one kind by source: real, fake, and independent groups."""

    kind: str
    source: str
    reals: int
    fakes: int
    groups: int
    generators: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Everything that a validation found; ``run`` is the request and the record of the run behind it."""

    media: tuple[Media, ...]
    parts: tuple[Part, ...]
    audits: tuple[Audit, ...]
    cautions: tuple[str, ...]
    lost: int
    run: Mapping[str, Any]

    @property
    def chains(self) -> tuple[str, ...]:
        """The conditions that were run."""
        return tuple(self.run.get("request", {}).get("chains", ()))

    def of(self, id: str) -> tuple[Part, ...]:
        """Return all parts of an examination."""
        return tuple(one for one in self.parts if one.id == id)

    @property
    def ids(self) -> tuple[str, ...]:
        """What was validated, the conclusion first."""
        return tuple(dict.fromkeys(one.id for one in self.parts))
