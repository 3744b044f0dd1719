"""Cepstral coefficients of short frames: log power in bands, turned by a cosine transform, with their course in time.

The defaults of ``LFCC`` are those of the baseline with linear bands of the ASVspoof 2021 challenge: no pre-emphasis, 70
triangles to 4 kHz, 20 coefficients with the zeroth, and differences over three frames without a scale. ``MFCC`` has the
bands of the mel scale to 7 kHz.

References
----------
- Davis and Mermelstein, Comparison of parametric representations for monosyllabic word recognition, IEEE Transactions on
  Acoustics, Speech, and Signal Processing 28, 1980
- Sahidullah, Kinnunen and Hanilçi, A comparison of features for synthetic speech detection, Interspeech 2015
- Yamagishi et al., ASVspoof 2021: accelerating progress in spoofed and deepfake speech detection, 2021
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.fft import dct, rfft

from .filter_banks import linear_corners_hz, mel_corners_hz, triangles
from .sound import mono

RATE = 16000
FLOOR = 2.2e-16  # added to the power of a band before the logarithm
_AT_ONCE = 2048
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cepstrum:
    """How cepstra are made; lengths in samples at 16 kHz.

    Parameters
    ----------
    window, hop, fft
        Length of the Hamming window, distance of two frames, length of the transform.
    bands, low_hz, high_hz, scale
        Triangular bands and what their corners are evenly spread on.
    coefficients
        How many are kept, with the zeroth.
    """

    window: int = 480
    hop: int = 240
    fft: int = 1024
    bands: int = 70
    low_hz: float = 0.0
    high_hz: float = 4000.0
    scale: Literal["linear", "mel"] = "linear"
    coefficients: int = 20


LFCC = Cepstrum()
MFCC = Cepstrum(window=400, hop=160, fft=512, bands=40, high_hz=7000.0, scale="mel")


def frame_count(samples: int, kind: Cepstrum) -> int:
    """Return how many whole frames so many samples hold."""
    return max(0, (samples - kind.window) // kind.hop + 1)


def cepstra(samples: np.ndarray, kind: Cepstrum = LFCC) -> np.ndarray:
    """Return the cepstra of all whole frames.

    Parameters
    ----------
    samples
        shape (n,), one channel at 16 kHz.

    Returns
    -------
    numpy.ndarray
        shape (frames, coefficients), float32; frame i begins at sample i · hop.
    """
    if not frame_count(len(samples), kind):
        return np.zeros((0, kind.coefficients), np.float32)
    window, filters = _tools(kind)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), kind.window)[:: kind.hop]
    spectrum = rfft(frames * window, kind.fft, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ filters
    return np.asarray(dct(np.log10(power + FLOOR), norm="ortho", axis=1)[:, : kind.coefficients], np.float32)


def cepstra_of(samples: np.ndarray, rate: int, kind: Cepstrum = LFCC) -> np.ndarray:
    """Return the cepstra of a recording of any rate and length, worked on block by block.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1; channels are averaged.
    rate
        Samples a second; brought to 16 kHz.

    Returns
    -------
    numpy.ndarray
        shape (frames, coefficients), float32: what ``cepstra`` gives of the whole at once.
    """
    rest = np.zeros(0, np.float32)
    parts = [np.zeros((0, kind.coefficients), np.float32)]
    for block in mono(samples, rate, RATE):
        rest = np.concatenate([rest, block])
        while frames := min(_AT_ONCE, frame_count(len(rest), kind)):
            parts.append(cepstra(rest[: (frames - 1) * kind.hop + kind.window], kind))
            rest = rest[frames * kind.hop :]
    return np.concatenate(parts)


def differences(values: np.ndarray) -> np.ndarray:
    """Return the frame after less the frame before, the first and the last frame standing in beyond the ends.

    ``values`` and what is returned have shape (frames, coefficients).
    """
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray(padded[2:] - padded[:-2])


def about_mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return coefficients about their mean in the frames that count, with two orders of differences, of those frames.

    Taking the mean away removes a fixed microphone, filter or loudness.

    Parameters
    ----------
    values
        shape (frames, coefficients).
    counted
        shape (frames,), bool: m frames count. Differences are taken over all frames.

    Returns
    -------
    numpy.ndarray
        shape (m, 3 · coefficients).
    """
    return np.concatenate([part[counted] for part in _orders(values, counted)], 1)


def quickness(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return how quickly each coefficient moves for how far it moves, as logarithms of ratios of standard deviations.

    A course that is smooth from frame to frame has low ratios; how far the coefficients move cancels out.

    Returns
    -------
    numpy.ndarray
        shape (2 · coefficients,): of the differences over the coefficients, of the second differences over the first.
    """
    spreads = [np.log(part[counted].std(0) + _LEAST_SPREAD) for part in _orders(values, counted)]
    return np.concatenate([spreads[1] - spreads[0], spreads[2] - spreads[1]])


def _orders(values: np.ndarray, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first = differences(values)
    return values - values[counted].mean(0), first, differences(first)


@cache
def _tools(kind: Cepstrum) -> tuple[np.ndarray, np.ndarray]:
    corners = {"linear": linear_corners_hz, "mel": mel_corners_hz}[kind.scale](kind.bands, kind.low_hz, kind.high_hz)
    return np.hamming(kind.window).astype(np.float32), triangles(corners, kind.fft, RATE)
