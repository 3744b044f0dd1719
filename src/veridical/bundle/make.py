"""Makes a bundle: collects the members, lists them in the manifest, signs it, and writes the file in one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from .. import __version__
from ..environment import machine, versions
from ..report import record
from ..report.page import Explain
from ..report.to_html import NOTHING, to_html
from ..report.to_json import from_json
from . import archive, manifest, timestamp
from .archive import Member
from .contents import Contents
from .keys import PrivateKey
from .manifest import Listed, Made, Manifest, Signer
from .publish import publish

_README = """This is a bundle of veridical: reports of examinations of image, video or sound files, and what is needed
to do the examinations again.

  veridical verify FILE --trust PUBLIC-KEY        checks it
  veridical verify FILE --replay [--media FILE]   examines the files again and says what differs

Without veridical: manifest.json lists every file here with its SHA-256; manifest.sig is the Ed25519 signature (RFC 8032) of
the bytes of manifest.json; signer.pem is the public key. Compare that key with one that you have from its owner.
  openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in manifest.json -sigfile manifest.sig
"""


@dataclass(frozen=True, slots=True)
class Stamping:
    """Where to ask for a timestamp, and the certificates that it is checked against at once (none: it is not checked)."""

    url: str
    authorities: Sequence[x509.Certificate] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written: the manifest, and sentences about what is not in it."""

    manifest: Manifest
    missing: tuple[str, ...]


def make(
    path: Path, contents: Contents, key: PrivateKey, *, with_media: bool = False, stamping: Stamping | None = None,
    explain: Explain = NOTHING, command: str = "", now: Callable[[], str] = record.now,
) -> Bundle:  # fmt: skip
    """Write a bundle; the file is there whole or not at all.

    Parameters
    ----------
    with_media
        True puts the exhibits themselves into it.
    explain
        The sections of every examination's description, for the pages.

    Raises
    ------
    UsageError
        If the file is there already or cannot be written, an exhibit is wanted and not at hand, or no timestamp came.
    NotInstalled
        If a timestamp is wanted and its package is not installed.
    """
    members, missing = _members(contents, key, with_media=with_media, explain=explain)
    listed = [_listed(one, contents) for one in members]
    said = manifest.write(_manifest(contents, key, listed, with_media, stamping is not None, command, now()))
    signature = key.sign(said)
    first = [archive.member(manifest.MANIFEST, said), archive.member(manifest.SIGNATURE, signature)]
    if stamping:
        stamp = timestamp.ask(stamping.url, signature, stamping.authorities)
        first.append(archive.member(manifest.TIMESTAMP, stamp))
    publish(path, lambda file: archive.write(file, [*first, *members]))
    return Bundle(manifest.read(said), (*contents.missing, *missing))


def _members(
    contents: Contents, key: PrivateKey, *, with_media: bool, explain: Explain
) -> tuple[list[Member], list[str]]:
    members = [
        archive.member(manifest.README, _README.encode()),
        archive.member(manifest.SIGNER, key.public.pem.encode()),
    ]
    missing = []
    if contents.log is not None:
        members.append(archive.member(manifest.CUSTODY, contents.log))
    for table, path in contents.tables().items():
        if table.member and path:
            members.append(archive.member(table.member, path.read_bytes()))
        else:
            missing.append(
                f"{table.name}, with which a report was made, is not the one that is installed here any more"
            )
    for number, one in enumerate(contents.reports, 1):
        page = to_html(from_json(one.data.decode("utf-8")), explain=explain)
        members.append(archive.member(f"reports/{number}.html", page.encode("utf-8")))
        members.append(archive.member(f"reports/{number}.json", one.data))
        if not one.plain.get("record", {}).get("tables"):
            missing.append(f"report {number} does not say which data files weighed it: an older veridical made it")
    for one_input in contents.listed(with_media=with_media):
        if one_input.member:
            members.append(contents.media[one_input.sha256].member(one_input.member))
    return members, missing


def _listed(one: Member, contents: Contents) -> Listed:
    for media in contents.media.values():
        if one.name == f"media/{media.sha256}":
            return Listed(name=one.name, bytes=media.size, sha256=media.sha256)
    return manifest.listed(one.name, b"".join(one.pieces()))


def _manifest(
    contents: Contents, key: PrivateKey, listed: list[Listed], with_media: bool, stamped: bool, command: str, when: str
) -> Manifest:
    public = key.public
    made = Made(
        when=when,
        veridical=__version__,
        commit=record.commit(),
        command=command,
        environment={**versions(), **machine()},
    )
    return Manifest(
        format=manifest.FORMAT, version=manifest.VERSION, made=made, timestamp=stamped, case=contents.case,
        signer=Signer(algorithm="Ed25519", id=public.id, public_key=public.raw.hex(), name=public.name),
        custody=manifest.CUSTODY if contents.log is not None else None,
        inputs=tuple(contents.listed(with_media=with_media)),
        examinations=tuple(
            manifest.examined(one.plain, report=f"reports/{number}.json", page=f"reports/{number}.html")
            for number, one in enumerate(contents.reports, 1)
        ),
        tables=tuple(contents.tables()), members=tuple(listed),
    )  # fmt: skip
