"""Does the spectrum show the regular peaks, gaps or tail that up-sampling leaves?

Method
------
The luminance of the whole picture (at most its central 4096 × 4096 pixels) is multiplied by a Hann window and Fourier
transformed at native size. Three departures are measured in decibels:

- peak: the power at frequencies whose row and column components are 0, 1/4 or 1/2 cycle a pixel, above the median of the
  frequencies around them (and along the same row and column, if those are higher). Up-sampling by 2 or 4 puts replicas
  there. JPEG's 8 × 8 blocks have peaks there too, but equally at odd multiples of 1/8: what those show is taken off.
- gap: how far the mean level on the lines of 1/2 and 1/4 cycle a pixel, across or down, differs from parallel lines nearby.
  Repeating pixels empties them.
- tail: how far the azimuthal average between 0.4 and 0.5 cycle a pixel lies from a power law fitted between 0.03 and 0.25;
  neither is taken below the noise of rounding to whole steps. Interpolation empties the tail, inserted zeros fill it.

Each is divided by the level that about one in ten unaltered photographs exceeds (6, 1.3 and 7 dB, measured on 382
photographs); the value is the largest of the three.

What a high value means
-----------------------
The picture, or a layer of it, was enlarged by a whole factor, as the up-sampling layers of a generator do, or its finest
detail does not continue its coarser detail.

What it cannot see
------------------
- generators trained or filtered to match natural spectra
- traces weaker than the picture's own texture at those frequencies
- anything after resizing, after strong compression, or at 1/8 cycle a pixel, where JPEG leaves the same peaks
- where in the picture the cause lies

Also caused by
--------------
- enlarging by a viewer, web site, digital zoom or scanner
- sharpening, noise reduction, defocus, and strong JPEG compression (tail)
- the colour filter pattern of a camera, at 1/2 cycle a pixel
- fabric, screens, blinds and printed dots of a fitting period
- screenshots and drawings, whose spectra follow no power law

Needs
-----
A picture of at least 256 × 256 pixels at native size that is not of one colour.

References
----------
- R. Durall, M. Keuper, J. Keuper, "Watch your Up-Convolution: CNN Based Generative Deep Neural Networks are Failing to
  Reproduce Spectral Distributions", CVPR 2020.
- J. Frank et al., "Leveraging Frequency Analysis for Deep Fake Image Recognition", ICML 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import fft

from ...errors import NotApplicable
from ...finding import Chart, Line, Map, Measurement, Table
from ...media.image import Image
from ...signals.blocks import grey

BRANCH = "forensics"
DETECTS = ("synthesis",)
DEMO = "lab.synthesis.upsample"

_SMALLEST = 256
_LARGEST = 4096
_GRID = 16  # sides are multiples of 16, so that every sixteenth of a cycle a pixel has a bin of its own
_BINS = 128
_REACH = 12
_EMPTY = 1e-3
_ROUNDING = 1 / 12  # power of rounding to whole steps
_LOG_MEAN = 2.507  # dB by which the mean of log power lies below the log of mean power in noise
_FIT = (0.03, 0.25)
_TAIL = 0.4
_COMMON = {"peak": 6.0, "gap": 1.3, "tail": 7.0}  # dB; about one photograph in ten exceeds each
_MAP_SIDE = 512


@dataclass(frozen=True, slots=True)
class _Spectrum:
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


@dataclass(frozen=True, slots=True)
class _Radial:
    frequency: np.ndarray
    level: np.ndarray
    law: np.ndarray
    tail: float
    slope: float


def examine(image: Image) -> Measurement:
    """Measure the largest regular departure of the spectrum.

    Raises
    ------
    NotApplicable
        If the picture is too small or of one colour.
    """
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; its spectrum needs {_SMALLEST} × {_SMALLEST}"
        )
    luma = _centre(image.pixels)
    if float(luma.std()) < 0.5:
        raise NotApplicable(f"the picture is of one colour: its luminance varies by {luma.std():.2f} steps of 255")
    spectrum = _spectrum(luma)
    radial = _radial(spectrum)
    peaks, grid = _peaks(spectrum)
    (row, column), peak = max(peaks.items(), key=lambda item: item[1])
    gaps = _gaps(spectrum)
    line, gap = max(gaps.items(), key=lambda item: abs(item[1]))
    departures = {"peak": max(peak, 0.0), "gap": abs(gap), "tail": abs(radial.tail)}
    ratios = {name: departures[name] / common for name, common in _COMMON.items()}
    largest = max(ratios, key=lambda name: ratios[name])
    whole = (spectrum.height, spectrum.width) == (image.height, image.width)
    return Measurement(
        value=ratios[largest], unit="times a common departure",
        observation=(
            f"The strongest peak at a multiple of 1/4 cycle a pixel lies {abs(peak):.1f} dB "
            f"{'above' if peak >= 0 else 'below'} its surroundings, the lines of "
            f"1/4 and 1/2 depart by up to {abs(gap):.1f} dB, and the tail by {radial.tail:+.1f} dB from a power law; the "
            f"largest, in proportion to what photographs show, is the {largest}."
        ),
        exhibits=(_curve(radial), _plane(spectrum), _table(peaks, gaps)),
        facts={
            "largest departure": largest, "peak": round(peak, 3), "peak row": row / _GRID, "peak column": column / _GRID,
            "JPEG grid peaks": round(grid, 3), "gap": round(gap, 3), "gap line": line, "tail": round(radial.tail, 3),
            "power law exponent": round(radial.slope / 10, 3), "rows": spectrum.height, "columns": spectrum.width,
        },
        limits=() if whole else (f"The central {spectrum.width} × {spectrum.height} pixels were examined.",),
    )  # fmt: skip


def _centre(pixels: np.ndarray) -> np.ndarray:
    """Luminance of the largest central part whose sides are 16 times a product of twos, threes and fives."""
    sides = [_fitting(min(side, _LARGEST)) for side in pixels.shape[:2]]
    top, left = ((full - side) // 2 for full, side in zip(pixels.shape[:2], sides, strict=True))
    return grey(pixels[top : top + sides[0], left : left + sides[1]])


def _fitting(side: int) -> int:
    count = side // _GRID
    while (rest := count) > 1:
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            break
        count -= 1
    return count * _GRID


def _spectrum(luma: np.ndarray) -> _Spectrum:
    height, width = luma.shape
    down, across = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n, dtype=np.float32) / n) for n in (height, width))
    values = (luma - luma.mean(dtype=np.float64)).astype(np.float32) * down[:, None] * across
    transformed = fft.rfft2(values, workers=2, overwrite_x=True)
    power = np.square(transformed.real) + np.square(transformed.imag)
    power /= np.float32(np.sum(down**2) * np.sum(across**2))
    power += np.float32(_EMPTY)
    return _Spectrum(10 * np.log10(power, out=power), height, width)


def _radial(spectrum: _Spectrum) -> _Radial:
    down = np.abs(fft.fftfreq(spectrum.height)).astype(np.float32)[:, None]
    radius = np.hypot(down, fft.rfftfreq(spectrum.width).astype(np.float32)) * np.float32(2 * _BINS)
    bins = np.minimum(radius.astype(np.int32), _BINS).ravel()
    counts = np.bincount(bins, minlength=_BINS + 1)[:_BINS]
    level = np.bincount(bins, spectrum.level.ravel(), _BINS + 1)[:_BINS] / np.maximum(counts, 1) + _LOG_MEAN
    frequency = (np.arange(_BINS) + 0.5) / (2 * _BINS)
    fitted = (frequency > _FIT[0]) & (frequency < _FIT[1])
    slope, start = np.polyfit(np.log10(frequency[fitted]), level[fitted], 1)
    floor = 10 * np.log10(_ROUNDING)
    law = np.maximum(slope * np.log10(frequency) + start, floor)
    end = frequency > _TAIL
    tail = float(np.mean(np.maximum(level[end], floor) - law[end]))
    return _Radial(frequency, level, law, tail, float(slope))


def _peaks(spectrum: _Spectrum) -> tuple[dict[tuple[int, int], float], float]:
    """Peaks at multiples of 1/4 in sixteenths of a cycle (row, column), less JPEG's; and JPEG's own level, both dB."""
    places = [
        (r, c) for c in (0, 2, 4, 6, 8) for r in range(-6, 10, 2) if (r, c) != (0, 0) and (c not in {0, 8} or r > 0)
    ]
    places.append((0, 8))
    raw = {place: _above(spectrum, *place) for place in places}
    odd = {place: level for place, level in raw.items() if place[0] % 4 or place[1] % 4}
    on_axes = max(0.0, *(level for (r, c), level in odd.items() if r == 0 or c == 0))
    elsewhere = max(float(np.quantile([level for (r, c), level in odd.items() if r and c], 0.75)), 0.0)
    grid = {True: on_axes, False: elsewhere}
    regular = {(r, c): level - grid[r == 0 or c == 0] for (r, c), level in raw.items() if (r, c) not in odd}
    return regular, max(on_axes, elsewhere)


def _above(spectrum: _Spectrum, row: int, column: int) -> float:
    """Level of one bin above the median of its surroundings, or of its row or column there if those are higher."""
    y, x = row * spectrum.height // _GRID, column * spectrum.width // _GRID
    square = spectrum.around(y, x)
    far = np.abs(np.arange(-_REACH, _REACH + 1)) > 2
    ring = np.median(square[far[:, None] | far])
    return float(square[_REACH, _REACH] - max(ring, np.median(square[_REACH, far]), np.median(square[far, _REACH])))


def _gaps(spectrum: _Spectrum) -> dict[str, float]:
    """Mean level of whole lines relative to parallel lines 4 to 12 bins away, dB, each by its name."""
    near = np.concatenate([np.arange(-_REACH, -3), np.arange(4, _REACH + 1)])
    across, down = spectrum.level.mean(0, np.float64), spectrum.level.mean(1, np.float64)
    out = {}
    for part in (2, 4):
        x, y = spectrum.width // part, spectrum.height // part
        beside = x + near
        beside = np.where(beside > spectrum.width // 2, spectrum.width - beside, beside)
        out[f"1/{part} across"] = float(across[x] - np.median(across[beside]))
        out[f"1/{part} down"] = float(down[y] - np.median(down[(y + near) % spectrum.height]))
    return out


def _curve(radial: _Radial) -> Chart:
    x = radial.frequency.astype(np.float32)
    return Chart(
        name="Azimuthal average of the spectrum", x_name="frequency", x_unit="cycles/pixel", y_name="power",
        y_unit="dB, one step squared = 0", marks=(0.25, 0.5),
        lines=(
            Line(name="this picture", x=x, y=radial.level.astype(np.float32)),
            Line(name="power law, not below rounding noise", x=x, y=radial.law.astype(np.float32)),
        ),
        caption="The law is fitted between 0.03 and 0.25 cycles a pixel; the tail is compared from 0.4 on.",
    )  # fmt: skip


def _plane(spectrum: _Spectrum) -> Map:
    half = np.fft.fftshift(spectrum.level, axes=0)
    mirrored = np.roll(half[::-1, 1:-1][:, ::-1], 1, axis=0)
    full = np.concatenate([half[:, -1:], mirrored, half[:, :-1]], axis=1)
    size = (min(_MAP_SIDE, full.shape[1]), min(_MAP_SIDE, full.shape[0]))
    return Map(
        name="Spectrum", values=np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.float32), unit="dB",
        low=-20.0, high=60.0, overlay=False,
        caption="Frequency 0 in the middle, 1/2 cycle a pixel at the edges; mean of neighbouring frequencies. Bright lines "
        "across the middle come from edges and from the picture's border.",
    )  # fmt: skip


def _table(peaks: dict[tuple[int, int], float], gaps: dict[str, float]) -> Table:
    rows = [
        ("peak", f"{row / _GRID:g} down, {column / _GRID:g} across", f"{level:+.1f}")
        for (row, column), level in sorted(peaks.items(), key=lambda item: -item[1])
    ]
    rows += [("line", name, f"{level:+.1f}") for name, level in sorted(gaps.items(), key=lambda item: -abs(item[1]))]
    return Table(
        name="Peaks and lines", columns=("kind", "cycles a pixel", "dB above its surroundings"), rows=tuple(rows),
        caption="What JPEG's 8 × 8 blocks show at odd multiples of 1/8 is taken off the peaks.",
    )  # fmt: skip
