"""Read Content Credentials (C2PA) with the reference library, offline, and look for traces where it finds none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from c2pa import C2paError, Context, Reader, Settings

from ..sniff import sniff
from ..wire import Message
from . import _blocks, _structure, _xmp
from ._damage import BROKEN, reason
from ._parts import Source

_TYPES = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif", "heic": "image/heic",
    "tiff": "image/tiff", "gif": "image/gif", "mp4": "video/mp4", "3gp": "video/mp4", "mov": "video/quicktime",
    "m4a": "audio/mp4", "avi": "video/avi", "wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg",
}  # fmt: skip
_SETTINGS = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_reading": True}}

# A JUMBF description box of type c2pa, and the ISO box of C2PA: both too long to arise by chance.
_MARKS = {
    b"jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71": "a C2PA manifest store (JUMBF box)",
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"): "a C2PA box (uuid)",
}
_SEARCHED = 1 << 30
_LINK = "dcterms:provenance"


def read(path: Path) -> Iterator[Message]:
    """Yield one message: the head that ``veridical.media.credentials.read_credentials`` takes."""
    format, _ = sniff(path)
    type = _TYPES.get(format)
    if type is None or type not in Reader.get_supported_mime_types():
        yield _none("unreadable", f"the C2PA reader does not support {format} files", _remnants(path))
        return
    try:
        with path.open("rb") as file, Reader(type, file, context=Context(Settings.from_dict(_SETTINGS))) as reader:
            store = reader.json()
    except C2paError.ManifestNotFound:
        yield _not_found(_remnants(path))
    except C2paError as error:
        yield _failed(error, _remnants(path))
    else:
        yield _present(store)


def _present(text: str) -> Message:
    store: dict[str, Any] = json.loads(text)
    results = (store.get("validation_results") or {}).get("activeManifest") or {}
    entries = [entry for group in ("success", "informational", "failure") for entry in results.get(group) or ()]
    if not results:
        entries = store.get("validation_status") or []
    statuses = [[str(entry.get("code", "")), str(entry.get("explanation") or "")] for entry in entries]
    return Message({
        "presence": "present", "reason": "", "state": str(store.get("validation_state") or ""),
        "statuses": statuses, "store_json": text, "remnants": [],
    })  # fmt: skip


def _none(presence: str, why: str, remnants: list[str]) -> Message:
    return Message({
        "presence": presence, "reason": why, "state": "", "statuses": [], "store_json": "", "remnants": remnants,
    })  # fmt: skip


def _not_found(remnants: list[str]) -> Message:
    if any(trace in _MARKS.values() or trace == _PNG_TRACE for trace in remnants):
        return _none("unreadable", "the file holds C2PA data in which the reader found no manifest", remnants)
    return _none("absent", "", remnants)


def _failed(error: C2paError, remnants: list[str]) -> Message:
    said = reason(error)
    if said.startswith("Remote"):  # the library has an error class for this, and raises another
        said = f"the credentials lie elsewhere, and nothing is fetched from the network ({said})"
    return _none("unreadable", said, remnants)


_PNG_TRACE = "a C2PA chunk (caBX)"


def _remnants(path: Path) -> list[str]:
    """Traces of a manifest that the reader did not find."""
    traces = [trace for mark, trace in _MARKS.items() if _contains(path, mark)]
    parts = _structure.walk(path)
    if parts.family == "png" and any(name.startswith("caBX") for name in parts.names()):
        traces.append(_PNG_TRACE)
    for packet in _blocks.find(path).xmp:
        try:
            properties = _xmp.parse(packet)
        except BROKEN:
            continue  # the metadata reader reports it
        if _LINK in properties:
            traces.append(f"a link to a manifest (XMP {_LINK}): {properties[_LINK]}")
    return traces


def _contains(path: Path, mark: bytes) -> bool:
    source = Source(path)
    try:
        end = min(source.size, _SEARCHED)
        return any(mark in data for _, data in source.chunks(0, end, overlap=len(mark)))
    finally:
        source.close()
