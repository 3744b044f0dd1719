"""Where the time of the still-image examinations goes: ``python bench/spatial_profile.py [MEGAPIXELS…] [--picture FILE]``.

Examines a portrait of 1 and of 12 megapixels (or those named) with every spatial examination and no cache, in a process of its
own each, and prints seconds and share of every examination and percept, the sum, and the peak of private memory. The portrait
is made from the public-domain photograph of the lab, enlarged, with grain; --picture takes another one, resized likewise.
Exit status 1 if a budget of the design is exceeded, or one examination takes more than a quarter of the time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

BUDGETS = {1: (10.0, 1024.0), 12: (30.0, 1024.0)}
LARGEST_SHARE = 0.25
FACE = (slice(0, 240), slice(100, 340))

MEASURE = """
import json, sys, time
from pathlib import Path
from veridical import catalogue
from veridical.cache import PerceptCache
from veridical.examiner import Examiner
from veridical.media.exhibit import open_exhibit
began = time.perf_counter()
known = catalogue.load()
chosen = [one for id, one in known.examinations.items() if id.startswith("spatial.")]
examiner = Examiner(known, cache=PerceptCache(None, most_bytes=0))
rows = {}
with open_exhibit(Path(sys.argv[1])) as exhibit:
    rows["(start and decoding)"] = (time.perf_counter() - began, "")
    resolver = examiner.resolver(exhibit, chosen)
    for finding in examiner.examine(resolver, chosen):
        rows[finding.id] = (finding.seconds, finding.reason if finding.outcome != "measured" else "")
    rows |= {id: (seconds, "percept") for id, seconds in resolver.seconds.items()}
print(json.dumps({"rows": rows, "wall": time.perf_counter() - began}))
"""


def portrait(megapixels: float, source: Path | None) -> np.ndarray:
    """Return a square portrait of that size, RGB, with sensor-like grain."""
    pixels = astronaut()[FACE] if source is None else np.ascontiguousarray(cv2.imread(str(source))[..., ::-1])
    scale = (megapixels * 1e6 / (pixels.shape[0] * pixels.shape[1])) ** 0.5
    large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    grain = np.random.default_rng(0).normal(0, 2, large.shape).astype(np.float32)
    return np.clip(np.rint(large + grain), 0, 255).astype(np.uint8)


def measured(path: Path) -> tuple[dict[str, tuple[float, str]], float, float]:
    """Return the rows, the wall seconds and the peak of private memory in MiB of one examination."""
    process = subprocess.Popen([sys.executable, "-c", MEASURE, str(path)], stdout=subprocess.PIPE, text=True)
    peak = [0.0]

    def watch() -> None:
        while process.poll() is None:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                return
            held = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")]
            peak[0] = max(peak[0], float(held[0]) / 1024 if held else 0.0)
            time.sleep(0.01)

    threading.Thread(target=watch, daemon=True).start()
    answer = json.loads(process.communicate()[0])
    return {name: (seconds, note) for name, (seconds, note) in answer["rows"].items()}, answer["wall"], peak[0]


def main() -> None:
    """Measure each size and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megapixels", nargs="*", type=float, default=[1, 12])
    parser.add_argument("--picture", type=Path)
    chosen = parser.parse_args()
    exceeded = False
    for size in chosen.megapixels:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "portrait.jpg"
            pixels = portrait(size, chosen.picture)
            cv2.imwrite(str(path), pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
            rows, wall, peak = measured(path)
        print(f"\n{pixels.shape[1]} x {pixels.shape[0]} pixels: {wall:.2f} s, {peak:.0f} MiB private")
        for name, (seconds, note) in sorted(rows.items(), key=lambda row: -row[1][0]):
            print(f"  {seconds:7.3f} s  {seconds / wall:6.3f}  {name}  {note[:90]}")
        most_s, most_mib = BUDGETS.get(round(size), (float("inf"), float("inf")))
        share = max(seconds for name, (seconds, _) in rows.items() if name.startswith("spatial.")) / wall
        exceeded |= wall > most_s or peak > most_mib or share > LARGEST_SHARE
    sys.exit(exceeded)


if __name__ == "__main__":
    main()
