r"""The entries of the custody log: each holds the hash of the one before, so none can be changed, left out or moved unseen.

The hash of an entry is the SHA-256 of its canonical form: one JSON object with the keys action, actor, details, number,
previous and time, keys sorted by code point at every level, no spaces, only ASCII (other characters as \uXXXX), whole numbers
only. The first entry has 64 zeros as ``previous``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import CaseDamaged

START = "0" * 64
"""What the first entry names as the one before it."""
_HASH = re.compile("[0-9a-f]{64}")
_KEYS = frozenset({"action", "actor", "details", "number", "previous", "time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log.

    Parameters
    ----------
    number
        From 1, without a gap.
    time
        When it was written, ISO 8601 in UTC with milliseconds, by the clock of the machine.
    actor
        Who did it, as they were named.
    action
        What was done ("case opened", "exhibit added", …).
    details
        What belongs to it: plain JSON without fractions.
    previous, sha256
        Hash of the entry before, and of this one.
    """

    number: int
    time: str
    actor: str
    action: str
    details: Mapping[str, Any]
    previous: str
    sha256: str

    @property
    def body(self) -> str:
        """The canonical form without the hash: what is hashed."""
        return canonical(
            {
                "number": self.number, "time": self.time, "actor": self.actor, "action": self.action,
                "details": self.details, "previous": self.previous,
            }
        )  # fmt: skip

    @property
    def line(self) -> str:
        """The entry with its hash as one line of JSON, for other programs."""
        return canonical({**json.loads(self.body), "sha256": self.sha256})


def canonical(value: Any) -> str:
    """Return the one way to write plain data as JSON.

    Raises
    ------
    TypeError
        For anything but dict with str keys, list, tuple, str, int, bool and None: fractions have several ways to be written.
    """
    _must_be_plain(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def make(*, number: int, time: str, actor: str, action: str, details: Mapping[str, Any], previous: str) -> Entry:
    """Return an entry with its hash."""
    kept = json.loads(canonical(details))  # nobody can change it afterwards, and tuples are lists as after reading
    entry = Entry(number=number, time=time, actor=actor, action=action, details=kept, previous=previous, sha256="")
    return read(entry.body, hash_of(entry.body))


def hash_of(body: str) -> str:
    """Return the SHA-256 of the canonical form of an entry."""
    return hashlib.sha256(body.encode("ascii", "surrogatepass")).hexdigest()


def read(body: str, sha256: str) -> Entry:
    """Read one entry from its canonical form.

    Raises
    ------
    CaseDamaged
        If it is not in canonical form, or its hash is another.
    """
    try:
        plain = json.loads(body)
        if plain.keys() != _KEYS or canonical(plain) != body or hash_of(body) != sha256:
            raise ValueError
        number, previous = plain["number"], plain["previous"]
        if type(number) is not int or not _HASH.fullmatch(previous) or not isinstance(plain["details"], dict):
            raise ValueError
        return Entry(**plain, sha256=sha256)
    except (ValueError, TypeError, AttributeError, RecursionError):
        seen = repr(body)[:80]  # whatever a damaged database holds in its place
        raise CaseDamaged(f"an entry of the log was changed: {seen} has not the hash it was written with") from None


def follow(entries: Sequence[Entry]) -> None:
    """Make sure that entries follow each other without a gap from the first.

    Raises
    ------
    CaseDamaged
        At the first that does not.
    """
    previous = START
    for number, entry in enumerate(entries, 1):
        if entry.number != number:
            raise CaseDamaged(f"entry {number} of the log is missing: entry {entry.number} stands in its place")
        if entry.previous != previous:
            raise CaseDamaged(f"entry {number} of the log does not follow the one before it")
        previous = entry.sha256


def from_lines(lines: Iterable[str]) -> tuple[Entry, ...]:
    """Read a log that was exported as lines of JSON and follow its chain; raises CaseDamaged if it is broken."""
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            plain = json.loads(line)
            sha256 = plain.pop("sha256")
            body = canonical(plain)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise CaseDamaged(f"line {number} of the log is no entry") from None
        entry = read(body, sha256)
        if entry.line != line.rstrip("\n"):
            raise CaseDamaged(f"line {number} of the log is not written in the canonical form")
        entries.append(entry)
    follow(entries)
    return tuple(entries)


def _must_be_plain(value: Any) -> None:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of the log are texts")
        for one in value.values():
            _must_be_plain(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _must_be_plain(one)
    elif not (value is None or isinstance(value, str | bool | int)):
        raise TypeError(f"the log holds no {type(value).__name__}: {value!r}")
