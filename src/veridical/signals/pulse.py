"""The pulse in the colour of skin: three ways to get its trace from mean colours, its rate, and how far it stands out.

GREEN: Verkruysse, Svaasand and Nelson, Optics Express 2008. CHROM: de Haan and Jeanne, IEEE Transactions on Biomedical
Engineering 2013. POS: Wang, den Brinker, Stuijk and de Haan, same journal, 2017. Detrending by smoothness priors: Tarvainen,
Ranta-aho and Karjalainen, same journal, 2002.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg, signal

from .series import lasting, long_enough, stretches

BAND_HZ = (0.75, 2.5)  # 45 to 150 beats a minute
LEAST_S = 3.2  # two windows of CHROM
_WINDOW_S = 1.6
_CHROM_HZ = (0.7, 2.5)
_POS_HZ = (0.75, 3.0)
_ROUNDED = 0.01  # share of a length
_NEAR_HZ = 0.1  # ±6 beats a minute
# Smoothness priors: this weight at 30 samples a second halves what is slower than 0.48 Hz.
_SMOOTHNESS, _AT_RATE = 100.0, 30.0
_STEP_HZ = 0.25 / 60
_NOISE = ((8.0, 10.0, 12.0, 15.0, 20.0, 30.0), (-2.4, -2.9, -3.4, -3.8, -4.1, -4.5))  # seconds, dB


@dataclass(frozen=True, slots=True)
class Beat:
    """A rate in beats a minute, and how far the power at it and at its double stands above the rest of the band, dB."""

    per_minute: float
    snr_db: float


def green(rgb: np.ndarray, rate: float) -> np.ndarray:
    """Return the green channel without its slow changes, as shares of its mean; shapes as in `pos`."""
    level = rgb[..., 1]
    return detrended(level / np.maximum(level.mean(0), 1e-9) - 1, rate)


def chrom(rgb: np.ndarray, rate: float) -> np.ndarray:
    """Return the difference of two colour differences in which brightness and gloss cancel; shapes as in `pos`."""
    rgb = np.asarray(rgb, np.float64)
    half = round(_WINDOW_S * rate / 2)
    length = 2 * half
    _enough(len(rgb), rate)
    band = signal.butter(3, _CHROM_HZ, "bandpass", fs=rate)
    fade = signal.windows.hann(length, sym=False).reshape(-1, *[1] * (rgb.ndim - 2))
    out = np.zeros(rgb.shape[:-1])
    # The last window ends with the last frame, so that no frame is left out.
    for start in [*range(0, len(rgb) - length, half), len(rgb) - length]:
        colour = _by_its_mean(rgb[start : start + length])
        red, mid, blue = (colour[..., channel] for channel in range(3))
        x = signal.filtfilt(*band, 3 * red - 2 * mid, axis=0)
        y = signal.filtfilt(*band, 1.5 * red + mid - 1.5 * blue, axis=0)
        out[start : start + length] += fade * (x - x.std(0) / np.maximum(y.std(0), 1e-12) * y)
    return out


def pos(rgb: np.ndarray, rate: float) -> np.ndarray:
    """Return the part of the colour that varies at right angles to the tone of the skin.

    Parameters
    ----------
    rgb
        shape (n, …, 3): mean red, green, blue of some skin at even steps, finite.
    rate
        Steps a second, more than 6.

    Returns
    -------
    shape (n, …), float64: shares of the mean colour, 0.75 to 3 Hz.

    Raises
    ------
    ValueError
        If the series is shorter than LEAST_S.
    """
    rgb = np.asarray(rgb, np.float64)
    _enough(len(rgb), rate)
    length = int(np.ceil(_WINDOW_S * rate))
    out = np.zeros(rgb.shape[:-1])
    for start in range(len(rgb) - length + 1):
        colour = _by_its_mean(rgb[start : start + length])
        red, mid, blue = (colour[..., channel] for channel in range(3))
        one, two = mid - blue, mid + blue - 2 * red
        beat = one + one.std(0) / np.maximum(two.std(0), 1e-12) * two
        out[start : start + length] += beat - beat.mean(0)
    return passed(detrended(out / length, rate), rate, _POS_HZ)


METHODS: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {"POS": pos, "CHROM": chrom, "GREEN": green}


def detrended(values: np.ndarray, rate: float) -> np.ndarray:
    """Take away the smooth part of a series (n, …): what a second difference of small weight can follow."""
    n = len(values)
    weight = (_SMOOTHNESS * (rate / _AT_RATE) ** 2) ** 2
    # The bands of I + weight · DᵀD, D the second difference; upper form of `solveh_banded`.
    middle, next_, second = np.full(n, 6.0), np.full(n, -4.0), np.ones(n)
    middle[[0, -1]], middle[[1, -2]] = 1, 5
    next_[[1, -1]] = -2
    bands = weight * np.stack([second, next_, middle])
    bands[2] += 1
    flat = np.reshape(values, (n, -1))
    return np.asarray((flat - linalg.solveh_banded(bands, flat)).reshape(np.shape(values)))


def passed(values: np.ndarray, rate: float, band_hz: tuple[float, float]) -> np.ndarray:
    """Pass a band of frequencies of a series (n, …), without a shift in time (Butterworth, first order, back and forth)."""
    return np.asarray(signal.filtfilt(*signal.butter(1, band_hz, "bandpass", fs=rate), values, axis=0))


def spectrum(trace: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the frequencies (k,) in BAND_HZ and the periodogram (k, …) of traces (n, …) passed through that band.

    The traces are padded with zeros to a power of two that gives steps of a quarter of a beat a minute or less: the next one
    would give steps of one or two beats for half a minute.
    """
    inside_band = passed(trace, rate, BAND_HZ)
    size = _padded(len(trace), rate)
    frequencies, power = signal.periodogram(inside_band, rate, nfft=size, detrend=False, axis=0)
    inside = (frequencies >= BAND_HZ[0]) & (frequencies <= BAND_HZ[1])
    return frequencies[inside], power[inside]


def strongest(frequencies: np.ndarray, power: np.ndarray) -> Beat:
    """Return the strongest rate of a spectrum (k,) and its signal-to-noise ratio."""
    at = float(frequencies[int(np.argmax(power))])
    return Beat(60 * at, float(snr_db(frequencies, power, at)))


def snr_db(frequencies: np.ndarray, power: np.ndarray, at_hz: float) -> np.ndarray:
    """Return 10·log10 of the power (k, …) within 6 beats a minute of a frequency and of its double, over all other."""
    near = (np.abs(frequencies - at_hz) <= _NEAR_HZ) | (np.abs(frequencies - 2 * at_hz) <= _NEAR_HZ)
    least = 1e-12 * np.maximum(power.sum(0), 1e-300)
    return np.asarray(10 * np.log10(np.maximum(power[near].sum(0), least) / np.maximum(power[~near].sum(0), least)))


def noise_snr_db(seconds: float) -> float:
    """Return the ratio that the strongest rate of noise alone reaches on average: the longer the trace, the lower.

    Simulated for POS of independent noise in the three channels; single traces lie 1.3 dB (30 s) to 1.8 dB (8 s) around it.
    """
    return float(np.interp(seconds, *_NOISE))


def beat_of(trace: np.ndarray, rate: float) -> Beat:
    """Return the rate and signal-to-noise ratio of one trace (n,)."""
    return strongest(*spectrum(trace, rate))


def together(traces: np.ndarray, rate: float, at_hz: float) -> np.ndarray:
    """Return how alike traces beat around a frequency: the coherency of each with each, 6 beats a minute to either side.

    Parameters
    ----------
    traces
        shape (n, m).

    Returns
    -------
    shape (m, m), complex128: 1 on the diagonal. The real part is 1 where two beat in step, −1 where they beat against each
    other, and 0 on average where they have nothing to do with each other; the argument is by how much the column lags
    behind the row. The absolute value is no measure: over a few seconds, noise alone makes it large.
    """
    size = _padded(len(traces), rate)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    near = np.abs(frequencies - at_hz) <= _NEAR_HZ
    waves = np.fft.rfft(passed(traces, rate, BAND_HZ), size, axis=0)[near]
    cross = waves.T @ waves.conj()
    own = np.sqrt(np.maximum(np.real(np.diag(cross)), 1e-300))
    return np.asarray(cross / np.outer(own, own))


def pieces(frames: np.ndarray, times: np.ndarray, *, least_s: float, most_s: float) -> list[np.ndarray]:
    """Split the measurements of a face into unbroken pieces, in each of which a heart keeps about one rate.

    Parameters
    ----------
    frames, times
        shape (n,): frame numbers, rising, and their times in seconds.
    least_s, most_s
        Shorter stretches are left out, longer ones are cut into parts of the same length in time; both within 1 %.

    Returns
    -------
    Indices into ``frames``, one array a piece.
    """
    found = []
    for run in stretches(frames, times):
        own = times[run] - times[run[0]]
        length = lasting(own)
        if long_enough(length, least_s):
            count = max(int(np.ceil(length / most_s - _ROUNDED)), 1)
            found += np.split(run, np.searchsorted(own, length / count * np.arange(1, count) - 1e-6))
    return found


def _padded(n: int, rate: float) -> int:
    return int(2 ** np.ceil(np.log2(max(n, rate / _STEP_HZ))))


def _enough(n: int, rate: float) -> None:
    if n < LEAST_S * rate:
        raise ValueError(f"{n} values at {rate:g} a second are less than {LEAST_S:g} s")


def _by_its_mean(colour: np.ndarray) -> np.ndarray:
    return np.asarray(colour / np.maximum(colour.mean(0), 1e-9))
