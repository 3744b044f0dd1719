"""Change every byte of a small bundle, one after the other, and see that the check finds each.

python bench/flip_bundle.py BUNDLE
"""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

from veridical.bundle.check import Checker


def main(path: str) -> int:
    data = bytearray(Path(path).read_bytes())
    if not Checker(io.BytesIO(data), (), (), ()).verdict.intact:
        raise SystemExit(f"{path} is not intact to begin with")
    chance = random.Random(0)
    missed = []
    for place in range(len(data)):
        before = data[place]
        data[place] = before ^ chance.randrange(1, 256)
        if Checker(io.BytesIO(data), (), (), ()).verdict.intact:
            missed.append(place)
        data[place] = before
    print(f"{len(data)} bytes changed one after the other, {len(data) - len(missed)} found; not found: {missed[:20]}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
