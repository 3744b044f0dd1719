import numpy as np
import pytest

from veridical.signals.face_areas import JAW, OVAL, covered, ears, filled, neck, oval


def mesh(turn: float = 0.0) -> np.ndarray:
    """An upright oval of 200 × 280 pixels about (300, 250), turned by some degrees; only its rim is of use."""
    points = np.zeros((468, 3))
    angle = np.radians(-90 + 360 * np.arange(len(OVAL)) / len(OVAL))
    points[list(OVAL), :2] = np.stack([100 * np.cos(angle), 140 * np.sin(angle)], 1)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    points[:, :2] = points[:, :2] @ np.array([[cos, sin], [-sin, cos]]) + (300, 250)
    return points


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.8])
def test_an_outline_grows_by_the_square_of_its_scale(scale: float) -> None:
    area = filled(oval(mesh(), scale), 600, 600).sum()
    assert area == pytest.approx(np.pi * 100 * 140 * scale**2, rel=0.02)


@pytest.mark.parametrize("pitch", [8, 16])
def test_the_share_of_a_block_is_that_of_its_pixels(pitch: int) -> None:
    polygon = oval(mesh(20))
    inside = filled(polygon, 592, 592).astype(float)
    counted = inside.reshape(592 // pitch, pitch, 592 // pitch, pitch).mean((1, 3))
    share = covered(polygon, 592 // pitch, 592 // pitch, pitch)
    assert np.abs(share - counted).max() < 0.3
    # The outline's own cells, a quarter of a block wide, count whole: the area grows by half of one all round.
    length = np.hypot(*(polygon - np.roll(polygon, 1, 0)).T).sum()
    grown = length * (pitch / 8) / pitch**2
    assert share.sum() == pytest.approx(np.pi * 100 * 140 / pitch**2 + grown, rel=0.01)
    assert (share[counted == 1] > 0.9).all()


def test_the_neck_lies_below_the_jaw_and_ears_beside_the_face() -> None:
    points = mesh()
    below = neck(points)
    assert below[:, 1].max() == pytest.approx(390 + 0.42 * 280)
    assert below[: len(JAW), 1].min() > points[list(JAW), 1].min()
    spans = sorted((outline[:, 0].min(), outline[:, 0].max()) for outline in ears(points))
    assert spans[0][1] < 205 and spans[1][0] > 395
    assert not (filled(below, 600, 600) & filled(oval(points, 0.9), 600, 600)).any()


@pytest.mark.parametrize("turn", [30.0, 90.0, 180.0])
def test_areas_turn_with_the_face(turn: float) -> None:
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    for outline in (neck, lambda one: ears(one)[0]):
        expected = (outline(mesh()) - (300, 250)) @ np.array([[cos, sin], [-sin, cos]]) + (300, 250)
        np.testing.assert_allclose(outline(mesh(turn)), expected, atol=0.01)


def test_outside_the_picture_nothing_is_covered() -> None:
    assert not filled(oval(mesh()) - 5000, 100, 100).any()
    assert covered(oval(mesh()) + 1e6, 10, 10, 16).max() == 0
