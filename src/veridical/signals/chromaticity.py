"""Colour without brightness: linear light, log chromaticity, and its distance in CIE Lab at one lightness."""

from __future__ import annotations

import numpy as np

_LEVELS = np.arange(256) / 255
# IEC 61966-2-1: 8-bit sRGB to linear light, 0 to 1.
LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _XYZ.sum(1)
# The luminance at which colours are compared, L* about 62: that of lit skin.
_AT = 0.3


def log_chromaticity(linear: np.ndarray) -> np.ndarray:
    """Return ln(R/G) and ln(B/G) of linear light, shape (..., 2): shading moves neither, the light's colour moves all alike."""
    logs = np.log(linear + 1e-3)
    return np.stack([logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]], -1)


def colour_distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """CIE 1976 colour difference ΔE*ab of log chromaticities (..., 2), both brought to one lightness."""
    first, second = _chroma(np.asarray(one, np.float64)), _chroma(np.asarray(other, np.float64))
    return np.asarray(np.hypot(first[..., 0] - second[..., 0], first[..., 1] - second[..., 1]))


def _chroma(chromaticity: np.ndarray) -> np.ndarray:
    """Return a*, b* at the luminance ``_AT``: shape (..., 2)."""
    red, blue = np.exp(chromaticity[..., 0]), np.exp(chromaticity[..., 1])
    xyz = np.stack([red, np.ones_like(red), blue], -1) @ _XYZ.T
    share = xyz / xyz[..., 1:2] * _AT / _WHITE
    root = np.where(share > (6 / 29) ** 3, np.cbrt(share), share * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])], -1)
