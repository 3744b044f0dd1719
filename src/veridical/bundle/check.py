"""Checks a bundle: its structure, every hash, what the manifest says of the reports, the signature, custody log, timestamp.

A bundle is hostile until it is checked: nothing of it is unpacked to disk, decompressed, rendered or run, no network is used,
and its JSON is read as plain data only.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509

from ..errors import CaseDamaged, NotInstalled, UsageError
from ..store import chain
from . import archive, manifest, timestamp
from .archive import Entry, Fault
from .contents import MOST_REPORT_BYTES
from .keys import PublicKey
from .manifest import Manifest, NoManifest

MOST_MANIFEST_BYTES = 1 << 26
_HASH_BYTES = 64


@dataclass(slots=True)
class Verdict:
    """What was found in a bundle.

    Parameters
    ----------
    faults
        What is wrong.
    right
        What was checked and found right, in sentences.
    unchecked
        What was not checked, and how it can be.
    signer
        The key whose signature holds, with the name under which the user trusts it ("" if under none); None if none does.
    trusted
        Whether that key is one that the user trusts.
    said
        The manifest, None if it cannot be read.
    """

    faults: list[Fault] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    signer: PublicKey | None = None
    trusted: bool = False
    said: Manifest | None = None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong; that says nothing of who made it."""
        return not self.faults

    def wrong(self, where: str, problem: str, meaning: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(where, problem, meaning))


def check(
    path: Path,
    *,
    trusted: Sequence[PublicKey] = (),
    authorities: Sequence[x509.Certificate] = (),
    own: Sequence[str] = (),
) -> Verdict:
    """Check a bundle; what is wrong with it is returned, never raised.

    Parameters
    ----------
    trusted
        Public keys that the user trusts; a signature by another one is a fault.
    authorities
        Certificates of timestamping authorities that the user trusts.
    own
        Ids of the user's own keys.

    Raises
    ------
    UsageError
        If the file cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            return Checker(file, trusted, authorities, own).verdict
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None


class Checker:
    """Checks one open bundle; ``verdict`` is what it found."""

    def __init__(
        self, file: BinaryIO, trusted: Sequence[PublicKey], authorities: Sequence[x509.Certificate], own: Sequence[str]
    ) -> None:
        self.file = file
        self.verdict = Verdict()
        entries, faults = archive.scan(file)
        self.verdict.faults += faults
        if not faults:
            self._right(f"the file is built as bundles are: {len(entries)} members, no other byte")
        self.entries = {one.name: one for one in entries}
        said = self._manifest()
        if said is None:
            self._contents(entries, {})
            return
        self.verdict.said = said
        self._members(entries, said)
        self._reports(said)
        self._signature(said, trusted, own)
        self._timestamp(said, authorities)
        self._custody(said)

    def read(self, name: str, most: int = MOST_REPORT_BYTES) -> bytes | None:
        """Return the content of a member, None if there is none or it is longer than ``most`` bytes."""
        entry = self.entries.get(name)
        if entry is None or entry.size > most:
            return None
        return b"".join(archive.pieces(self.file, entry))

    def _right(self, said: str) -> None:
        self.verdict.right.append(said)

    def _manifest(self) -> Manifest | None:
        if not self.entries:
            return None
        data = self.read(manifest.MANIFEST, MOST_MANIFEST_BYTES)
        if data is None:
            said = "there is none, or it is far too long"
            self.verdict.wrong(manifest.MANIFEST, said, "nothing says what belongs into the file: it is no bundle")
            return None
        try:
            return manifest.read(data)
        except NoManifest as error:
            self.verdict.wrong(manifest.MANIFEST, str(error), "nothing reliable says what belongs into the file")
            return None

    def _members(self, entries: Sequence[Entry], said: Manifest) -> None:
        """Compare names, order, sizes and hashes with the manifest."""
        due = [manifest.MANIFEST, manifest.SIGNATURE, *([manifest.TIMESTAMP] if said.timestamp else [])]
        due += [one.name for one in said.members]
        found = [one.name for one in entries]
        for name in sorted(set(due) - set(found)):
            self.verdict.wrong(
                name, "it is missing", "the manifest lists it: it was taken out, or the file was cut off"
            )
        for name in sorted(set(found) - set(due)):
            self.verdict.wrong(name, "the manifest does not list it", "it was put in after the bundle was signed")
        if set(found) == set(due) and found != due:
            self.verdict.wrong("order of members", "it is not that of the manifest", "the file was packed anew")
        before = len(self.verdict.faults)
        self._contents(entries, {one.name: (one.bytes, one.sha256) for one in said.members})
        if len(self.verdict.faults) == before and found == due:
            self._right(f"each of the {len(said.members)} members that the manifest lists has the SHA-256 listed there")

    def _contents(self, entries: Sequence[Entry], listed: dict[str, tuple[int, str]]) -> None:
        for entry in entries:
            sha256, crc, size = hashlib.sha256(), 0, 0
            for piece in archive.pieces(self.file, entry):
                sha256.update(piece)
                crc, size = zlib.crc32(piece, crc), size + len(piece)
            where = f"{entry.name} (from byte {entry.start} on)"
            if entry.name in listed and listed[entry.name] != (size, sha256.hexdigest()):
                said = f"its SHA-256 is {sha256.hexdigest()}, the manifest lists {listed[entry.name][1][:_HASH_BYTES]}"
                self.verdict.wrong(where, said, "its content was changed after the bundle was made")
            elif crc != entry.crc:
                said = "its CRC-32 is not the one in its header"
                self.verdict.wrong(where, said, "content or header was changed after the bundle was made")

    def _reports(self, said: Manifest) -> None:
        """Make sure that the manifest says of reports, inputs, tables and signer what they say themselves."""
        before = len(self.verdict.faults)
        names = {one.name for one in said.members}
        inputs = {one.sha256: one for one in said.inputs}
        hashes = {one.name: one.sha256 for one in said.members}
        for number, one in enumerate(said.examinations, 1):
            if (one.report, one.page) != (f"reports/{number}.json", f"reports/{number}.html") or one.page not in names:
                self.verdict.wrong(
                    manifest.MANIFEST, "it names a report or page that is none", "it was made to mislead"
                )
            elif one.report in self.entries:
                self._report(one)
            input_ = inputs.get(one.exhibit)
            if input_ is None or input_.bytes != one.bytes:
                self.verdict.wrong(one.report, "its exhibit is not among the inputs", "the manifest contradicts itself")
        for member, sha256 in [
            *((one.member, one.sha256) for one in said.inputs), *((one.member, one.sha256) for one in said.tables)
        ]:  # fmt: skip
            if member is not None and hashes.get(member) != sha256:
                self.verdict.wrong(member, "it is not what the manifest says it is", "the manifest contradicts itself")
        if len(self.verdict.faults) == before:
            self._right(f"the manifest says of {_count(len(said.examinations), 'report')} what each says itself")

    def _report(self, one: manifest.Examined) -> None:
        data = self.read(one.report)
        try:
            if data is None:
                raise ValueError("it is far too long")
            again = manifest.examined(_plain(data), report=one.report, page=one.page)
        except (ValueError, UsageError) as error:
            self.verdict.wrong(one.report, str(error)[:300], "the report cannot be read")
            return
        if again != one:
            said = "the manifest says something else of it than it says itself"
            self.verdict.wrong(one.report, said, "parameters, models or hashes do not belong to this report")

    def _signature(self, said: Manifest, trusted: Sequence[PublicKey], own: Sequence[str]) -> None:
        where = manifest.SIGNATURE
        try:
            key = PublicKey(bytes.fromhex(said.signer.public_key))
            named_rightly = (said.signer.algorithm, said.signer.id) == ("Ed25519", key.id)
        except ValueError:
            named_rightly = False
        if not named_rightly:
            self.verdict.wrong(
                "signer", "the manifest names no Ed25519 key with its id", "nobody has signed the bundle"
            )
            return
        if self.read(manifest.SIGNER, 1 << 16) != key.pem.encode():
            said_ = "it is not the key that the manifest names"
            self.verdict.wrong(manifest.SIGNER, said_, "who checks the signature by hand would use a wrong key")
        data, signature = self.read(manifest.MANIFEST, MOST_MANIFEST_BYTES), self.read(where, _HASH_BYTES)
        if data is None or signature is None or not key.has_signed(data, signature):
            said_ = f"it is not the signature of this manifest by key {key.id}"
            self.verdict.wrong(where, said_, "manifest or signature were changed, or somebody else made them")
            return
        self._signed_by(key, said.signer.name, trusted, own)

    def _signed_by(self, key: PublicKey, claimed: str, trusted: Sequence[PublicKey], own: Sequence[str]) -> None:
        known = next((one for one in trusted if one.raw == key.raw), None)
        self.verdict.signer, self.verdict.trusted = known or key, known is not None
        calls = f", which calls itself {claimed!r}" if claimed else ""
        mine = " (one of your own keys)" if key.id in own else ""
        if known:
            name = f" as {known.name!r}" if known.name else ""
            self._right(f"the manifest is signed by key {key.id}, which you trust{name}{mine}")
        elif trusted:
            said = f"the manifest is signed by key {key.id}{calls}{mine}, which is none that you trust"
            self.verdict.wrong(
                "signer", said, "somebody else made this bundle, or the file of trusted keys is incomplete"
            )
        else:
            self._right(f"the manifest is signed by key {key.id}{calls}{mine}")
            self.verdict.unchecked.append(
                "who holds that key: anybody can make one. Compare its id with one that you have from its owner, "
                "or give the public key with --trust FILE"
            )

    def _timestamp(self, said: Manifest, authorities: Sequence[x509.Certificate]) -> None:
        content = self.read(manifest.TIMESTAMP, timestamp.MOST_BYTES)
        signature = self.read(manifest.SIGNATURE, _HASH_BYTES)
        if not said.timestamp or content is None or signature is None:
            if authorities and not said.timestamp:
                self.verdict.unchecked.append("a timestamp: the bundle has none; when it was made is its own word")
            return
        try:
            if authorities:
                stamp = timestamp.check(content, signature, authorities)
                self._right(f"an authority that you trust has seen the signature at {stamp.when}")
            else:
                stamp = timestamp.read(content, signature)
                self.verdict.unchecked.append(
                    f"whether the timestamp ({stamp.when}) is genuine: give the authority's certificate with --tsa FILE"
                )
        except timestamp.Unusable as error:
            self.verdict.wrong(manifest.TIMESTAMP, str(error), "it does not show when the bundle was signed")
        except NotInstalled as error:
            if authorities:
                raise UsageError(str(error)) from None
            self.verdict.unchecked.append(f"the timestamp: {error}")

    def _custody(self, said: Manifest) -> None:
        if said.custody is None:
            return
        data = self.read(said.custody) if said.custody == manifest.CUSTODY else None
        if data is None:
            self.verdict.wrong(
                said.custody[:200], "the custody log is missing or far too long", "the case cannot be followed"
            )
            return
        try:
            entries = chain.from_lines(data.decode("ascii").splitlines())
        except (CaseDamaged, UnicodeDecodeError, RecursionError) as error:
            self.verdict.wrong(said.custody, str(error)[:300], "the custody log was changed before the bundle was made")
            return
        head = f", head {entries[-1].sha256}" if entries else ""
        self._right(f"the custody log is one unbroken chain of {_count(len(entries), 'entry', 'entries')}{head}")
        told = {text for entry in entries for text in _texts(entry.details)}
        for one in said.inputs:
            if one.sha256 not in told:
                meaning = "the bundle holds an exhibit that is not of this case"
                self.verdict.wrong(said.custody, f"it does not tell of the exhibit {one.sha256}", meaning)
        hashes = {one.name: one.sha256 for one in said.members}
        for report in said.examinations:
            if hashes.get(report.report, "") not in told:
                meaning = "the bundle holds a report that was not made in this case"
                self.verdict.wrong(said.custody, f"it does not tell of {report.report[:80]}", meaning)


def _plain(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in plain data that has been nested no deeper than the reader of the log allows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
