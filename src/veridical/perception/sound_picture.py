"""A spectrogram of a whole recording, fine enough to find words in and small enough to be kept, for the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import NotApplicable
from ..media.audio import Audio
from ..signals.spectrogram import Sums, pool, windows

LOWEST_DB, HIGHEST_DB = -127, 127
_WINDOW_S = 0.03
_SHORTEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPicture:
    """A spectrogram with frequency on a linear scale.

    Parameters
    ----------
    levels
        shape (rows, columns), int8: mean power, whole dB relative to a full-scale sine in its bin, -127 at least; row 0 is
        0 Hz, the last row ends at ``highest_hz``.
    starts_s, ends_s
        Left edge of the first and right edge of the last column, seconds on the exhibit's own time.
    highest_hz
        Half the sampling rate.
    window_s
        Length of the Hann windows.
    channels
        Channels whose power was averaged.
    """

    levels: np.ndarray
    starts_s: float
    ends_s: float
    highest_hz: float
    window_s: float
    channels: int


def picture_sound(audio: Audio, *, most_columns: int = 1600, rows: int = 256) -> SoundPicture:
    """Make the spectrogram of a recording.

    Windows of about 30 ms are pooled into columns and their bins into rows, as means of power.

    Parameters
    ----------
    most_columns, rows
        Size of the spectrogram at most.

    Raises
    ------
    NotApplicable
        If the recording is shorter than one window.
    """
    window = max(int(2 ** round(np.log2(_WINDOW_S * audio.rate))), _SHORTEST)
    count = len(audio.samples)
    if count < window:
        raise NotApplicable(
            f"the recording lasts {audio.duration_s * 1000:.0f} ms; a spectrogram needs {window} samples"
        )
    # Half a window, or less where that gives too few columns for a short recording.
    hop = int(np.clip((count - window) // most_columns, window // 8, window // 2))
    frames = (count - window) // hop + 1
    columns = min(frames, most_columns)
    sums = Sums(columns, min(rows, window // 2 + 1))
    for first, power in windows(audio.samples, window, hop):
        at = np.arange(first, first + len(power))
        sums.add(at * columns // frames, pool(power, rows))
    levels = np.rint(np.clip(sums.mean_db().T, LOWEST_DB, HIGHEST_DB)).astype(np.int8)
    starts_s = audio.start_s + (window - hop) / 2 / audio.rate
    return SoundPicture(
        levels=levels, starts_s=starts_s, ends_s=starts_s + frames * hop / audio.rate,
        highest_hz=audio.rate / 2, window_s=window / audio.rate, channels=audio.channels,
    )  # fmt: skip
