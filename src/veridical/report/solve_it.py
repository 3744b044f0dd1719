"""Which techniques of the SOLVE-IT knowledge base the examinations are, and which weaknesses are proposed for those.

``solve_it.json`` holds only ids and names that were read in the knowledge base itself; what could not be confirmed is left out
and named there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Technique:
    """A technique: its id ("DFT-1176"), name and address, and the examinations that are part of it, for kinds of files."""

    id: str
    name: str
    url: str
    kinds: tuple[str, ...]
    examinations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A weakness or mitigation that is proposed for techniques; it has no id yet, but the number of its issue."""

    issue: int
    what: str
    title: str
    url: str


def techniques() -> tuple[Technique, ...]:
    """Return all techniques that are confirmed."""
    return tuple(
        Technique(
            id=one["id"], name=one["name"], url=one["url"], kinds=tuple(one["kinds"]),
            examinations=tuple(one["examinations"]),
        )
        for one in _file()["techniques"]
    )  # fmt: skip


def techniques_of(examination: str, kind: str) -> tuple[Technique, ...]:
    """Return the techniques that an examination is part of, for a file of a kind ("image", "video", "audio")."""
    return tuple(one for one in techniques() if examination in one.examinations and kind in one.kinds)


def proposed_for(technique: str) -> tuple[Proposed, ...]:
    """Return the weaknesses and mitigations that are proposed for a technique."""
    if technique not in _file()["proposed_apply_to"]:
        return ()
    return tuple(
        Proposed(issue=one["issue"], what=one["what"], title=one["title"], url=one["url"])
        for one in _file()["proposed"]
    )


def left_out() -> str:
    """Say which examinations have no technique here, and why."""
    return str(_file()["left_out"])


def source() -> str:
    """Name the knowledge base and when it was read."""
    return str(_file()["source"])


@cache
def _file() -> Mapping[str, Any]:
    return dict(json.loads((files(__package__) / "solve_it.json").read_text("utf-8")))
