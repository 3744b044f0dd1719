"""What an encoding of a whole picture says of its being generated: directions, learned by ``training/recipes/picture_head.py``.

Each part of the encoding has a direction of its own; their scores, brought to one spread, are added with equal weights.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

TABLE = "picture_head.npz"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PictureHead:
    """A linear head.

    Parameters
    ----------
    weights
        shape (d,), float32.
    offset
        Added to the product.
    sources, pictures
        Sources, and real and generated pictures that it was learned from.
    """

    weights: np.ndarray
    offset: float
    sources: int
    pictures: tuple[int, int]

    def log_odds(self, vectors: np.ndarray) -> np.ndarray:
        """Return the log-odds, not calibrated, that pictures with encodings (…, d) were generated: shape (…,), float64."""
        return np.asarray(vectors, np.float64) @ self.weights.astype(np.float64) + self.offset


@cache
def picture_head() -> PictureHead:
    """Return the head that comes with the program."""
    return read((files(__package__) / TABLE).read_bytes())


def read(content: bytes) -> PictureHead:
    """Return the head that a table holds."""
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        real, fake = (int(count) for count in kept["pictures"])
        return PictureHead(
            weights=kept["weights"], offset=float(kept["offset"]), sources=int(kept["sources"]), pictures=(real, fake)
        )  # fmt: skip
