import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import corneal_highlights

from .eyes_of import disc, eyes, mirrored, picture

LIGHT, OTHER = (-0.5, 0.6, 1.0), (0.7, 0.3, 1.0)


def lit(right: np.ndarray, left: np.ndarray) -> float:
    return corneal_highlights.examine(picture(), eyes({"highlights": right}, {"highlights": left})).value


def test_one_distant_light_is_mirrored_alike_and_two_are_not() -> None:
    """Card A9: spheres lit by one distant light agree by more than 0.8, by two lights by less than 0.3."""
    assert 1 - lit(mirrored(LIGHT, -32), mirrored(LIGHT, 32)) > 0.8
    assert 1 - lit(mirrored(LIGHT, -32), mirrored(OTHER, 32)) < 0.3


def test_one_eye_without_its_light_is_the_highest_value() -> None:
    assert lit(mirrored(LIGHT, 0), disc(0) & False) == 1


def test_a_further_light_in_one_eye_raises_the_value() -> None:
    both = mirrored(LIGHT, 0)
    assert 0.3 < lit(both | mirrored(OTHER, 0), both) < 0.7


def test_the_slack_makes_up_for_irises_found_a_little_off() -> None:
    shifted = np.roll(mirrored(LIGHT, 0), (3, -3), (0, 1))
    found = {"highlights": mirrored(LIGHT, 0)}, {"highlights": shifted}
    strict = corneal_highlights.examine(picture(), eyes(*found), slack=0.0).value
    assert corneal_highlights.examine(picture(), eyes(*found)).value < 0.15 < strict


def test_facts_give_the_angle_between_the_largest_highlights() -> None:
    right, left = mirrored((0.6, 0, 1), 0), mirrored((0, 0.6, 1), 0)
    found = corneal_highlights.examine(picture(), eyes({"highlights": right}, {"highlights": left}), slack=0.0)
    assert found.facts["angle between the largest (°)"] == pytest.approx(90, abs=4)
    assert found.facts["highlights right"] == found.facts["highlights left"] == 1


def test_what_is_not_fit_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="neither eye"):
        corneal_highlights.examine(picture(), eyes())
    with pytest.raises(NotApplicable, match="more than 0.35 of an iris"):
        corneal_highlights.examine(picture(), eyes({"highlights": disc(40)}, {"highlights": disc(40)}))
    with pytest.raises(NotApplicable, match="turned by 30°"):
        corneal_highlights.examine(picture(), eyes(yaw=-30))
    with pytest.raises(UsageError, match="slack"):
        corneal_highlights.examine(picture(), eyes(), slack=0.9)
