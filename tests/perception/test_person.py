"""The person is told from the background, whichever way the file stores the picture."""

import numpy as np
import pytest

from veridical.media.image import upright
from veridical.models import store
from veridical.perception import person
from veridical.perception.person import PersonMask, see_person


@pytest.fixture(autouse=True)
def model() -> None:
    if not all(store.is_present(name) for name in person.MODELS):
        pytest.skip("model not fetched: selfie.segmentation (veridical models fetch)")


def test_face_and_suit_are_the_person_and_flag_and_shuttle_are_not(astronaut, still) -> None:
    mask = see_person(still(astronaut)).over(512, 512)
    assert mask.shape == (512, 512) and mask.dtype == np.float32
    for y, x in ((125, 225), (350, 200), (60, 230)):
        assert mask[y - 5 : y + 5, x - 5 : x + 5].min() > 0.8
    for y, x in ((60, 20), (150, 440), (40, 350)):
        assert mask[y - 5 : y + 5, x - 5 : x + 5].max() < 0.2


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_mask_lies_over_the_stored_pixels(astronaut, still, orientation) -> None:
    back = {6: 8, 8: 6}.get(orientation, orientation)
    stored = upright(astronaut, back)
    mask = see_person(still(stored, orientation))
    np.testing.assert_array_equal(mask.likeness, upright(see_person(still(astronaut)).likeness, back))


def test_the_mask_is_stretched_to_the_size_asked_for() -> None:
    likeness = np.zeros((256, 256), np.uint8)
    likeness[:, 128:] = 255
    wide = PersonMask(likeness).over(30, 600)
    assert wide.shape == (30, 600)
    assert wide[:, :295].max() == 0 and wide[:, 305:].min() == 1


def test_the_picture_is_not_changed(astronaut, still) -> None:
    before = astronaut.copy()
    see_person(still(astronaut))
    np.testing.assert_array_equal(astronaut, before)
