"""The log in SQLite: one table, append-only by triggers, WAL with synchronous=FULL, migrations by ``user_version``.

Everything else that a case holds is told by the entries, so that nothing can disagree with them. The view ``log`` shows the
entries in columns to anybody who opens the file with another program.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..errors import CaseDamaged, UsageError
from . import durable
from .chain import Entry, read

NAME = "case.db"
WAL, INDEX = NAME + "-wal", NAME + "-shm"
Migration = Callable[[sqlite3.Connection], None]
_SCHEMA_1 = """
CREATE TABLE entries (
  number INTEGER PRIMARY KEY,
  body TEXT NOT NULL CHECK (typeof(body) = 'text'),
  sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64)
);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.number IS NOT (SELECT count(*) + 1 FROM entries) OR EXISTS (SELECT 1 FROM entries WHERE number >= NEW.number)
BEGIN SELECT RAISE(ABORT, 'entries follow each other without a gap'); END;
CREATE VIEW log AS SELECT
  number, json_extract(body, '$.time') AS time, json_extract(body, '$.actor') AS actor,
  json_extract(body, '$.action') AS action, json_extract(body, '$.details') AS details,
  json_extract(body, '$.previous') AS previous, sha256
FROM entries ORDER BY number;
"""


def _m1_log(connection: sqlite3.Connection) -> None:
    for statement in _statements(_SCHEMA_1):
        connection.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (_m1_log,)
"""Number n brings a database of ``user_version`` n - 1 to n."""


def append(path: Path, entry: Entry, accept: Callable[[str], None], is_accepted: Callable[[], bool]) -> None:
    """Add an entry durably, creating or migrating the database first; afterwards everything lies in the one file.

    ``accept`` is called when the entry is safe, with the SHA-256 that the file will have. If the process ends before, the
    entry does not count; from then on it does, and ``is_accepted`` says so.

    Raises
    ------
    OSError
        If it cannot be written (disk full, no permission); the database is as it was before.
    """
    wal = path.with_name(WAL)
    try:
        with _errors(path), closing(_connect(path)) as connection:
            try:
                _insert(connection, entry)
                durable.sync(path.parent)
                accept(hashlib.sha256(connection.serialize()).hexdigest())
                _into_one_file(connection)
            except BaseException:
                if not is_accepted():
                    _forget(wal)
                raise
    except (OSError, CaseDamaged):
        if not is_accepted():
            wal.unlink(missing_ok=True)
            raise
        # it counts: what is still in the WAL is brought in by the next command


def _insert(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute("BEGIN IMMEDIATE")
    _migrate(connection)
    connection.execute("INSERT INTO entries VALUES (?, ?, ?)", (entry.number, entry.body, entry.sha256))
    connection.execute("COMMIT")


def _forget(wal: Path) -> None:
    """Empty the WAL: SQLite, when it closes a database, would bring in what was committed but is not to count."""
    if wal.exists():
        os.truncate(wal, 0)  # needs no room on the disk; SQLite then closes without touching the database


def settle(path: Path, sha256: str) -> bool:
    """Bring a database into the state with that hash after a kill: finish what was accepted, drop what was not.

    Returns whether anything had to be done; raises CaseDamaged if the state cannot be reached.
    """
    wal, index = path.with_name(WAL), path.with_name(INDEX)
    if not wal.exists() and not index.exists() and digest(path) == sha256:
        return False
    index.unlink(missing_ok=True)  # of another program; SQLite makes it anew
    if digest(path) == sha256:
        wal.unlink(missing_ok=True)
    else:
        with reading(path, sha256):  # on a copy first
            pass
        with _errors(path), closing(_connect(path)) as connection:
            _into_one_file(connection)
    if wal.exists() or digest(path) != sha256:
        raise CaseDamaged(f"{path} could not be brought into the state that HEAD names")
    return True


def digest(path: Path) -> str:
    """Return the SHA-256 of a file of the database."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CaseDamaged(f"{path} cannot be read ({error.strerror})") from None


@contextmanager
def reading(path: Path, sha256: str | None) -> Iterator[sqlite3.Connection]:
    """Open the state of a database that has the given hash, to read it; the folder is not written to.

    With None whatever is there is opened, to see what is left of a damaged one.

    Raises
    ------
    CaseDamaged
        If there is no such state, or what is read is no database.
    UsageError
        If it is of a newer version.
    """
    with tempfile.TemporaryDirectory() as scratch:
        whole = sha256 in (None, digest(path))
        wal = path.with_name(WAL)
        if whole and not wal.exists():
            uri = path.resolve().as_uri() + "?mode=ro&immutable=1"  # leaves no file beside it
        else:
            copy = Path(scratch, path.name)
            shutil.copyfile(path, copy)
            if sha256 is None or not whole:
                _with_wal(wal, copy, sha256)
            uri = copy.as_uri()
        try:
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
                connection.text_factory = lambda data: data.decode("ascii")
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > len(MIGRATIONS):
                    raise UsageError(
                        f"{path.parent} was written by a newer version of veridical; open it with that one"
                    )
                yield connection
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise CaseDamaged(f"{path} is damaged ({error})") from None


def _with_wal(wal: Path, copy: Path, sha256: str | None) -> None:
    """Bring the WAL of a database into a copy of it; raises CaseDamaged if that has not the hash."""
    if wal.exists():
        shutil.copyfile(wal, copy.with_name(WAL))
        try:
            with _errors(wal), closing(_connect(copy)) as connection:
                connection.execute("PRAGMA synchronous = OFF")  # the copy need not last
                _into_one_file(connection)
        except OSError as error:
            raise CaseDamaged(f"{wal} cannot be brought into a copy of the database ({error.strerror})") from None
    if sha256 is not None and digest(copy) != sha256:
        raise CaseDamaged(f"{wal.with_name(NAME)} was changed: it is not the database that HEAD names")


def entries_of(connection: sqlite3.Connection) -> tuple[Entry, ...]:
    """Read all entries through an open connection."""
    rows = connection.execute("SELECT number, body, sha256 FROM entries ORDER BY number").fetchall()
    made = []
    for number, body, sha256 in rows:
        entry = read(body, sha256)
        if entry.number != number:
            raise CaseDamaged(f"entry {number} of the log says that it is entry {entry.number}")
        made.append(entry)
    return tuple(made)


def faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what is wrong with the database itself: its pages, and tables or triggers that are not as they were made."""
    for (said,) in connection.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield f"{NAME}: {said}"
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for migrate in MIGRATIONS[:version]:
            migrate(fresh)
        if connection.execute(query).fetchall() != fresh.execute(query).fetchall():
            yield f"{NAME}: its tables or the triggers that guard them are not those that veridical makes"


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # before the first read: needs no shared memory then
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # the file changes only after HEAD names what it becomes
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, migrate in enumerate(MIGRATIONS[version:], version + 1):
        migrate(connection)
        connection.execute(f"PRAGMA user_version = {number}")


def _into_one_file(connection: sqlite3.Connection) -> None:
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise OSError(None, "another program has the database open")


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:  # full disk, no permission, held by another program
        raise OSError(None, str(error), str(path)) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter where SQLite quotes what it found
        raise CaseDamaged(f"{path} is damaged ({error})") from None


def _statements(script: str) -> Iterator[str]:
    """Split a script at the ends of its statements: ``executescript`` would commit what is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
