import cv2
import numpy as np
import pytest
from skimage import data

from veridical.signals import face_crops
from veridical.signals.face_areas import oval
from veridical.signals.face_crops import CONTEXT_BLANK, FACE_BLANK, context_crop, face_crop, similarity


def mesh(scale: float = 1.0, turn: float = 0.0) -> np.ndarray:
    """A flat face: the anchors where dlib has them, all other points on an ellipse around."""
    angles = np.linspace(0, 2 * np.pi, 468, endpoint=False)
    points = np.stack([0.49 + 0.5 * np.cos(angles), 0.45 + 0.62 * np.sin(angles)], 1)
    points[list(face_crops._ANCHORS)] = face_crops._ALIGNED
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (points - 0.5) @ turned.T * 80 * scale + 200 * scale


def test_the_similarity_is_found_again() -> None:
    points = np.random.default_rng(0).normal(size=(6, 2))
    move = np.array([[1.2, -0.9, 3.0], [0.9, 1.2, -7.0]])
    np.testing.assert_allclose(similarity(points, points @ move[:, :2].T + move[:, 2]), move, atol=1e-9)


@pytest.mark.parametrize("turn", [0.0, 0.6])
def test_the_anchors_come_to_lie_where_dlib_has_them(turn: float) -> None:
    place = mesh(1.0, turn)
    pixels = np.zeros((400, 400, 3), np.uint8)
    for x, y in place[list(face_crops._ANCHORS[:4])]:
        cv2.circle(pixels, (round(x), round(y)), 2, (255, 255, 255), -1)
    crop = face_crop(pixels, place)
    for x, y in (face_crops._ALIGNED[:4] + 0.25) / 1.5 * 150:
        assert crop[round(y), round(x)].min() > 100
    assert (crop[0, 0] == FACE_BLANK).all()


def test_the_two_crops_share_no_pixel() -> None:
    place = mesh()
    pixels = np.array(data.astronaut()[:400, :400])
    before, held = context_crop(pixels, place)
    face = face_crop(pixels, place)
    inside = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(oval(place).astype(np.int32)), 1)
    other = pixels.copy()
    other[inside > 0] = 0
    np.testing.assert_array_equal(context_crop(other, place)[0], before)
    assert (face_crop(other, place) != face).any()
    far = pixels.copy()
    far[cv2.dilate(inside, np.ones((9, 9), np.uint8)) == 0] = 0
    np.testing.assert_array_equal(face_crop(far, place), face)
    assert held == 1.0


def test_what_lies_outside_the_picture_is_blank_and_counted() -> None:
    pixels = np.full((400, 400, 3), 10, np.uint8)
    place = mesh() - np.array([0, 140.0])
    crop, held = context_crop(pixels, place)
    assert (crop[0, 112] == CONTEXT_BLANK).all()
    assert 0.5 < held < 0.9


def test_a_large_picture_gives_the_same_crop() -> None:
    small = cv2.GaussianBlur(data.astronaut()[:400, :400], (0, 0), 3)
    large = cv2.resize(small, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    big = (mesh() + 0.5) * 5 - 0.5
    for crop in (face_crop, lambda pixels, place: context_crop(pixels, place)[0]):
        apart = np.abs(crop(small, mesh()).astype(int) - crop(large, big))
        assert np.percentile(apart, 98) <= 3


def test_without_a_blank_the_surroundings_of_the_face_stay() -> None:
    place = mesh()
    pixels = np.array(data.astronaut()[:400, :400])
    blanked, whole = face_crop(pixels, place), face_crop(pixels, place, blank=False)
    inside = (blanked != FACE_BLANK).any(2)
    np.testing.assert_array_equal(whole[inside], blanked[inside])
    assert (whole[~inside] != FACE_BLANK).any()
