"""JPEG round trips of pixels in memory, and what they change."""

from __future__ import annotations

import cv2
import numpy as np

from .blocks import block_mean

QUALITIES = tuple(range(30, 101, 5))
WINDOW = 16
_LONGEST_SIDE = 32768  # a JPEG side cannot exceed 65,535


def recompress(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Write uint8 pixels, RGB or grey, as a baseline JPEG (4:2:0) in memory and decode it again."""
    if pixels.shape[1] > _LONGEST_SIDE:
        half = pixels.shape[1] // 32 * 16
        return np.concatenate([recompress(pixels[:, :half], quality), recompress(pixels[:, half:], quality)], axis=1)
    if pixels.shape[0] > _LONGEST_SIDE:
        half = pixels.shape[0] // 32 * 16
        return np.concatenate([recompress(pixels[:half], quality), recompress(pixels[half:], quality)])
    colour = pixels.ndim == 3
    source = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if colour else np.ascontiguousarray(pixels)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    if colour:
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    data = cv2.imencode(".jpg", source, options)[1]
    back = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE))
    return np.asarray(cv2.cvtColor(back, cv2.COLOR_BGR2RGB)) if colour else back


def differences(pixels: np.ndarray, qualities: tuple[int, ...] = QUALITIES) -> np.ndarray:
    """Mean squared change of each 16 × 16 window at each JPEG quality: shape (qualities, rows, columns), float32.

    Parameters
    ----------
    pixels
        uint8, grey (h, w) or RGB (h, w, 3), sides multiples of 16.
    """
    out = []
    for quality in qualities:
        change = cv2.absdiff(pixels, recompress(pixels, quality))
        mean = block_mean(cv2.multiply(change, change, dtype=cv2.CV_32F), WINDOW)
        out.append(mean.mean(2) if mean.ndim == 3 else mean)
    return np.stack(out)


def distance(inside: np.ndarray, outside: np.ndarray) -> float:
    """Kolmogorov–Smirnov distance, directed: how far the distribution inside lies below the one outside."""
    values = np.sort(np.concatenate([inside, outside]))
    below = np.searchsorted(np.sort(inside), values, side="right") / len(inside)
    other = np.searchsorted(np.sort(outside), values, side="right") / len(outside)
    return float(max((below - other).max(), 0.0))
