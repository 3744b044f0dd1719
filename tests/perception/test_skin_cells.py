"""Cells lie where the mesh says, hold the colours that are there, and say when they leave the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.media.video import Frame
from veridical.percept import During
from veridical.perception.skin_cells import COLUMNS, ROWS, SkinCells, cells_of, watch_cells
from veridical.perception.tracks import watch_faces

ANCHORS = ((118, 120, 195, 349, 347), (50, 36, 4, 266, 280), (207, 92, 164, 322, 427))


def mesh_over(x0: float, y0: float, width: float, height: float, *, turn: float = 0.0) -> np.ndarray:
    """A mesh whose 15 points divide a rectangle evenly, turned around its middle; the other points do not matter."""
    mesh = np.full((468, 3), -1e6, np.float32)
    for row, points in enumerate(ANCHORS):
        for column, point in enumerate(points):
            mesh[point, :2] = (x0 + width * column / 4, y0 + height * row / 2)
    middle = np.array([x0 + width / 2, y0 + height / 2])
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    mesh[:, :2] = (mesh[:, :2] - middle) @ spin.T + middle
    return mesh


def chequered(side: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture with one colour a cell from (40, 30) on, cells of ``side`` px, and those colours."""
    colours = np.random.default_rng(0).integers(20, 235, (ROWS, COLUMNS, 3)).astype(np.uint8)
    picture = np.full((60 + ROWS * side, 80 + COLUMNS * side, 3), 128, np.uint8)
    picture[30 : 30 + ROWS * side, 40 : 40 + COLUMNS * side] = colours.repeat(side, 0).repeat(side, 1)
    return picture, colours


@pytest.mark.parametrize("side", [10, 24, 60])
def test_each_cell_has_its_own_colour(side: int) -> None:
    picture, colours = chequered(side)
    found = cells_of(picture, mesh_over(39.5, 29.5, COLUMNS * side, ROWS * side))
    assert found.dtype == np.float32
    assert np.abs(found - colours).max() < 0.1 * 235 / (side / 10)  # only the blend along the edges is off


def test_a_turned_face_has_the_same_cells() -> None:
    picture, colours = chequered(24)
    middle = (39.5 + COLUMNS * 12, 29.5 + ROWS * 12)
    wide = cv2.copyMakeBorder(picture, 100, 100, 100, 100, cv2.BORDER_REPLICATE)
    matrix = cv2.getRotationMatrix2D((middle[0] + 100, middle[1] + 100), -25, 1)
    turned = cv2.warpAffine(wide, matrix, wide.shape[1::-1])
    mesh = mesh_over(139.5, 129.5, COLUMNS * 24, ROWS * 24, turn=np.radians(25))
    assert np.abs(cells_of(turned, mesh) - colours).mean() < 4


def test_a_change_below_one_grey_level_is_seen() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1.5, (300, 400, 3))
    mesh = mesh_over(60, 60, 280, 160)
    low, high = (cells_of(np.rint(120 + step + noise).astype(np.uint8), mesh) for step in (0.0, 0.25))
    assert (high - low).mean() == pytest.approx(0.25, abs=0.02)


def test_cells_beyond_the_picture_are_unknown() -> None:
    picture = np.full((200, 200, 3), 90, np.uint8)
    found = cells_of(picture, mesh_over(40, 50, 240, 80))  # columns of 30 px: from the sixth on beyond the right edge
    assert np.isfinite(found[:, :5]).all() and np.isnan(found[:, 5:]).all()
    assert np.allclose(found[:, :5], 90)


def test_a_face_is_watched_in_every_frame(models, astronaut, play, video) -> None:
    during: During = During()
    faces, cells = watch_faces(video(512, 512)), watch_cells(video(512, 512), during)
    next(faces), next(cells)
    for index in range(4):
        frame = Frame(index, index / 25, False, "?", astronaut, 0)
        during.now = faces.send(frame)
        cells.send(frame)
    with pytest.raises(StopIteration) as end:
        cells.send(None)
    percept = end.value.value
    assert isinstance(percept, SkinCells)
    (one,) = percept.faces
    assert one.rgb.shape == (4, ROWS, COLUMNS, 3) and one.rgb.dtype == np.float32
    assert one.frames.tolist() == [0, 1, 2, 3] and one.times[2] == pytest.approx(0.08)
    # Skin everywhere: red over green over blue, in every cell.
    assert (one.rgb[..., 0] > one.rgb[..., 1]).all() and (one.rgb[..., 1] > one.rgb[..., 2] - 5).all()
    assert np.abs(one.rgb[0] - one.rgb[3]).mean() < 2
