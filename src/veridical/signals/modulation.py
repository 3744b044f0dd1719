"""How the loudness of bands moves, and how power is spread over frequency in the long run.

References
----------
- Houtgast and Steeneken, A review of the modulation transfer function concept in room acoustics, Journal of the Acoustical
  Society of America 77, 1985
- Byrne et al., An international comparison of long-term average speech spectra, Journal of the Acoustical Society of America
  96, 1994
"""

from __future__ import annotations

import numpy as np
from scipy.fft import rfft

_FLOOR = 1e-10


def modulation_spectrum(
    courses: np.ndarray, frames_per_s: float, *, window: int = 64, hop: int = 32
) -> tuple[np.ndarray, np.ndarray]:
    """Return how the variance of courses over time is spread over the frequencies at which they move.

    Parameters
    ----------
    courses
        shape (frames, bands): the level or the envelope of each band, or any other course.
    frames_per_s
        Frames a second.
    window, hop
        Length of the Hann-windowed stretches and their distance, frames. The mean of each stretch is taken away. Courses
        shorter than a stretch count as one.

    Returns
    -------
    hertz
        shape (window // 2,): frequencies above 0.
    shares
        shape (window // 2, bands), float64: share of each frequency, summing to 1 over the frequencies; all 0 for a course
        that does not move.
    """
    courses = np.asarray(courses, np.float64)
    size = min(window, len(courses))
    if size < 2:
        return np.fft.rfftfreq(window, 1 / frames_per_s)[1:], np.zeros((window // 2, courses.shape[1]))
    shape = np.hanning(size + 1)[:-1]
    power = np.zeros((window // 2 + 1, courses.shape[1]))
    for first in range(0, len(courses) - size + 1, hop):
        part = courses[first : first + size]
        part = (part - (shape[:, None] * part).sum(0) / shape.sum()) * shape[:, None]
        power += np.abs(rfft(part, window, axis=0)) ** 2
    power = power[1:]
    total = power.sum(0)
    still = total <= 1e-20 * max(1.0, float((courses**2).sum()))
    return np.fft.rfftfreq(window, 1 / frames_per_s)[1:], np.where(still, 0.0, power / np.where(still, 1.0, total))


def long_term_average(power: np.ndarray) -> np.ndarray:
    """Return the mean power of frames in dB of their total, so that neither length nor loudness matters.

    Parameters
    ----------
    power
        shape (frames, bands), at least one frame.

    Returns
    -------
    numpy.ndarray
        shape (bands,), float64; -100 dB at least.
    """
    mean = np.asarray(power, np.float64).mean(0)
    return np.asarray(10 * np.log10(np.maximum(mean / max(float(mean.sum()), 1e-30), _FLOOR)))
