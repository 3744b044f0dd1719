"""What the harness of `veridical benchmark` costs beside the examinations alone, and what a second worker brings.

    python bench/benchmark_overhead.py MANIFEST|DIR [EVERY]     (every EVERY-th file; default 5)

A plain loop over the files in one process is the reference; then the harness with one worker and with two, on the same
files in the same run. All processes use one thread for numerical work.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VERIDICAL_THREADS"):
    os.environ[_name] = "1"

import json
import sys
import tempfile
import time
from pathlib import Path

import cv2

from veridical.benchmark import layouts, results, run
from veridical.cache import PerceptCache
from veridical.pipeline import Request, Run


def main() -> None:
    cv2.setNumThreads(1)
    collection = layouts.load(Path(sys.argv[1]))
    items = collection.items[:: int(sys.argv[2]) if len(sys.argv) > 2 else 5]
    alone = Run(Request(), cache=PerceptCache(None, most_bytes=0))
    began = time.perf_counter()
    for item in items:
        alone.examine(item.path)
    print(f"{len(items)} files, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    print(f"plain loop            {time.perf_counter() - began:7.1f} s")
    wall = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            run.run(items, root=collection.root, folder=Path(folder), workers=workers)
            wall[workers] = time.perf_counter() - began
            spent = json.loads((Path(folder) / results.REQUEST).read_text())["result"]["seconds"]
        print(f"harness, {workers} worker(s) {wall[workers]:7.1f} s, of these examining {spent['examine']:.1f} s")
        if workers == 1:
            print(
                f"overhead              {100 * (wall[1] / spent['examine'] - 1):7.1f} % of the examinations' own time"
            )
    print(f"two workers are       {wall[1] / wall[2]:7.2f} times as fast as one")


if __name__ == "__main__":
    main()
