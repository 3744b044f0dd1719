"""The run record: every version, hash, setting and limit that somebody needs to do the examination again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from .. import __version__
from ..catalogue import Examination
from ..environment import machine, versions
from ..evidence import files
from ..examiner import Examiner
from ..finding import Scalar
from ..media.exhibit import STREAMS, Exhibit
from ..resolver import Resolver
from .model import Record


def now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def make(
    examiner: Examiner, chosen: Sequence[Examination], exhibit: Exhibit | None, resolver: Resolver | None, *,
    command: str, started: str, seconds: float, interrupted: bool,
) -> Record:  # fmt: skip
    """Write down a run."""
    used = resolver.used.values() if resolver else ()
    return Record(
        version=__version__, commit=commit(), models=resolver.models_used() if resolver else {},
        settings={one.id: examiner.settings_of(one) for one in chosen},
        percepts={percept.id: examiner.settings_of(percept) for percept in used}, environment={**versions(), **machine()},
        limits=exhibit.decoder.limits if exhibit else (), command=command, started=started, seconds=round(seconds, 3),
        interrupted=interrupted, tables=files.hashes([one.id for one in chosen], exhibit.kind if exhibit else ""),
    )  # fmt: skip


@cache
def commit() -> str:
    """Return the git commit of the source that runs, or "" if it is an installed release."""
    root = Path(__file__).parents[3] / ".git"
    try:
        head = (root / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        ref = head.removeprefix("ref: ")
        loose = root / ref
        if loose.exists():
            return loose.read_text().strip()
        packed = (root / "packed-refs").read_text().splitlines()
        return next((line.split()[0] for line in packed if line.endswith(ref)), "")
    except OSError:
        return ""


def streams(exhibit: Exhibit) -> dict[str, Mapping[str, Scalar]]:
    """Describe in plain values every stream that was decoded."""
    described: dict[str, Mapping[str, Scalar]] = {}
    for kind in STREAMS:
        stream = exhibit.known(kind)
        if stream is not None:
            described[kind.__name__] = _describe(stream)
    return described


def _describe(stream: object) -> dict[str, Scalar]:
    plain: dict[str, Scalar] = {}
    names = [f.name for f in fields(stream)]  # type: ignore[arg-type]
    extra = [name for name in ("width", "height", "duration_s", "channels") if hasattr(stream, name)]
    for name in dict.fromkeys([*extra, *names]):
        value = getattr(stream, name)
        if (isinstance(value, str) and not value) or name.endswith("_json"):  # nothing to say, or a document of its own
            continue
        if isinstance(value, str | bool | int | float) and not name.startswith("_") and len(str(value)) < 200:
            plain[name] = value
        elif isinstance(value, np.generic):
            plain[name] = value.item()
        elif isinstance(value, Mapping | tuple) and name not in ("parts", "key_frame_s", "statuses"):
            plain[name] = len(value)
    jpeg = getattr(stream, "jpeg", None)
    if jpeg is not None:
        plain |= {"jpeg_quality": jpeg.quality, "jpeg_quality_error": jpeg.quality_error}
        plain |= {"jpeg_subsampling": jpeg.subsampling, "jpeg_progressive": jpeg.progressive}
    return plain
