"""Split discipline: nothing that is tested, or that a network was trained on, may stand in a calibration.

An overlap is an error and never repaired in silence: an LR fitted on the file that it is tested on says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..benchmark.splits import members
from ..errors import UsageError
from .items import Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stands on the other side of a split: tested on, or trained on.

    Parameters
    ----------
    name
        What it is, as an error calls it: "what is tested", "what the network was trained on".
    sources, groups, files
        Collections, people or clips, and SHA-256 of files.
    """

    name: str
    sources: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    @classmethod
    def of(cls, name: str, items: Iterable[Scored]) -> Seen:
        """Return what items hold; groups that name several people count for each of them."""
        held = tuple(items)
        return cls(
            name=name, sources=frozenset(one.source for one in held),
            groups=frozenset(member for one in held for member in members(one.group)),
            files=frozenset(one.sha256 for one in held) - {""},
        )  # fmt: skip


def demand_apart(items: Sequence[Scored], *, tested: Sequence[Scored] = (), trained: Seen | None = None) -> None:
    """Stop if a calibration shares a source, a group or a file with what is tested, or with what a network was trained on.

    Parameters
    ----------
    trained
        What the network behind the values was trained on. Values that were cross-fitted may share with it.

    Raises
    ------
    UsageError
        Naming what they share.
    """
    if tested:
        _demand(items, Seen.of("what is tested", tested))
    if trained is not None:
        _demand([one for one in items if not one.cross_fitted], trained)


def _demand(items: Sequence[Scored], seen: Seen) -> None:
    held = Seen.of("the calibration", items)
    for what in ("sources", "groups", "files"):
        both = sorted(getattr(held, what) & getattr(seen, what))
        if both:
            listed = ", ".join(repr(one) for one in both[:3]) + (f" and {len(both) - 3} more" if len(both) > 3 else "")
            raise UsageError(
                f"the {what} {listed} stand in the calibration and in {seen.name}; leave them out of one of the two"
            )
