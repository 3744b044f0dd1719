"""Beats of known phases and places are found where they are; noise is neither in step nor visible."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.pulse_phase import flow_of

SKIN_RGB = np.array([180.0, 130.0, 105.0])
BLOOD = np.array([0.4, 1.0, 0.7])
ROWS, COLUMNS = np.mgrid[:12, :12]
SKIN = np.hypot(ROWS - 5.5, COLUMNS - 5.5) < 5.2
STEP = np.zeros((12, 12))
WAVE = (ROWS - 6) / 12 * np.pi / 2


def cells(
    phases: np.ndarray, *, percent: float | np.ndarray = 1.0, noise: float = 0.1, rate_hz: float = 1.2, seed: int = 0
) -> np.ndarray:
    """Mean colours, 12 s at 30 a second, of cells that beat with these phases: a positive phase beats later."""
    times = np.arange(360) / 30
    beat = (np.sin(2 * np.pi * rate_hz * times[:, None, None] - phases) * percent)[..., None]
    random = np.random.default_rng(seed)
    return SKIN_RGB * (1 - BLOOD * beat / 100) + random.normal(0, noise, (360, 12, 12, 3))


@pytest.mark.parametrize("rate_hz", [0.9, 1.2, 1.9])
def test_the_rate_and_the_phases_are_what_they_were(rate_hz: float) -> None:
    flow = flow_of(cells(WAVE, rate_hz=rate_hz, noise=0.03), SKIN, 30.0)
    assert flow.rate_hz == pytest.approx(rate_hz, abs=0.03)
    found, given = flow.phases[SKIN], WAVE[SKIN]
    assert found - found.mean() == pytest.approx(given - given.mean(), abs=0.15)
    assert np.isnan(flow.phases[~SKIN]).all() and np.isnan(flow.local_db[~SKIN]).all()


def test_the_local_ratio_is_higher_where_the_beat_is() -> None:
    decibels = flow_of(cells(STEP, percent=COLUMNS < 6), SKIN, 30.0).local_db
    assert np.nanmedian(decibels[:, :6]) > np.nanmedian(decibels[:, 6:]) + 6


def test_halves_that_beat_against_each_other_are_out_of_step() -> None:
    in_step = flow_of(cells(STEP), SKIN, 30.0)
    # a third against two thirds: their mean still beats, and two thirds less one third of the whole is in step
    against = flow_of(cells(np.where(COLUMNS < 4, np.pi, 0.0)), SKIN, 30.0)
    share = (SKIN & (COLUMNS < 4)).sum() / SKIN.sum()
    assert in_step.visible > 0.6 and in_step.out_of_step < 0.02
    assert against.in_step / against.visible == pytest.approx(1 - 2 * share, abs=0.08)


def test_noise_is_hardly_visible_as_a_beat() -> None:
    flows = [flow_of(cells(STEP, percent=0.0, seed=seed), SKIN, 30.0) for seed in range(8)]
    assert max(flow.visible for flow in flows) < 0.2 and np.mean([flow.out_of_step for flow in flows]) < 0.1
