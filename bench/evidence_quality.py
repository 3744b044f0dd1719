"""Measure the quality vectors of labelled files under every condition, and what the shipped program says of them."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import evidence_files as files

from veridical.cache import PerceptCache
from veridical.perception.quality import Quality
from veridical.pipeline import Request, Run

ASKED = {
    "image": ("spatial.alignment_prior",),
    "audio": ("audio.bandwidth", "audio.vocoder_trace"),
    "video": ("temporal.flicker",),
}
"""What makes the program look for what the quality is told from: faces, or speech."""
MOST = {"image": 200, "audio": 60, "video": 75}
Vectors = Mapping[tuple[str, str], Mapping[str, float]]
"""Quality vectors by condition and file."""


def measure(kind: str, data: Path, work: Path, minutes: float) -> None:
    """Add to ``quality/KIND.jsonl`` what is missing: condition, file, SHA-256 of the laundered file, vector."""
    path = work / f"quality/{kind}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = set(read(path)) if path.exists() else set()
    run = Run(Request(only=ASKED[kind], sound=False), cache=PerceptCache(None, most_bytes=0))
    ends = time.monotonic() + 60 * minutes
    with path.open("a", encoding="utf-8") as out, tempfile.TemporaryDirectory() as scratch:
        for one in files.capped(files.listed(kind, data), MOST[kind]):
            for condition in files.CONDITIONS[kind]:
                if (condition, one.file) in done:
                    continue
                where = files.under(kind, condition, one, data, Path(scratch))
                if where is None:
                    continue
                report = run.examine(where)
                if run.last is not None and report.error is None:
                    vector = {name: float(f"{value:.6g}") for name, value in run.last.of(Quality).vector().items()}
                    line = {"condition": condition, "file": one.file, "sha256": report.exhibit.sha256, "vector": vector}
                    out.write(json.dumps(line) + "\n")
                    out.flush()
                if where.is_relative_to(scratch):
                    where.unlink()
            if time.monotonic() > ends:
                print(f"{kind}: the time is up; ask again to go on")
                return


def read(path: Path) -> dict[tuple[str, str], dict[str, float]]:
    """Return the vectors by condition and file."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {(line["condition"], line["file"]): line["vector"] for line in lines}
