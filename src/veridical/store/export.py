"""A case for others: its log as lines of JSON, its reports, its particulars, and a list of hashes; media only if wanted.

Nothing in it needs veridical to be read or checked: ``sha256sum --check hashes.sha256``, and the chain as ``chain`` says.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ..errors import CaseDamaged, UsageError
from . import durable, ledger, seal, working
from .case import Case
from .chain import Entry
from .ledger import Examined

LOG, PARTICULARS, HASHES, README = "log.jsonl", "case.json", "hashes.sha256", "README.txt"
Pages = Callable[[str], Mapping[str, str]]
_TEXT = f"""A case exported by veridical.

{LOG:<15} the custody log, one entry a line, in order
{PARTICULARS:<15} what the log says, arranged: particulars, exhibits, propositions, notes, examinations
{seal.NAME:<15} number of entries and hash of the last, as they were in the case
reports/        every report that was made, by number of its entry
media/          the working copies, if they were asked for
{HASHES:<15} SHA-256 of every other file here: sha256sum --check {HASHES}

The log checks itself: take "sha256" out of an entry, write the rest as JSON with sorted keys, without spaces, characters beyond
ASCII as \\uXXXX; its SHA-256 is what was taken out, and the next entry repeats it as "previous".
"""


def export(case: Case, to: Path, *, with_media: bool = False, pages: Pages = lambda _: {}, by: str = "") -> Entry:
    """Write a case into a new folder, or into a zip file if the name ends in .zip, and enter that into the log.

    ``pages`` turns the JSON of a report into further files: ending → text.

    Raises
    ------
    UsageError
        If there is something of that name, or it cannot be written.
    CaseDamaged
        If something in the case is not what its log says; nothing is exported then.
    """
    if to.exists():
        raise UsageError(f"{to} is there already; choose another name with --out")
    if to.resolve().is_relative_to(case.folder.resolve()):
        raise UsageError(f"{to} lies in the case itself; choose another place with --out")
    with case.changing(), _complaints(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=durable.DRAFT + "export-", dir=to.parent) as scratch:
            made = Path(scratch, "export")
            hashes = _write(case, made, with_media, pages)
            if to.suffix == ".zip":
                made = _zipped(made)
            _sync(made)
            made.rename(to)
            durable.sync(to.parent)
        details = {
            "to": str(to.resolve()),
            "with_media": with_media,
            "entries": case.head.count,
            "hashes_sha256": hashes,
        }
        return case.enter(ledger.EXPORTED, details, by)


def _write(case: Case, to: Path, with_media: bool, pages: Pages) -> str:
    """Write everything, and return the SHA-256 of the list of hashes."""
    (to / "reports").mkdir(parents=True)
    (to / LOG).write_text("".join(f"{one.line}\n" for one in case.entries()), "ascii")
    (to / PARTICULARS).write_text(json.dumps(asdict(case.ledger), indent=1) + "\n", "ascii")
    (to / seal.NAME).write_text(case.head.text, "ascii")
    (to / README).write_text(_TEXT, "ascii")
    for one in case.ledger.examined:
        text = case.report(one)
        stem = to / "reports" / stem_of(case, one)
        stem.with_name(stem.name + ".json").write_text(text, "utf-8")
        for ending, page in pages(text).items():
            stem.with_name(stem.name + ending).write_text(page, "utf-8")
    if with_media:
        (to / working.FOLDER).mkdir()
        for exhibit in case.exhibits():
            found = durable.copy(case.copy_of(exhibit), to / exhibit.copy)
            if (found.sha256, found.sha512) != (exhibit.sha256, exhibit.sha512):
                raise CaseDamaged(
                    f"exhibit {exhibit.number}: its working copy was changed; see: veridical case check {case.folder}"
                )
    lines = [f"{durable.hashes(path).sha256}  {path.relative_to(to).as_posix()}\n" for path in _files(to)]
    (to / HASHES).write_text("".join(lines), "utf-8")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def stem_of(case: Case, examined: Examined) -> str:
    """Return what the names of a report's files begin with: number of the entry, name of the exhibit."""
    return f"{examined.entry:04d}-{Path(case.exhibit(examined.exhibit).copy).name}.report"


def _zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for one in _files(folder):
            archive.write(one, one.relative_to(folder).as_posix())
    shutil.rmtree(folder)
    return path


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _sync(made: Path) -> None:
    for path in [made] if made.is_file() else [*_files(made), made]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


@contextmanager
def _complaints(to: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"the case cannot be exported to {to} ({error.strerror}); choose another place with --out"
        ) from None
