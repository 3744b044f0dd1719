"""What a bundle says of itself: inputs, parameters, models, tables, environment, and every member with its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import codec
from ..finding import Scalar
from ..report.upgrades import upgrade
from . import canonical

FORMAT = "veridical bundle"
VERSION = 1
MANIFEST, SIGNATURE, TIMESTAMP = "manifest.json", "manifest.sig", "manifest.tsr"
SIGNER, README, CUSTODY = "signer.pem", "README.txt", "custody.jsonl"
_RECORD = ("settings", "percepts", "models", "environment", "limits", "tables")


class NoManifest(ValueError):
    """The bytes are no manifest; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """When, by what and how the bundle was made (ISO 8601; ``environment`` as in reports)."""

    when: str
    veridical: str
    commit: str
    command: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs: ``public_key`` are 32 bytes in hexadecimal, ``id`` is the SHA-256 of the key as SubjectPublicKeyInfo."""

    algorithm: str
    id: str
    public_key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One exhibit. ``sha512`` is None if the file was not at hand; ``member`` names it in the bundle, if it is there."""

    name: str
    kind: str
    bytes: int
    sha256: str
    sha512: str | None
    member: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One report: whose exhibit it is about, and everything its record says that the run can be done again with."""

    report: str
    page: str
    exhibit: str
    bytes: int
    schema_version: str
    veridical: str
    commit: str
    command: str
    started: str
    settings: Mapping[str, Mapping[str, Scalar]]
    percepts: Mapping[str, Mapping[str, Scalar]]
    models: Mapping[str, str]
    environment: Mapping[str, str]
    limits: tuple[str, ...]
    tables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A data file that weighed a report; ``member`` is None if the one that was used was not at hand any more."""

    name: str
    sha256: str
    member: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A member with size and hash."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All of it. ``custody`` names the log of the case; ``timestamp`` says whether the bundle holds one."""

    format: str
    version: int
    made: Made
    signer: Signer
    timestamp: bool
    case: str | None
    custody: str | None
    inputs: tuple[Input, ...]
    examinations: tuple[Examined, ...]
    tables: tuple[Table, ...]
    members: tuple[Listed, ...]


def write(manifest: Manifest) -> bytes:
    """Write a manifest in its one form."""
    return canonical.write(codec.encode(manifest, Manifest, codec.array_to_text))


def read(data: bytes) -> Manifest:
    """Read a manifest.

    Raises
    ------
    NoManifest
        If the bytes are none, are not in the one form, or belong to a newer version.
    """
    try:
        plain = canonical.read(data)
    except ValueError as error:
        raise NoManifest(str(error)) from None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise NoManifest("it does not say that it is a bundle of veridical")
    if plain.get("version") != VERSION:
        said = f"it has version {str(plain.get('version'))[:20]}, this veridical reads version {VERSION}"
        raise NoManifest(f"{said}; use the veridical that made the bundle, or a newer one")
    try:
        manifest: Manifest = codec.decode(plain, Manifest, codec.array_from_text)
        again = write(manifest)
    except (ValueError, TypeError, RecursionError) as error:
        raise NoManifest(f"what it says is not what a manifest says ({str(error)[:200]})") from None
    if again != data:
        raise NoManifest("it says more than a manifest says")
    return manifest


def listed(name: str, content: bytes) -> Listed:
    """List a member."""
    return Listed(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def examined(plain: Any, *, report: str, page: str) -> Examined:
    """Return what a manifest says of a report, from the plain data of the report.

    Raises
    ------
    ValueError, UsageError
        If it is no report.
    """
    try:
        new = upgrade(plain)
        record, exhibit = new["record"], new["exhibit"]
        said: dict[str, Any] = {name: record[name] for name in _RECORD}
        said |= {"report": report, "page": page, "exhibit": exhibit["sha256"], "bytes": exhibit["bytes"]}
        said |= {"schema_version": plain["schema_version"], "veridical": record["version"]}
        said |= {name: record[name] for name in ("commit", "command", "started")}
        return codec.decode(said, Examined, codec.array_from_text)  # type: ignore[no-any-return]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no report of veridical ({error!r})") from None
