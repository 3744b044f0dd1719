"""Synthetic skin of known rate: errors by method, the ratio by hand, traces in step and out of step."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals import pulse

RATE = 30.0
TONE = np.array([180.0, 130.0, 110.0])
BLOOD = np.array([0.43, 1.0, 0.69])  # how strongly R, G, B follow the blood, green = 1


def skin(
    rng: np.random.Generator,
    *,
    seconds: float = 30.0,
    percent: float = 0.6,
    motion: float = 2.0,
    noise: float = 0.3,
    rate: float = RATE,
) -> tuple[np.ndarray, float]:
    """Mean colours of skin: a pulse of known rate, brightness that swings at another rate in the band, noise in grey levels."""
    times = np.arange(round(seconds * rate)) / rate
    truth, other = rng.uniform(50, 120), rng.uniform(45, 150)
    wave = np.sin(2 * np.pi * truth / 60 * times + rng.uniform(0, 2 * np.pi))
    sway = np.sin(2 * np.pi * other / 60 * times + rng.uniform(0, 2 * np.pi))
    colour = TONE * (1 + motion / 100 * sway[:, None]) * (1 + percent / 100 * BLOOD * wave[:, None])
    return colour + rng.normal(0, noise, colour.shape), truth


def errors(method: str, trials: int = 60) -> np.ndarray:
    found = []
    for seed in range(trials):
        rgb, truth = skin(np.random.default_rng(seed))
        found.append(abs(pulse.beat_of(pulse.METHODS[method](rgb, RATE), RATE).per_minute - truth))
    return np.array(found)


def test_pos_beats_chrom_beats_green_when_brightness_swings() -> None:
    """Golden check G11: mean errors of 0.07, 1.0 and 31 beats a minute; ours 0.07, 0.8 and 28."""
    mean = {name: float(errors(name).mean()) for name in pulse.METHODS}
    assert 0.03 < mean["POS"] < 0.12
    assert 0.3 < mean["CHROM"] < 1.5
    assert 20 < mean["GREEN"] < 40


@pytest.mark.parametrize("method", list(pulse.METHODS))
@pytest.mark.parametrize("rate", [15.0, 25.0, 29.97, 60.0])
def test_every_method_finds_a_clean_pulse_at_every_frame_rate(method: str, rate: float) -> None:
    for seed in range(4):
        rgb, truth = skin(np.random.default_rng(seed), motion=0, noise=0.05, seconds=20, rate=rate)
        assert pulse.beat_of(pulse.METHODS[method](rgb, rate), rate).per_minute == pytest.approx(truth, abs=1)


def test_skin_without_a_pulse_stands_below_skin_with_one() -> None:
    ratios = []
    for percent in (0.0, 0.6):
        rng = np.random.default_rng(1)
        traces = [pulse.pos(skin(rng, percent=percent, motion=0)[0], RATE) for _ in range(12)]
        ratios.append([pulse.beat_of(trace, RATE).snr_db for trace in traces])
    assert max(ratios[0]) < 0 < min(ratios[1])


def test_brightness_and_tint_alone_leave_no_trace_in_pos() -> None:
    rgb, _ = skin(np.random.default_rng(3), percent=0, noise=0)
    assert np.abs(pulse.pos(rgb, RATE)).max() < 1e-6
    assert np.abs(pulse.green(rgb, RATE)).max() > 0.01


def test_many_places_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(2)
    places = np.stack([skin(rng, seconds=10)[0] for _ in range(5)], axis=1)
    for method in pulse.METHODS.values():
        together = method(places, RATE)
        assert together.shape == (300, 5)
        for place in range(5):
            assert np.allclose(together[:, place], method(places[:, place], RATE))


def test_too_short_a_series_is_refused() -> None:
    for method in (pulse.pos, pulse.chrom):
        with pytest.raises(ValueError, match="less than 3.2 s"):
            method(np.ones((60, 3)), RATE)


def test_detrending_is_the_dense_solution_and_halves_what_is_slower_than_half_a_hertz() -> None:
    n = 60
    second = np.diff(np.eye(n), 2, axis=0)
    values = np.random.default_rng(0).standard_normal(n)
    dense = values - np.linalg.solve(np.eye(n) + 100**2 * second.T @ second, values)
    assert np.allclose(pulse.detrended(values, 30.0), dense)
    for rate in (15.0, 30.0, 60.0):
        times = np.arange(round(60 * rate)) / rate
        gains = [
            pulse.detrended(np.sin(2 * np.pi * f * times), rate)[len(times) // 4 : -len(times) // 4].std()
            for f in (0.1, 0.477, 2.0)
        ]
        assert gains[0] < 0.01 and gains[1] == pytest.approx(0.5 * np.sqrt(0.5), rel=0.06) and gains[2] > 0.7


def test_the_ratio_counts_the_rate_and_its_double() -> None:
    frequencies = np.linspace(0.75, 2.5, 701)
    power = np.full(701, 1.0)
    power[np.abs(frequencies - 1.0) <= 0.1] += 9
    near = (np.abs(frequencies - 1.0) <= 0.1) | (np.abs(frequencies - 2.0) <= 0.1)
    by_hand = 10 * np.log10(power[near].sum() / power[~near].sum())
    beat = pulse.strongest(frequencies, power)
    assert 54 <= beat.per_minute <= 66
    assert pulse.snr_db(frequencies, power, 1.0) == pytest.approx(by_hand)


@pytest.mark.parametrize("seconds", [9.0, 14.0, 28.0])
def test_noise_alone_reaches_the_ratio_that_is_told(seconds: float) -> None:
    colours = TONE + np.random.default_rng(5).normal(0, 0.3, (round(seconds * RATE), 150, 3))
    frequencies, power = pulse.spectrum(pulse.pos(colours, RATE), RATE)
    reached = [pulse.strongest(frequencies, one).snr_db for one in power.T]
    assert np.mean(reached) == pytest.approx(pulse.noise_snr_db(seconds), abs=0.4)


def test_traces_in_step_against_and_apart() -> None:
    rng = np.random.default_rng(4)
    times = np.arange(600) / RATE
    wave = np.sin(2 * np.pi * 1.2 * times)
    quarter = np.sin(2 * np.pi * 1.2 * times - np.pi / 2)
    pairs = pulse.together(np.column_stack([wave, 5 * wave, -wave, quarter]), RATE, 1.2)
    assert np.allclose(np.diag(pairs), 1)
    assert np.real(pairs[0, 1]) == pytest.approx(1) and np.real(pairs[0, 2]) == pytest.approx(-1)
    assert np.degrees(np.angle(pairs[0, 3])) == pytest.approx(90, abs=3)
    noise = pulse.together(rng.standard_normal((600, 64)), RATE, 1.2)
    off = noise[~np.eye(64, dtype=bool)]
    assert abs(np.real(off).mean()) < 0.03 and np.abs(off).mean() > 0.3


def test_pieces_are_unbroken_even_and_no_longer_than_asked() -> None:
    frames = np.concatenate([np.arange(0, 2000), np.arange(2010, 2100), np.arange(2200, 2500)])
    found = pulse.pieces(frames, frames / RATE, least_s=8, most_s=30)
    assert [len(piece) for piece in found] == [667, 667, 666, 300]
    assert all((np.diff(frames[piece]) == 1).all() for piece in found)
    assert [len(piece) for piece in pulse.pieces(np.arange(900), np.arange(900) / RATE, least_s=8, most_s=30)] == [900]


@pytest.mark.parametrize(("seconds", "fps"), [(8, 30.0), (8, 23.976), (30, 30.0), (30, 29.97), (30, 25.0)])
def test_a_clock_of_milliseconds_neither_loses_nor_splits_a_piece(seconds: int, fps: float) -> None:
    frames = np.arange(int(np.ceil(seconds * fps)))
    for clock in (1000, 90_000):
        times = np.round(frames / fps * clock) / clock
        assert [len(piece) for piece in pulse.pieces(frames, times, least_s=8, most_s=30)] == [len(frames)]


def test_pieces_last_as_long_as_asked_whatever_the_frame_rate() -> None:
    # 5 s at 60 frames a second amid 40 s at 15: as many frames as 20 s of the rest
    times = np.cumsum(np.concatenate([np.full(300, 1 / 60), np.full(600, 1 / 15)]))
    frames = np.arange(len(times))
    lost = np.delete(frames, 300)
    assert [round(np.ptp(times[lost[piece]])) for piece in pulse.pieces(lost, times[lost], least_s=8, most_s=30)] == [
        20,
        20,
    ]
    whole = [np.ptp(times[piece]) for piece in pulse.pieces(frames, times, least_s=8, most_s=30)]
    assert whole == pytest.approx([22.5, 22.5], abs=0.2)
