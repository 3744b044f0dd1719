"""Content Credentials (C2PA) as the reference library reads them, unjudged: the raw manifest store and its statuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import DecoderFailed
from .decoder import Decoder

_SECONDS = 15
_BYTES_A_SECOND = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the C2PA reader found.

    Parameters
    ----------
    presence
        "absent": no manifest; "present": a manifest store was read; "unreadable": something C2PA-like is in the file
        but could not be parsed, its format is one the reader does not support, or the reader crashed or got stuck on it
        (``reason`` says which).
    state
        The reader's own summary ("Valid", "Invalid", "Trusted"), "" if absent. Never shown alone.
    statuses
        Validation status codes with their explanations, successes and failures, of the active manifest.
    store_json
        The manifest store as JSON text; "" if absent.
    remnants
        Traces of a removed manifest (provenance links in XMP, orphaned boxes), in words.
    """

    presence: Literal["absent", "present", "unreadable"]
    reason: str
    state: str
    statuses: tuple[tuple[str, str], ...]
    store_json: str
    remnants: tuple[str, ...]

    @property
    def store(self) -> Mapping[str, Any]:
        """The manifest store, parsed; empty if there is none."""
        return json.loads(self.store_json) if self.store_json else {}


def read_credentials(decoder: Decoder) -> Credentials:
    """Read the Content Credentials of an exhibit.

    A manifest on which the reader crashes or gets stuck is unreadable; the rest of the file can still be examined.
    """
    try:
        head = decoder.ask("credentials", patience=_patience(decoder.path)).head
    except DecoderFailed as error:
        why = f"the C2PA reader did not come to an end: {error.problem}"
        return Credentials(presence="unreadable", reason=why, state="", statuses=(), store_json="", remnants=())
    return Credentials(
        presence=head["presence"], reason=head["reason"], state=head["state"],
        statuses=tuple((code, text) for code, text in head["statuses"]), store_json=head["store_json"],
        remnants=tuple(head["remnants"]),
    )  # fmt: skip


def _patience(path: Path) -> float:
    """Seconds after which the reader is stuck: it hashes the whole file, so that large ones take longer."""
    return _SECONDS + path.stat().st_size / _BYTES_A_SECOND
