"""One channel at another rate: the same as in one piece, and nothing but numbers."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from veridical.signals.sound import mono


@pytest.mark.parametrize("rate", [16000, 22050, 48000])
def test_blocks_are_the_recording_in_one_piece(rate: int) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, (rate * 61 + 7, 2)).astype(np.float32)
    blocks = list(mono(samples, rate, 16000))
    whole = samples.mean(1) if rate == 16000 else soxr.resample(samples.mean(1), rate, 16000)
    assert len(blocks) == 3 and all(block.dtype == np.float32 for block in blocks)
    assert np.concatenate(blocks) == pytest.approx(whole, abs=1e-5)


def test_what_is_no_number_is_silence_and_what_is_too_loud_is_cut_off() -> None:
    samples = np.array([0.5, np.nan, np.inf, -np.inf, 1e9, -1e9], np.float64)
    assert np.concatenate(list(mono(samples, 16000, 16000))).tolist() == [0.5, 0, 0, 0, 16, -16]
    assert list(mono(np.zeros((0, 2)), 8000, 16000)) == []
