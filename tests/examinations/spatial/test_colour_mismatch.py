import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import colour_mismatch
from veridical.finding import Measurement
from veridical.media.image import Image
from veridical.perception.faces import Faces
from veridical.perception.skin import see_skin
from veridical.signals.chromaticity import LINEAR, colour_distance, log_chromaticity

from .faces_of import edited, image, portrait


def examine(shown: Image, scale: float = 4.0) -> Measurement:
    _, faces, person = portrait(scale)
    return colour_mismatch.examine(shown, faces, see_skin(shown, faces), person)


def cast(red: float, blue: float) -> object:
    """Multiply red and blue in linear light."""

    def work(pixels: np.ndarray) -> np.ndarray:
        linear = LINEAR[pixels] * np.array([red, 1, blue])
        return 255 * np.where(
            linear <= 0.0031308, 12.92 * linear, 1.055 * np.clip(linear, 1e-9, 1) ** (1 / 2.4) - 0.055
        )

    return work


def test_a_cast_of_known_size_is_found() -> None:
    plain = examine(portrait()[0])
    warm = examine(edited(cast(1.25, 0.8), grown=1.02))  # type: ignore[arg-type]
    colours = (
        [row for row in warm.exhibits[1].rows if row[1] == "face"],
        [row for row in plain.exhibits[1].rows if row[1] == "face"],
    )
    red, blue = (float(colours[0][0][i]) - float(colours[1][0][i]) for i in (3, 4))
    assert red == pytest.approx(np.log(1.25), abs=0.06)
    assert -0.45 < blue < -0.15  # blue is the darkest channel of skin: noise weighs most there
    assert warm.facts["face 1: ΔE*ab"] != plain.facts["face 1: ΔE*ab"]


def test_the_distance_is_that_of_cie_lab_at_one_lightness() -> None:
    from skimage.color import xyz2lab

    one, other = np.array([0.5, -0.4]), np.array([0.3, -0.7])
    labs = []
    for red, blue in (one, other):
        rgb = np.array([np.exp(red), 1.0, np.exp(blue)])
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
        labs.append(xyz2lab(xyz / xyz[1] * 0.3))
    assert colour_distance(one, other) == pytest.approx(np.hypot(*(labs[0] - labs[1])[1:]), rel=0.01)


def test_shading_does_not_move_log_chromaticity() -> None:
    colour = np.array([0.4, 0.25, 0.15])
    np.testing.assert_allclose(log_chromaticity(colour * 0.3), log_chromaticity(colour), atol=0.02)


def test_a_large_picture_is_worked_on_at_a_smaller_size_with_like_results() -> None:
    small, large = examine(portrait(2.0)[0], 2.0), examine(portrait(6.0)[0], 6.0)
    assert large.value == pytest.approx(small.value, abs=2.0)
    for one, scale in ((small, 2.0), (large, 6.0)):
        box, face = one.where[0], portrait(scale)[1].faces[0]
        middle = (box.x + box.width / 2, box.y + box.height / 2)
        assert np.hypot(*(face.mesh[:, :2].mean(0) - middle)) < 0.7 * face.interocular


def test_what_is_not_fit_is_not_applicable() -> None:
    shown, faces, person = portrait()
    grey = image(np.repeat(shown.pixels.mean(2, keepdims=True), 3, 2).astype(np.uint8))
    with pytest.raises(NotApplicable, match="grey|skin"):
        examine(grey)
    with pytest.raises(NotApplicable, match="no face"):
        colour_mismatch.examine(shown, Faces(()), see_skin(shown, Faces(())), person)
    with pytest.raises(NotApplicable, match="are needed"):
        colour_mismatch.examine(shown, faces, see_skin(shown, faces), person, least_px=10**7)
    with pytest.raises(UsageError, match="least_px"):
        colour_mismatch.examine(shown, faces, see_skin(shown, faces), person, least_px=0)
