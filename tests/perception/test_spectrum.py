"""The spectrum against the theory of sines and noise."""

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.perception.spectrum import hear_spectrum
from veridical.signals.spectrogram import EMPTY_DB


def recording(samples, rate=44100):
    samples = np.asarray(samples, np.float32)
    return Audio(
        samples=samples.reshape(len(samples), -1), rate=rate, codec="pcm_s16le", lossless=True, bits=16, start_s=0.0, bit_rate=0
    )  # fmt: skip


def sine(hz, rate, seconds=1.0, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
def test_a_full_scale_sine_in_the_middle_of_a_bin_reads_0_dbfs(rate):
    width = hear_spectrum(recording(sine(1000, rate), rate)).frequencies[1]
    seen = hear_spectrum(recording(sine(40 * width, rate), rate))
    assert seen.average_db.max() == pytest.approx(0, abs=0.01)
    assert seen.frequencies[seen.average_db.argmax()] == pytest.approx(40 * width)
    assert seen.loudest_db == pytest.approx(0, abs=0.01)
    assert 15 < width < 35
    assert seen.nyquist == rate / 2


def test_white_noise_has_the_density_that_parseval_demands():
    random = np.random.default_rng(1)
    seen = hear_spectrum(recording(0.1 * random.standard_normal(10 * 44100)))
    # Power a bin of a Hann window, relative to a sine of amplitude 1: 2 · variance · sum(w²) / sum(w)² · 2
    window = np.hanning(seen.window + 1)[:-1]
    expected = 10 * np.log10(4 * 0.01 * (window**2).sum() / window.sum() ** 2)
    assert seen.average_db[10:-10].mean() == pytest.approx(expected, abs=0.2)


def test_channels_in_opposite_phase_do_not_cancel():
    left = sine(1000, 44100)
    both = hear_spectrum(recording(np.stack([left, -left], 1)))
    assert np.allclose(both.average_db, hear_spectrum(recording(left)).average_db, atol=1e-3)


def test_time_is_kept_in_seconds_and_in_the_picture():
    random = np.random.default_rng(2)
    silence, noise = np.zeros(3 * 16000), 0.1 * random.standard_normal(2 * 16000)
    seen = hear_spectrum(recording(np.concatenate([silence, noise, silence]), 16000))
    assert np.isnan(seen.seconds_db[[0, 1, 6]]).all()
    assert np.isfinite(seen.seconds_db[[3, 4]]).all()
    assert seen.sounding_s == pytest.approx(2, abs=0.15)
    columns = seen.picture_db.mean(0)
    loud = np.flatnonzero(columns > -100) * seen.picture_step_s
    assert loud[0] == pytest.approx(3, abs=0.15)
    assert loud[-1] == pytest.approx(5, abs=0.15)
    assert columns.min() == EMPTY_DB


def test_the_picture_stays_small_and_blocks_join_without_a_seam():
    random = np.random.default_rng(3)
    noise = 0.1 * random.standard_normal(120 * 8000).astype(np.float32)
    seen = hear_spectrum(recording(noise, 8000))
    assert seen.frames > 2048  # several blocks
    assert seen.picture_db.shape[0] <= 128
    assert seen.picture_db.shape[1] <= 480
    assert seen.seconds_db.shape[0] == 120
    assert seen.average_db.std() < 0.5
    first = hear_spectrum(recording(noise[: 30 * 8000], 8000))
    assert np.allclose(first.seconds_db[:29], seen.seconds_db[:29], atol=1e-3)


def test_numbers_that_overflow_do_not_spoil_the_rest():
    sound = sine(1000, 44100, 2, 0.5)
    sound[[100, 200, 300]] = [np.nan, 1e38, -np.inf]
    seen = hear_spectrum(recording(sound))
    assert np.isfinite(seen.average_db).all()
    assert seen.frequencies[seen.average_db.argmax()] == pytest.approx(1000, abs=25)


def test_there_is_no_spectrum_of_silence_or_of_an_instant():
    with pytest.raises(NotApplicable, match="silent"):
        hear_spectrum(recording(np.zeros(44100)))
    with pytest.raises(NotApplicable, match="lasts 10 ms"):
        hear_spectrum(recording(np.ones(441)))
