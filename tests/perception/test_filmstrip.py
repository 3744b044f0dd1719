"""The strip spreads evenly over a video of any length and never grows."""

import numpy as np
import pytest

from veridical.perception.filmstrip import watch_filmstrip


def pictures(count: int, shape=(90, 160)):
    for index in range(count):
        yield np.full((*shape, 3), index % 256, np.uint8)


@pytest.mark.parametrize("count", [1, 59, 60, 61, 500, 1000])
def test_few_and_evenly_spread(play, video, count: int) -> None:
    strip, _ = play(watch_filmstrip(video()), pictures(count))
    assert min(count, 30) <= len(strip.jpegs) <= 60 and strip.frames[0] == 0
    steps = np.diff(strip.frames)
    assert len(set(steps.tolist())) <= 1
    assert count - 1 - strip.frames[-1] < (steps[0] if len(steps) else 1)
    for number in (0, len(strip.jpegs) - 1):
        assert np.abs(strip.picture(number).astype(int) - strip.frames[number] % 256).max() <= 2


def test_as_displayed_and_at_most_320_px(play, video) -> None:
    strip, _ = play(watch_filmstrip(video()), pictures(3, (360, 640)), rotation=90)
    assert (strip.width, strip.height) == (180, 320) and strip.picture(0).shape == (320, 180, 3)
    small, _ = play(watch_filmstrip(video()), pictures(3, (36, 64)))
    assert (small.width, small.height) == (64, 36)


def test_nearest_picture(play, video) -> None:
    strip, _ = play(watch_filmstrip(video()), pictures(100))
    assert strip.frames[strip.nearest(50 / 25)] == 50 and strip.nearest(1e9) == len(strip.jpegs) - 1


def test_an_empty_video(play, video) -> None:
    strip, _ = play(watch_filmstrip(video()), [])
    assert strip.jpegs == () and len(strip.times) == 0
