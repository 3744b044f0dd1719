import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import sharpness_mismatch
from veridical.perception.faces import Faces
from veridical.signals.edge_blur import edge_blur, weighted_median

from .faces_of import edited, image, portrait


def examine(shown: object) -> object:
    _, faces, person = portrait()
    return sharpness_mismatch.examine(shown, faces, person)  # type: ignore[arg-type]


@pytest.mark.parametrize("sigma", [0.8, 1.2, 2.0, 3.0])
@pytest.mark.parametrize("angle", [0, 30, 45])
def test_the_blur_of_a_step_is_measured_in_pixels(sigma: float, angle: float) -> None:
    rows, columns = np.mgrid[:160, :160] - 80.0
    turn = np.radians(angle)
    step = np.where(columns * np.cos(turn) + rows * np.sin(turn) > 0, 190.0, 60.0)
    blurred = cv2.GaussianBlur(step, (0, 0), sigma).astype(np.float32)
    found = edge_blur(blurred, scale=max(sigma / 1.5, 1.0), least=4.0)
    assert weighted_median(found.blur, found.gradient) == pytest.approx(np.hypot(sigma, 0.3), rel=0.2)


def test_a_blurred_face_and_a_sharpened_face_both_raise_the_value() -> None:
    plain = examine(portrait()[0])
    blurred = examine(edited(lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 4)))
    sharpened = examine(
        edited(lambda pixels: pixels + 4.0 * (pixels - cv2.GaussianBlur(pixels, (0, 0), 2.5).astype(float)))
    )
    assert blurred.value > plain.value + 0.3  # type: ignore[attr-defined]
    assert "more blurred" in blurred.where[0].label  # type: ignore[attr-defined]
    first = "face 1: blur inside, px"
    assert sharpened.facts[first] < plain.facts[first] < blurred.facts[first]  # type: ignore[attr-defined]


def test_a_picture_blurred_as_a_whole_keeps_its_ratio() -> None:
    whole = image(cv2.GaussianBlur(portrait()[0].pixels, (0, 0), 2.5))
    plain = examine(portrait()[0])
    assert examine(whole).value == pytest.approx(plain.value, abs=0.25)  # type: ignore[attr-defined]


def test_the_background_does_not_count_as_surroundings() -> None:
    shown, faces, person = portrait()
    with_person = sharpness_mismatch.examine(shown, faces, person)
    without = sharpness_mismatch.examine(shown, faces, None)
    assert "edges of the background count" in " ".join(without.limits)
    assert "edges of the background count" not in " ".join(with_person.limits)


def test_what_is_not_fit_is_not_applicable() -> None:
    shown, faces, person = portrait()
    with pytest.raises(NotApplicable, match="no face"):
        sharpness_mismatch.examine(shown, Faces(()), person)
    flat = image(np.full_like(shown.pixels, 120))
    with pytest.raises(NotApplicable, match="edge points"):
        sharpness_mismatch.examine(flat, faces, person)
    with pytest.raises(UsageError, match="outer"):
        sharpness_mismatch.examine(shown, faces, person, outer=1.0)
