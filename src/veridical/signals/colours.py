"""Chromaticity and clipping of a picture."""

from __future__ import annotations

import cv2
import numpy as np

from .blocks import grey

CELLS = 12
RED, GREEN = (0.12, 0.72), (0.12, 0.54)
"""Range of r = R / (R + G + B) and of g that the cells cover; what lies beyond counts in the cells at the edge."""
HIGH = (255, 254, 250, 245, 235)
LOW = (0, 1, 5, 10, 20)
LEAST_SHARE = 1e-6
_DARK = 45
_ENOUGH = 1_000_000  # pixels; larger pictures are sampled in even steps
_SQUARE = np.ones((2, 2), np.uint8)


def chromaticity(pixels: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the shares of the cells of the r-g plane and the number of pixels that count.

    Pixels darker than R + G + B = 45, or with a channel at 0 or 255, have no reliable chromaticity and do not count. Of
    pictures above a megapixel every second, third … pixel of every second, third … row is taken.

    Returns
    -------
    shares
        shape (12, 12), float64: rows by g, columns by r; their sum is 1, or 0 if no pixel counts.
    """
    step = max(1, round((pixels.shape[0] * pixels.shape[1] / _ENOUGH) ** 0.5))
    part = np.ascontiguousarray(pixels[::step, ::step]).reshape(-1, 3)
    total = part.sum(1, dtype=np.int32)
    sound = (total >= _DARK) & (part.min(1) > 0) & (part.max(1) < 255)
    part, total = part[sound], total[sound].astype(np.float32)
    places = [
        np.clip((part[:, i] / total - low) * np.float32(CELLS / (high - low)), 0, CELLS - 1).astype(np.int32)
        for i, (low, high) in ((0, RED), (1, GREEN))
    ]
    counts = np.bincount(places[1] * CELLS + places[0], minlength=CELLS**2).reshape(CELLS, CELLS)
    return counts / max(len(part), 1), len(part)


def flat_extremes(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each 2 × 2 square how bright and how dark it is throughout, shape (h, w), uint8.

    ``bright`` is the least of the four pixels' brightest channels, ``dark`` the greatest of their brightest channels: a
    square is clipped if bright is 255 or dark is 0. Single clipped pixels, as ringing leaves them, do not show.
    """
    most = cv2.max(cv2.max(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return _throughout(most)


def _throughout(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest of each 2 × 2 square; those that would reach over the border are never extreme."""
    least = cv2.erode(plane, _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    most = cv2.dilate(plane, _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=(255,))
    return np.asarray(least), np.asarray(most)


def clipping_shares(pixels: np.ndarray) -> np.ndarray:
    """Return shares of 2 × 2 squares that lie at the ends of the scale throughout: shape (20,), float64.

    Of the brightest channel: at least 255, 254, 250, 245, 235; at most 0, 1, 5, 10, 20; then the same of the luminance.
    """
    bright, dark = flat_extremes(pixels)
    luma = np.concatenate(
        [np.rint(grey(pixels[top : top + 512])).astype(np.uint8) for top in range(0, len(pixels), 512)]
    )
    parts = []
    for high, low in ((bright, dark), _throughout(luma)):
        ups, downs = (np.bincount(plane.ravel(), minlength=256).cumsum() / plane.size for plane in (high, low))
        parts += [1 - (ups[t - 1] if t else 0.0) for t in HIGH] + [downs[t] for t in LOW]
    return np.clip(parts, 0, 1)


def colour_features(cells: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the square roots of the cells' shares, then the logarithms of the clipped shares: shape (164,), float32."""
    return np.concatenate([np.sqrt(cells).ravel(), np.log10(shares + LEAST_SHARE)]).astype(np.float32)
