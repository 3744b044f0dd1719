"""Makes copies of real photos in every way that there is, each beside its photo, for networks that look for generated pictures.

    python -m veridical.training.recipes.reconstructions FOLDER OUT [--own WEIGHTS] [--published NAME=FOLDER …]
                                                         [--most N] [--only WAY …]

FOLDER holds ``manifest.csv`` and the pictures; real ones alone are copied, at most N of each source. OUT receives the
photos in ``original`` and the copies in one folder a way, under the same names, as PNG: whole, or the middle of larger ones.
``WAY_spectrum`` holds copies with the power spectrum of their photos; ``original_half`` and ``WAY_half`` hold both after the
same reduction. What is there is not made again.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from .. import reconstructions
from ..pictures import Row, load, rows

MOST, SIDE = 50, 384
"""Photos of a source; the longest side of what is copied."""
_NETWORKS = "decoded", "published"  # what such names begin with also comes with the photo's spectrum and halved
_LEAST_HALVED = 200


def chosen(given: Sequence[Row], most: int = MOST) -> list[Row]:
    """Return the rows of real photos, at most so many of each source."""
    count: Counter[str] = Counter()
    found = []
    for row in given:
        if row["label"] == "real":
            count[row["source"]] += 1
            if count[row["source"]] <= most:
                found.append(row)
    return found


def middle(photo: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Cut out the middle, at most ``side`` pixels wide and high; it begins at a multiple of 8, where the blocks of JPEG do."""
    top, left = ((max(0, n - side) // 2) // 8 * 8 for n in photo.shape[:2])
    return photo[top : top + side, left : left + side]


def make(folder: Path, out: Path, row: Row, ways: Mapping[str, reconstructions.Way]) -> int:
    """Make the copies of one photo that are not there, and return how many."""
    name = f"{Path(row['file']).stem}.png"
    photo = middle(load(folder, row))
    made = 0
    for way, copied in ways.items():
        seed = zlib.crc32(f"{way} {row['file']}".encode())
        targets = [out / way / name]
        if way.startswith(_NETWORKS):
            targets += [out / f"{way}_{kind}" / name for kind in ("spectrum", "half")]
        if all(target.exists() for target in targets):
            continue
        copy = copied(photo, seed)
        _written(photo, out / "original" / name)
        _written(copy, targets[0])
        made += 1
        if len(targets) > 1:
            _written(reconstructions.with_spectrum_of(photo, copy), targets[1])
            if min(photo.shape[:2]) >= _LEAST_HALVED:
                small, small_copy = reconstructions.halved(photo, seed, lambda *_, done=copy: done)
                _written(small, out / "original_half" / name)
                _written(small_copy, targets[2])
    return made


def _written(picture: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, compress_level=1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the copies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--own", type=Path)
    parser.add_argument("--published", nargs="*", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--only", nargs="*")
    given = parser.parse_args(arguments)
    published = dict(one.split("=", 1) for one in given.published)
    ways = reconstructions.ways(given.own, {f"published_{name}": Path(path) for name, path in published.items()})
    ways = {name: way for name, way in ways.items() if not given.only or name in given.only}
    made = sum(make(given.folder, given.out, row, ways) for row in chosen(rows(given.folder), given.most))
    sys.stdout.write(f"{made} copies in {len(ways)} ways; {given.out}\n")


if __name__ == "__main__":
    main()
