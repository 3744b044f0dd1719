"""What an examination of moving faces says of labelled clips, face by face, and of lab clips that were compressed again.

    python bench/face_clips.py temporal.blood_flow FOLDER
    python bench/face_clips.py temporal.face_residual_motion --lab

FOLDER holds clips and a manifest.csv with the columns file, label, source and layout; in clips whose layout is "side-by-side",
only the face furthest to the right counts as made. --lab makes the DEMO clips of the examination with three seeds and writes
them again with H.264 at several rate factors. Prints a table; writes nothing that stays.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from veridical import catalogue, lab
from veridical.cache import PerceptCache
from veridical.catalogue import Examination
from veridical.errors import MediaError, NotApplicable
from veridical.examiner import Examiner
from veridical.finding import Measurement
from veridical.media.exhibit import open_exhibit
from veridical.perception.tracks import FaceTracks

RATE_FACTORS = (18, 23, 28)
SEEDS = range(3)
BASELINE = {"temporal.face_residual_motion": "residual_levels", "temporal.blood_flow": "snr_db"}


@dataclass(frozen=True)
class Row:
    """One face of one clip: its label, and what was measured or why not."""

    source: str
    file: str
    person: int
    made: bool
    measurement: Measurement | None
    reason: str = ""


def percepts(one: Examination, path: Path, cache: PerceptCache) -> dict[str, Any]:
    """Return what the examination is given for a file."""
    examiner = Examiner(catalogue.load(), strict=True, cache=cache)
    with open_exhibit(path) as exhibit:
        resolver = examiner.resolver(exhibit, [one])
        return {need.parameter: resolver.get(need) for need in one.needs}


def faces(given: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each person with what is given of this person alone."""
    for parameter, percept in given.items():
        names = {field.name for field in fields(percept)} & {"faces", "films"}
        for name in names:
            for person in sorted({part.person for part in getattr(percept, name)}):
                alone = tuple(part for part in getattr(percept, name) if part.person == person)
                yield person, {**given, parameter: replace(percept, **{name: alone})}


def rows(one: Examination, row: Mapping[str, str], given: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the faces of one clip of the manifest."""
    tracks = next(percept for percept in given.values() if isinstance(percept, FaceTracks))
    places = {track.person: float(track.boxes[:, 0].mean()) for track in tracks.tracks}
    for person, alone in faces(given):
        beside = row["layout"].startswith("side-by-side") and places[person] < max(places.values()) - 0.1 * tracks.width
        made = row["label"] == "fake" and not beside
        try:
            yield Row(row["source"], row["file"], person, made, one.function(**alone))
        except NotApplicable as error:
            yield Row(row["source"], row["file"], person, made, None, str(error))


def report(found: Iterable[Row], baseline: str) -> None:
    """Print values by source and label, and how well they tell the labels apart, beside one plain quantity."""
    found = list(found)
    measured = [row for row in found if row.measurement]
    print("| source | faces | clips | measured | least | median | most |\n|---|---|---|---|---|---|---|")
    for source, made in sorted({(row.source, row.made) for row in found}):
        own = [row for row in found if (row.source, row.made) == (source, made)]
        values = [row.measurement.value for row in own if row.measurement]
        numbers = f"{min(values):.2f} | {np.median(values):.2f} | {max(values):.2f}" if values else "– | – | –"
        kind, clips = "made" if made else "recorded", len({row.file for row in own})
        print(f"| {source} | {kind} | {clips} | {len(values)} | {numbers} |")
    for name, pick in (("value", None), (baseline, baseline)):
        numbers = [row.measurement.facts[pick] if pick else row.measurement.value for row in measured]
        labels = np.array([row.made for row in measured])
        print(f"area under the curve of {name}: {area(np.array(numbers, float), labels):.2f}")
    reasons: dict[str, int] = {}
    for row in found:
        if not row.measurement:
            start = " ".join(row.reason.split()[:5])
            reasons[start] = reasons.get(start, 0) + 1
    print(f"not applicable: {reasons}")


def area(values: np.ndarray, labels: np.ndarray) -> float:
    """Probability that a made face has a higher value than a recorded one."""
    apart = values[labels][:, None] - values[~labels][None]
    return float(((apart > 0) + 0.5 * (apart == 0)).mean()) if apart.size else float("nan")


def compressed(path: Path, target: Path, rate_factor: int) -> Path:
    """Write a clip again with H.264."""
    with av.open(str(path)) as source, av.open(str(target), "w") as container:
        rate = source.streams.video[0].average_rate or Fraction(30)
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(rate_factor), "preset": "medium"})
        stream.width, stream.height = source.streams.video[0].width, source.streams.video[0].height
        stream.pix_fmt = "yuv420p"
        for frame in source.decode(video=0):
            plain = av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), format="yuv420p")
            container.mux(stream.encode(plain))
        container.mux(stream.encode())
    return target


def lab_table(one: Examination) -> None:
    """Print the values of control and altered lab clips as they are and compressed again."""
    print("| written with | control | altered | seeds in which the altered is higher |\n|---|---|---|---|")
    values: dict[object, list[tuple[float, float]]] = {}
    nothing_kept = PerceptCache(None, most_bytes=0)
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            made = lab.make(one.demo, None, Path(folder), seed=seed)
            for rate_factor in (None, *RATE_FACTORS):
                pair = []
                for path in (made.control, made.altered):
                    seen = compressed(path, Path(folder) / "again.mp4", rate_factor) if rate_factor else path
                    try:
                        pair.append(one.function(**percepts(one, seen, nothing_kept)).value)
                    except NotApplicable as error:
                        print(f"seed {seed}, {rate_factor}: {error}", file=sys.stderr)
                        pair.append(float("nan"))
                values.setdefault(rate_factor or "as made", []).append((pair[0], pair[1]))
    for rate_factor, pairs in values.items():
        control, altered = np.array(pairs).T
        above = int((altered > control).sum())
        print(f"| {rate_factor} | {_range(control)} | {_range(altered)} | {above} of {len(pairs)} |")


def _range(values: np.ndarray) -> str:
    seen = values[np.isfinite(values)]
    missing = f" ({len(values) - len(seen)} not applicable)" if len(seen) < len(values) else ""
    return (f"{seen.min():.2f} … {seen.max():.2f}" if len(seen) else "–") + missing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--lab", action="store_true")
    asked = parser.parse_args()
    one = catalogue.load().examinations[asked.id]
    if asked.lab:
        lab_table(one)
    if asked.folder:
        found: list[Row] = []
        cache = PerceptCache.of_user()
        with (asked.folder / "manifest.csv").open() as manifest:
            for row in csv.DictReader(manifest):
                try:
                    found += rows(one, row, percepts(one, asked.folder / row["file"], cache))
                except (MediaError, NotApplicable) as error:
                    print(row["file"], error)
        report(found, BASELINE[one.id])


if __name__ == "__main__":
    main()
