import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import pupils
from veridical.perception.eyes import Eyes

from .eyes_of import disc, eyes, picture


def value(right: float, left: float) -> float:
    return pupils.examine(picture(), eyes({"pupil": disc(20, lobes=right)}, {"pupil": disc(20, lobes=left)})).value


def test_round_pupils_are_low_and_lobes_raise_the_value() -> None:
    assert value(0, 0) < 0.15
    assert value(0.05, 0.05) == pytest.approx(0.4, abs=0.08)
    assert value(0.1, 0.1) == pytest.approx(0.67, abs=0.06)
    assert value(0, 0.2) == pytest.approx((value(0, 0) + value(0.2, 0.2)) / 2, abs=1e-6)


def test_an_eye_that_cannot_be_assessed_is_left_out_and_named() -> None:
    found = pupils.examine(picture(), eyes({"separability": 1.0, "pupil": disc(20, lobes=0.2)}))
    assert found.value < 0.15
    assert "right eye could not be assessed: pupil and iris cannot be told apart" in found.limits[0]
    assert found.facts["right eye BIoU"] is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"separability": 1.0}, "separability 1.0"),
        ({"contrast": 5.0}, "contrast 5 of 255"),
        ({"clear": 0.5}, "0.50 of the pupil's surroundings"),
        ({"pupil": disc(6)}, "radius of 6.* px; 8 are needed"),
    ],
)
def test_what_is_not_fit_is_not_applicable(more: dict[str, object], said: str) -> None:
    with pytest.raises(NotApplicable, match=said):
        pupils.examine(picture(), eyes(more, more))


def test_faces_that_are_not_fit_are_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="no face"):
        pupils.examine(picture(), Eyes((), 0, 0.0))
    with pytest.raises(NotApplicable, match="turned by 40°"):
        pupils.examine(picture(), eyes(yaw=40))
    with pytest.raises(UsageError, match="least_radius_px"):
        pupils.examine(picture(), eyes(), least_radius_px=1)


def test_a_small_pupil_is_measured_with_its_limit() -> None:
    small = {"pupil": disc(10)}
    assert "radius of 1" in pupils.examine(picture(), eyes(small, small)).limits[-1]
    assert pupils.examine(picture(), eyes()).limits == ()


def test_the_map_marks_where_pupil_and_ellipse_differ() -> None:
    lobed = {"pupil": disc(20, lobes=0.2)}
    found = pupils.examine(picture(), eyes(lobed, lobed))
    overlay = found.exhibits[0].values
    assert np.nanmax(overlay) == 1
    assert np.isfinite(overlay).sum() < 0.05 * overlay.size
    assert [check.where[0].label for check in found.checklist] == ["right eye"]
