"""Pictures of sound over time and frequency: log spectrogram, constant-Q spectrogram, group delay.

References
----------
- Brown and Puckette, An efficient algorithm for the calculation of a constant Q transform, Journal of the Acoustical Society
  of America 92, 1992
- Hegde, Murthy and Gadde, Significance of the modified group delay feature in speech recognition, IEEE Transactions on Audio,
  Speech, and Language Processing 15, 2007
- Müller et al., Does audio deepfake detection generalize?, Interspeech 2022: which of these pictures carry over
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.fft import fft as transform
from scipy.fft import irfft, rfft

_AT_ONCE = 1024
_FLOOR = 1e-10


def frames_of(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Return a view of all whole frames, shape (frames, window); frame i begins at sample i · hop."""
    if len(samples) < window:
        return np.zeros((0, window), np.float32)
    return np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), window)[::hop]


def log_spectrogram(samples: np.ndarray, *, window: int = 400, hop: int = 160, fft: int = 512) -> np.ndarray:
    """Return the power of Hann-windowed frames in dB.

    Parameters
    ----------
    samples
        shape (n,).
    window, hop, fft
        Samples; ``fft`` is at least ``window``.

    Returns
    -------
    numpy.ndarray
        shape (frames, fft // 2 + 1), float32: 0 dB is the power that a full-scale sine puts into its bin; -100 dB at least.
    """
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    parts = [np.zeros((0, fft // 2 + 1), np.float32)]
    for block in _blocks(frames_of(samples, window, hop)):
        spectrum = rfft(block * shape, fft, axis=1) * np.float32(2 / shape.sum())
        parts.append(_decibel(spectrum.real**2 + spectrum.imag**2))
    return np.concatenate(parts)


def constant_q_hz(low_hz: float, per_octave: int, bins: int) -> np.ndarray:
    """Return the frequencies of the bins, shape (bins,): ``per_octave`` even steps of the logarithm to an octave."""
    return np.asarray(low_hz * 2 ** (np.arange(bins) / per_octave))


def constant_q(
    samples: np.ndarray, rate: int, *, low_hz: float = 100.0, per_octave: int = 12, bins: int = 72, hop: int = 160
) -> np.ndarray:
    """Return a spectrogram whose windows hold equally many periods of every bin's frequency.

    Each bin correlates the sound with a Hann-windowed exponential of Q periods, Q = 1 / (2^(1 / per_octave) - 1), centred
    in a frame as long as the longest of them.

    Parameters
    ----------
    samples, rate
        shape (n,) and samples a second.
    low_hz, per_octave, bins
        See ``constant_q_hz``; the highest has to lie below half the rate.
    hop
        Distance of two frames in samples.

    Returns
    -------
    numpy.ndarray
        shape (frames, bins), float32, dB: 0 is a full-scale sine of the bin's frequency; -100 at least.

    Raises
    ------
    ValueError
        If the highest bin is not below half the rate.
    """
    if constant_q_hz(low_hz, per_octave, bins)[-1] >= rate / 2:
        raise ValueError("the highest bin has to lie below half the rate")
    length, kernels = _kernels(rate, low_hz, per_octave, bins)
    parts = [np.zeros((0, bins), np.float32)]
    for block in _blocks(frames_of(samples, length, hop)):
        seen = rfft(block, axis=1) @ kernels
        parts.append(_decibel(seen.real**2 + seen.imag**2))
    return np.concatenate(parts)


def group_delay(frames: np.ndarray, fft: int) -> np.ndarray:
    """Return the delay of each frequency, from the transforms of x[n] and n · x[n], without unwrapping a phase.

    Parameters
    ----------
    frames
        shape (frames, window), already windowed.
    fft
        Length of the transform.

    Returns
    -------
    numpy.ndarray
        shape (frames, fft // 2 + 1), float64, samples after the frame's begin. Where the power is more than 100 dB below
        the frame's strongest bin, the delay is drawn to 0.
    """
    spectrum, slope = _pair(frames, fft)
    power = np.abs(spectrum) ** 2
    return np.asarray((spectrum * slope.conj()).real / np.maximum(power, _floor(power)))


def modified_group_delay(
    frames: np.ndarray, fft: int, *, alpha: float = 0.4, gamma: float = 0.9, lifter: int = 8
) -> np.ndarray:
    """Return the group delay over a smooth spectrum, which the zeros of the excitation do not make spiky.

    Parameters
    ----------
    frames, fft
        As for ``group_delay``.
    alpha
        Exponent of the size of the result; its sign is kept.
    gamma
        Exponent of the smooth power.
    lifter
        Coefficients of the real cepstrum that the smooth spectrum is made of.

    Returns
    -------
    numpy.ndarray
        shape (frames, fft // 2 + 1), float64.
    """
    spectrum, slope = _pair(frames, fft)
    power = np.abs(spectrum) ** 2
    cepstrum = irfft(np.log(np.maximum(power, _floor(power))), axis=1)
    cepstrum[:, lifter : cepstrum.shape[1] - lifter + 1] = 0
    smooth = np.exp(rfft(cepstrum, axis=1).real)
    delay = (spectrum * slope.conj()).real / smooth**gamma
    return np.asarray(np.sign(delay) * np.abs(delay) ** alpha)


def _pair(frames: np.ndarray, fft: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the transforms of x[n] and of n · x[n]."""
    exact = np.asarray(frames, np.float64)
    return rfft(exact, fft, axis=1), rfft(exact * np.arange(exact.shape[1]), fft, axis=1)


def _floor(power: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(power.max(1, keepdims=True) * 1e-10, 1e-30))


@cache
def _kernels(rate: int, low_hz: float, per_octave: int, bins: int) -> tuple[int, np.ndarray]:
    """Return the length of a frame and the transforms of the kernels, shape (length // 2 + 1, bins), scaled for Parseval."""
    quality = 1 / (2 ** (1 / per_octave) - 1)
    lengths = np.ceil(quality * rate / constant_q_hz(low_hz, per_octave, bins)).astype(int)
    whole = int(lengths[0] + lengths[0] % 2)
    kernels = np.zeros((whole, bins), np.complex128)
    for index, (length, hertz) in enumerate(zip(lengths, constant_q_hz(low_hz, per_octave, bins), strict=True)):
        first = (whole - length) // 2
        window = np.hanning(length + 1)[:-1]
        at = np.arange(length) + first
        kernels[first : first + length, index] = 2 * window / window.sum() * np.exp(2j * np.pi * hertz / rate * at)
    spectra = transform(kernels, axis=0)[: whole // 2 + 1].conj() / whole
    return whole, np.asarray(spectra, np.complex64)


def _blocks(frames: np.ndarray) -> Iterator[np.ndarray]:
    for first in range(0, len(frames), _AT_ONCE):
        yield frames[first : first + _AT_ONCE]


def _decibel(power: np.ndarray) -> np.ndarray:
    return np.asarray(10 * np.log10(np.maximum(power, _FLOOR)), np.float32)
