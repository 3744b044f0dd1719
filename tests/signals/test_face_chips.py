"""Chips of faces: where the face lies in them, whichever way the picture was stored, and the way back to the picture."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.face_areas import OVAL
from veridical.signals.face_chips import BEYOND, SIDE, Chip, chip_move, face_chip


def mesh(*, middle=(300.0, 200.0), tall=160.0, wide=120.0) -> np.ndarray:
    """Return an ellipse as the rim, eyes and nose inside it."""
    points = np.tile(np.array(middle), (468, 1)).astype(np.float64)
    angle = np.arange(36) / 36 * 2 * np.pi
    points[list(OVAL)] += np.column_stack([np.sin(angle) * wide / 2, -np.cos(angle) * tall / 2])
    for index, x in ((33, -30), (133, -12), (362, 12), (263, 30)):
        points[index] += (x, -15)
    return points


def picture(points: np.ndarray, shape=(400, 600)) -> np.ndarray:
    """Return a grey picture with a red spot on the person's right eye and a blue one on the left."""
    out = np.full((*shape, 3), 90, np.uint8)
    for ends, colour in (((33, 133), (255, 0, 0)), ((362, 263), (0, 0, 255))):
        x, y = np.rint(points[list(ends)].mean(0)).astype(int)
        out[y - 6 : y + 7, x - 6 : x + 7] = colour
    return out


def spots(chip: Chip) -> tuple[np.ndarray, np.ndarray]:
    red, _, blue = (chip.pixels[..., i].astype(int) for i in range(3))
    return tuple(np.argwhere(where > 100).mean(0)[::-1] for where in (red - blue, blue - red))


def test_the_box_of_the_face_lies_in_the_middle():
    points = mesh()
    rim = chip_move(points)[:, :2] @ points[list(OVAL)].T + chip_move(points)[:, 2:]
    np.testing.assert_allclose((rim.min(1) + rim.max(1)) / 2, (SIDE - 1) / 2, atol=1e-6)
    assert np.ptp(rim[1]) == pytest.approx(SIDE / BEYOND)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_or_mirrored_picture_gives_the_same_chip(turns, mirrored):
    points = mesh()
    pixels = picture(points)
    upright = face_chip(pixels, points)
    for _ in range(turns):
        points = np.column_stack([points[:, 1], pixels.shape[1] - 1 - points[:, 0]])
        pixels = np.rot90(pixels)
    if mirrored:
        points = np.column_stack([pixels.shape[1] - 1 - points[:, 0], points[:, 1]])
        pixels = pixels[:, ::-1]
    chip = face_chip(np.ascontiguousarray(pixels), points)
    for one, other in zip(spots(chip), spots(upright), strict=True):
        np.testing.assert_allclose(one, other, atol=0.5)
    assert spots(chip)[0][0] < spots(chip)[1][0]


def test_a_map_of_the_chip_lies_over_the_face_again():
    points = mesh()
    chip = face_chip(picture(points), points)
    x, y = chip.points(points[[33, 133]]).mean(0)
    values = np.zeros((64, 64), np.float32)
    values[round((y + 0.5) / 4 - 0.5), round((x + 0.5) / 4 - 0.5)] = 1
    laid = chip.laid_back(values, (400, 600))
    row, column = np.unravel_index(np.nanargmax(laid), laid.shape)
    np.testing.assert_allclose((column, row), points[[33, 133]].mean(0), atol=3)
    assert np.isnan(laid[0, 0])


def test_a_map_fits_a_smaller_copy_of_the_picture():
    points = mesh()
    chip = face_chip(picture(points), points)
    half = chip.resized(0.5)
    np.testing.assert_allclose(half.points((points + 0.5) * 0.5 - 0.5), chip.points(points), atol=1e-6)


def test_outside_of_the_picture_is_grey():
    points = mesh(middle=(30.0, 30.0))
    chip = face_chip(picture(mesh())[:100, :100], points)
    assert (chip.pixels[:20, :20] == 127).all()
