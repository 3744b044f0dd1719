"""The spectrum of a recording: its long-term average, one spectrum a second, and a small spectrogram.

All levels are in dBFS: 0 dB is the power that a full-scale sine puts into its frequency bin. The power of the channels is
averaged, so that channels in opposite phase do not cancel. Long recordings are read block by block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import NotApplicable
from ..media.audio import Audio
from ..signals.spectrogram import Sums, decibel, pool, windows

_BANDS = 256
_PICTURE_ROWS, _PICTURE_COLUMNS = 128, 480


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSpectrum:
    """How the power of a recording is spread over frequency and time.

    Parameters
    ----------
    rate
        Samples a second of the recording.
    window, hop
        Length of the Hann window and distance of two windows, samples.
    frames
        Number of windows.
    sounding_s
        Seconds in which the sound is no more than ``below_loudest_db`` quieter than its loudest window and above
        ``least_dbfs``.
    loudest_db
        Power of the loudest window, dBFS (a full-scale sine has 0).
    frequencies
        shape (bins,), hertz, from 0 to half the rate.
    average_db
        shape (bins,), dBFS: mean power of the sounding windows.
    band_frequencies
        shape (bands,), hertz: centres of the bands of ``seconds_db``.
    seconds_db
        shape (seconds, bands), dBFS a bin: mean power of the sounding windows of each second; NaN without any.
    picture_db
        shape (rows, columns), dBFS a bin: a spectrogram small enough to be shown; row 0 is 0 Hz, column 0 the start.
    picture_step_s
        Seconds a column of the picture.
    """

    rate: int
    window: int
    hop: int
    frames: int
    sounding_s: float
    loudest_db: float
    frequencies: np.ndarray
    average_db: np.ndarray
    band_frequencies: np.ndarray
    seconds_db: np.ndarray
    picture_db: np.ndarray
    picture_step_s: float

    @property
    def nyquist(self) -> float:
        """Highest frequency that the sampling rate can carry, hertz."""
        return self.rate / 2


def hear_spectrum(audio: Audio, *, below_loudest_db: float = 50.0, least_dbfs: float = -80.0) -> SoundSpectrum:
    """Measure the spectrum of a recording.

    Parameters
    ----------
    below_loudest_db
        Windows that are quieter than the loudest one by more than this do not sound.
    least_dbfs
        Nor do windows below this level.

    Raises
    ------
    NotApplicable
        If the recording is shorter than one window or holds digital silence only.
    """
    window = _window_length(audio.rate)
    hop = window // 2
    frames = (len(audio.samples) - window) // hop + 1
    if frames < 1:
        raise NotApplicable(f"the recording lasts {audio.duration_s * 1000:.0f} ms; a spectrum needs {window} samples")
    levels = np.concatenate([_level_db(power) for _, power in windows(audio.samples, window, hop)])
    loudest = float(levels.max())
    if loudest <= least_dbfs:
        raise NotApplicable(f"the recording is silent: its loudest part is at {loudest:.0f} dBFS")
    sounding = levels > max(loudest - below_loudest_db, least_dbfs)
    total, seconds, picture, step = _gather(audio, window, hop, sounding)
    frequencies = np.fft.rfftfreq(window, 1 / audio.rate)
    return SoundSpectrum(
        rate=audio.rate, window=window, hop=hop, frames=frames,
        sounding_s=float(sounding.sum()) * hop / audio.rate, loudest_db=loudest,
        frequencies=frequencies.astype(np.float32),
        average_db=decibel(total / sounding.sum()).astype(np.float32),
        band_frequencies=pool(frequencies[None], _BANDS)[0].astype(np.float32),
        seconds_db=seconds.astype(np.float32), picture_db=picture.astype(np.float32), picture_step_s=step,
    )  # fmt: skip


def _gather(
    audio: Audio, window: int, hop: int, sounding: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the total power of the sounding windows, the spectra a second, the picture and its step in seconds."""
    frames = len(sounding)
    each = -(-frames // _PICTURE_COLUMNS)
    bins = window // 2 + 1
    total = np.zeros(bins)
    seconds = Sums(int((frames - 1) * hop / audio.rate) + 1, min(_BANDS, bins))
    picture = Sums(-(-frames // each), min(_PICTURE_ROWS, bins))
    for first, power in windows(audio.samples, window, hop):
        at = np.arange(first, first + len(power))
        picture.add(at // each, pool(power, _PICTURE_ROWS))
        here = sounding[at]
        if here.any():
            total += power[here].sum(0)
            seconds.add((at[here] * hop / audio.rate).astype(np.int64), pool(power[here], _BANDS))
    return total, seconds.mean_db(), picture.mean_db().T, each * hop / audio.rate


def _window_length(rate: int) -> int:
    """Return the power of two nearest to 46 ms: bins of about 21 Hz."""
    return int(2 ** round(np.log2(0.046 * rate)))


def _level_db(power: np.ndarray) -> np.ndarray:
    # A Hann window spreads a sine over bins whose power sums to 1.5 times that of the central one.
    return decibel(power.sum(1, dtype=np.float64) / 1.5)
