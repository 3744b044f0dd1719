"""Precision and recall of temporal.blink on clips whose blinks a person has counted: ``python bench/blink_counts.py FOLDER``.

FOLDER holds the clips that tests/data/blinks.json names. Writes the table to docs/validation/blink.md, between its marks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from veridical import catalogue
from veridical.cache import PerceptCache
from veridical.examinations.temporal.blink import examine
from veridical.examiner import Examiner
from veridical.finding import Span
from veridical.media.exhibit import open_exhibit
from veridical.perception.tracks import FaceTracks

ROOT = Path(__file__).parents[1]
COUNTED = json.loads((ROOT / "tests" / "data" / "blinks.json").read_text("utf-8"))
PAGE = ROOT / "docs" / "validation" / "blink.md"
MARKS = ("<!-- counted clips: bench/blink_counts.py -->", "<!-- end of counted clips -->")
NO_GATES = {"least_s": 1.0, "least_eye_px": 8.0, "least_fps": 15.0}
DEPTHS = (0.12, 0.15, 0.17, 0.2, 0.22, 0.25, 0.3)


@dataclass(frozen=True, slots=True)
class Tally:
    """Blinks that were found, missed, and found where there is none."""

    found: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.found + other.found, self.missed + other.missed, self.false + other.false)

    @property
    def precision(self) -> float:
        return self.found / max(self.found + self.false, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.found + self.missed, 1)

    @property
    def f1(self) -> float:
        return 2 * self.found / max(2 * self.found + self.missed + self.false, 1)


def judged(clip: Mapping[str, Any], tracks: FaceTracks, **knobs: float) -> Tally:
    """Hold the blinks that are found in the counted face against the count, as blinks.json says."""
    (track,) = (one for one in tracks.tracks if one.person == clip["track"])
    first, last = clip.get("counted", (0, tracks.frames))
    met: set[int] = set()
    false = 0
    for place in examine(tracks, **(NO_GATES | knobs)).where:
        assert isinstance(place, Span)
        if not place.label.startswith("blink"):
            continue  # eyes held closed
        begin, end = (int(np.abs(tracks.times - at).argmin()) for at in (place.start_s, place.end_s))
        if place.track != track.person or not first <= (begin + end) / 2 <= last:
            continue
        near = [
            (one["kind"] != "complete", number)
            for number, one in enumerate(clip["closings"])
            if begin <= one["last"] + 1 and end >= one["first"] - 1
        ]
        kind = clip["closings"][min(near)[1]]["kind"] if near else "none"
        if kind == "complete" and min(near)[1] not in met:
            met.add(min(near)[1])
        elif kind not in ("partial", "unsure"):
            false += 1
    return Tally(len(met), sum(one["kind"] == "complete" for one in clip["closings"]) - len(met), false)


def watched(folder: Path) -> dict[str, FaceTracks]:
    """Faces of every counted clip, by file."""
    found = catalogue.load()
    blink = found.examinations["temporal.blink"]
    examiner = Examiner(found, cache=PerceptCache.of_user())
    tracks = {}
    for clip in COUNTED["clips"]:
        with open_exhibit(folder / clip["file"]) as exhibit:
            if exhibit.sha256 != clip["sha256"]:
                raise SystemExit(f"{clip['file']} is not the file whose blinks were counted")
            tracks[clip["file"]] = examiner.resolver(exhibit, [blink]).get(blink.needs[0])
    return tracks


def left_out(tracks: Mapping[str, FaceTracks]) -> Tally:
    """Judge each source at the depth that is best (F1, middle of the best ones) on all other sources."""
    table = {
        depth: {clip["file"]: judged(clip, tracks[clip["file"]], least_depth=depth, each_depth=depth / 2)
                for clip in COUNTED["clips"]}
        for depth in DEPTHS
    }  # fmt: skip
    total = Tally()
    for source in {_source(name) for name in tracks}:
        scores = {
            depth: sum((t for name, t in row.items() if _source(name) != source), Tally()).f1
            for depth, row in table.items()
        }
        best = [depth for depth, score in scores.items() if score >= max(scores.values()) - 1e-9]
        total += sum((t for name, t in table[best[len(best) // 2]].items() if _source(name) == source), Tally())
    return total


def _source(name: str) -> str:
    return name.rpartition("-")[0]


def section(tracks: Mapping[str, FaceTracks]) -> str:
    """Return the table in Markdown."""
    tallies = {clip["file"]: judged(clip, tracks[clip["file"]]) for clip in COUNTED["clips"]}
    groups: dict[str, list[str]] = {}
    for clip in COUNTED["clips"]:
        groups.setdefault(f"{_source(clip['file'])}, {clip['label']}", []).append(clip["file"])
    lines = [
        "| clips | files | counted | found | missed | false | precision | recall |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, files in [*sorted(groups.items()), ("all", list(tallies))]:
        t = sum((tallies[file] for file in files), Tally())
        rates = [f"{t.precision:.3f}" if t.found + t.false else "–", f"{t.recall:.3f}" if t.found + t.missed else "–"]
        lines.append(
            f"| {name} | {len(files)} | {t.found + t.missed} | {t.found} | {t.missed} | {t.false} | {' | '.join(rates)} |"
        )
    other = left_out(tracks)
    lines += ["", "The least depth was chosen on these clips. Chosen on all other sources and judged on the one left out: "
              f"precision {other.precision:.3f}, recall {other.recall:.3f}. At other depths:", "",
              "| least depth | precision | recall |", "|---|---|---|"]  # fmt: skip
    for depth in DEPTHS:
        t = sum(
            (judged(c, tracks[c["file"]], least_depth=depth, each_depth=depth / 2) for c in COUNTED["clips"]), Tally()
        )
        lines.append(f"| {depth:g} | {t.precision:.3f} | {t.recall:.3f} |")
    return "\n".join(lines)


def main() -> None:
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    made = section(watched(Path(sys.argv[1])))
    PAGE.write_text(f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{after}", "utf-8")
    print(made)


if __name__ == "__main__":
    main()
