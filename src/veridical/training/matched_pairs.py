"""Pairs of a real and a generated picture that nothing but their origin tells apart: one fold, one size, one history.

Both are brought to the same short side, cut at nearly the same place, and sent through the same noise, tone and compression. So
neither a size, nor a place, nor a quality is a cue; in half of the pairs the source is the same too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from . import launder
from .pictures import Row, load

SIDE, MARGIN = 144, 16
"""Pixels of a side of what is kept, and how much more is cut, for histories that crop."""
_LEAST, _ENLARGED = 150, 1.2
_ONE_SOURCE, _SHIFT = 0.45, 0.08
_GRID = 8  # of JPEG's blocks

Pictures = Mapping[str, Mapping[str, Sequence[np.ndarray]]]
"""Pictures of a fold by label and source."""


def read(folder: Path, rows: Sequence[Row]) -> Pictures:
    """Return the pictures of rows by label and source."""
    found: dict[str, dict[str, list[np.ndarray]]] = {"real": defaultdict(list), "fake": defaultdict(list)}
    for row in rows:
        found[row["label"]][row["source"]].append(load(folder, row))
    return found


def draw(given: Pictures, count: int, seed: Sequence[int], tell: Callable[[int], None] | None = None) -> np.ndarray:
    """Draw pairs, shape (count, 2, SIDE, SIDE, 3), uint8: the real picture first; the same seed draws the same pairs."""
    random = np.random.default_rng(seed)
    pairs = np.zeros((count, 2, SIDE, SIDE, 3), np.uint8)
    both = sorted(set(given["real"]) & set(given["fake"]))
    for n in range(count):
        if both and random.random() < _ONE_SOURCE:
            sources = [both[int(random.integers(len(both)))]] * 2
        else:
            sources = [_source(given[label], random) for label in ("real", "fake")]
        pools = [given[label][source] for label, source in zip(("real", "fake"), sources, strict=True)]
        pair = [pool[int(random.integers(len(pool)))] for pool in pools]
        pairs[n] = _matched(pair, random)
        if tell is not None:
            tell(n + 1)
    return pairs


def _source(pools: Mapping[str, Sequence[np.ndarray]], random: np.random.Generator) -> str:
    names = sorted(pools)
    weights = np.sqrt([len(pools[name]) for name in names])
    return names[int(random.choice(len(names), p=weights / weights.sum()))]


def _matched(pair: Sequence[np.ndarray], random: np.random.Generator) -> np.ndarray:
    shorter = min(min(one.shape[:2]) for one in pair)
    side = shorter if random.random() < 0.25 else np.exp(random.uniform(np.log(min(_LEAST, shorter)), np.log(shorter)))
    if random.random() < 0.08:
        side *= _ENLARGED
    resampling = launder.FILTERS[int(random.integers(len(launder.FILTERS)))]
    wide = SIDE + MARGIN
    history = launder.history((wide, wide), random, resized=False, profiled=0)
    place = random.random(2)
    cut = []
    for one in pair:
        at = np.clip(place + random.normal(0, _SHIFT, 2), 0, 0.999)
        cut.append(history.applied(_piece(one, side / min(one.shape[:2]), resampling, at))[:SIDE, :SIDE])
    return np.stack(cut)


def _piece(picture: np.ndarray, share: float, resampling: Image.Resampling, at: np.ndarray) -> np.ndarray:
    """Cut a square out of a scaled picture, from a multiple of 8 on; only what is cut out is scaled."""
    wide = SIDE + MARGIN
    height, width = picture.shape[:2]
    tall, broad = round(height * share), round(width * share)
    if min(tall, broad) < wide:
        scaled = launder.scaled(picture, broad, tall, resampling) if share != 1 else picture
        below, right = max(0, wide - tall), max(0, wide - broad)
        scaled = cv2.copyMakeBorder(scaled, 0, below, 0, right, cv2.BORDER_REFLECT_101)
        return np.ascontiguousarray(scaled[:wide, :wide])
    top, left = (int(a * ((n - wide) // _GRID + 1)) * _GRID for a, n in zip(at, (tall, broad), strict=True))
    if share == 1:
        return np.ascontiguousarray(picture[top : top + wide, left : left + wide])
    box = (left * width / broad, top * height / tall, (left + wide) * width / broad, (top + wide) * height / tall)
    return np.asarray(Image.fromarray(picture).resize((wide, wide), resampling, box=box))
