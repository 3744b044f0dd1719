"""Writing entries: who, when, from which account; and the first entry of a new case."""

from __future__ import annotations

import getpass
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import UsageError
from . import chain, database, durable, ledger, lock, reports, seal, working
from .chain import Entry
from .ledger import Particulars

NOBODY = "nobody named"
_DRAFT = durable.DRAFT + "case-"


def new_entry(number: int, previous: str, action: str, details: Mapping[str, Any], by: str) -> Entry:
    """Make an entry of now."""
    kept = {**details, "account": _account()}
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    return chain.make(number=number, time=time, actor=by or NOBODY, action=action, details=kept, previous=previous)


def write_entry(folder: Path, entry: Entry) -> None:
    """Write an entry durably; raises UsageError if the disk refuses it, and nothing was changed then."""
    with complaints(folder), lock.sealing(folder), seal.coming(folder, entry.number, entry.sha256) as accept:
        database.append(folder / database.NAME, entry, accept, partial(seal.names, folder, entry.sha256))


def make_case(folder: Path, particulars: Particulars, by: str) -> None:
    """Make a case with its first entry in one step; raises OSError if it cannot be made."""
    with lock.sealing(folder.parent):
        for left in folder.parent.glob(_DRAFT + "*"):  # of a command that was killed
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=folder.parent) as scratch:
            made = Path(scratch, "case")
            for one in (made, made / working.FOLDER, made / reports.FOLDER):
                one.mkdir()
            (made / lock.NAME).touch()
            details = {"particulars": ledger.plain(particulars), "veridical": version()}
            write_entry(made, new_entry(1, chain.START, ledger.OPENED, details, by or particulars.examiner))
            made.replace(folder)
            durable.sync(folder.parent)


@contextmanager
def complaints(folder: Path) -> Iterator[None]:
    """Say in words that the disk is full or read-only."""
    try:
        yield
    except OSError as error:
        free = shutil.disk_usage(folder).free / 1e6
        why = error.strerror or error.args[-1]
        raise UsageError(
            f"{folder} cannot be written to ({why}; {free:.0f} MB are free); nothing was changed. "
            "Make room, or see that this account may write there"
        ) from None


def _account() -> str:
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (OSError, KeyError):  # an account without a name
        return f"@{platform.node()}"


def version() -> str:
    """Return version and commit of this program."""
    from ..report import record  # knows every examination, which a note does not need

    commit = record.commit()
    return f"{__version__} {commit}".strip()
