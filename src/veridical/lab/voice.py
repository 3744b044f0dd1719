"""Recipes for voices."""

from __future__ import annotations

import numpy as np
import soxr
from scipy import signal
from scipy.fft import dct, idct
from scipy.ndimage import convolve1d

from ..errors import UsageError
from .recipe import Sound, SoundPair
from .sound_marks import tones

_WINDOW_S = 0.03
_QUIET = 1e-6  # magnitude that counts as silence
_MOST_RISE = 2.3  # 20 dB: how much a frame may be raised towards its neighbours


def upsample(sound: Sound, random: np.random.Generator, *, band_hz: float = 4000.0) -> SoundPair:
    """Make sound that holds nothing above a low band edge, in a file of full bandwidth.

    Many voice generators work at 8 or 16 kHz and are sampled up afterwards. The altered recording goes down to twice the
    band edge and up again; the control goes up to twice its own rate and down again, through the same resampler.
    """
    if sound.rate < 4 * band_hz:
        raise UsageError(
            f"the recording has a rate of {sound.rate} Hz; this recipe needs at least {4 * band_hz:.0f} Hz"
        )
    low = round(2 * band_hz)
    n = len(sound.samples)
    altered = soxr.resample(soxr.resample(sound.samples, sound.rate, low, "VHQ"), low, sound.rate, "VHQ")
    control = soxr.resample(soxr.resample(sound.samples, sound.rate, 2 * sound.rate, "VHQ"), 2 * sound.rate, sound.rate)
    return SoundPair(
        category="synthesis", control=_fit(control, n), altered=_fit(altered, n), rate=sound.rate,
        altered_term="trainedAlgorithmicMedia", control_term="algorithmicMedia", facts={"band_hz": band_hz},
    )  # fmt: skip


def smooth(sound: Sound, random: np.random.Generator, *, over_s: float = 0.09, coefficients: int = 30) -> SoundPair:
    """Make a voice whose envelope glides where that of a person darts, as models do that say the mean of what could come.

    The cepstral envelope of the altered recording is smoothed over time, its fine structure stays; the control passes through
    the same windows unchanged. ``over_s`` is the length of the smoothing window, ``coefficients`` what counts as envelope.
    """
    if not 0 < over_s < 1 or coefficients < 2:
        raise UsageError(f"over_s must lie between 0 and 1 s, not at {over_s:g}, and coefficients be at least 2")
    size = round(_WINDOW_S * sound.rate)
    begins = len(tones(sound.rate))
    bare = sound.samples[begins:]
    spectra = signal.stft(bare, sound.rate, nperseg=size, noverlap=size - size // 6)[2]
    level = np.log(np.abs(spectra) + _QUIET)
    cepstrum = dct(level, type=1, axis=0)
    cepstrum[coefficients:] = 0
    envelope = idct(cepstrum, type=1, axis=0)
    window = np.hanning(round(over_s * sound.rate / (size // 6)) + 2)[1:-1]
    change = convolve1d(envelope, window / window.sum(), axis=1) - envelope
    control, altered = (
        signal.istft(one, sound.rate, nperseg=size, noverlap=size - size // 6)[1]
        for one in (spectra, spectra * np.exp(np.minimum(change, _MOST_RISE)))
    )
    gain = min(1.0, 0.95 / max(float(np.abs(control).max()), float(np.abs(altered).max()), 1e-9))
    return SoundPair(
        category="synthesis", control=_fit(control * gain, len(bare)), altered=_fit(altered * gain, len(bare)),
        rate=sound.rate, marked=False, altered_term="trainedAlgorithmicMedia", control_term="algorithmicMedia",
        facts={"over_s": over_s, "coefficients": coefficients},
    )  # fmt: skip


def _fit(samples: np.ndarray, n: int) -> np.ndarray:
    return np.asarray(np.clip(np.pad(samples[:n], (0, max(0, n - len(samples)))), -1, 1), np.float32)
