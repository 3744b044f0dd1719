"""How far values come apart when the same files are examined with another processor's instructions.

The libraries are told to leave out the wide vector instructions (AVX and later), as on an older processor: sums are added in
another order, and last digits change. ONNX Runtime cannot be told so; its share is not seen here.

python bench/replay_drift.py FILE...
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from veridical.bundle import compare

NARROW = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3",
    "OPENCV_CPU_DISABLE": "AVX512-SKX,AVX512-ICL,AVX2,FMA3,AVX",
}
CODE = """
import sys
from pathlib import Path
from veridical.pipeline import Request, Run
from veridical.report.to_json import to_json
print(to_json(Run(Request()).examine(Path(sys.argv[1])), indent=None))
"""


def examined(path: str, extra: dict[str, str]) -> dict[str, Any]:
    environment = {**os.environ, "VERIDICAL_CACHE": "off", "PYTHONWARNINGS": "ignore", **extra}
    done = subprocess.run(
        [sys.executable, "-c", CODE, path], env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def main(paths: list[str]) -> None:
    relative: dict[str, list[float]] = defaultdict(list)
    of_spread: dict[str, list[float]] = defaultdict(list)
    outcomes = ratios = 0
    fields, total, ratio_gap = [], 0, 0.0
    for path in paths:
        wide, narrow = examined(path, {}), examined(path, NARROW)
        fields.append(len(compare.differences(wide, narrow, exact=True)))
        beyond = compare.differences(wide, narrow, exact=False)
        deciding = sum(one.decides for one in beyond)
        other = {one["id"]: one for one in narrow["findings"]}
        for one in wide["findings"]:
            two = other[one["id"]]
            total += 1
            outcomes += one["outcome"] != two["outcome"]
            if one["value"] is None or two["value"] is None:
                continue
            gap = abs(one["value"] - two["value"])
            relative[one["id"]].append(gap / max(abs(one["value"]), abs(two["value"]), 1e-12))
            if one["population"]:
                quantiles = one["population"]["quantiles"]
                of_spread[one["id"]].append(gap / max(quantiles[95] - quantiles[5], 1e-12))
            if one["evidence"] and two["evidence"]:
                ratios += 1
                ratio_gap = max(ratio_gap, abs(one["evidence"]["log10_lr"] - two["evidence"]["log10_lr"]))
        print(
            f"{Path(path).name[:40]}: {fields[-1]} fields not to the last bit, {len(beyond) - deciding} details beyond the "
            f"tolerance, {deciding} fields that decide", *(f"  {one}" for one in beyond if one.decides), sep="\n", flush=True,
        )  # fmt: skip
    print(
        f"\n{len(paths)} files, {total} findings, {outcomes} with another outcome; "
        f"{ratios} weighed, log10 LR by up to {ratio_gap:.3g}"
    )
    print(
        "| examination | files | same bits | largest difference, of the value | of the middle nine tenths of pristine files |"
    )
    print("|---|---|---|---|---|")
    for id in sorted(relative, key=lambda id: -max(relative[id])):
        gaps, spread = np.array(relative[id]), of_spread[id]
        shown = f"{max(spread):.2g}" if spread else ""
        print(f"| {id} | {len(gaps)} | {int((gaps == 0).sum())} | {gaps.max():.2g} | {shown} |")


if __name__ == "__main__":
    main(sys.argv[1:])
