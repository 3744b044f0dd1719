"""Triangular filters over the bins of a power spectrum, with corners at even steps of hertz or of the mel scale."""

from __future__ import annotations

import numpy as np


def triangles(corners_hz: np.ndarray, fft: int, rate: int) -> np.ndarray:
    """Return filters that rise from one corner to the next and fall to the one after, peak 1.

    Parameters
    ----------
    corners_hz
        shape (n + 2,), rising: filter i begins at corner i, peaks at i + 1 and ends at i + 2.
    fft, rate
        Length of the transform and samples a second.

    Returns
    -------
    numpy.ndarray
        shape (fft // 2 + 1, n), float32.
    """
    hertz = np.fft.rfftfreq(fft, 1 / rate)[:, None]
    rise = (hertz - corners_hz[:-2]) / (corners_hz[1:-1] - corners_hz[:-2])
    fall = (corners_hz[2:] - hertz) / (corners_hz[2:] - corners_hz[1:-1])
    return np.asarray(np.maximum(np.minimum(rise, fall), 0), np.float32)


def linear_corners_hz(bands: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Return ``bands`` + 2 corners at even steps of hertz."""
    return np.linspace(low_hz, high_hz, bands + 2)


def mel_corners_hz(bands: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Return ``bands`` + 2 corners at even steps of the mel scale, mel = 2595 log10(1 + hertz / 700)."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (low_hz, high_hz))
    return np.asarray(700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1))
