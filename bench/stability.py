"""What benign re-encodings do to the evidence of labelled files, and what a certificate costs.

    python bench/stability.py measure [image|audio|video] [--minutes N] [--data DIR]
    python bench/stability.py page

``measure`` asks the examinations that have a calibration table of files of both labels, in turns over the sources, tests their
stability with time enough for every copy, and adds a row an encoding to ``out/stability/KIND.csv``; asked again it goes on.
Pictures are saved as JPEG of quality 75 first, voices brought to one rate, band and level: both labels alike, and as the
tables were fitted. ``page`` writes the figures into docs/validation/stability.md.

The tables were fitted on files of these sources, so what is read here is how verdicts move, not how good they are.
"""

from __future__ import annotations

import argparse
import csv
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import evidence_files as files
import numpy as np

from veridical.benchmark.calibration_metrics import cllr
from veridical.cache import PerceptCache
from veridical.evidence.calibration import TABLES
from veridical.evidence.stability import NEUTRAL, judge
from veridical.pipeline import Request, Run

WORK = Path("out/stability")
PAGE = Path(__file__).parents[1] / "docs/validation/stability.md"
CONDITION = {"image": "jpeg_75", "audio": "common", "video": "native"}
FIRST_WORD = {"image": ("learned", "spatial"), "audio": ("audio", "learned"), "video": ("temporal",)}
MOST = {"image": 4, "audio": 3, "video": 2}
HEAD = ("file", "fake", "source", "encoding", "id", "value", "log10_lr", "note", "seconds")
TOGETHER = "together"


@dataclass(frozen=True)
class Row:
    """log10 LR of all findings in one file, the file itself first, and what its certificate cost."""

    file: str
    fake: bool
    ratios: dict[str, float | None]
    seconds: float

    @property
    def own(self) -> float | None:
        return next(iter(self.ratios.values()))


def asked(kind: str) -> list[str]:
    """Return the examinations of a kind of file that have a table; those that cost little where none has."""
    ids = [path.stem for path in TABLES.glob("*.json") if path.stem not in ("unfit",) and "fusion" not in path.stem]
    held = [id for id in ids if id.startswith(FIRST_WORD[kind]) and (kind == "image") != (id == "learned.voice_net")]
    return sorted(held) or ["temporal.flicker", "temporal.face_residual_motion"]


def measure(kind: str, data: Path, minutes: float) -> None:
    """Add rows for files that have none yet, until the time is up."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{kind}.csv"
    done = {line["file"] for line in lines(path)} if path.exists() else set()
    run = Run(Request(only=tuple(asked(kind)), sound=False, stability_s=900.0), cache=PerceptCache(None, most_bytes=0))
    ends = time.monotonic() + 60 * minutes
    with path.open("a", newline="") as out, tempfile.TemporaryDirectory() as scratch:
        writer = csv.writer(out)
        if not done:
            writer.writerow(HEAD)
        for one in files.capped(files.listed(kind, data), MOST[kind]):
            where = None if one.file in done else files.under(kind, CONDITION[kind], one, data, Path(scratch))
            if where is None:
                continue
            held = run.examine(where).conclusion.stability
            for each in held.variants if held else ():
                known = (one.file, int(one.fake), one.source, each.name)
                writer.writerow((*known, TOGETHER, "", _plain(each.log10_lr), each.note, held.seconds if held else ""))
                for id, value in each.values.items():
                    writer.writerow((*known, id, _plain(value), _plain(each.weights.get(id)), "", ""))
            out.flush()
            if time.monotonic() > ends:
                print(f"{kind}: the time is up; ask again to go on")
                return


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"


def lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def rows(kind: str, id: str = TOGETHER) -> list[Row]:
    """Return log10 LR of one finding, or of all together, by file and encoding."""
    found: dict[tuple[str, bool], dict[str, float | None]] = defaultdict(dict)
    seconds: dict[str, float] = {}
    for line in lines(WORK / f"{kind}.csv"):
        if line["id"] == id:
            ratio = float(line["log10_lr"]) if line["log10_lr"] else None
            found[line["file"], line["fake"] == "1"][line["encoding"]] = ratio
        if line["seconds"]:
            seconds[line["file"]] = float(line["seconds"])
    return [
        Row(file=file, fake=fake, ratios=ratios, seconds=seconds[file])
        for (file, fake), ratios in found.items()
        if ratios
    ]


def claimed(row: Row) -> float:
    """Return what is claimed under the rule: capped, and nothing where copies change sides; as it is without a cap."""
    own = row.own or 0.0
    found = judge(list(row.ratios.values()))
    if found.flipped:
        return 0.0
    return own if found.cap is None else float(np.copysign(min(abs(own), found.cap), own))


def summary(kind: str) -> str:
    """Return the figures of one kind as a Markdown table, a row a label."""
    said = [
        "| label | files | with a weight | copies weighed, of 8 | spread of log10 LR, median / nine in ten | change sides "
        "| misleading before / after | mean log10 LR for the right side, before / after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    every = rows(kind)
    for fake in (False, True):
        own = [row for row in every if row.fake == fake]
        held = [row for row in own if row.own is not None]
        if not held:
            said.append(f"| {'fake' if fake else 'real'} | {len(own)} | 0 | | | | | |")
            continue
        judged = [judge(list(row.ratios.values())) for row in held]
        spreads = [one.spread for one in judged if one.spread is not None]
        side = 1 if fake else -1
        before, after = [side * (row.own or 0.0) for row in held], [side * claimed(row) for row in held]
        said.append(
            f"| {'fake' if fake else 'real'} | {len(own)} | {len(held)} | {np.mean([one.weighed for one in judged]):.1f} "
            f"| {np.median(spreads):.2f} / {np.quantile(spreads, 0.9):.2f} | {sum(one.flipped for one in judged)} "
            f"| {_wrong(before)} / {_wrong(after)} | {np.mean(before):.2f} / {np.mean(after):.2f} |"
        )
    return "\n".join([*said, "", _worth(every)])


def _wrong(right: Sequence[float]) -> str:
    return f"{sum(one <= -NEUTRAL for one in right)}"


def _worth(every: Sequence[Row]) -> str:
    """Say what the weights are worth before and after, in bits."""
    held = [row for row in every if row.own is not None]
    fakes, reals = ([row for row in held if row.fake == fake] for fake in (True, False))
    if not (fakes and reals):
        return "Cllr is not defined: one label has no weight."
    before = cllr([row.own or 0.0 for row in fakes], [row.own or 0.0 for row in reals])
    after = cllr([claimed(row) for row in fakes], [claimed(row) for row in reals])
    seconds = [row.seconds for row in every if row.own is not None]
    return (
        f"Cllr {before:.3f} bits before, {after:.3f} after. A certificate of eight copies took {np.median(seconds):.0f} s "
        f"(median; {max(seconds):.0f} s at most) on a busy machine of two cores."
    )


def by_encoding(kind: str) -> str:
    """Return how far each encoding moves log10 LR, as a Markdown table."""
    every = [row for row in rows(kind) if row.own is not None]
    names = list(dict.fromkeys(name for row in every for name in row.ratios))[1:]
    said = ["| encoding | weighed | mean change | mean size of the change | largest |", "|---|---|---|---|---|"]
    for name in names:
        moved = [ratio - (row.own or 0.0) for row in every if (ratio := row.ratios.get(name)) is not None]
        if moved:
            size = np.abs(moved)
            said.append(
                f"| {name} | {len(moved)} of {len(every)} | {np.mean(moved):+.2f} | {size.mean():.2f} | {size.max():.2f} |"
            )
        else:
            said.append(f"| {name} | 0 of {len(every)} | | | |")
    return "\n".join(said)


def by_finding(kind: str) -> str:
    """Return how often each finding changes sides by itself, as a Markdown table."""
    said = ["| finding | files with a weight | median spread of log10 LR | change sides |", "|---|---|---|---|"]
    for id in asked(kind):
        judged = [judge(list(row.ratios.values())) for row in rows(kind, id) if row.own is not None]
        spreads = [one.spread for one in judged if one.spread is not None]
        if spreads:
            said.append(f"| {id} | {len(judged)} | {np.median(spreads):.2f} | {sum(one.flipped for one in judged)} |")
    return "\n".join(said)


def page() -> None:
    """Put the figures of what was measured into the page, between its marks."""
    text = PAGE.read_text("utf-8")
    for kind in files.KINDS:
        if (WORK / f"{kind}.csv").exists() and any(row.own is not None for row in rows(kind)):
            figures = "\n\n".join((summary(kind), by_encoding(kind), by_finding(kind)))
            text = re.sub(
                rf"(<!-- {kind} -->\n).*?(<!-- end -->)",
                lambda m, new=figures: f"{m[1]}{new}\n{m[2]}",
                text,
                flags=re.DOTALL,
            )
    PAGE.write_text(text, "utf-8")


def main() -> None:
    """Run one of the commands above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("measure", "page"))
    parser.add_argument("kind", nargs="?", choices=files.KINDS, default="image")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    given = parser.parse_args()
    if given.what == "page":
        page()
    else:
        measure(given.kind, given.data, given.minutes)


if __name__ == "__main__":
    main()
