"""Patches of a face are the same wherever it stands, however it is turned, and on whichever side they are cut."""

import cv2
import numpy as np
import pytest

from veridical.media.image import upright
from veridical.signals.face_frame import corners_of, displayed, eye_centres, face_frame, patch

BOX = (-0.2, 0.5, -0.3, 0.6)


def mesh(turn: float = 0.0, scale: float = 1.0, x: float = 300.0, y: float = 260.0) -> np.ndarray:
    """A mesh of which only the eyes and the chin are placed: eyes 100 px apart, chin 150 px below."""
    points = np.zeros((468, 3), np.float32)
    for index, (px, py) in {33: (-70, 0), 133: (-30, 0), 362: (30, 0), 263: (70, 0), 152: (0, 150)}.items():
        points[index, :2] = px, py
    c, s = np.cos(turn), np.sin(turn)
    points[:, :2] = points[:, :2] @ np.array([[c, s], [-s, c]]) * scale + (x, y)
    return points


def scene(size: int = 600) -> np.ndarray:
    rng = np.random.default_rng(0)
    return cv2.GaussianBlur(rng.integers(0, 256, (size, size, 3)).astype(np.uint8), (0, 0), 6)


def test_eyes_unit_and_axes() -> None:
    frame = face_frame(mesh(turn=np.radians(30), scale=2))
    assert frame.unit == pytest.approx(200, abs=0.01)
    assert frame.across == pytest.approx([np.cos(np.radians(30)), 0.5], abs=1e-4)
    assert frame.down == pytest.approx([-0.5, np.cos(np.radians(30))], abs=1e-4)
    assert eye_centres(mesh())[1] == pytest.approx([350, 260])


def test_down_points_to_the_chin_in_a_mirrored_picture() -> None:
    flipped = mesh()
    flipped[:, 0] = 600 - flipped[:, 0]
    frame = face_frame(flipped)
    assert frame.across == pytest.approx([-1, 0], abs=1e-6)
    assert frame.down == pytest.approx([0, 1], abs=1e-6)


def test_corners_go_outwards_on_both_sides() -> None:
    frame = face_frame(mesh())
    left, right = (corners_of(frame, np.array([300.0, 260.0]), (0.1, 0.5, 0, 1), side) for side in (1, -1))
    assert left[:, 0] == pytest.approx([310, 350, 350, 310]) and left[:, 1] == pytest.approx([260, 260, 360, 360])
    assert right[:, 0] == pytest.approx([290, 250, 250, 290])


def test_a_patch_at_one_sample_a_pixel_is_the_picture_itself() -> None:
    pixels = scene()
    cut = patch(pixels, face_frame(mesh()), np.array([349.5, 259.5]), BOX, 1, pitch=100)
    np.testing.assert_array_equal(cut, pixels[230:320, 330:400])
    mirrored = patch(pixels, face_frame(mesh()), np.array([249.5, 259.5]), BOX, -1, pitch=100)
    np.testing.assert_array_equal(mirrored, pixels[230:320, 200:270][:, ::-1])


@pytest.mark.parametrize("turn", [0.0, 0.4, -1.2])
@pytest.mark.parametrize("scale", [0.7, 1.0, 3.3])
def test_two_sides_of_a_mirrored_scene_are_equal(turn: float, scale: float) -> None:
    half = scene(1400)[:, :700]
    pixels = np.concatenate([half, half[:, ::-1]], 1)
    spin = cv2.getRotationMatrix2D((699.5, 699.5), -np.degrees(turn), 1.0)
    pixels = cv2.warpAffine(pixels, spin, (1400, 1400), flags=cv2.INTER_CUBIC)
    points = mesh(turn=turn, scale=scale, x=699.5, y=699.5)
    frame = face_frame(points)
    right, left = (patch(pixels, frame, frame.eyes[i], BOX, s, pitch=48).astype(int) for i, s in ((0, -1), (1, 1)))
    assert right.shape == (43, 34, 3)
    assert np.abs(right - left).mean() < 1.5


def test_a_shrunk_patch_is_not_shifted() -> None:
    """Oracle: the same patch without averaging, from a smooth scene."""
    pixels = cv2.GaussianBlur(scene(1200), (0, 0), 12)
    points = mesh(scale=4, x=600, y=600)
    frame = face_frame(points)
    cut = patch(pixels, frame, frame.eyes[1], BOX, 1, pitch=48)
    x = frame.eyes[1, 0] + frame.unit * (BOX[0] + (np.arange(34) + 0.5) / 48)
    y = frame.eyes[1, 1] + frame.unit * (BOX[2] + (np.arange(43) + 0.5) / 48)
    grid = [part.astype(np.float32) for part in np.meshgrid(x, y)]
    plain = cv2.remap(pixels, grid[0], grid[1], cv2.INTER_LINEAR).astype(int)
    assert np.abs(cut - plain).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_points_go_where_upright_takes_their_pixels(orientation: int) -> None:
    pixels = np.zeros((30, 50, 3), np.uint8)
    pixels[7, 11] = 255
    y, x = np.argwhere(upright(pixels, orientation)[..., 0])[0]
    assert displayed(np.array([[11.0, 7.0]]), orientation, 30, 50)[0] == pytest.approx([x, y])
