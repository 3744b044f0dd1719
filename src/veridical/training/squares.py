"""Pictures as squares of one size, prepared once in all the ways they are shown in: after histories, under test conditions."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from . import launder, pictures
from .pictures import Row
from .recipe import Tell


class Way:
    """All pictures as squares under one way of showing them."""

    def __init__(self, squares: np.ndarray, there: np.ndarray, places: Mapping[str, int]) -> None:
        self._squares, self._there, self._places = squares, there, places

    def holds(self, row: Row) -> bool:
        """Tell whether the picture is large enough for this way."""
        return bool(self._there[self._places[row["file"]]])

    def get(self, row: Row) -> np.ndarray:
        """Return the square of a picture, (side, side, 3), uint8."""
        return np.asarray(self._squares[self._places[row["file"]]])


class Squares:
    """Pictures as squares of one size, made when first asked for and kept in a folder."""

    def __init__(self, media: Path, kept: Path, rows: Sequence[Row], side: int, tell: Tell | None = None) -> None:
        self._media, self._kept, self._rows, self._side, self._tell = media, kept, rows, side, tell
        self._places = {row["file"]: n for n, row in enumerate(rows)}
        self._ways: dict[str, Way] = {}
        self._mark = f"{zlib.crc32(' '.join(self._places).encode()):08x}"

    def of(self, way: str) -> Way:
        """Return the pictures under a condition, or after the history of a draw, such as ``laundered_0``."""
        if way not in self._ways:
            path = self._kept / f"{way}-{self._side}-{self._mark}.npy"
            if not path.exists():
                self._make(way, path)
            there = np.load(path.with_suffix(".there.npy"))
            self._ways[way] = Way(np.load(path, mmap_mode="r"), there, self._places)
        return self._ways[way]

    def _make(self, way: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        shape = (len(self._rows), self._side, self._side, 3)
        squares = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
        there = np.zeros(len(self._rows), bool)
        for n, row in enumerate(self._rows):
            shown = shown_as(pictures.load(self._media, row), way, row)
            if shown is not None:
                squares[n] = launder.scaled(launder.centre(shown), self._side, self._side)
                there[n] = True
            if self._tell is not None:
                self._tell(f"squares: {way}", n + 1, len(self._rows))
        squares.flush()
        np.save(path.with_suffix(".there.npy"), there)
        part.replace(path)


def shown_as(picture: np.ndarray, way: str, row: Row) -> np.ndarray | None:
    """Return a picture under a condition or after the history that its name and the number of the draw give."""
    name, _, draw = way.partition("_")
    if name == "laundered":
        return launder.launder(picture, np.random.default_rng([zlib.crc32(row["file"].encode()), int(draw)]))
    return launder.condition(picture, way, row)
