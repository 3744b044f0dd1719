"""Tiles of a picture at native size: where they lie, and which ones are looked at when there are too many."""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 128
"""Pixels of a side of a tile."""
_TEXTURE = 0.5  # what a tile's texture counts beside its distance from those already taken, a picture's length being 1


def grid(height: int, width: int, side: int = SIDE) -> np.ndarray:
    """Return the corners of tiles that cover a picture evenly, shape (n, 2): row and column of the upper left pixel.

    Neighbours overlap a little, or leave a little between them, so that the first and the last lie at the borders. A picture
    no larger than a tile and a half in a direction gets one tile there, in the middle.
    """
    rows, columns = (_starts(length, side) for length in (max(height, side), max(width, side)))
    return np.array([(row, column) for row in rows for column in columns], np.int32)


def chosen(pixels: np.ndarray, most: int, side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Cut tiles out of a picture: all of the grid, or those that are textured and lie far apart.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8. Where it is smaller than a tile, it is continued by its mirror image.
    most
        How many tiles at most.

    Returns
    -------
    corners
        shape (n, 2), int32: row and column of each tile.
    tiles
        shape (n, side, side, 3), uint8.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < side:
        below, right = max(0, side - height), max(0, side - width)
        while below or right:  # a mirror image is at most as long as the picture
            now_below, now_right = min(below, pixels.shape[0] - 1), min(right, pixels.shape[1] - 1)
            pixels = cv2.copyMakeBorder(pixels, 0, now_below, 0, now_right, cv2.BORDER_REFLECT_101)
            below, right = below - now_below, right - now_right
    corners = grid(height, width, side)
    if len(corners) > most:
        corners = corners[_spread(corners, _textures(pixels, corners, side), max(height, width), most)]
    return corners, np.stack([pixels[row : row + side, column : column + side] for row, column in corners])


def _starts(length: int, side: int) -> np.ndarray:
    count = max(1, round(length / side))
    if count == 1:
        return np.array([(length - side) // 2])
    return np.asarray(np.linspace(0, length - side, count).round().astype(int))


def _textures(pixels: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    steps = (np.abs(np.diff(grey[row : row + side, column : column + side], axis=1)).mean() for row, column in corners)
    return np.asarray(np.log1p(np.array(list(steps))))


def _spread(corners: np.ndarray, textures: np.ndarray, longest: int, most: int) -> np.ndarray:
    """Return which tiles to take, in the order of the grid: the most textured, then those textured and far from all before."""
    taken = [int(np.argmax(textures))]
    nearest = np.full(len(corners), np.inf)
    while len(taken) < most:
        nearest = np.minimum(nearest, np.hypot(*(corners - corners[taken[-1]]).T.astype(np.float64)) / longest)
        worth = _TEXTURE * textures + nearest
        worth[taken] = -np.inf
        taken.append(int(np.argmax(worth)))
    return np.sort(np.array(taken))
