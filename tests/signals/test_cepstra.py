"""Cepstra against sums written out, and against what a change of the sound must do to them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from veridical.signals.cepstra import (
    LFCC,
    MFCC,
    RATE,
    about_mean,
    cepstra,
    cepstra_of,
    differences,
    frame_count,
    quickness,
)


def chirp(seconds: float = 0.3) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * signal.chirp(time, 200, seconds, 3500)).astype(np.float32)


def written_out(frame: np.ndarray, fft: int, corners: np.ndarray, kept: int) -> np.ndarray:
    """The cepstrum of one frame by direct sums, with no transform of any library."""
    n = len(frame)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(n) / (n - 1))
    bins = np.arange(fft // 2 + 1)
    spectrum = np.exp(-2j * np.pi * bins[:, None] * np.arange(n) / fft) @ (frame * window)
    hertz = bins * RATE / fft
    logs = []
    for low, middle, high in zip(corners[:-2], corners[1:-1], corners[2:], strict=True):
        weight = np.interp(hertz, [low, middle, high], [0, 1, 0], left=0, right=0)
        logs.append(np.log10((weight * np.abs(spectrum) ** 2).sum() + 2.2e-16))
    m = len(logs)
    matrix = np.sqrt(2 / m) * np.cos(np.pi * np.arange(m)[:, None] * (np.arange(m) + 0.5) / m)
    matrix[0] /= np.sqrt(2)
    return (matrix @ logs)[:kept]


def test_linear_cepstra_of_a_chirp_are_the_sums_of_the_definition() -> None:
    sound = chirp()
    found = cepstra(sound, LFCC)
    assert found.shape == ((len(sound) - 480) // 240 + 1, 20)
    for i in (0, 7, len(found) - 1):
        expected = written_out(sound[i * 240 : i * 240 + 480].astype(float), 1024, np.linspace(0, 4000, 72), 20)
        assert found[i] == pytest.approx(expected, abs=2e-3)


def test_mel_cepstra_of_noise_are_the_sums_of_the_definition() -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 2000).astype(np.float32)
    mel = np.linspace(0, 1127.01048 * np.log(1 + 7000 / 700), 42)
    expected = written_out(sound[160:560].astype(float), 512, 700 * (np.exp(mel / 1127.01048) - 1), 20)
    assert cepstra(sound, MFCC)[1] == pytest.approx(expected, abs=2e-3)


def test_loudness_moves_the_zeroth_coefficient_alone() -> None:
    sound = chirp() + 0.01 * np.random.default_rng(1).standard_normal(len(chirp()))
    change = cepstra(10 * sound) - cepstra(sound)
    assert change[:, 0] == pytest.approx(2 * np.sqrt(70), abs=1e-3)  # log10 of 100 in each of 70 bands
    assert np.abs(change[:, 1:]).max() < 1e-3


def test_a_fixed_filter_adds_one_and_the_same_to_every_frame() -> None:
    random = np.random.default_rng(2)
    sound = random.standard_normal(40 * RATE)
    heard = signal.lfilter([1, -0.5], [1], sound)
    change = (cepstra(heard) - cepstra(sound))[1:]
    response = np.abs(np.fft.rfft([1, -0.5], 1024)) ** 2
    bands = np.linspace(0, 4000, 72)
    at = np.interp(bands[1:-1], np.fft.rfftfreq(1024, 1 / RATE), response)
    matrix = np.sqrt(2 / 70) * np.cos(np.pi * np.arange(1, 8)[:, None] * (np.arange(70) + 0.5) / 70)
    assert change.mean(0)[1:8] == pytest.approx(matrix @ np.log10(at), abs=0.02)


def test_differences_take_the_frame_after_less_the_frame_before() -> None:
    values = np.array([[1.0], [4.0], [9.0], [16.0]])
    assert differences(values)[:, 0].tolist() == [3, 8, 12, 7]
    some = about_mean(values, np.array([True, False, True, True]))
    assert some[:, 0] == pytest.approx(np.array([1, 9, 16]) - 26 / 3)
    assert some[:, 1:].tolist() == [[3, 5], [12, -1], [7, -5]]


def test_the_quickness_of_a_swing_follows_from_its_frequency() -> None:
    n = np.arange(4000)
    values = np.stack([90 * np.sin(2 * np.pi * f * n) for f in (0.01, 0.05, 0.2)], 1)
    inside = (n > 5) & (n < 3994)
    ratios = quickness(values, inside)
    known = np.log(2 * np.sin(2 * np.pi * np.array([0.01, 0.05, 0.2])))  # of x[n + 1] - x[n - 1]
    assert ratios == pytest.approx(np.concatenate([known, known]), abs=0.02)
    assert quickness(7 * values + 2, inside) == pytest.approx(ratios, abs=0.02)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (479, 0), (480, 1), (719, 1), (720, 2)])
def test_only_whole_frames_count(samples: int, frames: int) -> None:
    assert frame_count(samples, LFCC) == frames
    assert cepstra(np.zeros(samples, np.float32)).shape == (frames, 20)


def test_silence_stays_finite() -> None:
    assert np.isfinite(cepstra(np.zeros(2000, np.float32))).all()


def test_a_long_recording_in_blocks_is_what_it_is_at_once() -> None:
    sound = np.random.default_rng(3).normal(0, 0.1, 70 * RATE + 77).astype(np.float32)
    assert np.abs(cepstra_of(sound, RATE) - cepstra(sound)).max() < 1e-5


def test_another_rate_and_two_channels_give_the_same() -> None:
    time = np.arange(2 * 48000) / 48000
    sound = 0.3 * signal.chirp(time, 200, 2, 3500) + 0.05 * np.random.default_rng(4).standard_normal(len(time))
    low = signal.resample_poly(sound, 1, 3)
    there, here = cepstra_of(np.stack([sound, sound], 1), 48000), cepstra(low)
    assert np.abs(there[5:-5] - here[5:-5]).max() < 0.1
