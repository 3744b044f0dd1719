"""Makes copies of real photos in every way that there is, each beside its photo, for networks that look for generated pictures.

    veridical train reconstructions FOLDER OUT [--own WEIGHTS] [--published NAME=FOLDER …] [--most N] [--only WAY …]

FOLDER holds ``manifest.csv`` and the pictures; real ones alone are copied, at most N of each source. OUT receives the
photos in ``original`` and the copies in one folder a way, under the same names, as PNG: whole, or the middle of larger ones.
``WAY_spectrum`` holds copies with the power spectrum of their photos; ``original_half`` and ``WAY_half`` hold both after the
same reduction. What is there is not made again.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ...errors import UsageError
from .. import cards, reconstructions
from ..pictures import Row, load, rows
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("folder", type=there_folder, help="folder of the labelled pictures, with manifest.csv")
    parser.add_argument("out", type=Path, help="folder for the copies and the card")
    parser.add_argument("--own", type=there_folder, metavar="WEIGHTS", help="folder that the recipe autoencoders wrote")
    parser.add_argument(
        "--published", nargs="*", default=[], type=_named, metavar="NAME=FOLDER", help="networks that enlarge"
    )
    parser.add_argument("--most", type=int, default=MOST, help=f"photos of a source (default: {MOST})")
    parser.add_argument(
        "--only", nargs="*", metavar="WAY", help="ways to copy (default: all for which there are weights)"
    )


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Make the copies."""
    ways = reconstructions.ways(given.own, {f"published_{name}": path for name, path in given.published})
    if unknown := sorted(set(given.only or ()) - set(ways)):
        raise UsageError(f"no way {', '.join(unknown)}; there are {', '.join(ways)}")
    ways = {name: way for name, way in ways.items() if not given.only or name in given.only}
    photos = chosen(rows(given.folder), given.most)
    made = 0
    for number, row in enumerate(photos):
        made += make(given.folder, given.out, row, ways)
        if tell is not None:
            tell("photos", number + 1, len(photos))
    given.out.mkdir(parents=True, exist_ok=True)
    weights = sorted(given.own.glob("*.npz")) if given.own else []
    weights += [path for _, folder in given.published for path in sorted(folder.iterdir()) if path.is_file()]
    return cards.Made(
        given.out, [], manifests=[given.folder / "manifest.csv", *weights],
        data=f"{made} copies of {len(photos)} photos in {len(ways)} ways; those there before were not made again.",
        settings={"ways": ", ".join(ways), "longest side": SIDE},
        parts=[cards.Part("Photos", rows={"copied": photos})],
    )  # fmt: skip


def _named(text: str) -> tuple[str, Path]:
    name, sign, folder = text.partition("=")
    if not (name and sign):
        raise argparse.ArgumentTypeError(f"{text} is not NAME=FOLDER")
    return name, there_folder(folder)


if __name__ == "__main__":
    as_script("reconstructions")
