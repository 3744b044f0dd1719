import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import eye_colour

from .eyes_of import SIDE, eyes, image, picture


def test_an_implanted_hue_raises_the_score_from_below_30_to_above_60() -> None:
    """Card A10: the opposite hue in one iris."""
    assert eye_colour.examine(picture(), eyes()).value < 30
    found = eye_colour.examine(picture((205, 25)), eyes())
    assert found.value > 60
    assert found.facts["hue"] == pytest.approx(1, abs=0.02)


def test_the_hue_goes_round() -> None:
    found = eye_colour.examine(picture((350, 10)), eyes())
    assert float(found.facts["hue"]) * 90 == pytest.approx(10, abs=1.5)


def test_six_features_are_those_of_the_facts() -> None:
    found = eye_colour.examine(picture((205, 120)), eyes())
    assert found.features is not None
    np.testing.assert_allclose(found.features, list(found.facts.values())[:6], atol=1e-4)


def test_pupil_and_highlight_do_not_count() -> None:
    plain = picture()
    pixels = plain.pixels.copy()
    left, top = 60 + SIDE // 2 + 30, 80 + SIDE // 2
    pixels[top : top + 8, left : left + 8] = 255
    glare = np.zeros((SIDE, SIDE), bool)
    glare[SIDE // 2 : SIDE // 2 + 8, SIDE // 2 + 30 : SIDE // 2 + 38] = True
    found = eye_colour.examine(image(pixels), eyes({"highlights": glare}))
    assert found.value == pytest.approx(eye_colour.examine(plain, eyes()).value, abs=1.5)


def test_irises_found_unlike_are_not_compared() -> None:
    for more, said in (({"radius": 25.0}, "radii by 0.48"), ({"x": 150.0}, "offsets differ by 0.1")):
        with pytest.raises(NotApplicable, match=said):
            eye_colour.examine(picture(), eyes(more))


def test_a_grey_picture_and_a_covered_iris_are_not_applicable() -> None:
    grey = picture().pixels.mean(2, keepdims=True).astype(np.uint8).repeat(3, 2)
    with pytest.raises(NotApplicable, match="grey"):
        eye_colour.examine(image(grey), eyes())
    with pytest.raises(NotApplicable, match="fewer than 60 pixels"):
        eye_colour.examine(picture(), eyes({"opening": np.zeros((SIDE, SIDE), bool)}))
    with pytest.raises(UsageError, match="least_radius_px"):
        eye_colour.examine(picture(), eyes(), least_radius_px=2)
