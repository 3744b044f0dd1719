"""The control pulses at the rate that the truth tells; the altered film does not, or not as one."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.lab import pulse, source
from veridical.lab.recipe import Picture, recipe


@pytest.fixture(scope="module")
def portrait() -> Picture:
    material, _ = source.load(recipe("lab.pulse.absent"), None, "", np.random.default_rng(0))
    assert isinstance(material, Picture)
    return material


def differences(pair, area_of=None) -> np.ndarray:
    """Mean difference, control − altered, of each frame: shape (n, 3); checks that it stays inside the area."""
    found = []
    for control, altered in pair.frames:
        change = control.astype(float) - altered
        assert not change[~pair.area].any()
        found.append(change[pair.area if area_of is None else area_of].mean(0))
    return np.array(found)


def wave(facts, n: int) -> np.ndarray:
    """The reference: a plain sine of the rate that the truth tells."""
    times = np.arange(n) / pulse.FPS
    return np.exp(-2j * np.pi * facts["control_per_minute"] / 60 * times)


def test_the_control_pulses_at_its_rate_and_the_altered_one_does_not(portrait) -> None:
    pair = pulse.absent(portrait, np.random.default_rng(3), seconds=6.0)
    assert 55 <= pair.facts["control_per_minute"] <= 110 and pair.facts["altered_per_minute"] is None
    change = differences(pair)
    share = np.abs(wave(pair.facts, len(change)) @ (change - change.mean(0))) / len(change)
    others = [
        np.abs(np.exp(-2j * np.pi * f * np.arange(len(change)) / pulse.FPS) @ (change - change.mean(0))) / len(change)
        for f in (0.4, 3.7, 5.0)
    ]
    assert (share > 5 * np.max(others, 0)).all()
    assert share[1] > share[2] > share[0] * 0.5  # green most


def test_its_strength_is_what_was_asked(portrait) -> None:
    strong = [
        np.ptp(differences(pulse.absent(portrait, np.random.default_rng(3), seconds=2.0, percent=percent))[:, 1])
        for percent in (0.6, 1.2)
    ]
    assert strong[1] == pytest.approx(2 * strong[0], rel=0.1)


def test_patches_keep_the_rate_but_not_the_moment(portrait) -> None:
    pair = pulse.patchwork(portrait, np.random.default_rng(5), seconds=4.0, per_minute=75.0)
    assert pair.facts["control_per_minute"] == pair.facts["altered_per_minute"] == 75.0
    places = [(150, 150), (150, 215), (215, 150), (215, 215), (180, 180)]
    traces = {"control": [], "altered": []}
    for control, altered in pair.frames:
        for name, frame in (("control", control), ("altered", altered)):
            traces[name].append([frame[y - 8 : y + 8, x - 8 : x + 8, 1].mean() for x, y in places])
    times = np.arange(len(traces["control"])) / pulse.FPS
    # What only the pulse changes: the two films share movement and noise.
    change = np.array(traces["altered"]) - np.array(traces["control"])
    at_rate = np.abs(np.exp(-2j * np.pi * 75 / 60 * times) @ change)
    assert (np.sort(at_rate)[-3:] > 3 * np.abs(np.exp(-2j * np.pi * 4 * times) @ change).max()).all()


def test_the_beat_repeats_and_stays_within_one() -> None:
    times = np.arange(0, 3, 1 / 30)
    assert np.allclose(pulse.beat(times, 80.0), pulse.beat(times + 0.75, 80.0), atol=1e-4)
    assert 0.9 < np.abs(pulse.beat(np.linspace(0, 1, 999), 60.0)).max() <= 1.05


def test_a_rate_that_no_heart_has_is_refused(portrait) -> None:
    with pytest.raises(UsageError, match="45 to 150"):
        pulse.absent(portrait, np.random.default_rng(0), per_minute=20.0)
