"""How well temporal.head_pose tells labelled clips apart, by person: ``python bench/head_pose.py FOLDER``.

FOLDER holds clips and a manifest.csv (file, label, source, layout). Of side-by-side composites the generated half is
judged, by the table below; the other half is left out. Writes docs/validation/head_pose.md.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from veridical import catalogue
from veridical.benchmark import metrics
from veridical.cache import PerceptCache
from veridical.errors import MediaError, NotApplicable
from veridical.examinations.temporal.head_pose import examine
from veridical.examiner import Examiner
from veridical.media.exhibit import open_exhibit
from veridical.perception.rotations import HeadRotations

PAGE = Path(__file__).parents[1] / "docs" / "validation" / "head_pose.md"
# Number of the generated face in composites that show several.
GENERATED = {
    "aniportrait-b30d47b25d.mp4": 2, "aniportrait-c4ee5dff93.mp4": 0, "aniportrait-e7776612ce.mp4": 0,
    "styleheat-88d25cd568.mp4": 0,
}  # fmt: skip
# Clips that show one person, as far as they were recognised; any other clip counts as a person of its own.
SAME = (
    "anitalker-",
    "liveportrait-9074d557e1 liveportrait-ac7ee3c241",
    "liveportrait-1dc94c1fec liveportrait-d8bdb2e3d1",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one face."""

    person: str
    source: str
    fake: bool
    value: float
    angle: float
    sideways: float
    width: float


def rows(folder: Path) -> Iterator[Row]:
    """Measure every clip with a usable face; yaw and roll alone say how far the face is from mirror symmetry."""
    found = catalogue.load()
    asked = found.examinations["temporal.head_pose"]
    examiner = Examiner(found, cache=PerceptCache.of_user())
    with (folder / "manifest.csv").open() as manifest:
        for row in csv.DictReader(manifest):
            try:
                with open_exhibit(folder / row["file"]) as exhibit:
                    seen: HeadRotations = examiner.resolver(exhibit, [asked]).get(asked.needs[0])
                if row["file"] in GENERATED:
                    seen = HeadRotations(tracks=tuple(t for t in seen.tracks if t.person == GENERATED[row["file"]]))
                measured = examine(seen)
            except (MediaError, NotApplicable):
                continue
            yaw, roll, angle, width = (
                float(measured.facts[k] or 0) for k in ("yaw_deg", "roll_deg", "angle_deg", "face_px")
            )
            yield Row(
                person=_person(row["file"]), source=row["source"], fake=row["label"] == "fake", value=measured.value,
                angle=angle, sideways=float(np.hypot(yaw, roll)), width=width,
            )  # fmt: skip


def _person(file: str) -> str:
    stem = file.rpartition(".")[0]
    return next((same for same in SAME if any(stem.startswith(part) for part in same.split())), stem)


def by_person(measured: list[Row]) -> list[Row]:
    """One row a person and label: medians over the clips."""
    people: dict[tuple[str, bool], list[Row]] = defaultdict(list)
    for row in measured:
        people[row.person, row.fake].append(row)
    numbers = ("value", "angle", "sideways", "width")
    return [
        replace(group[0], **{name: float(np.median([getattr(row, name) for row in group])) for name in numbers})
        for group in people.values()
    ]


def page(measured: list[Row]) -> str:
    """Return the page in Markdown."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in measured:
        groups[row.source, "fake" if row.fake else "real"].append(row)
    lines = [
        "# Inner face against outline: `temporal.head_pose`", "",
        "Written by `python bench/head_pose.py FOLDER`, on clips with a manifest.csv. One face a clip; of composites the",
        "generated half.", "",
        "| source | label | clips | median value, ° | lowest | highest |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for (source, label), group in sorted(groups.items()):
        values = [row.value for row in group]
        lines.append(
            f"| {source} | {label} | {len(values)} | {np.median(values):.1f} | {min(values):.1f} | {max(values):.1f} |"
        )
    measured = by_person(measured)
    fake = np.array([row.fake for row in measured])
    lines += ["", f"{fake.sum()} fake and {(~fake).sum()} real people (clips of one person count once).",
              "AUC, fake above real (0.5 is chance):", "",
              "| statistic | all | swapped faces against real | reenactment against real |", "|---|---|---|---|"]  # fmt: skip
    swapped = np.array([row.source == "jphdotam_dfdc" for row in measured])
    for name in ("value", "sideways", "width"):
        score = np.array([getattr(row, name) for row in measured])
        words = {
            "value": "value (angle above the noise)",
            "sideways": "yaw and roll alone",
            "width": "width of the face",
        }
        cells = [_auc(score, fake, keep) for keep in (fake | ~fake, ~fake | swapped, ~fake | ~swapped)]
        lines.append(f"| {words[name]} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *NOTES]) + "\n"


NOTES = (
    "Few people and few sources, and no source holds both labels in number: an AUC away from 0.5 can be the collection. Which",
    "face of a composite is the generated one was told from its layout. What the table shows is that the value does not",
    "separate. Single real people stand at 5° to 24°, steady over the clip and in pitch: their proportions and their camera,",
    "not a swap.",
    "",
    "How much the mesh net smooths away: in the lab's `lab.pose.turned_face` the inner face of a photograph is rolled by 12°",
    "within its head. The two fits then differ by 3°, nearly all of it pitch, and by less than 0.4° in roll: the net turns the",
    "outline along. A turn in yaw by 25°, drawn in perspective, does not show at all. The recipe's default is the setting that",
    "moved the value most of twelve that were tried (value of the control: 0.2°):",
    "",
    "| roll, yaw, ° | 8, 12 | 8, 0 | 0, 12 | −8, 0 | 12, 0 | −12, 0 | 16, 0 | 0, −25 | 0, 25 | 12, 25 | 12, −25 | −12, −25 |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    "| value, ° | 0.4 | 0.5 | 0.1 | 1.2 | 1.6 | 1.9 | 1.8 | −0.2 | 0.2 | 1.2 | 1.7 | 1.6 |",
    "",
    "Noise alone, with independent errors of the points and one exact head, turns the two fits apart by a median of 0.74°,",
    "1.5° and 3.1° on a face of 100 px at errors of 0.5, 1 and 2 px; on 200 px half of that, on 400 px a quarter",
    "(`tests/perception/test_rotations.py` holds it within 15 % of figures found with another head). What is subtracted is the",
    "noise of 1 px; on faces beyond 128 px, of 1/128 of the width, because the net sees no more detail.",
)  # fmt: skip


def _auc(score: np.ndarray, fake: np.ndarray, keep: np.ndarray) -> str:
    return f"{metrics.auc(score[keep], fake[keep]):.2f}" if (keep & fake).any() and (keep & ~fake).any() else "–"


def main() -> None:
    PAGE.write_text(page(list(rows(Path(sys.argv[1])))), "utf-8")
    print(PAGE.read_text("utf-8"))


if __name__ == "__main__":
    main()
