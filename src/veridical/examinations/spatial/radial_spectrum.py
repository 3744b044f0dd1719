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

Isolated peaks anywhere in the plane are listed and marked: frequencies that stand 18 dB or more above the median of what is
around them, and of their row and column there, at 0.02 cycle a pixel or more. They do not enter the value.

Each departure is divided by the level that about one in ten unaltered photographs exceeds (6, 1.3 and 7 dB, measured on 382
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

from ...finding import Chart, Line, Map, Measurement, Table
from ...knowledge.references import condition_of, nearest, reference
from ...media.image import Image
from ...perception.picture_spectrum import PictureSpectrum
from ...signals.spectra import BINS, GRID, PEAK_DB
from ...signals.traces import RINGS, radial_features

BRANCH = "forensics"
DETECTS = ("synthesis",)
DEMO = "lab.synthesis.upsample"

_FEATURE = "radial spectrum"
_ROUNDING = 1 / 12  # power of rounding to whole steps
_FIT = (0.03, 0.25)
_TAIL = 0.4
_COMMON = {"peak": 6.0, "gap": 1.3, "tail": 7.0}  # dB; about one photograph in ten exceeds each


@dataclass(frozen=True, slots=True)
class _Radial:
    frequency: np.ndarray
    level: np.ndarray
    law: np.ndarray
    tail: float
    slope: float


def examine(image: Image, spectrum: PictureSpectrum) -> Measurement:
    """Measure the largest regular departure of the spectrum.

    Raises
    ------
    NotApplicable
        If the picture is too small or of one colour.
    """
    radial = _radial(spectrum.radial)
    peaks, grid = _peaks(spectrum)
    (row, column), peak = max(peaks.items(), key=lambda item: item[1])
    line, gap = max(spectrum.lines.items(), key=lambda item: abs(item[1]))
    departures = {"peak": max(peak, 0.0), "gap": abs(gap), "tail": abs(radial.tail)}
    ratios = {name: departures[name] / common for name, common in _COMMON.items()}
    largest = max(ratios, key=lambda name: ratios[name])
    features = radial_features(spectrum.radial)
    whole = (spectrum.rows, spectrum.columns) == (image.height, image.width)
    return Measurement(
        value=ratios[largest], unit="times a common departure",
        observation=(
            f"The strongest peak at a multiple of 1/4 cycle a pixel lies {abs(peak):.1f} dB "
            f"{'above' if peak >= 0 else 'below'} its surroundings, the lines of "
            f"1/4 and 1/2 depart by up to {abs(gap):.1f} dB, and the tail by {radial.tail:+.1f} dB from a power law; the "
            f"largest, in proportion to what photographs show, is the {largest}."
        ),
        exhibits=(
            _curve(radial), _plane(spectrum), *_bands(image, features), _table(peaks, spectrum), _marked(spectrum),
            _listed(spectrum),
        ),
        facts={
            "largest departure": largest, "peak": round(peak, 3), "peak row": row / GRID, "peak column": column / GRID,
            "JPEG grid peaks": round(grid, 3), "gap": round(gap, 3), "gap line": line, "tail": round(radial.tail, 3),
            "power law exponent": round(radial.slope / 10, 3), "rows": spectrum.rows, "columns": spectrum.columns,
            "isolated peaks": len(spectrum.peaks),
        },
        limits=() if whole else (f"The central {spectrum.columns} × {spectrum.rows} pixels were examined.",),
        features=features,
    )  # fmt: skip


def _radial(level: np.ndarray) -> _Radial:
    frequency = (np.arange(BINS) + 0.5) / (2 * BINS)
    fitted = (frequency > _FIT[0]) & (frequency < _FIT[1])
    slope, start = np.polyfit(np.log10(frequency[fitted]), level[fitted], 1)
    floor = 10 * np.log10(_ROUNDING)
    law = np.maximum(slope * np.log10(frequency) + start, floor)
    end = frequency > _TAIL
    tail = float(np.mean(np.maximum(level[end], floor) - law[end]))
    return _Radial(frequency, level, law, tail, float(slope))


def _peaks(spectrum: PictureSpectrum) -> tuple[dict[tuple[int, int], float], float]:
    """Peaks at multiples of 1/4 in sixteenths of a cycle (row, column), less JPEG's; and JPEG's own level, both dB."""
    raw = {(int(row), int(column)): float(level) for row, column, level in spectrum.grid}
    odd = {place: level for place, level in raw.items() if place[0] % 4 or place[1] % 4}
    on_axes = max(0.0, *(level for (r, c), level in odd.items() if r == 0 or c == 0))
    elsewhere = max(float(np.quantile([level for (r, c), level in odd.items() if r and c], 0.75)), 0.0)
    grid = {True: on_axes, False: elsewhere}
    regular = {(r, c): level - grid[r == 0 or c == 0] for (r, c), level in raw.items() if (r, c) not in odd}
    return regular, max(on_axes, elsewhere)


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


def _bands(image: Image, features: np.ndarray) -> tuple[Chart, ...]:
    """Set the profile against photographs and the nearest known generator of the same condition."""
    quality = None if image.jpeg is None else image.jpeg.quality
    known = reference(condition_of(quality, image.width, image.height), _FEATURE)
    if known is None:
        return ()
    x = ((np.arange(RINGS) + 0.5) / (2 * RINGS)).astype(np.float32)
    mean, spread = known.photographs.mean[_FEATURE], known.photographs.spread[_FEATURE]
    lines = [
        Line(name="this picture", x=x, y=features), Line(name="photographs: mean + 1 SD", x=x, y=mean + spread),
        Line(name="photographs: mean − 1 SD", x=x, y=mean - spread),
    ]  # fmt: skip
    generators = [group for group, _ in nearest(known, {_FEATURE: features}) if not group.real]
    lines += [Line(name=f"nearest generator: {one.name}", x=x, y=one.mean[_FEATURE]) for one in generators[:1]]
    return (
        Chart(
            name=f"Profile against photographs: {known.condition}", lines=tuple(lines), x_name="frequency",
            x_unit="cycles/pixel", y_name="level", y_unit="dB, mean of 0.03 to 0.25 = 0",
            caption=f"{known.photographs.count} photographs of {len(known.sources)} collections in this condition. Size, "
            "sharpness and compression move the profile as much as a generator does.",
        ),
    )  # fmt: skip


def _plane(spectrum: PictureSpectrum) -> Map:
    return Map(
        name="Spectrum",
        values=spectrum.view,
        unit="dB",
        low=-20.0,
        high=60.0,
        overlay=False,
        caption="Frequency 0 in the middle, 1/2 cycle a pixel at the edges; mean of neighbouring frequencies. Bright lines "
        "across the middle come from edges and from the picture's border.",
    )


def _marked(spectrum: PictureSpectrum) -> Map:
    """Draw the isolated peaks as discs on the plane, each with its mirror image."""
    height, width = spectrum.view.shape
    values = np.zeros((height, width), np.float32)
    for row, column, level in spectrum.peaks[::-1]:
        for sign in (1, -1):
            at = (round(width / 2 + sign * column * width), round(height / 2 + sign * row * height))
            cv2.circle(values, at, max(width // 100, 2), float(level), thickness=-1)
    return Map(
        name="Isolated peaks",
        values=values,
        unit="dB above surroundings",
        low=0.0,
        high=60.0,
        overlay=False,
        caption="The same plane as the spectrum. Each disc is one listed peak; all else is empty. One of 182 "
        "pristine photographs shows any, and only where JPEG's blocks have theirs.",
    )


def _listed(spectrum: PictureSpectrum) -> Table:
    rows = tuple(
        (f"{row:+.4f}", f"{column:.4f}", f"{1 / np.hypot(row, column):.2f}", f"{level:.1f}", _known(row, column))
        for row, column, level in spectrum.peaks
    )
    return Table(
        name="Isolated peaks", rows=rows,
        columns=("cycles a pixel down", "across", "period in pixels", "dB above surroundings", "known as"),
         caption=f"At most twelve, highest first, from {PEAK_DB:g} dB on.",
    )  # fmt: skip


def _known(row: float, column: float) -> str:
    """Say which regular grid a frequency belongs to; both components must lie within a bin of it."""
    for parts, name in ((4, "multiple of 1/4: up-sampling by 2 or 4"), (8, "multiple of 1/8: JPEG blocks")):
        if all(abs(part * parts - round(part * parts)) < parts / 1000 for part in (row, column)):
            return name
    return ""


def _table(peaks: dict[tuple[int, int], float], spectrum: PictureSpectrum) -> Table:
    rows = [
        ("peak", f"{row / GRID:g} down, {column / GRID:g} across", f"{level:+.1f}")
        for (row, column), level in sorted(peaks.items(), key=lambda item: -item[1])
    ]
    rows += [
        ("line", name, f"{level:+.1f}")
        for name, level in sorted(spectrum.lines.items(), key=lambda item: -abs(item[1]))
    ]
    return Table(
        name="Peaks and lines", columns=("kind", "cycles a pixel", "dB above its surroundings"), rows=tuple(rows),
        caption="What JPEG's 8 × 8 blocks show at odd multiples of 1/8 is taken off the peaks.",
    )  # fmt: skip
