"""Ask the examinations that learn nothing about labelled files under every condition, within a budget of time."""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import evidence_files as files

from veridical.cache import PerceptCache
from veridical.pipeline import Request, Run

ASKED = {"image": ("spatial",), "audio": ("audio.bandwidth", "audio.prosody", "audio.splice", "audio.speaker_consistency"),
         "video": ("temporal",)}  # fmt: skip
LEFT = {"image": ("spatial.prnu", "spatial.blend_boundary"), "audio": (), "video": ("temporal.mannerisms",)}
"""Those that need an enrolled camera or person, and one whose network the values at hand had not seen the files."""
MOST = {"image": 30, "audio": 40, "video": 75}
PREFIX = {"image": "spatial.", "audio": "audio.", "video": "temporal."}
HEAD = ("condition", "file", "statistic", "value")


def collect(kind: str, data: Path, work: Path, minutes: float) -> None:
    """Add to ``values/KIND.csv`` what was not asked yet; an empty value means that the examination refused the file."""
    path = work / f"values/{kind}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    done = set() if fresh else {(line["condition"], line["file"]) for line in read(path)}
    run = Run(Request(only=ASKED[kind], skip=LEFT[kind], sound=False), cache=PerceptCache(None, most_bytes=0))
    chosen = files.capped(files.listed(kind, data), MOST[kind])
    ends = time.monotonic() + 60 * minutes
    with path.open("a", newline="") as out, tempfile.TemporaryDirectory() as scratch:
        writer = csv.writer(out)
        if fresh:
            writer.writerow(HEAD)
        for one in chosen:
            wanted = [name for name in files.CONDITIONS[kind] if (name, one.file) not in done]
            for condition in wanted:
                where = files.under(kind, condition, one, data, Path(scratch))
                if where is None:
                    continue
                for finding in run.examine(where).findings:
                    value = "" if finding.value is None else round(finding.value, 5)
                    writer.writerow((condition, one.file, finding.id, value))
                out.flush()
                if where.is_relative_to(scratch):
                    where.unlink()
            if time.monotonic() > ends:
                print(f"{kind}: the time is up; ask again to go on")
                return


def take(kind: str, run: Path, work: Path) -> None:
    """Write ``values/KIND.csv`` from a run of ``veridical benchmark`` on all files of a kind: what was asked, and measured.

    Of its chains those are taken that both labels went through alike.
    """
    path = work / f"values/{kind}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in (run / "rows.jsonl").read_text("utf-8").splitlines()]
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEAD)
        for row in rows:
            value = "" if row["outcome"] != "measured" else round(row["value"], 5)
            if (
                row["chain"] in files.CONDITIONS[kind]
                and row["id"].startswith(PREFIX[kind])
                and row["id"] not in LEFT[kind]
            ):
                writer.writerow((row["chain"], row["path"], row["id"], value))


def read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)
