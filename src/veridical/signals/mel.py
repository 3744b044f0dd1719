"""Mel filters as the decoders of synthetic speech are trained with: linear below 1 kHz, logarithmic above, of equal area.

References
----------
Slaney, Auditory Toolbox, Interval Research Corporation, technical report 1998-010, 1998.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .filter_banks import triangles

_LINEAR_HZ, _KNEE_HZ = 200 / 3, 1000.0
_KNEE = _KNEE_HZ / _LINEAR_HZ
_STEP = np.log(6.4) / 27
_AREA_HZ = 1.0


def hertz_to_mel(hertz: np.ndarray) -> np.ndarray:
    """Return places on the mel scale: 15 at 1 kHz, 27 more at 6.4 kHz."""
    above = _KNEE + np.log(np.maximum(hertz, _KNEE_HZ) / _KNEE_HZ) / _STEP
    return np.where(np.asarray(hertz) < _KNEE_HZ, np.asarray(hertz) / _LINEAR_HZ, above)


def mel_to_hertz(mel: np.ndarray) -> np.ndarray:
    """Return frequencies in hertz: the inverse of ``hertz_to_mel``."""
    above = _KNEE_HZ * np.exp(_STEP * (np.maximum(mel, _KNEE) - _KNEE))
    return np.where(np.asarray(mel) < _KNEE, np.asarray(mel) * _LINEAR_HZ, above)


@cache
def mel_filters(rate: int, size: int, count: int, top_hz: float) -> np.ndarray:
    """Return triangles evenly spaced in mel from 0 Hz to ``top_hz``, each of area 1 in hertz.

    Parameters
    ----------
    rate, size
        Samples a second, and length of the Fourier transform.
    count
        Number of filters.

    Returns
    -------
    filters
        shape (count, size // 2 + 1), float32; the power or magnitude of a spectrum is multiplied from the right.
    """
    corners = mel_to_hertz(np.linspace(0, float(hertz_to_mel(np.array(top_hz))), count + 2))
    return np.ascontiguousarray(triangles(corners, size, rate, area_hz=_AREA_HZ).T)
