"""The power spectrum of a picture at native size: azimuthal average, peaks, lines, and a small view of the plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import NotApplicable
from ..media.image import Image
from ..signals import spectra

SMALLEST = 256
_LEAST_SPREAD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSpectrum:
    """The spectrum of the luminance of a picture (at most its central 4096 × 4096 pixels) under a Hann window, dB.

    Parameters
    ----------
    rows, columns
        Size of the part that was transformed, pixels.
    radial
        shape (128,), float32: level of each ring between 0 and 1/2 cycle a pixel; one step squared = 0 dB.
    grid
        shape (k, 3), float32: row and column of the multiples of 1/8 cycle a pixel, in sixteenths of a cycle, and how far
        each stands above its surroundings.
    lines
        How far the lines of 1/2 and 1/4 cycle a pixel lie above or below parallel ones, by name ("1/2 across").
    peaks
        shape (k, 3), float32: isolated peaks, highest first: row and column in cycles a pixel, height above the
        surroundings.
    view
        shape (≤ 512, ≤ 512), float32: the plane with frequency 0 in the middle.
    """

    rows: int
    columns: int
    radial: np.ndarray
    grid: np.ndarray
    lines: Mapping[str, float]
    peaks: np.ndarray
    view: np.ndarray


def see_picture_spectrum(image: Image) -> PictureSpectrum:
    """Transform a picture.

    Raises
    ------
    NotApplicable
        If the picture is too small or of one colour.
    """
    if min(image.height, image.width) < SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; its spectrum needs {SMALLEST} × {SMALLEST}"
        )
    luma = spectra.centre(image.pixels)
    if float(luma.std()) < _LEAST_SPREAD:
        raise NotApplicable(f"the picture is of one colour: its luminance varies by {luma.std():.2f} steps of 255")
    of = spectra.spectrum(luma)
    return PictureSpectrum(
        rows=of.height, columns=of.width, radial=spectra.radial_mean(of).astype(np.float32),
        grid=np.array([(*place, level) for place, level in spectra.grid_levels(of).items()], np.float32),
        lines=spectra.lines(of), peaks=spectra.isolated_peaks(of), view=spectra.view(of),
    )  # fmt: skip
