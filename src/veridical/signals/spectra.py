"""The two-dimensional power spectrum of a picture: azimuthal average, peaks, lines, and a small view of the plane."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import fft

from .blocks import grey

LARGEST = 4096
GRID = 16
"""Sides are multiples of this, so that every sixteenth of a cycle a pixel has a bin of its own."""
BINS = 128
"""Rings of the azimuthal average between 0 and 1/2 cycle a pixel."""
PEAK_DB = 18.0
"""What a bin must stand above its surroundings to be listed as an isolated peak."""
_REACH = 12
_EMPTY = 1e-3
_LOG_MEAN = 2.507  # dB by which the mean of log power lies below the log of mean power in noise
_VIEW = 512
_CANDIDATES, _MOST = 300, 12
_LOWEST = 0.02


@dataclass(frozen=True, slots=True)
class Spectrum:
    """``level``: power in dB (one step² = 0), rows in FFT order, columns from 0 to 1/2 cycle a pixel."""

    level: np.ndarray
    height: int
    width: int

    def around(self, row: int, column: int) -> np.ndarray:
        """Square of levels around a bin, by the periodicity and symmetry of the spectrum."""
        offsets = np.arange(-_REACH, _REACH + 1)
        rows, columns = np.meshgrid(row + offsets, column + offsets, indexing="ij")
        columns = columns % self.width
        mirrored = columns > self.width // 2
        rows = np.where(mirrored, -rows, rows) % self.height
        return np.asarray(self.level[rows, np.where(mirrored, self.width - columns, columns)])

    def above(self, row: int, column: int) -> float:
        """Level of one bin above the median of its surroundings, or of its row or column there if those are higher."""
        square = self.around(row, column)
        far = np.abs(np.arange(-_REACH, _REACH + 1)) > 2
        ring = np.median(square[far[:, None] | far])
        return float(square[_REACH, _REACH] - max(ring, np.median(square[_REACH, far]), np.median(square[far, _REACH])))


def centre(pixels: np.ndarray) -> np.ndarray:
    """Luminance of the largest central part whose sides are 16 times a product of twos, threes and fives."""
    sides = [fitting(min(side, LARGEST)) for side in pixels.shape[:2]]
    top, left = ((full - side) // 2 for full, side in zip(pixels.shape[:2], sides, strict=True))
    return grey(pixels[top : top + sides[0], left : left + sides[1]])


def fitting(side: int) -> int:
    """Return the largest side, not above the given one, whose Fourier transform is quick and has the grid's bins."""
    count = side // GRID
    while (rest := count) > 1:
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            break
        count -= 1
    return count * GRID


def spectrum(luma: np.ndarray) -> Spectrum:
    """Power spectrum of luminance under a Hann window; its mean is taken off first."""
    height, width = luma.shape
    down, across = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n, dtype=np.float32) / n) for n in (height, width))
    values = (luma - luma.mean(dtype=np.float64)).astype(np.float32) * down[:, None] * across
    transformed = fft.rfft2(values, workers=2, overwrite_x=True)
    power = np.square(transformed.real) + np.square(transformed.imag)
    power /= np.float32(np.sum(down**2) * np.sum(across**2))
    power += np.float32(_EMPTY)
    return Spectrum(10 * np.log10(power, out=power), height, width)


def radial_mean(of: Spectrum) -> np.ndarray:
    """Azimuthal average: mean level of each ring, shape (128,), dB of the mean power that noise of this level has."""
    down = np.abs(fft.fftfreq(of.height)).astype(np.float32)[:, None]
    radius = np.hypot(down, fft.rfftfreq(of.width).astype(np.float32)) * np.float32(2 * BINS)
    bins = np.minimum(radius.astype(np.int32), BINS).ravel()
    counts = np.bincount(bins, minlength=BINS + 1)[:BINS]
    return np.asarray(np.bincount(bins, of.level.ravel(), BINS + 1)[:BINS] / np.maximum(counts, 1) + _LOG_MEAN)


def grid_levels(of: Spectrum) -> dict[tuple[int, int], float]:
    """Height of the bins at multiples of 1/8 cycle a pixel, dB, by (row, column) in sixteenths of a cycle."""
    places = [
        (r, c) for c in (0, 2, 4, 6, 8) for r in range(-6, 10, 2) if (r, c) != (0, 0) and (c not in {0, 8} or r > 0)
    ]
    places.append((0, 8))
    return {(r, c): of.above(r * of.height // GRID, c * of.width // GRID) for r, c in places}


def lines(of: Spectrum) -> dict[str, float]:
    """Mean level of whole lines relative to parallel lines 4 to 12 bins away, dB, each by its name."""
    near = np.concatenate([np.arange(-_REACH, -3), np.arange(4, _REACH + 1)])
    across, down = of.level.mean(0, np.float64), of.level.mean(1, np.float64)
    out = {}
    for part in (2, 4):
        x, y = of.width // part, of.height // part
        beside = x + near
        beside = np.where(beside > of.width // 2, of.width - beside, beside)
        out[f"1/{part} across"] = float(across[x] - np.median(across[beside]))
        out[f"1/{part} down"] = float(down[y] - np.median(down[(y + near) % of.height]))
    return out


def isolated_peaks(of: Spectrum, least: float = PEAK_DB) -> np.ndarray:
    """Bins that stand out from what is around them, highest first.

    Returns
    -------
    peaks
        shape (k, 3): row and column frequency in cycles a pixel (row −1/2 to 1/2, column 0 to 1/2) and height in dB
        above the median of the surroundings, at most twelve. A line of high power is no peak: the median along its row
        and its column counts as surroundings too. Frequencies below 0.02 cycle a pixel are left out.
    """
    size = 2 * _REACH + 1
    excess = of.level - cv2.blur(of.level, (size, size), borderType=cv2.BORDER_REFLECT_101)
    top = (excess >= least - 10) & (of.level >= cv2.dilate(of.level, np.ones((5, 5), np.uint8)))
    down = fft.fftfreq(of.height)
    rows, columns = np.nonzero(top)
    far = np.hypot(down[rows], columns / of.width) > _LOWEST
    far &= (down[rows] >= 0) | ((columns > 0) & (2 * columns < of.width))  # the edge columns hold every pair twice
    rows, columns = rows[far], columns[far]
    order = np.argsort(-excess[rows, columns], kind="stable")[:_CANDIDATES]
    found = [
        (down[r], c / of.width, of.above(int(r), int(c))) for r, c in zip(rows[order], columns[order], strict=True)
    ]
    kept = sorted((one for one in found if one[2] >= least), key=lambda one: -one[2])[:_MOST]
    return np.array(kept, np.float32).reshape(-1, 3)


def view(of: Spectrum) -> np.ndarray:
    """Return the whole plane with frequency 0 in the middle, at most 512 × 512, as means of neighbouring levels."""
    half = np.fft.fftshift(of.level, axes=0)
    mirrored = np.roll(half[::-1, 1:-1][:, ::-1], 1, axis=0)
    full = np.concatenate([half[:, -1:], mirrored, half[:, :-1]], axis=1)
    size = (min(_VIEW, full.shape[1]), min(_VIEW, full.shape[0]))
    return np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.float32)
