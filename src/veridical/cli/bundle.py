"""``veridical bundle``: reports, or a case, as one signed file with everything to do the examinations again."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ..errors import CaseDamaged, NotInstalled, UsageError
from ..report.markup import one_line
from . import _reports
from ._console import caution, complain, err, out
from .keys import Passphrase, read_passphrase

if TYPE_CHECKING:
    from ..bundle.contents import Contents
    from ..bundle.keys import PrivateKey
    from ..bundle.make import Bundle, Stamping
    from ..store.case import Case

ENDING = ".bundle.zip"


def command(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT.json…|CASE", help="Reports, or the folder of a case.", show_default=False),
    ],
    to: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write this file (default: in the current folder).")
    ] = None,
    with_media: Annotated[
        bool, typer.Option("--with-media", help="Put the examined files themselves into the bundle.")
    ] = False,
    media: Annotated[
        list[Path] | None,
        typer.Option("--media", metavar="FILE", help="An examined file that was moved. Repeatable."),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", metavar="NAME|FILE", help="The key that signs (see: veridical keys).")
    ] = "",
    passphrase_file: Passphrase = None,
    timestamp_url: Annotated[
        str,
        typer.Option("--timestamp-url", metavar="URL", help="Ask this authority for an RFC 3161 timestamp (network)."),
    ] = "",
    tsa: Annotated[
        Path | None,
        typer.Option("--tsa", metavar="FILE", help="Certificates (PEM) that the timestamp is checked against at once."),
    ] = None,
) -> None:
    """Put reports, or a case, into one signed file that others can check and examine anew.

    It holds the reports (JSON and page), the hashes of the examined files, every parameter, the names and hashes of models and
    tables, the versions of everything that ran, and the log of the case. It is written in one step: whole, or not at all.
    Check it with: veridical verify.

    Exit codes: 0 written; 1 the case is damaged, or a file changed meanwhile; 2 wrong usage, or it could not be written.
    """
    from ..bundle import contents, keys
    from ..store.case import Case

    signer = keys.load(key, lambda: read_passphrase(passphrase_file) or _asked())
    if tsa and not timestamp_url:
        raise UsageError("--tsa checks the timestamp that --timestamp-url asks for; give both, or none")
    case = _case(sources, Case)
    try:
        if case and media:
            raise UsageError("a case has its own copies of the files: --media is for reports")
        collected = contents.of_case(case) if case else contents.of_reports(sources, media or ())
        path = to or Path(f"{_stem(sources[0], collected)}{ENDING}")
        made = _make(path, collected, signer, with_media, _stamping(timestamp_url, tsa))
        told = _enter(case, path, signer.public.id) if case else ""
    except CaseDamaged as error:
        complain(str(error))
        raise typer.Exit(1) from None
    _tell(path, made)
    if told:
        out.print(Text(told), soft_wrap=True)


def _make(
    path: Path, collected: Contents, signer: PrivateKey, with_media: bool, stamping: Stamping | None
) -> Bundle:  # fmt: skip
    from ..bundle.make import make
    from ..catalogue import load
    from ..errors import MediaChanged

    explain = {one.id: one.sections for one in load().examinations.values()}
    try:
        return make(
            path, collected, signer, with_media=with_media, stamping=stamping, explain=explain,
            command=shlex.join(["veridical", *sys.argv[1:]]),
        )  # fmt: skip
    except MediaChanged as error:
        complain(str(error))
        raise typer.Exit(1) from None
    except NotInstalled as error:
        raise UsageError(str(error)) from None


def _case(sources: list[Path], kind: type[Case]) -> Case | None:
    folders = [one for one in sources if one.is_dir()]
    if not folders:
        return None
    if len(sources) > 1:
        raise UsageError("give one case, or reports: not both, and not several cases")
    return kind.open(folders[0], waiting=lambda: err.print("waiting for another command that holds the case"))


def _stem(source: Path, collected: Contents) -> str:
    if collected.case is not None:
        return source.resolve().name
    one = collected.inputs[0]
    return _reports.stem_of(one.name, one.sha256)


def _stamping(url: str, tsa: Path | None) -> Stamping | None:
    if not url:
        return None
    from ..bundle import timestamp
    from ..bundle.make import Stamping

    return Stamping(url, timestamp.certificates(tsa) if tsa else ())


def _enter(case: Case, path: Path, key: str) -> str:
    """Write into the log of the case that a bundle was made, and return where the log ends now."""
    from ..bundle.contents import hashed
    from ..store import ledger

    details = {"bundle": path.name, "bytes": (made := hashed(path)).size, "sha256": made.sha256, "signed_by": key}
    entry = case.append(ledger.EXPORTED, details)
    return f"Log: {entry.number} entries, head {entry.sha256}"


def _tell(path: Path, made: Bundle) -> None:
    said = made.manifest
    for text in made.missing:
        caution(text)
    held = sum(one.member is not None for one in said.inputs)
    kept = f"{held} of them in it" if held else "none of them in it: --with-media puts them in"
    rows = [
        f"Bundle: {path} ({path.stat().st_size / 1e6:.1f} MB)",
        f"{_count(len(said.examinations), 'report')} about {_count(len(said.inputs), 'file')}, {kept}",
        f"signed by key {said.signer.id} ({said.signer.name or 'no name'})",
        "with a timestamp" if said.timestamp else "without a timestamp: when it was made is its own word",
    ]
    for row in rows:
        out.print(Text(one_line(row)), soft_wrap=True)


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def _asked() -> bytes | None:
    if not sys.stdin.isatty():
        return None
    return str(typer.prompt("Passphrase of the key", hide_input=True, err=True)).encode()
