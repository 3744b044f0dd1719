"""Reads the values of an adapter's text, and says where one is missing, of the wrong kind, or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import UsageError


class Reader:
    """One table of a TOML text; what is not asked for is an error, so that a slip of the pen is not passed over."""

    def __init__(self, plain: Mapping[str, Any], where: str) -> None:
        self.where = where
        self._plain = plain
        self._asked: set[str] = set()
        self._tables: list[Reader] = []

    def __contains__(self, key: str) -> bool:
        return key in self._plain

    def __bool__(self) -> bool:
        return bool(self._plain)

    def table(self, key: str, *, optional: bool = False) -> Reader:
        """Return a table in this one."""
        found = self._take(key, dict, {} if optional else None)
        self._tables.append(Reader(found, f"{self.where}, [{key}]"))
        return self._tables[-1]

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        return str(self._take(key, str, default))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self._take(key, list, None)
        if not found or not all(isinstance(one, str) for one in found):
            raise UsageError(f"{self.where}: {key} must be a list of texts")
        return tuple(found)

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        return int(self._take(key, int, default))

    def number(self, key: str, default: float) -> float:
        """Return a number."""
        return float(self._take(key, (int, float), default))

    def numbers(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """Return a list of numbers."""
        found = self._take(key, list, list(default))
        if not all(isinstance(one, int | float) for one in found):
            raise UsageError(f"{self.where}: {key} must be a list of numbers")
        return tuple(float(one) for one in found)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        return bool(self._take(key, bool, default))

    def one_of(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """Return one of some words."""
        found = self.text(key, default)
        if found not in known:
            raise UsageError(f"{self.where}: {key} is {found!r}; it must be one of: {', '.join(known)}")
        return found

    def done(self) -> None:
        """Raise UsageError if something was never asked for."""
        unknown = sorted(set(self._plain) - self._asked)
        if unknown:
            raise UsageError(f"{self.where}: {', '.join(unknown)} is not known there")
        for one in self._tables:
            one.done()

    def _take(self, key: str, kind: Any, default: Any) -> Any:
        self._asked.add(key)
        if key not in self._plain:
            if default is None:
                raise UsageError(f"{self.where}: {key} is missing")
            return default
        value = self._plain[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise UsageError(f"{self.where}: {key} is {value!r}, which is of the wrong kind")
        return value
