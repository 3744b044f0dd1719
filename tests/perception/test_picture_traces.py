"""Traces are those of tiles at native size: the network is called as it was taught, and boxes stay inside the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable
from veridical.media.image import Image
from veridical.perception.picture_traces import read, see_picture_traces


def picture(pixels: np.ndarray) -> Image:
    return Image(
        pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=1, frames=1,
        thumbnail=None, jpeg=None,
    )  # fmt: skip


def test_the_traces_are_the_mean_of_those_of_its_tiles():
    pixels = data.astronaut()[:256, :384]
    traces = see_picture_traces(picture(pixels))
    assert traces.boxes.shape == (6, 4) and traces.covering == 6
    tiles = np.stack([pixels[y : y + h, x : x + w] for x, y, w, h in traces.boxes])
    odds, features = read(tiles[::-1])
    np.testing.assert_allclose(odds[::-1], traces.log_odds, atol=1e-3)
    np.testing.assert_allclose(features.mean(0), traces.features, atol=1e-3)
    assert traces.value == pytest.approx(odds.mean(), abs=1e-3)


def test_boxes_of_a_small_picture_end_where_it_ends():
    traces = see_picture_traces(picture(data.astronaut()[:80, :100]))
    np.testing.assert_array_equal(traces.boxes, [[0, 0, 100, 80]])


def test_a_large_picture_costs_no_more_than_the_tiles_that_are_asked_for():
    traces = see_picture_traces(picture(cv2.resize(data.astronaut(), (1600, 1200))), most=5)
    assert len(traces.log_odds) == 5 and traces.covering == 108
    assert (traces.boxes[:, :2] + traces.boxes[:, 2:] <= (1600, 1200)).all()


def test_what_is_smaller_than_half_a_tile_is_refused():
    with pytest.raises(NotApplicable, match="64 × 64"):
        see_picture_traces(picture(data.astronaut()[:63, :200]))
