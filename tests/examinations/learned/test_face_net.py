import dataclasses

import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.learned import face_net
from veridical.media.image import Image
from veridical.perception.face_masks import FaceMask, FaceMasks, judged, see_face_masks
from veridical.perception.faces import see_faces
from veridical.signals.face_areas import filled, oval
from veridical.signals.face_chips import face_chip


def picture(pixels: np.ndarray, orientation: int = 1) -> Image:
    return Image(
        pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=orientation, frames=1,
        thumbnail=None, jpeg=None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def portrait() -> tuple:
    image = picture(cv2.resize(data.astronaut()[:300, 60:400], None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC))
    return image, see_faces(image)


def masked(portrait: tuple, mask: np.ndarray, score: float) -> FaceMask:
    image, faces = portrait
    chip = face_chip(image.pixels, faces.faces[0].mesh)
    return FaceMask(index=0, pixels=chip.pixels, move=chip.move, boundary=mask, mask=mask, score=score)


def on_the_face(portrait: tuple, height: float) -> np.ndarray:
    image, faces = portrait
    chip = face_chip(image.pixels, faces.faces[0].mesh)
    outline = (chip.points(oval(faces.faces[0].mesh)) + 0.5) / 4 - 0.5
    return np.where(filled(outline.astype(np.float32), 64, 64), np.float32(height), np.float32(0.01))


def test_score_mask_and_part_are_told(portrait):
    image, faces = portrait
    found = face_net.examine(image, faces, FaceMasks((masked(portrait, on_the_face(portrait, 0.9), 2.5),)))
    assert found.value == 2.5 and "+2.50" in found.observation
    assert found.facts["mask_share_of_face"] == pytest.approx(1, abs=0.02)
    (part,) = found.where
    x, y = oval(faces.faces[0].mesh).T
    # The face is tilted a little: the box of its upright box is larger.
    assert part.x == pytest.approx(x.min(), abs=12) and part.width == pytest.approx(np.ptp(x), rel=0.2)
    assert part.height == pytest.approx(np.ptp(y), rel=0.2) and part.value == pytest.approx(0.9, abs=1e-3)
    assert np.nanmax(found.exhibits[0].values) == pytest.approx(0.9, abs=1e-3)


def test_an_empty_mask_has_no_parts_and_the_highest_score_counts(portrait):
    image, faces = portrait
    low, high = (masked(portrait, np.full((64, 64), 0.02, np.float32), score) for score in (-3.0, -1.0))
    found = face_net.examine(image, faces, FaceMasks((low, high)))
    assert found.value == -1.0 and not found.where and found.facts["mask_share_of_face"] == 0
    with pytest.raises(NotApplicable, match="24 pixels"):
        face_net.examine(image, faces, FaceMasks(()))
    with pytest.raises(UsageError, match="inside"):
        face_net.examine(image, faces, FaceMasks((low,)), inside=0)


def test_a_turned_or_mirrored_file_is_seen_as_it_is_displayed(portrait):
    image, faces = portrait
    (upright,) = see_face_masks(image, faces).masks
    assert upright.boundary.shape == upright.mask.shape == (64, 64) and np.isfinite(upright.score)
    for orientation, stored in ((2, image.pixels[:, ::-1]), (6, np.rot90(image.pixels)), (3, image.pixels[::-1, ::-1])):
        other = picture(stored, orientation)
        np.testing.assert_array_equal(other.display, image.pixels)
        (one,) = see_face_masks(other, see_faces(other)).masks
        np.testing.assert_allclose(one.mask, upright.mask, atol=0.06)
        assert one.score == pytest.approx(upright.score, abs=0.4)


def test_small_faces_are_left_out(portrait):
    image, faces = portrait
    tiny = dataclasses.replace(faces, faces=(dataclasses.replace(faces.faces[0], interocular=20.0),))
    assert not see_face_masks(image, tiny).masks


def test_the_network_is_small_and_says_the_same_twice(portrait):
    image, faces = portrait
    chip = face_chip(image.pixels, faces.faces[0].mesh).pixels
    first, again = judged(chip), judged(chip)
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1].min() >= 0 and first[1].max() <= 1 and first[2] == again[2]
