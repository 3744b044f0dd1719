"""The strip spreads evenly over a video of any length and never grows."""

import numpy as np
import pytest

from veridical.perception.filmstrip import watch_filmstrip


def pictures(count: int, shape=(90, 160)):
    for index in range(count):
        yield np.full((*shape, 3), index % 256, np.uint8)


@pytest.mark.parametrize(("count", "least", "most"), [
    (1, 1, 1), (59, 59, 59), (60, 60, 60), (61, 31, 31), (120, 60, 60), (250, 60, 70), (500, 90, 180), (4000, 90, 180),
])  # fmt: skip
def test_few_and_evenly_spread(play, video, count: int, least: int, most: int) -> None:
    strip, _ = play(watch_filmstrip(video()), pictures(count))
    assert least <= len(strip.jpegs) <= most and strip.frames[0] == 0
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


def test_a_long_clip_has_more_and_smaller_pictures_that_lie_near_every_moment(play, video) -> None:
    short, _ = play(watch_filmstrip(video()), pictures(120, (360, 640)))
    long, _ = play(watch_filmstrip(video()), pictures(158 * 25, (360, 640)))
    assert max(short.width, short.height) == 320 and np.diff(short.times).max() <= 0.2
    assert (long.width, long.height) == (200, 112) and {one.shape for one in map(long.picture, (0, 40, 99))} == {
        (112, 200, 3)
    }
    assert np.diff(long.times).max() < 1.5  # a click is at most 0.75 s from a picture


def test_nearest_picture(play, video) -> None:
    strip, _ = play(watch_filmstrip(video()), pictures(100))
    assert strip.frames[strip.nearest(50 / 25)] == 50 and strip.nearest(1e9) == len(strip.jpegs) - 1


def test_an_empty_video(play, video) -> None:
    strip, _ = play(watch_filmstrip(video()), [])
    assert strip.jpegs == () and len(strip.times) == 0
