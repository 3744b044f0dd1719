"""What a network of our own reads from tiles of a picture's native pixels: how it is drawn, rather than what it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import NotApplicable
from ..media.image import Image
from ..models import runtime
from ..signals.picture_tiles import SIDE, chosen, grid

NETWORK = "pixel_net.onnx"
_LEAST, _AT_ONCE = 64, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTraces:
    """Tiles of a still image, as the network reads them.

    Parameters
    ----------
    boxes
        shape (n, 4), int32: x, y, width, height of each tile in native pixels, inside the picture.
    log_odds
        shape (n,), float32: higher for what was generated; not calibrated.
    features
        shape (304,), float32: mean over the tiles of means and standard deviations of the maps at strides 8 and 16.
    covering
        How many tiles would cover the picture; where that is more than were read, textured ones were taken, far apart.
    """

    boxes: np.ndarray
    log_odds: np.ndarray
    features: np.ndarray
    covering: int

    @property
    def value(self) -> float:
        """The mean log-odds of the tiles: what the network says of the picture."""
        return float(self.log_odds.mean())


def see_picture_traces(image: Image, *, most: int = 64) -> PictureTraces:
    """Read the tiles of a picture.

    Parameters
    ----------
    most
        How many tiles at most.

    Raises
    ------
    NotApplicable
        If the picture is smaller than 64 pixels in a direction.
    """
    if min(image.height, image.width) < _LEAST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; its traces are read from {_LEAST} × {_LEAST}"
        )
    corners, tiles = chosen(image.pixels, most)
    odds, features = read(tiles)
    ends = np.minimum(corners + SIDE, (image.height, image.width))
    boxes = np.column_stack([corners[:, 1], corners[:, 0], (ends - corners)[:, 1], (ends - corners)[:, 0]])
    return PictureTraces(
        boxes=boxes.astype(np.int32), log_odds=odds, features=features.mean(0), covering=len(grid(image.height, image.width))
    )  # fmt: skip


def read(tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds (n,) and features (n, 304), float32, of tiles (n, SIDE, SIDE, 3), uint8, RGB."""
    net = runtime.shipped(NETWORK)
    found = []
    for start in range(0, len(tiles), _AT_ONCE):
        planes = tiles[start : start + _AT_ONCE].transpose(0, 3, 1, 2).astype(np.float32)
        found.append(net(np.ascontiguousarray(planes)))
    return np.concatenate([odds for odds, _ in found]), np.concatenate([features for _, features in found])
