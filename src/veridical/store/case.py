"""A case: a folder with working copies, the log and the reports. Every change is an entry of the log, or it did not happen.

case.db      the log (SQLite)
HEAD         the end of the log, and the hash of the database
LOCK         held by the command that writes
media/       working copies, read-only
reports/     reports, compressed, by hash
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import CaseDamaged, UsageError
from . import chain, database, durable, ledger, leftovers, lock, reports, seal, working
from .chain import Entry
from .entering import complaints, make_case, new_entry, version, write_entry
from .ledger import Examined, Exhibit, Ledger, Origin, Particulars
from .verify import Checked, verify


class Case:
    """A case that is there already; ``Case.create`` makes one, ``Case.open`` opens one.

    The log is read when the case is opened and after each change; ``refresh`` reads it again.

    Attributes
    ----------
    folder
        Where it lies.
    head
        The end of the log that was read.
    waiting
        Called once when another process holds the case.
    """

    def __init__(self, folder: Path, waiting: Callable[[], None] = lambda: None) -> None:
        self.folder, self.waiting = folder, waiting
        self.refresh()

    @classmethod
    def open(cls, folder: Path | str, *, waiting: Callable[[], None] = lambda: None) -> Case:
        """Open a case.

        Raises
        ------
        UsageError
            If the folder is no case, or one of a newer version.
        CaseDamaged
            If the log was changed.
        """
        seal.read(Path(folder))  # says what is wrong with a folder that is no case
        return cls(Path(folder), waiting)

    @classmethod
    def create(cls, folder: Path | str, particulars: Particulars, *, by: str = "") -> Case:
        """Make a case in a folder that does not exist or is empty; a kill leaves none, or a whole one.

        Raises
        ------
        UsageError
            If there is something in the folder, or it cannot be made.
        """
        folder = Path(folder)
        if not particulars.name.strip():
            raise UsageError("a case needs a name or a number: give it with --name")
        try:
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise UsageError(f"{folder} is there already and not empty; choose another folder for the case")
            folder.parent.mkdir(parents=True, exist_ok=True)
            make_case(folder, particulars, by)
        except OSError as error:
            raise UsageError(f"no case can be made in {folder} ({error.strerror}); choose another folder") from None
        return cls(folder)

    def refresh(self) -> None:
        """Read the log as it is now."""
        with lock.reading(self.folder):
            self.head = seal.read(self.folder)
            with database.reading(self.folder / database.NAME, self.head.database) as connection:
                self._entries = database.entries_of(connection)
        chain.follow(self._entries)
        if len(self._entries) != self.head.count or self._entries[-1].sha256 != self.head.sha256:
            raise CaseDamaged(f"{self.folder}: the log does not end where HEAD says")
        self._ledger = ledger.read(self._entries)

    def entries(self) -> tuple[Entry, ...]:
        """Return the log."""
        return self._entries

    @property
    def ledger(self) -> Ledger:
        """What the log says: particulars, exhibits, propositions, notes, examinations."""
        return self._ledger

    @property
    def particulars(self) -> Particulars:
        """Name, question, examiner and so on, as they stand now."""
        return self._ledger.particulars

    def exhibits(self) -> tuple[Exhibit, ...]:
        """Return the exhibits in the order in which they were added."""
        return self._ledger.exhibits

    def exhibit(self, number: int) -> Exhibit:
        """Return an exhibit; raises UsageError if there is none of that number."""
        for one in self._ledger.exhibits:
            if one.number == number:
                return one
        count = len(self._ledger.exhibits)
        there = (
            f"its exhibits are 1 to {count}"
            if count > 1
            else "it has exhibit 1 only"
            if count
            else "it has no exhibit yet"
        )
        raise UsageError(f"{self.folder} has no exhibit {number}: {there}")

    def copy_of(self, exhibit: Exhibit) -> Path:
        """Return where the working copy lies."""
        return self.folder / exhibit.copy

    def report(self, examined: Examined) -> str:
        """Return a report as JSON text; raises CaseDamaged if it is not what was stored."""
        return reports.load(self.folder, examined.stored, examined.sha256, examined.stored_sha256)

    def append(self, action: str, details: Mapping[str, Any], *, by: str = "") -> Entry:
        """Add an entry to the log.

        Raises
        ------
        CaseDamaged
            If the case was changed; nothing is written then.
        UsageError
            If it cannot be written (disk full, no permission).
        """
        with self.changing():
            return self.enter(action, details, by)

    def amend(self, changes: Mapping[str, str], *, by: str = "") -> Entry:
        """Change particulars; the earlier ones stay in the log. Raises UsageError if there is nothing to change."""
        unknown = changes.keys() - set(ledger.plain(self.particulars))
        if unknown or not changes:
            raise UsageError(f"there is nothing to change: give one of {', '.join(ledger.plain(self.particulars))}")
        return self.append(ledger.AMENDED, {"particulars": dict(changes)}, by=by)

    def add(self, path: Path | str, origin: Origin | None = None, *, by: str = "") -> tuple[Exhibit, Entry]:
        """Take a file into the case: read it once, hash it twice, keep a read-only working copy. The file is left alone.

        A file with the content of an exhibit becomes no second exhibit; that it was brought again is written down.

        Raises
        ------
        MediaError
            If the file cannot be taken in.
        """
        path = Path(path)
        origin = origin or Origin()
        durable.must_be_file(path)
        with self.changing():
            taken = working.take(self.folder, path, len(self.exhibits()) + 1)
            known = next((one for one in self.exhibits() if one.sha256 == taken["sha256"]), None)
            if known is not None:
                action = ledger.ADDED_AGAIN
                working.drop(self.folder)
                taken = {
                    "exhibit": known.number,
                    "name": taken["name"],
                    "path": taken["path"],
                    "modified": taken["modified"],
                }
            else:
                action = ledger.ADDED
                with complaints(self.folder):
                    working.place(self.folder, taken["copy"])
            with self._or_without_leftovers():
                entry = self.enter(action, {**taken, "origin": ledger.plain(origin)}, by)
        return self.exhibit(entry.details["exhibit"]), entry

    def record(
        self,
        exhibit: Exhibit,
        text: str,
        summary: Mapping[str, Any],
        *,
        command: str = "",
        source: str = "",
        by: str = "",
    ) -> Examined:
        """Store a report about an exhibit; earlier ones stay.

        Parameters
        ----------
        text
            The report as JSON.
        summary
            What it says in short, plain data without fractions.
        command
            The command line that made it.
        source
            The file it was taken from, if it was not made in the case.
        by
            Who did it; by default the examiner of the case.

        Raises
        ------
        CaseDamaged
            If the case was changed; nothing is written then.
        UsageError
            If it cannot be written.
        """
        with self.changing():
            with complaints(self.folder):
                stored = reports.store(self.folder, text)
            details = {
                "exhibit": exhibit.number, **asdict(stored), "command": command, "version": version(), "summary": summary,
                "source": source,
            }  # fmt: skip
            with self._or_without_leftovers():
                self.enter(ledger.KEPT if source else ledger.EXAMINED, details, by)
        return self._ledger.examined[-1]

    def note(self, text: str, *, kind: str = "note", exhibit: int | None = None, by: str = "") -> Entry:
        """Write something down; raises UsageError if there is no text, or the kind is not one of NOTE_KINDS."""
        if kind not in ledger.NOTE_KINDS:
            raise UsageError(f"a note is one of: {', '.join(ledger.NOTE_KINDS)}; not {kind!r}")
        if not text.strip():
            raise UsageError("the note is empty")
        if exhibit is not None:
            self.exhibit(exhibit)
        return self.append(ledger.NOTED, {"kind": kind, "text": text, "exhibit": exhibit}, by=by)

    def transfer(self, text: str, *, exhibit: int | None = None, by: str = "") -> Entry:
        """Write down that working copies were handed over or moved, with the hashes that they have now.

        Raises
        ------
        CaseDamaged
            If a working copy is not what was added; nothing is written down then.
        """
        if not text.strip():
            raise UsageError("say from whom to whom, and how")
        with self.changing():
            chosen = self.exhibits() if exhibit is None else (self.exhibit(exhibit),)
            found = [working.verified(self.folder, one) for one in chosen]
            return self.enter(ledger.TRANSFERRED, {"text": text, "exhibit": exhibit, "hashes": found}, by)

    def agree(
        self,
        first: str,
        second: str,
        *,
        agreed_with: str = "",
        agreed_at: str = "",
        exhibit: int | None = None,
        by: str = "",
    ) -> Entry:
        """Write down two propositions that exclude each other, for one exhibit or for all."""
        if not first.strip() or not second.strip() or first.strip() == second.strip():
            raise UsageError("two propositions are needed that exclude each other: give --first and --second")
        if exhibit is not None:
            self.exhibit(exhibit)
        with self.changing():
            late = any(exhibit in (None, one.exhibit) for one in self._ledger.examined)
            details = {
                "first": first, "second": second, "agreed_with": agreed_with, "agreed_at": agreed_at, "exhibit": exhibit,
                "after_examination": late,
            }  # fmt: skip
            return self.enter(ledger.AGREED, details, by)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the case for a change: waits for other writers, reads the log anew, finishes what a killed command left."""
        with lock.writing(self.folder, self.waiting):
            self.refresh()
            self._recover()
            yield

    def verify(self, *, written_down: str = "") -> Checked:
        """Check every byte of the case and change nothing; see ``verify.verify``."""
        return verify(self.folder, written_down=written_down, waiting=self.waiting)

    @contextmanager
    def _or_without_leftovers(self) -> Iterator[None]:
        """Take back the file that was written for an entry, if the disk then refused the entry."""
        try:
            yield
        except UsageError:
            if seal.names(self.folder, self.head.sha256):  # else the entry was accepted before something else failed
                leftovers.remove(self.folder, leftovers.find(self.folder, self._ledger))
            raise

    def _recover(self) -> None:
        with complaints(self.folder):
            settled = database.settle(self.folder / database.NAME, self.head.database)
            found = leftovers.find(self.folder, self._ledger)
            if settled or found:
                told = [leftovers.described(self.folder, one) for one in found]
                self.enter(ledger.RECOVERED, {"database_settled": settled, "removed": told}, "veridical")
                leftovers.remove(self.folder, found)

    def enter(self, action: str, details: Mapping[str, Any], by: str) -> Entry:
        """Add an entry while the case is held by ``changing``."""
        entry = new_entry(self.head.count + 1, self.head.sha256, action, details, by or self.particulars.examiner)
        write_entry(self.folder, entry)
        self.refresh()
        return entry
