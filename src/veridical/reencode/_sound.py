"""Arithmetic on sound that recordings and the sound of videos share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr

from ..media.audio import Audio
from ..signals.speech_level import (
    BAND_HZ,
    COMMON_RATE,
    LEVEL_DB,
    active_level,
    filtered,
    levelled,
    low_passed,
    trimmed,
)

__all__ = [
    "BAND_HZ", "COMMON_RATE", "LEVEL_DB", "active_level", "filtered", "levelled", "low_passed", "mono", "trimmed",
]  # fmt: skip

_BLOCK_S = 30


def mono(audio: Audio, rate: int) -> np.ndarray:
    """Return the mean of the channels at another rate: shape (n,), float32."""
    resampler = None if rate == audio.rate else soxr.ResampleStream(audio.rate, rate, 1, "float32", "VHQ")
    blocks = []
    for block, last in _blocks(audio):
        blocks.append(block if resampler is None else resampler.resample_chunk(block, last))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _blocks(audio: Audio) -> Iterator[tuple[np.ndarray, bool]]:
    step = audio.rate * _BLOCK_S
    firsts = range(0, len(audio.samples), step)
    for first in firsts:
        block = audio.samples[first : first + step].mean(1, dtype=np.float32)
        yield np.clip(np.nan_to_num(block), -16, 16), first == firsts[-1]
