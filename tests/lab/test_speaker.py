"""The other voice of the lab: its pitch and resonances are where they should be, and only where they should be."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.lab.recipe import Sound
from veridical.lab.sound_marks import tones
from veridical.lab.speaker import another, changes

RATE = 16000


def tone(seconds: float = 12.0, hertz: float = 1000.0) -> Sound:
    samples = 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return Sound(samples=np.concatenate([np.zeros(len(tones(RATE))), samples]).astype(np.float32), rate=RATE)


def peak(samples: np.ndarray) -> float:
    return float(
        np.fft.rfftfreq(len(samples), 1 / RATE)[np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax()]
    )


def test_all_frequencies_of_another_voice_are_lower() -> None:
    pair = another(tone(), np.random.default_rng(0), speed=0.7)
    assert len(pair.control) == len(pair.altered) and not pair.marked
    assert peak(pair.control) == pytest.approx(1000, abs=1)
    assert peak(pair.altered) == pytest.approx(700, abs=1)


def test_a_voice_changes_at_the_moment_told() -> None:
    pair = changes(tone(), np.random.default_rng(0), speed=0.8, at=0.5)
    at = round(float(pair.facts["from_s"]) * RATE)  # type: ignore[arg-type]
    np.testing.assert_array_equal(pair.altered[:at], pair.control[:at])
    assert len(pair.control) == len(pair.altered)
    assert peak(pair.altered[at + RATE // 10 :]) == pytest.approx(800, abs=1)


def test_a_faster_voice_shortens_both() -> None:
    pair = changes(tone(), np.random.default_rng(0), speed=1.25)
    assert len(pair.control) == len(pair.altered) == pytest.approx(RATE * (6 + 6 / 1.25), abs=10)


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(UsageError, match="0.5 to 2"):
        another(tone(), np.random.default_rng(0), speed=3)
    with pytest.raises(UsageError, match="needs 9 s"):
        changes(tone(5), np.random.default_rng(0))
