"""Sound as one channel at another rate, block by block, so that memory does not grow with a recording."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_BLOCK_S = 30
_LOUDEST = 16.0


def mono(samples: np.ndarray, rate: int, to: int) -> Iterator[np.ndarray]:
    """Yield the mean of the channels at another rate, blocks of shape (m,), float32; some may be empty.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1. Values that are not finite count as 0, others are cut off at ±16.
    rate, to
        Samples a second before and after.
    """
    import soxr

    resampler = None if rate == to else soxr.ResampleStream(rate, to, 1, dtype="float32")
    step = rate * _BLOCK_S
    for first in range(0, len(samples), step):
        block = samples[first : first + step]
        block = block if block.ndim == 1 else block.mean(1, dtype=np.float32)
        block = np.nan_to_num(np.asarray(block, np.float32), posinf=0, neginf=0)
        block = np.clip(block, -_LOUDEST, _LOUDEST)
        yield block if resampler is None else resampler.resample_chunk(block, last=first + step >= len(samples))
