import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import blend_boundary
from veridical.perception.face_masks import FaceMask, FaceMasks
from veridical.signals.face_chips import face_chip

from .faces_of import portrait


def seen(boundary: np.ndarray, index: int = 0) -> tuple:
    """The portrait, and its face with a chosen boundary."""
    image, faces, _ = portrait(2.0)
    chip = face_chip(image.pixels, faces.faces[0].mesh)
    blank = np.zeros((64, 64), np.float32)
    return image, faces, FaceMask(
        index=index, pixels=chip.pixels, move=chip.move, boundary=boundary, mask=blank, score=0.0
    )  # fmt: skip


def ring(height: float) -> np.ndarray:
    y, x = np.mgrid[:64, :64] - 31.5
    return np.where(np.abs(np.hypot(x, y) - 20) < 1.5, height, 0.02).astype(np.float32)


def test_the_value_is_the_highest_part_of_the_boundary_and_is_drawn_where_it_is():
    image, faces, mask = seen(ring(0.8))
    found = blend_boundary.examine(image, faces, FaceMasks((mask,)))
    assert found.value == pytest.approx(0.8, abs=1e-3) and "0.80" in found.observation
    (seam,) = found.where
    x0, y0, x1, y1 = faces.faces[0].box
    middle = seam.x + seam.width / 2, seam.y + seam.height / 2
    assert x0 < middle[0] < x1 and y0 < middle[1] < y1
    assert seam.width == pytest.approx(43 * 4 / mask.chip.scale, rel=0.1)
    shown = found.exhibits[0].values
    row, column = np.unravel_index(np.nanargmax(shown), shown.shape)
    at = np.array([column, row]) * image.width / shown.shape[1]
    assert np.hypot(*(at - middle)) == pytest.approx(20 * 4 / mask.chip.scale, rel=0.15)


def test_a_face_without_a_seam_is_low_and_lists_none():
    image, faces, mask = seen(np.full((64, 64), 0.03, np.float32))
    found = blend_boundary.examine(image, faces, FaceMasks((mask,)))
    assert found.value == pytest.approx(0.03) and not found.where and found.facts["seams"] == 0


def test_the_clearest_of_several_faces_counts():
    image, faces, low = seen(ring(0.3))
    _, _, high = seen(ring(0.9))
    found = blend_boundary.examine(image, faces, FaceMasks((low, high)))
    assert found.value == pytest.approx(0.9, abs=1e-3) and "clearest of 2" in found.observation


def test_without_a_face_of_some_size_it_is_not_applicable():
    image, faces, mask = seen(ring(0.5))
    with pytest.raises(NotApplicable, match="24 pixels"):
        blend_boundary.examine(image, faces, FaceMasks(()))
    with pytest.raises(UsageError, match="seam"):
        blend_boundary.examine(image, faces, FaceMasks((mask,)), seam=1.0)
