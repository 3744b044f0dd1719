"""The arithmetic of face swaps, on meshes whose geometry is known."""

import cv2
import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.lab import swap
from veridical.signals.face_areas import OVAL


def mesh(centre=(150.0, 140.0), radius=80.0) -> np.ndarray:
    """Return 468 points: the outline on a circle, the eyes left and right of the middle, the rest spread inside."""
    i = np.arange(468)
    reach = radius * np.sqrt((i + 0.5) / 500)
    points = np.stack([reach * np.cos(2.4 * i), reach * np.sin(2.4 * i)], 1)
    turn = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False) - np.pi / 2
    points[list(OVAL)] = radius * np.stack([np.cos(turn), np.sin(turn)], 1)
    for corners, side in (((33, 133), -1), ((362, 263), 1)):
        points[list(corners)] = np.array([[0.35 * side - 0.1, -0.2], [0.35 * side + 0.1, -0.2]]) * radius
    return np.asarray(points + centre, np.float32)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.normal(128, 400, (280, 300, 3)).astype(np.float32), (0, 0), 5)
    return np.clip(noise, 0, 255).astype(np.uint8)


def test_a_self_paste_gives_the_picture_back(picture: np.ndarray) -> None:
    done = swap.swap_face(picture, mesh(), picture, mesh())
    assert np.abs(done.pixels.astype(int) - picture).max() <= 1


def test_nothing_changes_outside_the_mask(picture: np.ndarray) -> None:
    donor = np.ascontiguousarray(picture[::-1, ::-1])
    for poisson in (False, True):
        done = swap.swap_face(picture, mesh(), donor, mesh((140, 150), 90), poisson=poisson)
        np.testing.assert_array_equal(done.pixels[done.alpha == 0], picture[done.alpha == 0])
        assert np.abs(done.pixels.astype(int) - picture)[done.alpha == 1].mean() > 10


def test_the_mask_rises_from_the_outline_as_told(picture: np.ndarray) -> None:
    """The eyes are 56 px apart: 0.25 of it is 14 px of inset, 0.5 of it 28 px of feather, on a circle of 80 px."""
    alpha = swap.inner_face(mesh(), (280, 300), inset=0.25, feather=0.5)
    row = alpha[140, 150:]
    assert swap.eye_distance(mesh()) == pytest.approx(56)
    assert row[80 - 14 - 14] == pytest.approx(0.5, abs=0.06)
    assert row[80 - 14 + 2 :].max() == 0
    assert row[: 80 - 14 - 28 - 2].min() == 1


def test_a_shift_of_the_mesh_shifts_the_face(picture: np.ndarray) -> None:
    """The same mesh 7 px further right and 4 further down is a translation, which cubic resampling keeps exactly."""
    moved = swap.warp_face(picture, mesh(), mesh((157, 144)), (280, 300))
    np.testing.assert_array_equal(moved[100:190, 120:190], picture[96:186, 113:183])


def test_an_affine_change_of_the_mesh_is_the_affine_warp(picture: np.ndarray) -> None:
    to = mesh()
    matrix = np.array([[0.9, 0.12, 10], [-0.1, 0.95, 18]])
    origin = to.copy() @ matrix[:, :2].T + matrix[:, 2]
    expected = cv2.warpAffine(picture, matrix, (300, 280), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    inside = swap.inner_face(to, (280, 300)) > 0
    got = swap.warp_face(picture, origin.astype(np.float32), to, (280, 300))
    assert np.abs(got.astype(int) - expected)[inside].mean() < 1


def test_a_large_donor_is_averaged_before_it_is_made_small() -> None:
    """A checkerboard of single pixels turns grey, not into a moiré."""
    board = np.repeat((np.indices((1120, 1200)).sum(0) % 2 * 255).astype(np.uint8)[:, :, None], 3, 2)
    small = swap.warp_face(board, mesh((600, 560), 320), mesh(), (280, 300))
    inside = swap.inner_face(mesh(), (280, 300)) > 0
    assert small[inside].std() < 2
    assert small[inside].mean() == pytest.approx(127.5, abs=2)


def test_colours_of_the_target_are_taken_on(picture: np.ndarray) -> None:
    tinted = np.clip(picture * np.array([0.8, 0.9, 1.0]) * 0.7 + 20, 0, 255).astype(np.uint8)
    where = swap.inner_face(mesh(), (280, 300)) > 0.5
    matched = swap.match_colours(tinted, picture, where)
    assert np.abs(matched[where].mean(0) - picture[where].mean(0)).max() < 4
    assert np.abs(tinted[where].mean(0) - picture[where].mean(0)).max() > 20


def test_inputs_are_left_alone_and_the_result_is_the_same_twice(picture: np.ndarray) -> None:
    donor, before = np.ascontiguousarray(picture[:, ::-1]), picture.copy()
    first, second = (swap.swap_face(picture, mesh(), donor, mesh((140, 150), 90), poisson=True) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(picture, before)


def test_a_face_outside_the_picture_is_refused(picture: np.ndarray) -> None:
    for centre in ((900.0, 900.0), (150.0, 355.0)):
        with pytest.raises(UsageError, match="outside the picture"):
            swap.swap_face(picture, mesh(centre), picture, mesh())
