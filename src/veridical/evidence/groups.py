"""Dependence groups: findings that may share a cause are weighed together, once.

``groups.json`` is the one place that says which they are, which findings never speak for the second proposition, and which
are never weighed at all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import DeclarationError

FILE = Path(__file__).parent / "groups.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings that may share a cause.

    Parameters
    ----------
    words
        The group in a report.
    cause
        What its members share.
    members
        Ids of examinations.
    """

    name: str
    words: str
    cause: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """All groups; what never speaks for the second proposition (``one_sided``); what is never weighed, and why (``never``)."""

    groups: tuple[Group, ...]
    one_sided: frozenset[str]
    never: Mapping[str, str]

    def of(self, id: str) -> Group | None:
        """Return the group of an examination, or None if it is in none."""
        return next((group for group in self.groups if id in group.members), None)

    def named(self, name: str) -> Group:
        """Return a group by its name; raises DeclarationError if there is none."""
        found = next((group for group in self.groups if group.name == name), None)
        if found is None:
            raise DeclarationError(f"there is no dependence group {name!r} in {FILE.name}")
        return found


@cache
def dependence() -> Dependence:
    """Return the groups that come with the program."""
    return read(FILE)


def read(path: Path) -> Dependence:
    """Read a file of groups.

    Raises
    ------
    DeclarationError
        If it is none, or an examination stands in two places.
    """
    try:
        plain: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if plain["format"] != FORMAT:
            raise ValueError(f"format {plain['format']}")
        groups = tuple(Group(**{**one, "members": tuple(one["members"])}) for one in plain["groups"])
        found = Dependence(groups=groups, one_sided=frozenset(plain["one_sided"]), never=dict(plain["never"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DeclarationError(f"{path} is no file of dependence groups: {error!r}") from error
    count = Counter([id for group in found.groups for id in group.members] + list(found.never))
    if twice := sorted(id for id, times in count.items() if times > 1):
        raise DeclarationError(f"{path}: in two places: {', '.join(twice)}")
    return found
