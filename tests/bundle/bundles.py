"""Bundles made of little, to be checked, altered and attacked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veridical.bundle import contents
from veridical.bundle.check import Verdict, check
from veridical.bundle.contents import Contents
from veridical.bundle.keys import PrivateKey
from veridical.bundle.make import Stamping, make
from veridical.evidence import files
from veridical.report.model import SCHEMA_VERSION, Conclusion, ExhibitRecord, Record, Report
from veridical.report.to_json import to_json

KEY = PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "laboratory")
OTHER = PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))), "somebody else")
WHEN = "2026-11-23T22:00:00+00:00"


def small_report(media: Path) -> Report:
    """A report that asks nothing of a file that is there."""
    found = contents.hashed(media)
    exhibit = ExhibitRecord(
        path=str(media), sha256=found.sha256, kind="image", format="png", bytes=found.size, streams={}
    )
    conclusion = Conclusion(
        log10_lr=None, interval=None, band="inconclusive", category=None, propositions=("H1", "H2"), statement="None.",
        declarations=(), limits=(), stability=None,
    )  # fmt: skip
    record = Record(
        version="0.1", commit="c" * 40, models={"a.model": "0" * 64}, settings={"spatial.error_level": {"quality": 75}},
        percepts={}, environment={"python": "3.11"}, limits=("2.5 GiB",), command="veridical examine", started=WHEN,
        seconds=1.0, tables={},
    )  # fmt: skip
    return Report(
        schema_version=SCHEMA_VERSION, exhibit=exhibit, findings=(), not_examined=(), conclusion=conclusion, record=record
    )  # fmt: skip


def write_report(folder: Path, *, tables: bool = False) -> Path:
    """Write a small file and its report; return where the report lies."""
    media = folder / "photo.png"
    media.write_bytes(b"\x89PNG not really, but nobody opens it")
    report = small_report(media)
    if tables:
        report = replace(report, record=replace(report.record, tables=files.hashes([], "image")))
    path = folder / "photo.report.json"
    path.write_text(to_json(report, indent=None))
    return path


def collected(folder: Path, **more: Any) -> Contents:
    return replace(contents.of_reports([write_report(folder)]), **more)


def make_bundle(
    folder: Path, *, key: PrivateKey = KEY, with_media: bool = True, stamping: Stamping | None = None, **more: Any
) -> Path:
    """Make a bundle of one small report."""
    path = folder / "a.bundle.zip"
    path.unlink(missing_ok=True)
    make(path, collected(folder, **more), key, with_media=with_media, stamping=stamping, now=lambda: WHEN)
    return path


def trusted(path: Path) -> Verdict:
    return check(path, trusted=[KEY.public])


def altered(data: bytes, name: str, change: Any) -> bytes:
    """Return JSON with one field changed, written as bundles write it."""
    from veridical.bundle import canonical

    plain = json.loads(data)
    plain[name] = change(plain[name])
    return canonical.write(plain)
