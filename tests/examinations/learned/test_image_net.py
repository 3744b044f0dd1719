"""What is told of tiles: their mean, where they stand out, the map over the picture, and the nearest known generator."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from veridical.examinations.learned import image_net
from veridical.finding import Measurement
from veridical.knowledge.image_net import REAL, SPREADS, UNKNOWN, GeneratorClouds, generator_clouds
from veridical.knowledge.picture_head import PictureHead
from veridical.media.image import Image
from veridical.perception.picture_encoding import PictureEncoding
from veridical.perception.picture_traces import PictureTraces, see_picture_traces


def picture(height: int = 256, width: int = 384, pixels: np.ndarray | None = None) -> Image:
    pixels = np.zeros((height, width, 3), np.uint8) if pixels is None else pixels
    return Image(
        pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=1, frames=1,
        thumbnail=None, jpeg=None,
    )  # fmt: skip


def traces(odds: list[float], features: float = 0.0, covering: int = 6) -> PictureTraces:
    boxes = [[x, y, 128, 128] for y in (0, 128) for x in (0, 128, 256)][: len(odds)]
    return PictureTraces(
        boxes=np.array(boxes, np.int32), log_odds=np.array(odds, np.float32), covering=covering,
        features=np.full(304, features, np.float32),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def known(monkeypatch) -> None:
    """Photographs at 0, two generators at 1 and 3 in all features; the second keeps its pictures closer together."""
    root = np.sqrt(304)
    clouds = GeneratorClouds(
        names=(REAL, "one", "other"), means=np.outer([0.0, 1.0, 3.0], np.ones(304)), middle=np.zeros(304), axes=np.eye(304),
        gates=np.array([0.5, 0.4, 0.1]) * root, counts=(50, 20, 10),
    )  # fmt: skip
    monkeypatch.setattr(image_net, "generator_clouds", lambda: clouds)
    head = PictureHead(weights=np.full(3584, 1 / 3584, np.float32), offset=0.5, sources=9, pictures=(5, 5))
    monkeypatch.setattr(image_net, "picture_head", lambda: head)


def examined(
    image: Image, given: PictureTraces, encoding: PictureEncoding | None = None, **knobs: float
) -> Measurement:
    return image_net.examine(image, given, encoding, **knobs)


def test_both_halves_count_by_their_spread_and_what_is_missing_is_said():
    alone = examined(picture(), traces([2.0] * 6))
    both = examined(picture(), traces([2.0] * 6), PictureEncoding(np.full(3584, 3.5, np.float32)))
    assert alone.value == pytest.approx(2 / SPREADS[0])
    assert both.value == pytest.approx((2 / SPREADS[0] + 4 / SPREADS[1]) / 2, rel=1e-5)
    assert alone.facts["halves_that_spoke"] == "pixels" and alone.facts["log_odds_of_whole_picture"] is None
    assert both.facts["log_odds_of_whole_picture"] == 4 and "+4.00" in both.observation
    assert any("clip.b16" in limit for limit in alone.limits) and not any("clip.b16" in limit for limit in both.limits)


def test_the_value_is_the_mean_and_the_map_shows_each_tile_in_its_place():
    found = examined(picture(), traces([-1, -1, -1, 3, -1, -1]))
    assert found.value == pytest.approx(-2 / 6 / SPREADS[0]) and "-0.33" in found.observation
    (place,) = found.where
    assert (place.x, place.y, place.width, place.height, place.value) == (0, 128, 128, 128, 3)
    values = found.exhibits[0].values
    assert values.shape == (256, 384)
    assert (values[128:, :128] == 3).all() and (values[:128] == -1).all() and (values[128:, 128:] == -1).all()


def test_tiles_that_are_all_alike_name_no_place_however_high():
    assert not examined(picture(), traces([5, 5, 5.5, 5, 5, 5])).where


def test_places_are_named_highest_first_and_the_knob_decides_from_when():
    given = traces([-2, -2, -2, 2, 4, 3])
    assert [one.value for one in examined(picture(), given).where] == [4, 3, 2]
    assert [one.value for one in examined(picture(), given, stands_out=3.5).where] == [4]


def test_where_no_tile_was_read_the_map_is_empty_and_that_is_said():
    found = examined(picture(), traces([1, 1, 1, 1], covering=60))
    assert np.isnan(found.exhibits[0].values[128:, 128:]).all()
    assert any("4 of 60 tiles" in limit for limit in found.limits)


def test_overlapping_tiles_share_their_place():
    given = PictureTraces(
        boxes=np.array([[0, 0, 128, 128], [64, 0, 128, 128]], np.int32), log_odds=np.array([1, 3], np.float32), covering=2,
        features=np.zeros(304, np.float32),
    )  # fmt: skip
    found = examined(picture(128, 192), given)
    np.testing.assert_allclose(found.exhibits[0].values[0, [0, 100, 190]], [1, 2, 3])
    assert any("few tiles" in limit for limit in found.limits)


@pytest.mark.parametrize(
    ("features", "name"),
    [(0.0, UNKNOWN), (1.1, "one"), (1.45, UNKNOWN), (3.05, "other"), (3.3, UNKNOWN), (40.0, UNKNOWN)],
)
def test_only_what_lies_within_the_gate_of_a_generator_is_said_to_be_near_it(features, name):
    found = examined(picture(), traces([0.0] * 6, features))
    assert found.facts["nearest_generator"] == name
    assert (name in found.observation) == (name != UNKNOWN)


def test_the_table_that_is_shipped_fits_the_network(monkeypatch):
    monkeypatch.setattr(image_net, "generator_clouds", generator_clouds)
    image = picture(pixels=data.astronaut())
    found = examined(image, see_picture_traces(image))
    assert np.isfinite(found.value) and found.facts["tiles"] == 16
    assert {row[0] for row in found.exhibits[1].rows} >= {REAL, "StyleGAN family", "Stable Diffusion 1.4", "AttGAN"}
