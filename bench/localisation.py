"""How well do the maps of the spatial examinations find what was altered? ``python bench/localisation.py DATA --out FOLDER``.

Makes manipulations of pristine photographs (``manipulations.py``), examines each, and compares every map that lies over the
picture with the known mask: pixel AUC and best F1. Beside them stand chance and a blind baseline, the variance of a high-pass
residual. The photographs come from sources on which no examination was tuned. One line a manipulation goes to
``maps.jsonl``; a stopped run goes on. ``--page`` writes docs/validation/localisation.md from it.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import localisation_page as page
import numpy as np
from manipulations import KINDS, LONGEST, Made, Photo, make, saved

from veridical.benchmark.localisation import best_f1, pixel_auc
from veridical.cache import PerceptCache
from veridical.finding import Map
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.perception.faces import see_faces
from veridical.pipeline import Request, Run
from veridical.signals.blocks import block_mean, grey

SOURCES = ("ffhq", "webportraits", "laboratoriet", "seegma", "dexer1")
LEAST_SIDE = 384
FIRST_QUALITIES = (85, 98)
MOST_YAW = 20.0
MAP_SIDE = 384
BASELINE = "blind noise residual"
LINES = "maps.jsonl"


def photographs(data: Path) -> list[dict[str, str]]:
    """Return the rows of pristine photographs that are large enough, of the sources kept for scoring."""
    with (data / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "real" and row["source"] in SOURCES]
    return [row for row in rows if min(int(row["width"]), int(row["height"])) >= LEAST_SIDE]


@cache
def photo(path: str, source: str) -> tuple[Photo, float]:
    """Load a photograph at three quarters of its size, or 1024 pixels, saved once as a camera would; and its yaw."""
    with open_exhibit(path) as exhibit:
        image = exhibit.stream(Image)
        faces = see_faces(image).faces
    pixels = image.pixels
    scale = min(0.75, LONGEST / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    seed = np.random.default_rng(np.frombuffer(Path(path).name.encode(), np.uint8))
    first = saved(small, int(seed.integers(FIRST_QUALITIES[0], FIRST_QUALITIES[1] + 1)))
    large = faces[0] if faces and faces[0].interocular * scale > 40 else None
    mesh = (large.mesh[:, :2] + 0.5) * scale - 0.5 if large else None
    return Photo(Path(path).name, source, first, mesh), large.yaw if large else 0.0


def manipulation(number: int, rows: list[dict[str, str]], data: Path) -> Made:
    """Return manipulation ``number``: its kind goes round, everything else follows from the number."""
    random = np.random.default_rng([2026, number])
    kind = KINDS[number % len(KINDS)]
    for _ in range(200):
        one, other = (rows[int(i)] for i in random.choice(len(rows), 2, replace=False))
        (target, yaw), (donor, turned) = (photo(str(data / row["file"]), row["source"]) for row in (one, other))
        if kind == "face swap" and (abs(yaw) > MOST_YAW or abs(turned) > MOST_YAW or abs(yaw - turned) > MOST_YAW):
            continue
        if made := make(kind, target, donor, random):
            return made
    raise ValueError(f"no photograph suits manipulation {number} ({kind})")


def blind(pixels: np.ndarray) -> np.ndarray:
    """Log variance of the residual of a 3 × 3 median, in blocks of 16, as distance from its median over the picture."""
    plane = grey(pixels)
    residual = plane - cv2.medianBlur(plane, 3)
    energy = np.log(block_mean(residual**2, 16) + 0.1)
    return np.asarray(np.abs(energy - np.median(energy)), np.float32)


def heat_of(found: Map) -> np.ndarray:
    """Return a map with higher meaning more suspicious: a diverging one as distance from its middle; NaN as the least."""
    values = found.values.astype(np.float32)
    heat = np.abs(values - (found.low + found.high) / 2) if found.diverging else values
    least = float(np.nanmin(heat)) if np.isfinite(heat).any() else 0.0
    return np.where(np.isfinite(heat), heat, least)


def score(heat: np.ndarray, made: Made) -> dict[str, float]:
    """Compare a map with the mask, on a grid of at most 384 cells, the label left out."""
    height, width = made.mask.shape
    scale = min(1.0, MAP_SIDE / max(height, width))
    size = (round(width * scale), round(height * scale))
    mask = cv2.resize(made.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    scored = cv2.resize(made.scored.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    brought = cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)
    values, truth = brought[scored], mask[scored]
    share = float(truth.mean())
    return {
        "auc": pixel_auc(values, truth),
        "f1": best_f1(values, truth).f1,
        "chance_f1": 2 * share / (1 + share),
        "share": share,
    }


_RUN: list[Run] = []


def _start() -> None:
    cv2.setNumThreads(1)
    _RUN.append(Run(Request(only=("spatial",)), cache=PerceptCache(None, most_bytes=0)))


def examine(number: int, rows: list[dict[str, str]], data: Path) -> dict[str, Any]:
    """Make one manipulation, examine it, score its maps, delete it."""
    made = manipulation(number, rows, data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manipulated.jpg"
        path.write_bytes(made.jpeg)
        report = _RUN[0].examine(path)
        with open_exhibit(path) as exhibit:
            pixels = exhibit.stream(Image).pixels
    maps = {BASELINE: score(blind(pixels), made)}
    outcomes = {}
    for one in report.findings:
        overlays = [figure for figure in one.exhibits[:1] if isinstance(figure, Map) and figure.overlay]
        if overlays and np.isfinite(overlays[0].values).any():
            maps[one.id] = score(heat_of(overlays[0]), made)
        outcomes[one.id] = one.outcome if one.outcome != "measured" or overlays else "no map"
    return {
        "number": number, "kind": made.kind, "quality": made.quality, "resized": made.resized, "photo": made.photo,
        "source": made.source, "maps": maps, "outcomes": outcomes,
    }  # fmt: skip


def main() -> None:
    """Run what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the labelled images and their manifest.csv")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path, help="write the page here")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    lines = chosen.out / LINES
    done = page.read(lines)
    rows = photographs(chosen.data)
    missing = [n for n in range(chosen.count) if n not in done]
    with ProcessPoolExecutor(chosen.workers, initializer=_start) as pool, lines.open("a", encoding="utf-8") as file:
        for answer in pool.map(examine, missing, [rows] * len(missing), [chosen.data] * len(missing)):
            file.write(json.dumps(answer) + "\n")
            file.flush()
            print(f"\r{answer['number'] + 1} of {chosen.count}", end="", file=sys.stderr)
    entries = [one for number, one in sorted(page.read(lines).items()) if number < chosen.count]
    text = page.written(entries, baseline=BASELINE)
    if chosen.page:
        chosen.page.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
