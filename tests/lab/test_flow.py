"""The beat in the skin of the lab: as strong in both clips, in one wave or each patch for itself, seen without a codec."""

import numpy as np
import pytest

from veridical.lab import flow
from veridical.lab.recipe import Box, Picture
from veridical.lab.scene import FPS, SIZE

GREY = Picture(
    pixels=np.full((200, 200, 3), 128, np.uint8), label=Box(x=0, y=180, width=60, height=16),
    face=Box(x=50, y=40, width=100, height=120),
)  # fmt: skip


@pytest.fixture(scope="module")
def waves():
    """Complex amplitude of green at the rate of the beat, in blocks of 12 × 12 pixels, of control and altered clip."""
    pair = flow.disorder(GREY, np.random.default_rng(4), seconds=5.0, percent=4.0, per_minute=72.0)
    turn, sums = 0, np.zeros((2, SIZE // 12, SIZE // 12), complex)
    for index, frames in enumerate(pair.frames):
        turn = np.exp(-2j * np.pi * 1.2 * index / FPS)
        for number, frame in enumerate(frames):
            sums[number] += turn * frame[..., 1].reshape(SIZE // 12, 12, SIZE // 12, 12).mean((1, 3))
    return 2 * sums / 150, pair


def inside(half=0.5):
    rows, columns = np.mgrid[: SIZE // 12, : SIZE // 12]
    return np.hypot((rows - 14) / 8.7, (columns - 14.5) / 7.2) < half


def test_the_control_beats_in_one_wave_and_the_altered_one_out_of_step(waves):
    (control, altered), _ = waves
    spread = [1 - abs(np.exp(1j * np.angle(one[inside()])).mean()) for one in (control, altered)]
    assert spread[0] < 0.05 and spread[1] > 0.4


def test_the_beat_comes_later_at_the_chin_by_an_eighth(waves):
    (control, _), _ = waves
    phases = np.unwrap(np.angle(control[9:20, 14]))
    assert (phases[0] - phases[-1]) / (2 * np.pi) == pytest.approx(10 * 12 / (0.58 * SIZE) / 8, rel=0.25)


def test_its_strength_is_what_was_asked_for_and_none_outside_the_face(waves):
    (control, altered), pair = waves
    # 4 % of 128, of which the first wave is 1/1.2
    assert np.median(np.abs(control[inside()])) == pytest.approx(0.04 * 128 / 1.2, rel=0.15)
    edge = np.s_[:2, :]
    assert np.abs(control[edge]).max() < 0.2 and np.abs(altered[edge]).max() < 0.2
    assert pair.facts == {"per_minute": 72.0, "percent_of_green": 4.0}
