"""What a run leaves in its folder: rows, errors, the request, and the journal from which a stopped run goes on.

A line of the journal holds everything about one file under one chain: it is written at once, so that a run that is killed has
done a file or has not. A line that breaks off is dropped, and its file examined again. Rows and errors are made from the
journal when the run is finished, in order of path, chain and id: stops leave no trace in them.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import UsageError
from ..finding import Scalar
from .rows import Examined, Row

ROWS, ERRORS, REQUEST, JOURNAL, LOCK = "rows.jsonl", "errors.jsonl", "run.json", "journal.jsonl", ".lock"
FILES = "files.jsonl"
_SYNC_EVERY_S = 1.0
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of one file under one chain.

    Parameters
    ----------
    path, chain
        The file, relative to the root of the collection, and the chain.
    findings
        ``{"id", "value", "outcome", "reason", "seconds", "features", "log10_lr", "unweighed"}`` of every examination that was
        asked.
    error
        Why the file could not be examined to the end: ``{"type", "problem", "remedy"}``; None if it was.
    seconds
        Seconds spent on "chain", "quality" and "examine".
    state
        The quality vector of the file, as its report gives it.
    conclusion
        ``{"log10_lr", "band", "category", "table"}`` of the report.
    """

    path: str
    chain: str
    exhibit: str = ""
    quality: Mapping[str, Scalar] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()
    error: Mapping[str, str] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    state: Mapping[str, Scalar] = field(default_factory=dict)
    conclusion: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What is done once: path and chain."""
        return self.path, self.chain


class Journal:
    """The journal of a folder, held by one process at a time.

    Raises UsageError if another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._lock = (folder / LOCK).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise UsageError(
                f"another benchmark is writing to {folder}; wait for it, or choose another --out"
            ) from None
        self._file = self.path.open("ab")
        self._synced = time.monotonic()
        self._cut_torn_line()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.fsync(self._file.fileno())
        self._file.close()
        self._lock.close()

    def append(self, entry: Entry) -> None:
        """Write down an entry in one piece."""
        self._file.write((json.dumps(asdict(entry), allow_nan=False) + "\n").encode())
        self._file.flush()
        if time.monotonic() - self._synced > _SYNC_EVERY_S:  # a dead process loses nothing, a dead machine one second
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def clear(self) -> None:
        """Forget everything."""
        self._file.truncate(0)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries, each file and chain once: the first that is whole."""
        seen: set[Key] = set()
        with self.path.open("rb") as file:
            for line in file:
                entry = _entry(line)
                if entry is not None and entry.key not in seen:
                    seen.add(entry.key)
                    yield entry

    def _cut_torn_line(self) -> None:
        content = self.path.read_bytes()
        self._file.truncate(content.rfind(b"\n") + 1)


def _entry(line: bytes) -> Entry | None:
    try:
        plain = json.loads(line)
        return Entry(**{**plain, "findings": tuple(plain["findings"])})
    except (ValueError, TypeError, KeyError):
        return None


def write_rows(folder: Path, rows: Iterable[Row]) -> Path:
    """Write the rows of a finished run; replaces the file in one step."""
    return write_lines(folder / ROWS, map(asdict, rows))


def read_rows(folder: Path) -> tuple[Row, ...]:
    """Return the rows of a run; raises UsageError if it left none."""
    try:
        with (folder / ROWS).open(encoding="utf-8") as file:
            return tuple(_row(json.loads(line)) for line in file)
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no {ROWS}; make it with: veridical benchmark … --out {folder}") from None
    except (ValueError, TypeError) as error:
        raise UsageError(f"{folder / ROWS} is damaged ({error}); run the same veridical benchmark again") from None


def read_files(folder: Path) -> tuple[Examined, ...]:
    """Return what each file of a run came to; raises UsageError if there is nothing."""
    try:
        with (folder / FILES).open(encoding="utf-8") as file:
            return tuple(Examined(**json.loads(line)) for line in file)
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no {FILES}; make it with: veridical benchmark … --out {folder}") from None
    except (ValueError, TypeError) as error:
        raise UsageError(f"{folder / FILES} is damaged ({error}); run the same veridical benchmark again") from None


def _row(plain: Mapping[str, Any]) -> Row:
    vector = plain.get("features")
    return Row(**{**plain, "features": None if vector is None else tuple(vector)})


def read_errors(folder: Path) -> tuple[Mapping[str, str], ...]:
    """Return what could not be examined: path, chain, type, problem and remedy of each."""
    try:
        with (folder / ERRORS).open(encoding="utf-8") as file:
            return tuple(json.loads(line) for line in file)
    except FileNotFoundError:
        return ()


def write_lines(path: Path, values: Iterable[Mapping[str, Any]]) -> Path:
    """Write JSON lines, replacing the file in one step."""
    return _replace(path, "".join(json.dumps(value, allow_nan=False, ensure_ascii=False) + "\n" for value in values))


def write_json(path: Path, value: Mapping[str, Any]) -> Path:
    """Write one JSON value, replacing the file in one step."""
    return _replace(path, json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """Return a JSON object, or None if the file is not there or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _replace(path: Path, text: str) -> Path:
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return path
