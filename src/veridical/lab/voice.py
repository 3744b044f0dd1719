"""Recipes for voices."""

from __future__ import annotations

import numpy as np
import soxr

from ..errors import UsageError
from .recipe import Sound, SoundPair


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


def _fit(samples: np.ndarray, n: int) -> np.ndarray:
    return np.asarray(np.clip(np.pad(samples[:n], (0, max(0, n - len(samples)))), -1, 1), np.float32)
