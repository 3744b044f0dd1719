"""The state of a picture or a recording, from its samples: blur, noise, traces of the JPEG grid, signal over noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .blocks import grey
from .edge_blur import edge_blur, weighted_median
from .grid import CELL, grid_votes
from .spectrogram import windows

SIDE = 1024
"""Longest side of the middle part that is looked at, pixels."""
_FEWEST_EDGES = 200
_LEAST_GRADIENT = 4.0
_DARK, _LIGHT = 2.0, 253.0
_FEWEST = 256
_MAD = 0.6745  # median of the absolute value of a normal variable
_GRID_SIDE, _SMALLEST_GRID = 512, 64
_LEAST_SPREAD = 1e-6
_PIECES, _PIECE_S = 12, 5.0
_WINDOW_S = 0.064
_LOW = 0.2
_LOW_OF_NOISE = -math.log(1 - _LOW)  # that quantile of the power of noise, relative to its mean (exponential)
_AROUND = 61
_HIGHEST_DB, _LOWEST_DB = 90.0, -20.0
_SILENT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The places of the 64 where a grid of 8 × 8 blocks can begin, and how strongly the pixels vote for them.

    Parameters
    ----------
    strength
        How far the votes for the strongest place stand above the median of the 49 places that share neither row nor column
        with it, in their standard deviations.
    place
        Its row and column, 0 to 7, from the upper left corner of the picture.
    second
        The same for the strongest of those 49 among themselves, by what they have beyond their own rows and columns: a grid
        of an earlier save, of which the picture was cropped. One that shares row or column with the first is not seen.
    """

    strength: float
    place: tuple[int, int]
    second: float


def middle(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Return the luminance of the middle of a picture (rows, columns, 3), uint8, cut on the 8 × 8 grid: float32, 0-255."""
    top, left = (max(0, (size - side) // 2) // CELL * CELL for size in pixels.shape[:2])
    return np.asarray(grey(pixels[top : top + side, left : left + side]), np.float32)


def noise_of(luma: np.ndarray) -> float | None:
    """Return the standard deviation of the noise of a plane, steps; None where all of it is clipped.

    The median of the absolute values of the finest diagonal Haar wavelet coefficients / 0.6745 (D. L. Donoho, I. M.
    Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika, 1994). Lossy compression takes such
    coefficients away: after it, this is what is left, down to 0.
    """
    rows, columns = (size // 2 * 2 for size in luma.shape)
    a, b = luma[0:rows:2, 0:columns:2], luma[0:rows:2, 1:columns:2]
    c, d = luma[1:rows:2, 0:columns:2], luma[1:rows:2, 1:columns:2]
    four = np.stack([a, b, c, d])
    free = (four.min(0) > _DARK) & (four.max(0) < _LIGHT)
    if np.count_nonzero(free) < _FEWEST:
        return None
    return float(np.median(np.abs(a - b - c + d)[free]) / 2 / _MAD)


def blur_of(luma: np.ndarray, noise: float | None) -> float | None:
    """Return the blur of the edges of a plane: standard deviation in pixels, the median by gradient; None without edges."""
    least = max(_LEAST_GRADIENT, 4 * (noise or 0.0))
    edges = edge_blur(luma, scale=1.0, least=least)
    return weighted_median(edges.blur, edges.gradient) if len(edges.blur) >= _FEWEST_EDGES else None


def grid_of(pixels: np.ndarray) -> Grid | None:
    """Find the 8 × 8 grids on which a picture was compressed, from its middle; None where the picture is too small."""
    rows, columns = pixels.shape[:2]
    if min(rows, columns) < _SMALLEST_GRID:
        return None
    top, left = (max(0, (size - _GRID_SIDE) // 2) // CELL * CELL for size in (rows, columns))
    votes = grid_votes(pixels[top : top + _GRID_SIDE, left : left + _GRID_SIDE]).mean((0, 1)).reshape(CELL, CELL)
    row, column = (int(at) for at in np.unravel_index(int(votes.argmax()), votes.shape))
    others = np.delete(np.delete(votes, row, 0), column, 1)
    both = votes - votes.mean(0) - votes.mean(1, keepdims=True)  # what no row and no column has alone
    beside = np.sort(np.delete(np.delete(both, row, 0), column, 1).ravel())
    return Grid(
        strength=float((votes[row, column] - np.median(others)) / max(others.std(), _LEAST_SPREAD)),
        place=(row, column),
        second=float((beside[-1] - np.median(beside)) / max(beside[:-1].std(), _LEAST_SPREAD)),
    )


def snr_of(samples: np.ndarray, rate: int) -> float | None:
    """Return the power of what sounds over that of the steady noise beneath it, dB; None for silence or too short a sound.

    The noise of a frequency is what the quietest fifth of all windows does not exceed, corrected for the spread of noise,
    and levelled over neighbouring frequencies by a median, so that a steady tone is no noise (after R. Martin, "Noise power
    spectral density estimation based on optimal smoothing and minimum statistics", IEEE Transactions on Speech and Audio
    Processing, 2001). Of a long recording twelve pieces of 5 s are heard.

    Parameters
    ----------
    samples
        shape (n, channels), full scale ±1.
    rate
        Samples a second.
    """
    window = 2 ** round(math.log2(_WINDOW_S * rate))
    powers = [power for piece in _pieces(samples, rate) for _, power in windows(piece, window, window // 2)]
    if sum(map(len, powers)) < 10:
        return None
    power = np.concatenate(powers)[:, 1:-1]
    power = power[power.sum(1) > _SILENT]  # digital silence is no noise of a recording
    if len(power) < 10:
        return None
    floor = np.quantile(power, _LOW, axis=0) / _LOW_OF_NOISE
    noise = float(_levelled(floor).sum())
    whole = float(power.mean(0, np.float64).sum())
    ratio = 10 * math.log10(max(whole - noise, _SILENT) / max(noise, _SILENT))
    return min(max(ratio, _LOWEST_DB), _HIGHEST_DB)


def _pieces(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    length = round(_PIECE_S * rate)
    if len(samples) <= _PIECES * length:
        return [samples]
    starts = np.linspace(0, len(samples) - length, _PIECES).astype(int)
    return [samples[start : start + length] for start in starts]


def _levelled(floor: np.ndarray) -> np.ndarray:
    half = min(_AROUND, len(floor)) // 2
    padded = np.pad(floor, half, mode="reflect")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1))
