"""Is a case what its log says? Every byte of its files is covered: by HEAD, by the chain, or by a hash in an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import CaseDamaged, UsageError
from . import chain, database, durable, ledger, leftovers, lock, reports, seal, working
from .chain import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found.

    Parameters
    ----------
    problems
        What is not as it was written; empty if all is well.
    remarks
        What a person should know and is no fault of the case.
    entries, exhibits, reports
        How many there are.
    head
        Hash of the last entry, to be compared with one that was written down.
    written_down
        Number of the entry that was looked for; 0 if none was, or it is not there.
    """

    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    entries: int
    exhibits: int
    reports: int
    head: str
    written_down: int = 0


def verify(
    folder: Path | str, *, written_down: str = "", waiting: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Checked:  # fmt: skip
    """Check a case and change nothing in it.

    Parameters
    ----------
    written_down
        The hash of an entry that somebody noted, or its beginning: the log must still hold it. Who can write to the case could
        otherwise make a whole new one.
    waiting
        Called once when another process holds the case.
    tell
        Called with what is being checked.

    Raises
    ------
    UsageError
        If the folder is no case, or one of a newer version.
    """
    folder = Path(folder)
    with suppress(CaseDamaged):
        seal.read(folder)
    with lock.checking(folder, waiting) if (folder / lock.NAME).exists() else nullcontext():
        return _Check(folder, tell).run(written_down.strip().lower())


class _Check:
    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self.folder, self.tell = folder, tell
        self.problems: list[str] = []
        self.remarks: list[str] = []

    def run(self, written_down: str) -> Checked:
        self.tell("the log")
        head = self._head()
        entries = self._entries(head)
        self._follow(entries, head)
        damaged = bool(self.problems)
        place = self._holds(entries, written_down) if written_down else 0
        try:
            known = ledger.read(entries)
        except (KeyError, TypeError, ValueError) as error:
            self.problems.append(f"an entry of the log does not say what its action needs ({error!r})")
            known, damaged = ledger.read(()), True
        self._exhibits(known)
        self._reports(known)
        self._files(known, damaged)
        return Checked(
            problems=tuple(dict.fromkeys(self.problems)), remarks=tuple(self.remarks), entries=len(entries),
            exhibits=len(known.exhibits), reports=len(known.examined), head=entries[-1].sha256 if entries else "",
            written_down=place,
        )  # fmt: skip

    def _head(self) -> seal.Head | None:
        try:
            return seal.read(self.folder)
        except CaseDamaged as error:
            self.problems.append(str(error))
            return None

    def _entries(self, head: seal.Head | None) -> tuple[Entry, ...]:
        """Read the log in the state that HEAD names; if there is no such state, whatever is left of it."""
        path = self.folder / database.NAME
        for sha256 in (head.database, None) if head else (None,):
            try:
                if path.is_symlink() or not path.is_file():
                    raise CaseDamaged(f"{path} is missing")
                with database.reading(path, sha256) as connection:
                    self.problems += database.faults(connection)
                    return database.entries_of(connection)
            except CaseDamaged as error:
                self.problems.append(str(error))
            except UsageError as error:  # says that it is of a newer version: true only if it is what HEAD names
                if sha256:
                    raise
                self.problems.append(str(error))
        return ()

    def _follow(self, entries: tuple[Entry, ...], head: seal.Head | None) -> None:
        try:
            chain.follow(entries)
        except CaseDamaged as error:
            self.problems.append(str(error))
        if head and (len(entries) != head.count or not entries or entries[-1].sha256 != head.sha256):
            self.problems.append(
                f"the log has {len(entries)} entries and does not end where HEAD says, at entry {head.count}"
            )
        for before, after in pairwise(entries):
            if after.time < before.time:
                self.remarks.append(
                    f"entry {after.number} has an earlier time ({after.time}) than the one before it ({before.time}): "
                    "the clock of the machine was set back"
                )

    def _holds(self, entries: tuple[Entry, ...], written_down: str) -> int:
        found = [one.number for one in entries if one.sha256.startswith(written_down)]
        if len(written_down) < 8 or not found:
            short = "at least eight digits are needed"
            why = short if len(written_down) < 8 else "entries were changed or cut off since"
            self.problems.append(f"the log does not hold the entry that was written down ({written_down}): {why}")
            return 0
        return found[0]

    def _exhibits(self, known: ledger.Ledger) -> None:
        for one in known.exhibits:
            self.tell(f"exhibit {one.number}")
            try:
                working.verified(self.folder, one)
            except CaseDamaged as error:
                self.problems.append(str(error))
                continue
            if durable.is_writable(self.folder / one.copy):
                self.remarks.append(
                    f"exhibit {one.number}: the working copy is no longer read-only; its hashes are right"
                )

    def _reports(self, known: ledger.Ledger) -> None:
        for one in known.examined:
            self.tell(f"report of entry {one.entry}")
            try:
                reports.load(self.folder, one.stored, one.sha256, one.stored_sha256)
            except CaseDamaged as error:
                self.problems.append(str(error))

    def _files(self, known: ledger.Ledger, damaged: bool) -> None:
        left = set(leftovers.find(self.folder, known))
        beside = [name for name in (database.WAL, database.INDEX) if (self.folder / name).exists()]
        if damaged:  # files may be unnamed because their entry is lost: nothing tells them from what a kill left
            kept = {one.copy for one in known.exhibits} | {one.stored for one in known.examined}
            folders = f"{working.FOLDER}/", f"{reports.FOLDER}/"
            left |= {name for name in _names(self.folder) if name.startswith(folders) and name not in kept}
            if left:
                self.remarks.append(
                    f"what is left of the log does not name {', '.join(sorted(left))}: since the log is damaged, "
                    "whether these were accepted cannot be told. Keep them"
                )
        elif left or beside:
            names = ", ".join(sorted({*left, *beside}))
            self.remarks.append(
                f"a command was killed and left {names}; what was accepted is whole, and the next command that writes "
                "clears up and says so in the log"
            )
        own = {seal.NAME, lock.NAME, database.NAME, working.FOLDER, reports.FOLDER, *left, *beside}
        own |= {one.copy for one in known.exhibits} | {one.stored for one in known.examined}
        for name in _names(self.folder):
            if (self.folder / name).is_symlink():
                self.problems.append(f"{name} is a link: what a case holds lies in its own folder")
            elif name not in own:
                self.problems.append(f"{name} is no file of this case: the log does not name it")
        if not (self.folder / lock.NAME).is_file():
            self.problems.append(f"{lock.NAME} is missing: the case was not copied whole")
        elif (self.folder / lock.NAME).stat().st_size:
            self.problems.append(f"{lock.NAME} was changed: it is always empty")


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder))
