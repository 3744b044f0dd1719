"""Tones, glides and voices of known pitch are followed; noise and silence have none."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.pitch import _FIRST, HIGHEST_HZ, HOP_S, _dips, pitch


def voice(hertz: np.ndarray, rate: int) -> np.ndarray:
    """A sawtooth-like sum of harmonics of a pitch that may move."""
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    return 0.1 * sum(np.sin(k * phase) / k for k in range(1, 9))


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("hertz", [80.0, 123.4, 220.0, 400.0])
def test_steady_voices_have_their_pitch(rate: int, hertz: float) -> None:
    found = pitch(voice(np.full(2 * rate, hertz), rate), rate)
    assert len(found) == pytest.approx(2 / HOP_S, abs=1)
    assert found[10:-10] == pytest.approx(np.full(len(found) - 20, hertz), rel=0.005)


def test_a_glide_is_followed_at_its_time() -> None:
    rate = 16000
    hertz = np.linspace(100, 250, 3 * rate)
    found = pitch(voice(hertz, rate), rate)
    truth = hertz[(np.arange(len(found)) * HOP_S * rate).astype(int)]
    assert np.abs(found - truth)[10:-10].max() < 2.0


def test_a_missing_fundamental_is_heard() -> None:
    rate = 16000
    times = np.arange(rate) / rate
    sound = 0.1 * sum(np.sin(2 * np.pi * 150 * k * times) for k in (2, 3, 4, 5))
    assert np.nanmedian(pitch(sound, rate)) == pytest.approx(150, rel=0.01)


def test_what_is_higher_than_a_voice_has_no_pitch() -> None:
    found = pitch(voice(np.linspace(300, 520, 32000), 16000), 16000)
    heard = found[np.isfinite(found)]
    assert heard.max() < HIGHEST_HZ + 1 and np.isfinite(found[: int(0.5 * len(found))]).all()


def test_noise_silence_and_nothing_have_no_pitch() -> None:
    rng = np.random.default_rng(0)
    assert np.isfinite(pitch(rng.normal(0, 0.1, 32000), 16000)).mean() < 0.02
    assert not np.isfinite(pitch(np.zeros(16000), 16000)).any()
    assert len(pitch(np.zeros(0), 16000)) == 0


def test_long_recordings_are_heard_as_short_ones_are() -> None:
    rate = 8000
    hertz = 150 + 40 * np.sin(2 * np.pi * 0.4 * np.arange(45 * rate) / rate)
    sound = voice(hertz, rate)
    whole = pitch(sound, rate)
    assert len(whole) == pytest.approx(4500, abs=1)
    later = pitch(sound[28 * rate :], rate)
    assert whole[2820:-20] == pytest.approx(
        later[20 : 20 + len(whole) - 2840], abs=0.5
    )  # over the end of a block at 30 s


def test_dips_are_those_found_step_by_step() -> None:
    rng = np.random.default_rng(4)
    rows = np.concatenate([rng.uniform(0, 1, (200, 126)), np.abs(rng.normal(0, 1, (100, 126))).cumsum(1)[:, ::-1] / 60])
    rows = np.concatenate([rows, np.full((1, 126), 0.05), np.linspace(1, 0, 126)[None], np.full((1, 126), 0.9)])

    def walked(row: np.ndarray) -> int:
        for first in range(_FIRST, len(row) - 1):
            if row[first] < 0.15:
                place = first
                while place + 2 < len(row) and row[place + 1] < row[place]:
                    place += 1
                return place
        return _FIRST + int(row[_FIRST:-1].argmin())

    assert _dips(rows, 0.15).tolist() == [walked(row) for row in rows]
