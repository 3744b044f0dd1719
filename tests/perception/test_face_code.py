"""The shipped network: both halves, a map of 16 by 16 places, and each face for itself."""

from __future__ import annotations

import numpy as np

from veridical.perception.face_code import SIDE, encoded, see_face_codes

from ..examinations.spatial.faces_of import portrait


def test_the_largest_face_is_encoded_and_its_map_is_the_fake_half() -> None:
    shown, faces, _ = portrait(2.0)
    before = shown.pixels.copy()
    (code,) = see_face_codes(shown, faces).codes
    assert code.pixels.shape == (SIDE, SIDE, 3) and code.attention.shape == (16, 16)
    assert code.real >= 0 and (code.attention >= 0).all()
    # The map is the fake half before it is averaged over the places.
    np.testing.assert_allclose(code.attention.mean(), code.fake, rtol=1e-4)
    np.testing.assert_array_equal(shown.pixels, before)
    assert see_face_codes(shown, faces, least_px=1e4).codes == ()


def test_each_face_is_encoded_for_itself() -> None:
    chips = np.random.default_rng(0).integers(0, 255, (3, SIDE, SIDE, 3)).astype(np.uint8)
    together, alone = encoded(chips), encoded(chips[1:2])
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(many[1:2], one, rtol=1e-4, atol=1e-5)
