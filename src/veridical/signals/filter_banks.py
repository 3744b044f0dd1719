"""Triangular filters over the bins of a power spectrum, with corners at even steps of hertz or of the mel scale."""

from __future__ import annotations

import numpy as np


def triangles(corners_hz: np.ndarray, fft: int, rate: int, *, area_hz: float | None = None) -> np.ndarray:
    """Return filters that rise from one corner to the next and fall to the one after.

    Parameters
    ----------
    corners_hz
        shape (n + 2,), rising: filter i begins at corner i, peaks at i + 1 and ends at i + 2.
    fft, rate
        Length of the transform and samples a second.
    area_hz
        Area of each under its gain, hertz; None gives each a peak of 1.

    Returns
    -------
    numpy.ndarray
        shape (fft // 2 + 1, n), float32.
    """
    hertz = np.fft.rfftfreq(fft, 1 / rate)[:, None]
    rise = (hertz - corners_hz[:-2]) / (corners_hz[1:-1] - corners_hz[:-2])
    fall = (corners_hz[2:] - hertz) / (corners_hz[2:] - corners_hz[1:-1])
    gains = np.maximum(np.minimum(rise, fall), 0)
    if area_hz is not None:
        gains = gains * (2 * area_hz) / (corners_hz[2:] - corners_hz[:-2])
    return np.asarray(gains, np.float32)


def linear_corners_hz(bands: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Return ``bands`` + 2 corners at even steps of hertz."""
    return np.linspace(low_hz, high_hz, bands + 2)


def mel_corners_hz(bands: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Return ``bands`` + 2 corners at even steps of the mel scale, mel = 2595 log10(1 + hertz / 700)."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (low_hz, high_hz))
    return np.asarray(700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1))
