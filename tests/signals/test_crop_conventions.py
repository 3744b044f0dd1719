"""Crops as published detectors have them: places told by hand, and by programs that were not written here."""

import cv2
import numpy as np
import pytest
from PIL import Image

from veridical.signals import crop_conventions as crops


def ramp(height: int, width: int) -> np.ndarray:
    """Red says the row, green the column, so that a crop tells where it was cut."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, np.zeros_like(rows)], 2).astype(np.uint8)


def test_tiles_lie_at_their_strides_and_one_ends_with_the_picture() -> None:
    assert crops.tile_starts(500, 224, 112) == [0, 112, 224, 276]
    assert crops.tile_starts(448, 224, 112) == [0, 112, 224]
    corners, squares = crops.tiles(ramp(40, 70), 32, 24)
    assert corners == [(0, 0), (24, 0), (38, 0), (0, 8), (24, 8), (38, 8)]
    assert all(
        square.shape == (32, 32, 3) and tuple(square[0, 0, 1::-1]) == at
        for square, at in zip(squares, corners, strict=True)
    )


def test_a_picture_smaller_than_a_tile_is_one_tile_with_black_around_it() -> None:
    corners, (square,) = crops.tiles(np.full((10, 20, 3), 9, np.uint8), 32, 16)
    assert corners == [(0, 0)]
    assert square[11:21, 6:26].min() == 9 and square.sum() == 9 * 3 * 200


@pytest.mark.parametrize(("height", "width", "y", "x"), [(300, 500, 38, 138), (225, 227, 0, 2), (224, 224, 0, 0)])
def test_the_middle_is_where_torchvision_has_it(height: int, width: int, y: int, x: int) -> None:
    # round half to even of (length - side) / 2: 0.5 gives 0, 1.5 gives 2
    square = crops.centred(
        np.pad(ramp(min(height, 255), min(width, 255)), ((0, max(0, height - 255)), (0, max(0, width - 255)), (0, 0))),
        224,
    )
    assert square.shape == (224, 224, 3)
    assert tuple(square[0, 0, :2]) == (y, x)


def test_the_shorter_side_gets_its_length_and_the_other_is_rounded_down() -> None:
    assert crops.shortened(ramp(100, 151), 64).shape == (64, 96, 3)
    assert crops.shortened(ramp(151, 100), 64).shape == (96, 64, 3)


def test_resizing_is_that_of_pillow() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    want = np.asarray(Image.fromarray(picture).resize((30, 40), Image.Resampling.BICUBIC))
    assert np.array_equal(crops.resized(picture, 40, 30), want)


def test_the_square_about_a_face_is_1_3_times_its_longer_side() -> None:
    # a box of 100 × 80 about (150, 120): 130 pixels, from 85 and 55 on
    assert crops.face_square((100, 80, 200, 160), 1.3, 400, 400) == (85, 55, 130)
    # at the edge the corner is moved in first, then the side is cut
    assert crops.face_square((0, 0, 100, 80), 1.3, 400, 400) == (0, 0, 130)
    assert crops.face_square((300, 300, 400, 400), 1.3, 400, 400) == (285, 285, 115)


def test_an_upright_face_has_its_points_where_the_convention_says() -> None:
    turn = np.deg2rad(20)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = 180 * (crops.FIVE_POINTS - 0.5) @ rotation.T + (160, 150)
    assert crops.upright_side(points, 1.3) == 234  # 180 · 1.3
    picture = np.zeros((320, 320, 3), np.uint8)
    for x, y in points:
        cv2.circle(picture, (round(x * 16), round(y * 16)), 64, (255, 255, 255), -1, cv2.LINE_AA, 4)
    face = crops.upright_face(picture, points, 1.3)
    assert face.shape == (234, 234, 3)
    for u, v in crops.FIVE_POINTS:
        # by hand: the template, with 15 % of its side on each side of it
        x, y = (u + 0.15) / 1.3 * 234, (v + 0.15) / 1.3 * 234
        spot = face[round(y) - 8 : round(y) + 9, round(x) - 8 : round(x) + 9, 0].astype(float)
        rows, columns = np.mgrid[-8:9, -8:9]
        assert abs((spot * columns).sum() / spot.sum()) < 0.7 and abs((spot * rows).sum() / spot.sum()) < 0.7


def test_squares_are_scaled_and_ordered_as_the_network_takes_them() -> None:
    square = np.zeros((2, 2, 3), np.uint8)
    square[..., 0], square[..., 2] = 255, 51
    rgb = crops.normalised([square], (0.5, 0.0, 0.1), (0.5, 1.0, 0.1))
    assert rgb.shape == (1, 3, 2, 2) and rgb.dtype == np.float32
    assert np.allclose(rgb[0, :, 0, 0], [1.0, 0.0, 1.0])
    bgr = crops.normalised([square], (0.0,) * 3, (1.0,) * 3, channels="bgr", layout="nhwc")
    assert bgr.shape == (1, 2, 2, 3) and np.allclose(bgr[0, 0, 0], [0.2, 0.0, 1.0])


def test_windows_of_sound_follow_and_the_last_ends_with_it() -> None:
    assert crops.window_starts(64600, 64600, 32000) == [0]
    assert crops.window_starts(100, 64600, 32000) == [0]
    assert crops.window_starts(160000, 64600, 32000) == [0, 32000, 64000, 95400]
