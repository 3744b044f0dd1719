"""Pictures of speech for a network: log-magnitude spectra on a linear scale of frequency, cut into windows."""

from __future__ import annotations

import numpy as np

RATE = 16000
HOP = 160
FFT = 512
BINS = 224  # 0 to 7 kHz, 31.25 Hz each
_RANGE_DB = 60.0
_FRAMES = 6000  # worked on at a time


def log_spectra(sound: np.ndarray) -> np.ndarray:
    """Return power spectra in decibels, one each 10 ms: shape (frames, 224), float32.

    Parameters
    ----------
    sound
        shape (n,), full scale ±1, at 16 kHz. Windows of 32 ms (Hann); frame i begins at sample 160 · i.
    """
    window = np.hanning(FFT + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(sound, np.float32), FFT)[::HOP]
    scale = 2 / (FFT * float((window**2).sum()))
    found = np.empty((len(frames), BINS), np.float32)
    for first in range(0, len(frames), _FRAMES):
        bins = np.fft.rfft(frames[first : first + _FRAMES] * window, axis=1)[:, :BINS]
        found[first : first + _FRAMES] = 10 * np.log10(scale * np.abs(bins) ** 2 + 1e-12)
    return found


def scaled(spectra: np.ndarray) -> np.ndarray:
    """Bring a window of ``log_spectra`` to a range a network likes: 0 is 60 dB below its loud places, 3 is there.

    What is loud is the level that one in twenty bins below 4 kHz exceeds; what lies further below than 60 dB, such as the
    empty upper half of a telephone's band, counts as 60 dB below.
    """
    loud = np.percentile(spectra[:, :128], 95)
    return np.asarray(np.clip(spectra - loud + _RANGE_DB, 0, _RANGE_DB + 20) / 20, np.float32)
