"""Speech taken apart into a few numbers a frame and put together again: three vocoders without a network.

Each takes one channel of any rate from 8 kHz, shape (n,), and returns float64 of the same length, level and start. The random
numbers of the noise and of the first phases come from the generator that is handed in.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, rfft
from scipy.linalg import solve_toeplitz
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, fftconvolve, firwin, lfilter, sosfiltfilt

from .mel import mel_filters
from .pitch import HOP_S, pitch

_FRAME_S = 0.005
_UNVOICED_HZ = 500.0  # grains a second in which noise is set down
_SMOOTH_HZ = 150.0  # stands for the pitch where there is none
_REACH = 2  # samples by which the period of a band may differ from that of the voice
_LEAST = 1e-10
_LOWEST_HZ, _TAPS = 60.0, 513
_BANDS_HZ = (0.0, 1000.0, 2000.0, 3000.0, 4500.0, 6000.0, 8000.0)


def griffin_lim(
    sound: np.ndarray, rate: int, random: np.random.Generator, *, mels: int = 80, iterations: int = 32
) -> np.ndarray:
    """Return a copy made of the mel spectrogram only: magnitudes by the pseudo-inverse, phases by iteration.

    Windows of about 46 ms follow by a quarter; the phases start at random and become consistent with the magnitudes.

    References
    ----------
    Griffin and Lim, Signal estimation from modified short-time Fourier transform, IEEE Transactions on Acoustics, Speech, and
    Signal Processing 32, 1984.
    """
    size = int(2 ** round(np.log2(0.046 * rate)))
    filters = mel_filters(rate, size, mels, rate / 2)
    seen = np.abs(_spectra(np.asarray(sound, np.float32), size)) @ filters.T
    magnitude = np.maximum(seen @ np.linalg.pinv(filters).T, 0).astype(np.float32)
    phase = np.exp(2j * np.pi * random.random(magnitude.shape)).astype(np.complex64)
    for _ in range(iterations):
        spectra = _spectra(_sound(magnitude * phase, len(sound)), size)
        phase = spectra / np.maximum(np.abs(spectra), 1e-12)
    return _levelled(_sound(magnitude * phase, len(sound)), sound)


def lpc(sound: np.ndarray, rate: int, random: np.random.Generator) -> np.ndarray:
    """Return a copy made of an all-pole filter, a gain and a pitch each 5 ms: pulses or noise through the filter.

    References
    ----------
    Atal and Hanauer, Speech analysis and synthesis by linear prediction of the speech wave, Journal of the Acoustical Society
    of America 50, 1971.
    """
    order, hop = rate // 1000 + 2, round(_FRAME_S * rate)
    count = -(-len(sound) // hop) + 1
    track = _track(sound, rate, count)
    excitation = _excitation(track, rate, hop, count * hop, random)
    long = 5 * hop  # the window of the analysis
    frames = _frames(sound, long, hop, count) * np.hanning(long)
    alike = irfft(np.abs(rfft(frames, 4 * long)) ** 2)[:, : order + 1]
    alike[:, 0] = alike[:, 0] * (1 + 1e-5) + _LEAST
    pieces, tail = _frames(excitation, 2 * hop, hop, count) * _fade(2 * hop), 4 * hop
    made = np.zeros((count + 1) * hop + tail)
    energy = (np.hanning(long) ** 2).sum()
    for index, (row, piece) in enumerate(zip(alike, pieces, strict=True)):
        poles = solve_toeplitz(row[:-1], row[1:])
        gain = np.sqrt(max(row[0] - poles @ row[1:], _LEAST) / energy)
        made[index * hop : (index + 2) * hop + tail] += lfilter([gain], [1, *-poles], np.pad(piece, (0, tail)))
    return _levelled(made[hop:], sound)


def world_like(sound: np.ndarray, rate: int, random: np.random.Generator) -> np.ndarray:
    """Return a copy made of pitch, smooth envelope and share of noise in bands, each 5 ms.

    Each period is one pulse of minimum phase plus noise, both shaped by the envelope. After the scheme of WORLD; the parts are
    simpler than its own.

    References
    ----------
    Morise, Yokomori and Ozawa, WORLD: a vocoder-based high-quality speech synthesis system for real-time applications, IEICE
    Transactions on Information and Systems E99-D, 2016.
    """
    hop, size = round(_FRAME_S * rate), int(2 ** np.ceil(np.log2(0.046 * rate)))
    count = -(-len(sound) // hop) + 1
    track = _track(sound, rate, count)
    envelope = _envelope(sound, rate, np.where(np.isfinite(track), track, _SMOOTH_HZ), size, hop)
    noisy = _aperiodicity(sound, rate, track, hop)
    marks, voiced = _marks(track, rate, hop)
    lengths = np.diff(marks, append=marks[-1] + round(rate / _UNVOICED_HZ))
    made = np.zeros(int(marks[-1]) + size + int(lengths.max()))
    nodes = np.concatenate([[0.0], (np.array(_BANDS_HZ[1:]) + np.array(_BANDS_HZ[:-1])) / 2])
    hertz = np.fft.rfftfreq(size, 1 / rate)
    for mark, length, is_voiced in zip(marks, lengths, voiced, strict=True):
        frame = min(round(mark / hop), count - 1)
        share = np.interp(hertz, nodes, np.append(noisy[frame, :1], noisy[frame])) if is_voiced else np.ones(len(hertz))
        response = _minimum_phase(envelope[frame])
        noise = np.zeros(size)
        noise[:length] = random.standard_normal(length)
        pulse = np.sqrt(length * (1 - share)) * (1.0 if is_voiced else 0.0)
        made[mark : mark + size] += irfft(response * (pulse + np.sqrt(share) * rfft(noise)))
    return _levelled(made, sound)


def matched(original: np.ndarray, copy: np.ndarray, rate: int, *, top_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both in the same band, from 60 Hz to ``top_hz``, and the copy at the level of the original: float64.

    Pulses of one sign have a mean; a recording has none.
    """
    low_pass = firwin(_TAPS, top_hz, fs=rate, window=("kaiser", 8.0))
    high_pass = butter(2, _LOWEST_HZ, "highpass", fs=rate, output="sos")
    first, second = (
        sosfiltfilt(high_pass, fftconvolve(np.asarray(one, np.float64), low_pass, "same")) for one in (original, copy)
    )
    return first, second * np.sqrt(np.mean(first**2) / max(float(np.mean(second**2)), 1e-20))


def _fade(size: int) -> np.ndarray:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size), np.float32)


def _spectra(sound: np.ndarray, size: int) -> np.ndarray:
    """Return the spectra of windows that follow by a quarter and reach beyond both ends: shape (frames, bins)."""
    room = np.pad(sound, (size, size + -len(sound) % (size // 4)))
    return np.asarray(rfft(np.lib.stride_tricks.sliding_window_view(room, size)[:: size // 4] * _fade(size), axis=1))


def _sound(spectra: np.ndarray, length: int) -> np.ndarray:
    """Return the sound whose windows come nearest to those spectra, by least squares: the inverse of ``_spectra``."""
    size, frames = 2 * (spectra.shape[1] - 1), len(spectra)
    quarters = (irfft(spectra, axis=1) * _fade(size)).reshape(frames, 4, size // 4)
    made = np.zeros((frames + 3, size // 4), np.float32)
    for part in range(4):
        made[part : part + frames] += quarters[:, part]
    return np.asarray(made.ravel()[size : size + length] / np.float32(1.5))  # four squared windows add up to 1.5


def _track(sound: np.ndarray, rate: int, count: int) -> np.ndarray:
    """Return the pitch every 5 ms, NaN where the sound is not periodic: shape (count,)."""
    found = pitch(np.asarray(sound, np.float32), rate).astype(np.float64)
    at = np.arange(count) * _FRAME_S / HOP_S
    return np.asarray(np.interp(at, np.arange(len(found)), found))  # NaN between a voiced and an unvoiced step


def _frames(sound: np.ndarray, long: int, hop: int, count: int) -> np.ndarray:
    """Return windows centred at multiples of the hop: shape (count, long)."""
    room = np.pad(np.asarray(sound, np.float64), (long // 2, count * hop + long))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(room, long)[::hop][:count])


def _marks(track: np.ndarray, rate: int, hop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the samples at which grains start, and whether each is a period of a voice."""
    voiced = np.isfinite(track)
    phase = np.cumsum(np.repeat(np.where(voiced, track, _UNVOICED_HZ), hop) / rate)
    marks = np.append(0, np.flatnonzero(np.diff(np.floor(phase)) > 0) + 1)
    return marks, voiced[np.minimum(marks // hop, len(track) - 1)]


def _excitation(track: np.ndarray, rate: int, hop: int, length: int, random: np.random.Generator) -> np.ndarray:
    """Return pulses in voiced stretches and noise elsewhere, both of power one."""
    voiced = np.repeat(np.isfinite(track), hop)[:length]
    made = np.where(voiced, 0.0, random.standard_normal(length))
    marks, is_voiced = _marks(track, rate, hop)
    here = marks[is_voiced & (marks < length)]
    made[here] = np.sqrt(rate / track[np.minimum(here // hop, len(track) - 1)])
    return made


def _envelope(sound: np.ndarray, rate: int, track: np.ndarray, size: int, hop: int) -> np.ndarray:
    """Return the smooth power spectrum of each frame, per sample: shape (count, size // 2 + 1).

    The window spans three periods; the power is averaged over two thirds of the pitch, so that the harmonics are gone.
    """
    frames = _frames(sound, size, hop, len(track))
    away = np.abs(np.arange(size) - size // 2) / rate
    result = np.empty((len(track), size // 2 + 1))
    for index, (frame, hertz) in enumerate(zip(frames, track, strict=True)):
        half = min(1.5 / max(hertz, 70.0), size / 2 / rate)
        window = np.where(away < half, 0.5 + 0.5 * np.cos(np.pi * away / half), 0)
        power = np.abs(rfft(frame * window)) ** 2 / (window**2).sum()
        wide = max(1, round(2 / 3 * hertz * size / rate) | 1)
        result[index] = uniform_filter1d(power, wide, mode="mirror")
    return np.maximum(result, _LEAST)


def _aperiodicity(sound: np.ndarray, rate: int, track: np.ndarray, hop: int) -> np.ndarray:
    """Return the share of noise in the power of each band: shape (count, bands), 1 where there is no pitch.

    It is what is left of a band's power over two periods when each sample is predicted by that one period before.
    """
    voiced = np.flatnonzero(np.isfinite(track))
    result = np.ones((len(track), len(_BANDS_HZ) - 1))
    period = np.round(rate / np.where(np.isfinite(track), track, _UNVOICED_HZ)).astype(int)
    for band, (low, high) in enumerate(zip(_BANDS_HZ[:-1], _BANDS_HZ[1:], strict=True)):
        if low >= rate / 2 * 0.9:
            continue
        edges = [max(low, 50.0), min(high, rate / 2 * 0.95)]
        part = sosfiltfilt(butter(3, edges, "bandpass", fs=rate, output="sos"), sound)
        room = int(period.max()) * 2
        padded = np.pad(part, (room, room + hop))
        for index in voiced:
            lag, middle = period[index], room + index * hop
            now = padded[middle : middle + lag]
            # A period is no whole number of samples, and a high band shows it.
            past = np.lib.stride_tricks.sliding_window_view(padded[middle - lag - _REACH : middle + _REACH], lag)
            alike = past @ now / np.sqrt(np.maximum((now @ now) * (past**2).sum(1), _LEAST**2))
            result[index, band] = np.clip(1 - alike.max(), 0.001, 1)
    return result


def _minimum_phase(power: np.ndarray) -> np.ndarray:
    """Return the spectrum of the filter of minimum phase whose power spectrum is given: shape (bins,), complex."""
    cepstrum = irfft(np.log(power) / 2)
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2
    cepstrum[half + 1 :] = 0
    return np.asarray(np.exp(rfft(cepstrum)))


def _levelled(made: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """Return as many samples as the original has, with its power."""
    made = np.pad(made[: len(sound)], (0, max(0, len(sound) - len(made))))
    power = float(np.mean(made**2))
    return np.asarray(made * np.sqrt(float(np.mean(np.square(sound, dtype=np.float64))) / max(power, 1e-20)))
