"""Colours are those of the skin under the outlines."""

import cv2
import numpy as np
import pytest

from veridical.media.video import Frame
from veridical.percept import During
from veridical.perception import _skin
from veridical.perception.faces import see_faces
from veridical.perception.skin import see_skin
from veridical.perception.skin_traces import REGIONS, watch_skin
from veridical.perception.tracks import watch_faces


def test_mean_and_spread_inside_a_polygon() -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[10:31, 20:61] = (200, 100, 50)
    pixels[10:31, 41:61, 2] = 150
    polygon = np.array([[20, 10], [60, 10], [60, 30], [20, 30]], np.float32)
    mean, spread, count = _skin.colour(pixels, polygon)
    assert count == 41 * 21 and mean == pytest.approx([200, 100, 50 + 100 * 20 / 41], abs=0.1)
    assert spread[:2] == pytest.approx([0, 0]) and spread[2] == pytest.approx(50, abs=0.2)


@pytest.mark.parametrize("shift", [(-100, 0), (0, 500), (90, 0)])
def test_nothing_outside_the_picture(shift) -> None:
    polygon = np.array([[20, 10], [60, 10], [60, 30]], np.float32) + np.array(shift, np.float32)
    mean, _, count = _skin.colour(np.zeros((60, 80, 3), np.uint8), polygon)
    assert count == 0 and np.isnan(mean).all()


def test_half_outside_counts_what_is_inside() -> None:
    polygon = np.array([[-20, 10], [19, 10], [19, 29], [-20, 29]], np.float32)
    mean, _, count = _skin.colour(np.full((60, 80, 3), 7, np.uint8), polygon)
    assert count == 20 * 20 and mean.tolist() == [7, 7, 7]


def test_regions_of_a_real_face(models, astronaut, still) -> None:
    image = still(astronaut)
    (regions,) = see_skin(image, see_faces(image)).faces
    forehead, right, left, nose, chin = regions
    assert [region.name for region in regions] == list(REGIONS)
    assert right.polygon[:, 0].max() < nose.polygon[:, 0].mean() < left.polygon[:, 0].min()
    assert forehead.polygon[:, 1].max() < right.polygon[:, 1].min() < chin.polygon[:, 1].min()
    for region in (right, left, nose, chin):
        red, green, blue = region.mean
        assert red > green > blue and region.pixels > 100


def test_traces_follow_a_known_change_of_colour(models, scene, play, video) -> None:
    during: During = During()
    faces = watch_faces(video())
    next(faces)
    gains = 1 + 0.05 * np.sin(2 * np.pi * np.arange(20) / 10)
    still_scene = cv2.GaussianBlur(scene((240, 180, 1.2, False)), (0, 0), 1.0).astype(float)

    def pictures():
        for index, gain in enumerate(gains):
            pixels = np.rint(still_scene * [1, gain, 1]).clip(0, 255).astype(np.uint8)
            during.now = faces.send(Frame(index, index / 25, False, "?", pixels, 0))
            yield pixels

    traces, _ = play(watch_skin(video(), during), pictures())
    (trace,) = traces.traces
    assert trace.rgb.shape == (20, 5, 3) and trace.pixels.shape == (20, 5) and trace.frames.tolist() == list(range(20))
    for region in (1, 2, 4):
        green = trace.rgb[:, region, 1] / trace.rgb[:, region, 1].mean()
        assert np.corrcoef(green, gains)[0, 1] > 0.98
        assert np.std(green) == pytest.approx(np.std(gains), rel=0.15)
        assert np.std(trace.rgb[:, region, 0]) / trace.rgb[:, region, 0].mean() < 0.01


def test_no_faces_no_traces(play, video) -> None:
    traces, _ = play(watch_skin(video(), During(())), [np.zeros((20, 20, 3), np.uint8)])
    assert traces.traces == ()
